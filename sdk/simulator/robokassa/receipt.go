package robokassa

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Words and bounds of a receipt (54-FZ).
const maxReceiptName = 128

var (
	receiptSno   = strings.Fields("osn usn_income usn_income_outcome esn patent")
	receiptTaxes = strings.Fields("none vat0 vat5 vat7 vat10 vat20 vat22 vat105 vat107 vat110 vat120 vat122")
	receiptWays  = strings.Fields("full_prepayment prepayment advance full_payment partial_payment credit credit_payment")
)

// receiptForms are the texts that may stand for a receipt in a signature: the
// value as received, and where that is encoded twice, as the PHP SDK sends it,
// the value decoded once.
func receiptForms(value string) []string {
	once, err := url.QueryUnescape(value)
	if err != nil || strings.HasPrefix(value, "{") || strings.HasPrefix(once, "{") {
		return []string{value}
	}
	return []string{value, once}
}

// soundReceipt checks a receipt: JSON, plain or percent-encoded once or twice,
// whose lines add up to the payment. None is sound too.
func soundReceipt(text string, sum int64) bool {
	if text == "" {
		return true
	}
	for range 2 {
		if decoded, err := url.QueryUnescape(text); err == nil && !strings.HasPrefix(text, "{") {
			text = decoded
		}
	}
	var r struct {
		Sno   string `json:"sno"`
		Items []struct {
			Name     string      `json:"name"`
			Quantity json.Number `json:"quantity"`
			Sum      json.Number `json:"sum"`
			Cost     json.Number `json:"cost"`
			Tax      string      `json:"tax"`
			Way      string      `json:"payment_method"`
		} `json:"items"`
	}
	if json.Unmarshal([]byte(text), &r) != nil || len(r.Items) == 0 || r.Sno != "" && !slices.Contains(receiptSno, r.Sno) {
		return false
	}
	var total int64
	known := true // whether every line says its total
	for _, i := range r.Items {
		if i.Name == "" || utf8.RuneCountInString(i.Name) > maxReceiptName || i.Quantity == "" || !slices.Contains(receiptTaxes, i.Tax) ||
			i.Way != "" && !slices.Contains(receiptWays, i.Way) {
			return false
		}
		line, ok := parseSum(i.Sum.String())
		if !ok && i.Cost == "" {
			return false
		}
		known = known && ok
		total += line
	}
	return !known || total == sum
}
