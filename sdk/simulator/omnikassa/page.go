package omnikassa

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The consumer's pages, below the mount point. Links among them are relative, so
// that they hold below any prefix.
const (
	pagePath   = "/payment-brand"
	payPath    = "/payment"
	resultPath = "/payment-result"
	logoPath   = "/logos/"
)

// maxForm bounds a submitted form, in bytes.
const maxForm = 1 << 16

// visit finds the order of a page by its token. The caller holds s.mu.
func (s *Simulator) visit(r *http.Request) *order {
	o := s.pages[r.FormValue("token")]
	if o != nil {
		s.lapse(o, s.clock.Now())
	}
	return o
}

// act runs a page handler with the lock held; it decides where the consumer goes
// (a non-empty address) or what is shown.
func (s *Simulator) act(w http.ResponseWriter, r *http.Request, decide func(o *order) (address string, v *view)) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.render(w, http.StatusBadRequest, goneView(r))
		return
	}
	s.mu.Lock()
	o := s.visit(r)
	if o == nil {
		s.mu.Unlock()
		s.render(w, http.StatusNotFound, goneView(r))
		return
	}
	address, v := decide(o)
	s.mu.Unlock()
	if address == "" {
		s.render(w, http.StatusOK, v)
		return
	}
	w.Header().Set("Location", address) // not http.Redirect: it would make a relative address absolute without the prefix
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// showStart is what redirectUrl opens: the choice of a brand, or at once the
// brand that the shop forces.
func (s *Simulator) showStart(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, func(o *order) (string, *view) {
		if o.final() || o.waiting() {
			return s.after(r, o), nil
		}
		if p, ok := s.takePlan(); ok {
			return s.follow(r, o, p), nil
		}
		if list := s.choices(o); o.Brand != "" && len(list) == 1 {
			return "", s.payView(r, o, list[0])
		}
		return "", s.chooseView(r, o)
	})
}

// chooseBrand takes the choice of a brand, or the consumer's leaving.
func (s *Simulator) chooseBrand(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, func(o *order) (string, *view) {
		if o.final() || o.waiting() {
			return s.after(r, o), nil
		}
		if r.PostForm.Get("leave") != "" {
			s.conclude(o, orderCancelled, s.clock.Now())
			return s.after(r, o), nil
		}
		b, ok := s.chosen(r, o)
		if !ok {
			return here(r, pagePath, ""), nil
		}
		s.begin(o, b, s.clock.Now())
		return here(r, payPath, b.name), nil
	})
}

// showPay is the page of a brand, where the outcome is chosen.
func (s *Simulator) showPay(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, func(o *order) (string, *view) {
		if o.final() || o.waiting() {
			return s.after(r, o), nil
		}
		b, ok := s.chosen(r, o)
		if !ok {
			return here(r, pagePath, ""), nil
		}
		return "", s.payView(r, o, b)
	})
}

// pay takes the outcome: that of the button, or where the amount decides and the
// sandbox's table has it, that of the amount.
func (s *Simulator) pay(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, func(o *order) (string, *view) {
		if o.final() || o.waiting() {
			return s.after(r, o), nil
		}
		b, ok := s.chosen(r, o)
		if !ok {
			return here(r, pagePath, ""), nil
		}
		outcome := Outcome(r.PostForm.Get("outcome"))
		if fixed, known := OutcomeOf(o.Amount, b.card); s.byAmount && known {
			outcome = fixed
		}
		if checkOutcome(outcome) != nil {
			return here(r, payPath, b.name), nil
		}
		now := s.clock.Now()
		s.apply(s.begin(o, b, now), outcome, now)
		return s.after(r, o), nil
	})
}

// showResult is the last page of a visit, with the way back to the shop.
func (s *Simulator) showResult(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, func(o *order) (string, *view) {
		if !o.final() && !o.waiting() {
			return here(r, pagePath, ""), nil
		}
		return "", s.resultView(r, o)
	})
}

// after is where the consumer goes when a try has ended: on with the order if it
// is open, else to the shop, or to the result page first unless the shop skips it.
func (s *Simulator) after(r *http.Request, o *order) string {
	if !o.final() && !o.waiting() {
		return here(r, pagePath, "")
	}
	if o.SkipResultPage {
		if back := s.returnAddress(o); back != "" {
			return back
		}
	}
	return here(r, resultPath, "")
}

// chosen is the brand of the request if it may be used, or the only one.
func (s *Simulator) chosen(r *http.Request, o *order) (brand, bool) {
	list := s.choices(o)
	name := r.FormValue("brand")
	if name == "" && o.Brand != "" && len(list) == 1 {
		return list[0], true
	}
	i := slices.IndexFunc(list, func(b brand) bool { return b.name == name })
	if i < 0 {
		return brand{}, false
	}
	return list[i], true
}

func (s *Simulator) takePlan() (Plan, bool) {
	if len(s.plans) == 0 {
		return Plan{}, false
	}
	p := s.plans[0]
	s.plans = s.plans[1:]
	return p, true
}

// follow carries out a plan on the page that was opened.
func (s *Simulator) follow(r *http.Request, o *order, p Plan) string {
	list := s.choices(o)
	if len(list) == 0 {
		return here(r, pagePath, "")
	}
	b := list[0]
	if i := slices.IndexFunc(list, func(b brand) bool { return b.name == p.Brand }); i >= 0 {
		b = list[i]
	}
	now := s.clock.Now()
	s.apply(s.begin(o, b, now), p.Outcome, now)
	if p.Then != "" {
		s.settleLater(o, p.Then, now.Add(time.Duration(p.After)))
	}
	return s.after(r, o)
}

// here is the relative address of a page for the same order and language.
func here(r *http.Request, path, brand string) string {
	q := url.Values{"token": {r.FormValue("token")}}
	if lang := r.FormValue("lang"); lang != "" {
		q.Set("lang", lang)
	}
	if brand != "" {
		q.Set("brand", brand)
	}
	return strings.TrimPrefix(path, "/") + "?" + q.Encode()
}

// returnAddress is the shop's address with order_id, status and signature added
// (API manual, "Return"), or "" if the way back is lost. An existing query stays
// as it is, byte for byte.
func (s *Simulator) returnAddress(o *order) string {
	if o.lost = o.lost || s.faults.On(faultLostReturn, callReturn); o.lost {
		return ""
	}
	status := o.status
	if s.faults.On(faultUnknownStatus, callReturn) {
		status = strangeStatus
	}
	signature := sign(s.keys[0], o.MerchantOrderID, status)
	if s.faults.On(faultWrongSignature, callReturn) {
		signature = spoil(signature)
	}
	if s.faults.On(faultFlippedField, callReturn) {
		if status = orderCompleted; o.status == orderCompleted {
			status = orderCancelled
		}
	}
	address, fragment, hasFragment := strings.Cut(o.ReturnURL, "#")
	switch {
	case !strings.Contains(address, "?"):
		address += "?"
	case !strings.HasSuffix(address, "?") && !strings.HasSuffix(address, "&"):
		address += "&"
	}
	address += "order_id=" + url.QueryEscape(o.MerchantOrderID) + "&status=" + url.QueryEscape(status) + "&signature=" + signature
	if hasFragment {
		address += "#" + fragment
	}
	return address
}
