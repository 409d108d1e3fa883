package main

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// text is a JSON string or number as text, so that no amount goes through a
// float; anything else is "", since extensions of the shop put there what they like.
type text string

// UnmarshalJSON reads a string or a number.
func (t *text) UnmarshalJSON(b []byte) error {
	switch c := b[0]; {
	case c == '"':
		return json.Unmarshal(b, (*string)(t))
	case c == '-' || c >= '0' && c <= '9':
		*t = text(b)
	default:
		*t = ""
	}
	return nil
}

// document is an order as REST and webhooks give it (1.2): what is used of it.
type document struct {
	ID            text   `json:"id"`
	Number        text   `json:"number"`
	Key           text   `json:"order_key"`
	Status        string `json:"status"`
	Currency      string `json:"currency"`
	Total         text   `json:"total"`
	Paid          text   `json:"date_paid_gmt"`
	CustomerID    text   `json:"customer_id"`
	CustomerIP    text   `json:"customer_ip_address"`
	Billing       postal `json:"billing"`
	Shipping      postal `json:"shipping"`
	PaymentMethod text   `json:"payment_method"`
	Transaction   text   `json:"transaction_id"`
	Meta          []meta `json:"meta_data"`
	Lines         []item `json:"line_items"`
	Ships         []item `json:"shipping_lines"`
	Fees          []item `json:"fee_lines"`
	PaymentURL    text   `json:"payment_url"`
	NeedsPayment  bool   `json:"needs_payment"`
	Processing    *bool  `json:"needs_processing"`
}

// documentFields asks WordPress to leave the rest out.
const documentFields = "_fields=id,number,order_key,status,currency,total,date_paid_gmt,customer_id,customer_ip_address,billing,shipping," +
	"payment_method,transaction_id,meta_data,line_items,shipping_lines,fee_lines,payment_url,needs_payment,needs_processing"

type meta struct {
	Key   string `json:"key"`
	Value text   `json:"value"`
}

// item is a line of any sort; amounts are after discount, without tax.
type item struct {
	Name     text `json:"name"`
	Title    text `json:"method_title"`
	SKU      text `json:"sku"`
	Quantity text `json:"quantity"`
	Total    text `json:"total"`
	Tax      text `json:"total_tax"`
}

type postal struct {
	FirstName text `json:"first_name"`
	LastName  text `json:"last_name"`
	Company   text `json:"company"`
	Address1  text `json:"address_1"`
	Address2  text `json:"address_2"`
	City      text `json:"city"`
	State     text `json:"state"`
	Postcode  text `json:"postcode"`
	Country   text `json:"country"`
	Email     text `json:"email"`
	Phone     text `json:"phone"`
}

// The statuses of an order (1.3).
const (
	pending    = "pending"
	failed     = "failed"
	onHold     = "on-hold"
	processing = "processing"
	completed  = "completed"
	cancelled  = "cancelled"
	trash      = "trash"
)

// reference names the order towards the gateway: its id is its identity together
// with its key (1.2), of whose SHA-256 it bears eight digits. The host computes it,
// so that the module need not hold the hash.
func (a api) reference(d document) (string, error) {
	sum, err := a.call.Digest(contract.DigestRequest{Algorithm: contract.SHA256, Data: contract.Parts{contract.Lit(string(d.Key))}})
	if err != nil || len(sum) < 4 {
		return "", err
	}
	const hex = "0123456789abcdef"
	out := string(d.ID) + "-"
	for _, b := range sum[:4] {
		out += string([]byte{hex[b>>4], hex[b&15]})
	}
	return out, nil
}

// minKey is how much a digest must cover, and less than any order's key.
const minKey = 4

// sound says whether it is an order at all.
func (d document) sound() bool { return isID(string(d.ID)) && len(d.Key) >= minKey }

// amount is what the order costs. The shop's number of decimals may be another
// than the currency's.
func (d document) amount() (contract.Money, error) {
	return contract.ParseDecimal(string(d.Total), d.Currency)
}

// meta gives the value of a key, "" where there is none.
func (d document) meta(key string) string {
	for _, m := range d.Meta {
		if m.Key == key {
			return string(m.Value)
		}
	}
	return ""
}

// What an order remembers of the gateway, in meta data that are hidden from the
// admin's list and returned by REST, so without secrets (1.2). Those for the
// checkout, the paying order and refunds are the extension's too.
const (
	metaCheckout = "_kassette_checkout_id" // the gateway's order that the shop's waits for
	metaPayLink  = "_kassette_pay_link"
	metaTold     = "_kassette_told"  // order:number:status of the last news of each of its orders
	metaFlags    = "_kassette_flags" // codes of what was said once
	metaPaidBy   = "_kassette_paid_by"
	metaRefund   = "_kassette_refund_id"
)

// isID says whether s is the id of a post.
func isID(s string) bool {
	return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == "" && s[0] != '0'
}

// plainText makes one line of at most so many characters of a text, without
// control characters and tags.
func plainText(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most]))
	}
	return s
}
