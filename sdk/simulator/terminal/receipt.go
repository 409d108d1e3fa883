package terminal

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// The shapes in which terminals print (section 8).
const (
	shapeKeyed  = "keyed"
	shapeBase64 = "base64"
	shapePlain  = "plain"
)

var shapes = []string{shapeKeyed, shapeBase64, shapePlain}

// What the simulated customer's card says.
const (
	maskedPAN    = "400262******0005"
	approvalCode = "611506"
	cardName     = "VISA DEBIT"
	cardAID      = "A0000000031010"
)

// entryWords are what a receipt says of the way of entry.
var entryWords = map[string]string{"ICC": "Chip", "Contactless": "Contactless"}

// printed is a line of a receipt.
type printed struct{ name, value, key string }

// receipts are both copies; a refusal has the customer's alone.
func (d *device) receipts(t *transaction, signature bool) []object {
	copies := []string{"CustomerReceipt", "CashierReceipt"}
	if t.charged == 0 {
		copies = copies[:1]
	}
	var list []object
	for _, qualifier := range copies {
		list = append(list, object{
			"DocumentQualifier": qualifier, "RequiredSignatureFlag": signature,
			"OutputContent": object{"OutputFormat": "Text", "OutputText": d.text(t, qualifier)},
		})
	}
	return list
}

// text is a copy in the terminal's shape.
func (d *device) text(t *transaction, qualifier string) []object {
	lines := d.lines(t, qualifier)
	if d.shape == shapeBase64 {
		return []object{{"Text": encoded(lines, qualifier)}}
	}
	var list []object
	for _, l := range lines {
		text := strings.TrimSpace(l.name + " " + l.value)
		if d.shape == shapeKeyed {
			text = l.keyed()
		}
		o := object{"Text": text}
		if l.key == "header1" || l.key == "totalAmount" {
			o["CharacterStyle"] = "Bold"
		}
		list = append(list, o)
	}
	return list
}

// lines are those that a card receipt must bear.
func (d *device) lines(t *transaction, qualifier string) []printed {
	pan := maskedPAN
	if qualifier == "CustomerReceipt" {
		pan = strings.Repeat("*", len(pan)-4) + pan[len(pan)-4:]
	}
	money := func(minor int64) string { return decimal(minor, t.currency, ",") + " " + t.currency }
	list := []printed{
		{"KASSETTE TEST", "", "header1"}, {"", "", "filler"},
		{"Date", t.endedAt.Format("2006-01-02"), "txdate"}, {"Time", t.endedAt.Format("15:04:05"), "txtime"},
		{"Card", cardName, "preferredName"}, {"", pan, "pan"},
		{"AID", cardAID, "aid"}, {"TVR", "0000000000", "tvr"}, {"TSI", "0000", "tsi"},
		{"MID", "10020001", "mid"}, {"TID", d.poi, "tid"}, {"Ref", t.id, "txRef"},
	}
	if t.refused != "" {
		return append(list, printed{"DECLINED", "", "declined"})
	}
	list = append(list,
		printed{"Entry", entryWords[t.entry], "posEntryMode"},
		printed{"Verified", t.method(), "cvmRes"}, printed{"Auth. code", approvalCode, "authCode"})
	if t.tip > 0 {
		list = append(list, printed{"Amount", money(t.requested), "txAmount"}, printed{"Extra", money(t.tip), "gratuityAmount"})
	}
	return append(list, printed{"Total", money(t.charged), "totalAmount"})
}

// keyed is the shape of section 8, number 1.
func (l printed) keyed() string {
	var parts []string
	for _, p := range []struct{ name, value string }{{"name", l.name}, {"value", l.value}, {"key", l.key}} {
		if p.value != "" {
			parts = append(parts, p.name+"="+url.PathEscape(p.value))
		}
	}
	return strings.Join(parts, "&")
}

// encoded is the shape of section 8, number 2: the whole copy in one text.
func encoded(lines []printed, qualifier string) string {
	value := map[string]string{}
	var plain []string
	for _, l := range lines {
		value[l.key] = l.value
		plain = append(plain, strings.TrimSpace(l.name+" "+l.value))
	}
	who := "Cardholder"
	if qualifier == "CashierReceipt" {
		who = "Merchant"
	}
	b, err := json.Marshal(object{who: object{
		"Mandatory": object{
			"CardDetails": object{"CardSchemeName": object{"ApplicationLabel": value["preferredName"]}, "PrimaryAccountNumber": value["pan"], "ApplicationIdentifier": value["aid"],
				"TerminalVerificationResult": value["tvr"], "TransactionStatusInformation": value["tsi"]},
			"Acquirer":  object{"CardAcceptorNumber": value["mid"], "TerminalID": value["tid"]},
			"Outcome":   object{"ApprovalCode": value["authCode"]},
			"TimeStamp": object{"DateOfPayment": value["txdate"], "TimeOfPayment": value["txtime"]},
			"Payment":   object{"ReceiptNumber": value["txRef"], "TotalAmount": value["totalAmount"], "CardholderVerificationMethod": value["cvmRes"]},
		},
		"Optional": object{"ReceiptString": plain},
	}})
	if err != nil {
		panic(err) // texts alone
	}
	return base64.StdEncoding.EncodeToString(b)
}
