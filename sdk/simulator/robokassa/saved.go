package robokassa

import "net/http"

// showSaved is Payment/CoFPayment: a start whose Token, the OpKey of an earlier
// operation with the card, is covered by the signature. It leads to the
// payment's page, which offers cards alone. What the documents leave open is
// ours: the earlier operation is live and paid, a Token that names none is a
// wrong parameter of the invoice (30), and neither tests nor holds nor a first
// payment of a series go with one, as in invoices.
func (s *Simulator) showSaved(w http.ResponseWriter, r *http.Request) {
	p, ok := readParams(w, r)
	if !ok {
		s.render(w, errorView(r, fails(errInvoice)))
		return
	}
	st, bad := s.read(p)
	if bad == nil {
		bad = s.savedCard(p.get("token"), &st)
	}
	var o *operation
	if bad == nil {
		o, bad = s.enter(st)
	}
	if bad != nil {
		s.render(w, errorView(r, bad))
		return
	}
	s.seeOther(w, "../Index/"+o.page)
}

// savedCard has a start go by the card of an earlier operation.
func (s *Simulator) savedCard(token string, st *start) *pageError {
	switch {
	case st.test || token == "":
		return fails(errInvoice)
	case st.hold:
		return fails(errHoldBad)
	case st.series:
		return fails(errSeriesBad)
	}
	cards := wayGroups[0].Code
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.operations {
		if o.opKey == token && o.method.group == cards && (o.state == StatePaid || o.state == StateReturned) {
			st.label, st.only = o.method.Label, []string{cards}
			return nil
		}
	}
	return fails(errInvoice)
}
