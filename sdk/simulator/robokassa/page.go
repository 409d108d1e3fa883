package robokassa

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// firstTry is how long the buyer waits for the shop to be told before he is
// led back.
const firstTry = 5 * time.Second

// showStart is Index.aspx: it checks what the shop sent and leads to the page
// of the payment.
func (s *Simulator) showStart(w http.ResponseWriter, r *http.Request) {
	p, ok := readParams(w, r)
	if !ok {
		s.render(w, errorView(r, fails(errInvoice)))
		return
	}
	o, bad := s.begin(p)
	if bad != nil {
		s.render(w, errorView(r, bad))
		return
	}
	s.seeOther(w, "Index/"+o.page)
}

// payable says whether the buyer can pay now: also after he left, as long as
// there is time.
func (o *operation) payable(now time.Time) bool {
	return o.open() || o.state == StateCancelled && !o.over && !o.hold && (o.expires.IsZero() || now.Before(o.expires))
}

// showPage is the page of a payment. An outcome that was scripted is carried
// out at once.
func (s *Simulator) showPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	o := s.pages[strings.ToUpper(r.PathValue("page"))]
	if o == nil {
		s.mu.Unlock()
		s.render(w, errorView(r, fails(errLinkNone)))
		return
	}
	if o.payable(s.clock.Now()) && len(s.plans) > 0 && !o.tried {
		s.finish(w, r, o, s.nextOutcome(), o.label) // unlocks
		return
	}
	v := s.pageView(o)
	s.mu.Unlock()
	s.render(w, v)
}

// pay takes the button that the buyer pressed.
func (s *Simulator) pay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.mu.Lock()
	o, outcome := s.pages[r.PostFormValue("page")], Outcome(r.PostFormValue("outcome"))
	switch {
	case o == nil:
		s.mu.Unlock()
		s.render(w, errorView(r, fails(errLinkNone)))
	case checkOutcome(outcome) != nil || !o.payable(s.clock.Now()):
		s.mu.Unlock()
		s.seeOther(w, "Index/"+o.page)
	default:
		if fixed, known := OutcomeOf(o.sum); known && s.cfg.OutcomeByAmount {
			outcome = fixed
		}
		s.finish(w, r, o, outcome, r.PostFormValue("label"))
	}
}

// finish carries an outcome out, has the shop told first, and leads the buyer
// on. It is called with s.mu held, and unlocks it.
func (s *Simulator) finish(w http.ResponseWriter, r *http.Request, o *operation, outcome Outcome, label string) {
	told := s.apply(o, outcome, s.wayOf(label))
	page := "Index/" + o.page
	if strings.HasPrefix(r.URL.Path, "/merchant/index/") {
		page = o.page
	}
	var to back
	switch outcome {
	case Success:
		to = s.success2(o)
	case Cancelled:
		to = s.fail2(o)
	}
	s.mu.Unlock()
	if told != nil {
		timer := time.NewTimer(firstTry)
		defer timer.Stop()
		select {
		case <-told:
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
	switch {
	case to.url == "":
		s.seeOther(w, page)
	case to.method == http.MethodPost:
		s.render(w, postView(o, to))
	default:
		s.seeOther(w, join(to.url, form(to.fields)))
	}
}

// back is the way back to the shop.
type back struct {
	method, url string
	fields      [][2]string
}

// success2 is SuccessURL, or the payment's own. The caller holds s.mu.
func (s *Simulator) success2(o *operation) back {
	one, _ := s.passwords(o.test)
	fields := o.common()
	signature := s.sign([]string{fields[0][1], fields[1][1]}, one, o.shop)
	if s.faults.On(faultWrongSignature, kindReturn) {
		signature = spoil(signature)
	}
	fields = append(fields, [2]string{"crc", signature}, [2]string{"SignatureValue", signature})
	return s.backTo(o, 0, back{s.cfg.SuccessMethod, s.cfg.SuccessURL, fields})
}

// fail2 is FailURL, which is not signed, or the payment's own. The caller
// holds s.mu.
func (s *Simulator) fail2(o *operation) back {
	return s.backTo(o, 1, back{s.cfg.FailMethod, s.cfg.FailURL, o.common()})
}

func (s *Simulator) backTo(o *operation, which int, b back) back {
	if own := o.back[which]; own != "" {
		if decoded, err := url.QueryUnescape(own); err == nil && !strings.Contains(own, "://") {
			own = decoded
		}
		b.method, b.url = o.backMethod[which], own
	}
	if s.faults.On(faultLostReturn, kindReturn) {
		b.url = ""
	}
	return b
}

// common are the parameters of both returns.
func (o *operation) common() [][2]string {
	culture := o.culture
	if culture != "ru" {
		culture = "en"
	}
	fields := [][2]string{{"OutSum", six(o.charged)}, {"InvId", number(o.invID)}, {"Culture", culture}}
	for _, p := range o.shop {
		fields = append(fields, [2]string{p.Name, p.Value})
	}
	return fields
}

// seeOther leads on. Addresses of our own are relative, so that they hold
// below any prefix.
func (s *Simulator) seeOther(w http.ResponseWriter, address string) {
	w.Header().Set("Location", address) // not http.Redirect: it would make a relative address absolute without the prefix
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// Return is where the buyer is led as things stand: an address with its query,
// or "" where he stays. Of a POST the fields stand in the query too.
func (s *Simulator) Return(invID int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.either(invID)
	if o == nil {
		return ""
	}
	var b back
	switch o.state {
	case StatePaid, StateHold:
		b = s.success2(o)
	case StateCancelled:
		b = s.fail2(o)
	}
	if b.url == "" {
		return ""
	}
	return join(b.url, form(b.fields))
}
