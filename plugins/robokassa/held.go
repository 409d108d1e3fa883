package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// notification is the payload of ResultUrl2 (protocol, 6.4).
type notification struct {
	Header struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
	} `json:"header"`
	Data struct {
		Shop    string      `json:"shop"`
		OpKey   string      `json:"opKey"`
		Invoice json.Number `json:"invId"` // a text in the documents
		Method  string      `json:"paymentMethod"`
		Sum     json.Number `json:"incSum"`
		State   string      `json:"state"`
	} `json:"data"`
}

// askedName is the parameter of ResultUrl2 that holds the sum that was asked
// for: the notice itself tells what the buyer pays, fees included.
const askedName = "asked"

func withAsked(address, sum string) string {
	if strings.Contains(address, "?") {
		return address + "&" + askedName + "=" + sum
	}
	return address + "?" + askedName + "=" + sum
}

// asked is the sum of [withAsked] in a query; without one nothing bounds what
// was paid.
func (s shop) asked(query string, paid contract.Money) contract.Money {
	fields, err := decodeForm(query)
	for _, f := range fields {
		if sum, bad := contract.ParseDecimal(f[1], s.Currency); err == nil && bad == nil && f[0] == askedName {
			return contract.Money{Value: min(paid.Value, sum.Value), Currency: s.Currency}
		}
	}
	return paid
}

// held reads ResultUrl2, the one notice of a hold. OK there is a hint alone:
// ResultURL tells of the payment.
func (s shop) held(token, query string) (contract.WebhookResult, error) {
	payload, err := s.openToken(token)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	var n notification
	if err := json.Unmarshal(payload, &n); err != nil {
		return contract.WebhookResult{}, malformed("the notification's payload is not as documented")
	}
	if n.Data.Shop != s.Login {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.BadSignature, Message: "the notification is for another shop"}
	}
	amount, err := contract.ParseDecimal(n.Data.Sum.String(), s.Currency)
	id := n.Data.Invoice.String()
	if err != nil || !isNumber(id) {
		return contract.WebhookResult{}, malformed("the notification lacks an incSum or invId that can be read")
	}
	amount = s.asked(query, amount)
	number, _ := strconv.ParseInt(id, 10, 64) // 0 if it is too large: then the reference finds it
	u := contract.Update{
		Payment: contract.PaymentKey{Number: number, ProviderReference: id}, Amount: amount, Brand: n.Data.Method,
	}
	switch n.Data.State {
	case "HOLD":
		u.Type, u.Trust = contract.UpdateAuthorized, contract.Verified
		u.OccurredAt = seconds(n.Header.Timestamp)
		u.Transactions = s.transactions(n.Data.OpKey, n.Data.State, n.Data.Method, amount)
	case "OK":
		u.Type, u.Trust = contract.UpdateCaptured, contract.Hint
	default:
		return contract.WebhookResult{}, &contract.Failure{Code: contract.Internal, Message: "the notification has a state that is not known", ProviderCode: n.Data.State}
	}
	return received("OK"+id, u), nil
}

// seconds reads a time in seconds since 1970; the zero time if it is none.
func seconds(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
