package main

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// told is what return and callback say of a payment (5). It is no news by
// itself: the hash does not protect the borders between values, so it entitles
// to a look-up and to nothing else (5.1, rule 5).
type told struct {
	txnid, orderid, amount, currency, fee string
	reference                             string // of the payment, by the callback's own parameter
}

// reserved are the provider's parameters and ours: one that comes twice is refused.
var reserved = map[string]bool{
	"ui": true, "txnid": true, "orderid": true, "reference": true, "amount": true, "currency": true, "date": true, "time": true,
	"subscriptionid": true, "feeid": true, "txnfee": true, "expmonth": true, "expyear": true, "paymenttype": true, "cardno": true,
	"eci": true, "issuercountry": true, "tokenid": true, "walletname": true, "hash": true, ownParameter: true,
}

// readTold checks the hash of a raw query and reads what it covers.
func readTold(c *guest.Call, query string) (told, error) {
	values, signed, hash, err := parse(query)
	if err != nil {
		return told{}, err
	}
	sum, err := hex.DecodeString(hash)
	if err != nil || len(sum) != 16 || strings.ToLower(hash) != hash {
		return told{}, forged("its hash is no MD5 in lower-case hex")
	}
	err = c.CheckDigest(contract.DigestRequest{
		Algorithm: contract.MD5, Data: contract.Parts{contract.Lit(signed), contract.Sec("md5_key")},
	}, sum)
	if err != nil {
		return told{}, err
	}
	t := told{txnid: values["txnid"], orderid: values["orderid"], amount: values["amount"], currency: values["currency"], fee: values["txnfee"], reference: values[ownParameter]}
	if t.reference != "" && orderID(t.reference) != t.orderid {
		return told{}, forged("it is of another order than its address")
	}
	if !isTransaction(t.txnid) {
		return told{}, forged("its txnid is no number")
	}
	return t, nil
}

// parse reads a raw query in its order: the provider's own parameters by name,
// the text that is signed, and the hash, which stands last and once (5.1, rules
// 1 and 2).
func parse(query string) (values map[string]string, signed, hash string, err error) {
	values = map[string]string{}
	var b strings.Builder
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		name, okName := unescape(name)
		value, okValue := unescape(value)
		_, twice := values[name]
		switch {
		case !okName || !okValue:
			return nil, "", "", forged("it is no well-formed query of UTF-8")
		case reserved[name] && twice:
			return nil, "", "", forged(name + " stands there twice")
		case name == "hash" && i < len(pairs)-1:
			return nil, "", "", forged("something follows its hash")
		case name == "hash":
			return values, b.String(), value, nil
		case reserved[name]:
			values[name] = value
		}
		b.WriteString(value)
	}
	return nil, "", "", forged("there is no hash")
}

// unescape decodes %XX and +.
func unescape(s string) (string, bool) {
	if !strings.ContainsAny(s, "%+") {
		return s, utf8.ValidString(s)
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			b, err := hex.DecodeString(s[i+1 : i+3])
			if err != nil {
				return "", false
			}
			out = append(out, b[0])
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out), utf8.Valid(out)
}

// isTransaction says whether an id may stand in a path: 1 to 20 digits (5.1, rule 6).
func isTransaction(id string) bool { return within(id, digits, 20) }

// isTold says whether a query carries anything of the provider's.
func isTold(query string) bool {
	for _, pair := range strings.Split(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); name == "txnid" || name == "hash" {
			return true
		}
	}
	return false
}

func forged(why string) error {
	return &contract.Failure{Code: contract.BadSignature, Message: "the provider's message cannot be trusted: " + why}
}
