package bambora

import (
	"net/http"
	"strings"
)

// acquirerRefuses is how the amounts end that the acquirer refuses, in minor
// units (document, 8).
const acquirerRefuses = 13

// change wraps capture, credit and delete: it finds the transaction and answers
// with the operation.
func (s *Simulator) change(do func(t *transaction, f *fields) (*operation, *apiError)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var f *fields
		var refused *apiError
		if !strings.HasSuffix(r.URL.Path, "/delete") { // whose body is empty, or null
			f, _, refused = readFields(w, r)
		}
		if refused != nil {
			s.refuse(w, refused)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		t, ok := s.txs[r.PathValue("tx")]
		if !ok {
			s.refuse(w, unknownTransaction(r.PathValue("tx")))
			return
		}
		p, refused := do(t, f)
		if refused != nil {
			s.refuse(w, refused)
			return
		}
		s.write(w, http.StatusOK, map[string]any{"meta": good(), "transactionoperations": []map[string]string{{"id": p.id}}})
	}
}

func unknownTransaction(id string) *apiError {
	return &apiError{http.StatusNotFound, codeNotFound, "there is no transaction " + id + " of this merchant"}
}

// asked reads the amount of a capture or credit. Unlike a session's it must be a
// number: the provider's own module was mended for sending text (document, 6).
func (t *transaction) asked(f *fields) (int64, *apiError) {
	amount, given := f.whole("amount")
	if _, text := f.get("amount").(string); text || !given || amount <= 0 {
		f.bad("amount", "it is no whole number above zero")
	}
	code := f.text("currency")
	if len(f.list("invoicelines")) > 0 {
		(&fields{root: map[string]any{"order": map[string]any{"lines": f.get("invoicelines")}}}).lines("order")
	}
	switch {
	case f.err != nil:
		return 0, f.err
	case code != t.currency.Code:
		return 0, &apiError{http.StatusBadRequest, codeCurrency, "currency: the transaction is in " + t.currency.Code}
	case amount%100 == acquirerRefuses:
		return 0, &apiError{http.StatusOK, codeAcquirer, "the acquirer refused"}
	}
	return amount, nil
}

// capture takes reserved money.
func (s *Simulator) capture(t *transaction, f *fields) (*operation, *apiError) {
	amount, refused := t.asked(f)
	switch {
	case refused != nil:
		return nil, refused
	case amount > t.toCapture():
		return nil, &apiError{http.StatusConflict, codeOverCapture, "amount: more than is reserved"}
	}
	sub := "multi"
	if t.captured == 0 && amount == t.authorized {
		sub = "full"
	}
	t.captured += amount
	return s.operate(t, actionCapture, sub, amount, t.authorized-t.captured), nil
}

// credit pays captured money back.
func (s *Simulator) credit(t *transaction, f *fields) (*operation, *apiError) {
	amount, refused := t.asked(f)
	switch {
	case refused != nil:
		return nil, refused
	case amount > t.toCredit():
		return nil, &apiError{http.StatusConflict, codeOverCredit, "amount: more than was captured and not credited"}
	}
	sub := "multi"
	if t.credited == 0 && amount == t.captured {
		sub = "full"
	}
	t.credited += amount
	return s.operate(t, actionCredit, sub, amount, t.toCredit()), nil
}

// remove releases the reservation.
func (s *Simulator) remove(t *transaction, _ *fields) (*operation, *apiError) {
	if !t.canDelete() {
		return nil, &apiError{http.StatusConflict, codeNoDelete, "the transaction was captured or deleted already"}
	}
	t.deleted = true
	return s.operate(t, actionDelete, "instant", t.authorized, 0), nil
}
