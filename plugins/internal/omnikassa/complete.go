package omnikassa

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// CompletePayment reads what the consumer's browser brings back. Its signature
// covers neither amount nor time and is the same each time, so it is a hint:
// the webhook brings the result.
func (p Provider) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{}
	if in.Message == nil {
		return none, nil
	}
	q := readReturn(in.Message.Query)
	if q == (returned{}) {
		return none, nil // the consumer came back by another way
	}
	if !within(q.orderID, letters+digits, 24) || !within(q.status, upper+"_", 20) {
		return none, &contract.Failure{Code: contract.BadSignature, Message: "order_id or status of the return is malformed"}
	}
	if err := check(c, q.signature, q.orderID, q.status); err != nil {
		return none, err
	}
	if q.orderID != in.Payment.Reference {
		return none, &contract.Failure{Code: contract.BadSignature, Message: "the return is of another payment"}
	}
	return contract.UpdatesResult{Updates: []contract.Update{{
		Payment: contract.PaymentKey{ID: in.Payment.ID}, Type: typeOf(q.status), Trust: contract.Hint,
	}}}, nil
}

// returned is what the bank adds to the return URL (manual, return).
type returned struct{ orderID, status, signature string }

// readReturn reads the query as it stands: none of the three values has a
// character that is escaped, so that one which is fails by its shape. Of a
// repeated name the first counts, like everywhere.
func readReturn(query string) returned {
	var q returned
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		into := map[string]*string{"order_id": &q.orderID, "status": &q.status, "signature": &q.signature}[name]
		if into != nil && *into == "" {
			*into = value
		}
	}
	return q
}
