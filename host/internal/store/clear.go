package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// Records in clear are words between blanks, the first of them the schema.
// Scripts read the second and third word of a reference record: the order and
// its status.

// words splits a record in clear. Errors: checkout.ErrSchema, ErrRecord.
func words(place, record string, want int) ([]string, error) {
	w := strings.Split(record, " ")
	n, err := strconv.Atoi(w[0])
	if err != nil {
		return nil, fmt.Errorf("%w %s: no schema", ErrRecord, place)
	}
	if err := checkSchema(place, n, schema); err != nil {
		return nil, err
	}
	if len(w) != want+1 {
		return nil, fmt.Errorf("%w %s: %d words, want %d", ErrRecord, place, len(w)-1, want)
	}
	return w[1:], nil
}

func referenceRecord(o order.Order) string {
	return fmt.Sprintf("%d %s %s %t %d %s", schema, o.ID, o.Status(), len(o.LiveAttempts()) > 0, o.Amount.Value, o.Amount.Currency)
}

func readReference(place, record string) (checkout.Reference, error) {
	w, err := words(place, record, 5)
	if err != nil {
		return checkout.Reference{}, err
	}
	live, errLive := strconv.ParseBool(w[2])
	value, errValue := strconv.ParseInt(w[3], 10, 64)
	if errLive != nil || errValue != nil {
		return checkout.Reference{}, fmt.Errorf("%w %s: no flag or amount", ErrRecord, place)
	}
	return checkout.Reference{Order: w[0], Status: order.Status(w[1]), Live: live, Amount: order.Money{Value: value, Currency: w[4]}}, nil
}

func addressRecord(to checkout.PaymentAddress) string {
	return fmt.Sprintf("%d %s %s", schema, to.Order, to.Payment)
}

func readAddress(place, record string) (checkout.PaymentAddress, error) {
	w, err := words(place, record, 2)
	if err != nil {
		return checkout.PaymentAddress{}, err
	}
	return checkout.PaymentAddress{Order: w[0], Payment: w[1]}, nil
}

// paymentRecord says whose a payment's reference is. The account is a word of
// a key, since its own name may hold blanks.
func paymentRecord(orderID string, p order.Payment) string {
	return fmt.Sprintf("%d %s %s %s", schema, orderID, p.ID, word(p.Account))
}

// claimHead is what a running claim's record is, and what an ended one's
// begins with: schema, fingerprint, operation.
func claimHead(c checkout.Claim) (string, error) {
	if strings.ContainsAny(c.Fingerprint+c.Operation, " \n") {
		return "", misuse("claim of %s: blanks in fingerprint or operation", c.Scope)
	}
	return fmt.Sprintf("%d %s %s\n", schema, c.Fingerprint, c.Operation), nil
}

// readClaim reads a claim's record and compares it with the claim that found it.
func (r *Redis) readClaim(place, record string, c checkout.Claim) (checkout.Claimed, error) {
	head, sealed, ok := strings.Cut(record, "\n")
	if !ok {
		return checkout.Claimed{}, fmt.Errorf("%w %s: no head", ErrRecord, place)
	}
	w, err := words(place, head, 2)
	if err != nil {
		return checkout.Claimed{}, err
	}
	known := checkout.Claimed{Known: true, Mismatch: w[0] != c.Fingerprint, Operation: w[1]}
	if known.Mismatch || sealed == "" {
		return known, nil
	}
	known.Answer = new(checkout.Answer)
	if err := r.openJSON(place, sealed, known.Answer); err != nil {
		return checkout.Claimed{}, err
	}
	return known, nil
}
