package robokassa

import (
	"net/http"
	"strconv"
)

// confirm takes the money of a hold, once: the rest of a smaller sum is given
// back. An unknown payment, a wrong state or signature are "success: false"
// with 200 (ours: the documents do not say).
func (s *Simulator) confirm(w http.ResponseWriter, r *http.Request) {
	p, ok := readParams(w, r)
	sum, sound := parseSum(p.get("outsum"))
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(p.get("invid"))
	parts := []string{p.get("merchantlogin"), p.get("outsum"), p.get("invid")}
	if receipt := p.get("receipt"); receipt != "" {
		parts = append(parts, receipt)
	}
	if !ok || !sound || o == nil || o.state != StateHold || sum > o.sum || !s.ours(p, parts) || !soundReceipt(p.get("receipt"), sum) {
		s.success(w, false)
		return
	}
	o.charged = sum
	o.set(StatePaid, s.clock.Now())
	s.tellPaid(o)
	s.success(w, true)
}

// cancel gives a hold back. It is signed with an empty sum, whatever is sent.
func (s *Simulator) cancel(w http.ResponseWriter, r *http.Request) {
	p, ok := readParams(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(p.get("invid"))
	if !ok || o == nil || o.state != StateHold || !s.ours(p, []string{p.get("merchantlogin"), "", p.get("invid")}) {
		s.success(w, false)
		return
	}
	o.set(StateCancelled, s.clock.Now())
	s.success(w, true)
}

// ours checks the shop's name and a signature with the first password.
func (s *Simulator) ours(p params, parts []string) bool {
	return p.get("merchantlogin") == s.cfg.Login && equal(p.get("signaturevalue"), s.sign(parts, s.cfg.Password1, p.shop))
}

// success answers a JSON string, as the provider does.
func (s *Simulator) success(w http.ResponseWriter, yes bool) {
	s.json(w, "success: "+strconv.FormatBool(yes))
}

// recurring charges the card of an earlier first payment of a series. OK and
// the number is the answer: accepted, not paid. ResultURL tells the end.
func (s *Simulator) recurring(w http.ResponseWriter, r *http.Request) {
	p, ok := readParams(w, r)
	refuse := func(code int) {
		s.write(w, []byte("ERROR: "+errorTexts[code])) // ours: no document shows a refusal
	}
	if !ok {
		refuse(errSeriesBad)
		return
	}
	parts := []string{p.get("merchantlogin"), p.get("outsum"), p.get("invid")}
	if receipt := p.get("receipt"); receipt != "" {
		parts = append(parts, receipt)
	}
	sum, sound := parseSum(p.get("outsum"))
	number, numbered := readInvID(p.get("invid"))
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.find(p.get("previousinvoiceid"))
	switch {
	case !s.ours(p, parts):
		refuse(errSignature)
	case !sound || !soundReceipt(p.get("receipt"), sum):
		refuse(errSum)
	case !numbered || number == 0 || first == nil || !first.series || first.state != StatePaid:
		refuse(errSeriesBad)
	case s.operations[number] != nil && !s.operations[number].open():
		refuse(errPaid)
	default:
		o := s.register(start{invID: number, sum: sum, sumText: p.get("outsum"), description: p.get("description"), receipt: p.get("receipt"), shop: p.shop})
		o.previous = first.invID
		s.apply(o, s.nextOutcome(), first.method)
		s.write(w, []byte("OK"+strconv.FormatInt(number, 10)))
	}
}

// nextOutcome is the outcome that was scripted, or success. The caller holds s.mu.
func (s *Simulator) nextOutcome() Outcome {
	if len(s.plans) == 0 {
		return Success
	}
	o := s.plans[0]
	s.plans = s.plans[1:]
	return o
}
