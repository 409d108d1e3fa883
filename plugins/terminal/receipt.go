package main

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// receiptCopy is one copy of a receipt (section 8).
type receiptCopy struct {
	DocumentQualifier     string
	RequiredSignatureFlag bool
	OutputContent         struct{ OutputText []outputText }
}

type outputText struct {
	Text            string
	EndOfLineFlag   *bool
	CharacterStyle  string
	Alignment       string
	CharacterWidth  string
	CharacterHeight string
}

// Bounds of a receipt, in lines and in bytes of a line.
const (
	maxLines = 120
	maxLine  = 200
)

// maxReceipts bounds the text of all copies, in bytes: a round has to get by
// with its fuel. Real ones have half of it; longer ones are left out.
const maxReceipts = 12 << 10

// receiptOf reads the copies that a response brings. Nil: there is none.
func receiptOf(r *response) *contract.Receipt {
	var copies []receiptCopy
	if len(r.PaymentReceipt) > maxReceipts {
		return nil
	}
	_ = json.Unmarshal(r.PaymentReceipt, &copies) // what cannot be read is left out
	return receipt(copies)
}

// receipt reads the customer's copy. The shop's is added only where it is to
// be signed: there is one receipt, with the card's data on it. Nil: there is none.
func receipt(copies []receiptCopy) *contract.Receipt {
	signed := slices.ContainsFunc(copies, func(c receiptCopy) bool { return c.RequiredSignatureFlag })
	out := contract.Receipt{Fields: map[string]string{}, SignatureRequired: signed}
	for _, qualifier := range []string{"CustomerReceipt", "CashierReceipt"} {
		for _, c := range copies {
			if c.DocumentQualifier == qualifier && (qualifier == "CustomerReceipt" || signed) {
				c.print(&out)
			}
		}
	}
	if len(out.Lines) == 0 && len(out.Fields) == 0 && !signed {
		return nil
	}
	out.Lines = out.Lines[:min(len(out.Lines), maxLines)]
	return &out
}

// print adds the copy's lines and fields. The first word on a field counts:
// the customer's.
func (c receiptCopy) print(into *contract.Receipt) {
	joined := ""
	for _, o := range c.OutputContent.OutputText {
		if lines, ok := encoded(o.Text, into.Fields); ok {
			for _, l := range lines {
				into.Lines = append(into.Lines, contract.ReceiptLine{Text: clean(l)})
			}
			continue
		}
		joined += keyed(o.Text, into.Fields)
		if o.EndOfLineFlag == nil || *o.EndOfLineFlag {
			into.Lines = append(into.Lines, contract.ReceiptLine{Text: clean(joined), Style: o.style()})
			joined = ""
		}
	}
	if joined != "" {
		into.Lines = append(into.Lines, contract.ReceiptLine{Text: clean(joined)})
	}
}

func (o outputText) style() string {
	switch {
	case strings.HasPrefix(o.CharacterHeight, "Double") || strings.HasPrefix(o.CharacterWidth, "Double"):
		return "large"
	case o.CharacterStyle == "Bold":
		return "bold"
	case o.Alignment == "Centred":
		return "center"
	}
	return ""
}

// fieldNames are ours by the key of a keyed line.
var fieldNames = map[string]string{
	"preferredName": "card_name", "cardType": "card_name", "pan": "pan", "posEntryMode": "entry_mode", "aid": "aid", "tvr": "tvr", "tsi": "tsi",
	"mid": "mid", "tid": "tid", "authCode": "auth_code", "txRef": "reference", "txdate": "date", "txtime": "time",
	"txAmount": "amount", "gratuityAmount": "tip", "totalAmount": "total", "cvmRes": "cvm",
}

// memberNames are ours by the last name of a member of an encoded copy.
var memberNames = map[string]string{
	"ApplicationLabel": "card_name", "PrimaryAccountNumber": "pan", "TransactionSource": "entry_mode", "ApplicationIdentifier": "aid",
	"TerminalVerificationResult": "tvr", "TransactionStatusInformation": "tsi", "CardAcceptorNumber": "mid", "TerminalID": "tid",
	"ApprovalCode": "auth_code", "ReceiptNumber": "reference", "DateOfPayment": "date", "TimeOfPayment": "time",
	"PaymentAmount": "amount", "TotalAmount": "total", "CardholderVerificationMethod": "cvm",
}

// keyed reads a line of percent-encoded pairs and gives it as it is printed.
// Any other line is printed as it is.
func keyed(text string, fields map[string]string) string {
	parts := strings.Split(text, "&")
	if !strings.Contains(text, "key=") || slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(p, "=") }) {
		return text
	}
	var name, value, key string
	for _, p := range parts {
		k, v, _ := strings.Cut(p, "=")
		switch k {
		case "name":
			name = decode(v)
		case "value":
			value = decode(v)
		case "key":
			key = decode(v)
		}
	}
	if key == "filler" {
		return ""
	}
	set(fields, fieldNames[key], value)
	return strings.TrimSpace(name + " " + value)
}

// encoded reads a copy that is one text, JSON in Base64.
func encoded(text string, fields map[string]string) ([]string, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || raw[0] != '{' {
		return nil, false
	}
	var whole map[string]any
	if json.Unmarshal(raw, &whole) != nil {
		return nil, false
	}
	for _, who := range []string{"Cardholder", "Merchant"} {
		if whose, ok := whole[who].(map[string]any); ok {
			return members(whose, fields), true
		}
	}
	return nil, false
}

// members takes fields from an object, however deep, and gives its lines. Names
// go in order, so that the same text always gives the same fields.
func members(o map[string]any, fields map[string]string) (lines []string) {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch v := o[name].(type) {
		case string:
			set(fields, memberNames[name], v)
		case map[string]any:
			lines = append(lines, members(v, fields)...)
		case []any:
			for _, line := range v {
				if text, ok := line.(string); ok && name == "ReceiptString" {
					lines = append(lines, text)
				}
			}
		}
	}
	return lines
}

func set(fields map[string]string, name, value string) {
	if name != "" && value != "" && fields[name] == "" {
		fields[name] = clean(value)
	}
}

// clean is a text as it may be printed: without control characters, and of a
// card number the last four digits. What is cut off first is more than a number
// is long, so that none is cut in two.
func clean(text string) string {
	text = cut(text, 2*maxLine)
	if i := strings.IndexFunc(text, unprintable); i >= 0 {
		text = strings.Map(func(r rune) rune {
			if unprintable(r) {
				return ' '
			}
			return r
		}, text)
	}
	return cut(mask(text), maxLine)
}

func unprintable(r rune) bool { return r < ' ' || r == 0x7f }

// cut shortens a text to so many bytes of whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// decode undoes percent-encoding. What is none stays as it is.
func decode(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			high, low := hexDigit(text[i+1]), hexDigit(text[i+2])
			if high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return strings.ToValidUTF8(string(out), "?")
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }
