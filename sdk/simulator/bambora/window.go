package bambora

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the window's template and style
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

//go:embed window.html
var windowHTML string

//go:embed window.css
var windowCSS string

var windowTemplate = template.Must(template.New("window").Parse(windowHTML))

// contentPolicy lets nothing in but the page's own style. Forms may lead
// anywhere: browsers hold redirects after a form against form-action as well.
var contentPolicy = func() string {
	sum := sha256.Sum256([]byte(windowCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' http: https:"
}()

// maxForm bounds a submitted form, in bytes.
const maxForm = 1 << 16

// view is what the template shows.
type view struct {
	CSS      template.CSS
	T        words
	Token    string
	Order    string
	Amount   string
	Heading  string
	Note     string
	Alert    string
	Open     bool // the card form and the outcomes are there
	Types    []string
	Card     string
	Year     string
	Outcomes []choice
	Back     string
}

type choice struct{ Value, Title, Help string }

// showWindow serves GET /{token}.
func (s *Simulator) showWindow(w http.ResponseWriter, r *http.Request) {
	s.visit(w, r, func(o *session) (string, *view) {
		if len(s.plans) == 0 {
			return "", s.openView(o, r)
		}
		p := s.plans[0]
		s.plans = s.plans[1:]
		c, _ := p.card()
		return s.leave(o, p.Outcome, c, r)
	})
}

// submitWindow serves POST /{token}: a card, or an outcome's button.
func (s *Simulator) submitWindow(w http.ResponseWriter, r *http.Request) {
	s.visit(w, r, func(o *session) (string, *view) {
		c, valid := readCard(r.PostForm.Get("cardno"))
		outcome := Outcome(r.PostForm.Get("outcome"))
		switch {
		case outcome != "":
			c, _ = readCard(cardApproved)
		case r.PostForm.Get("action") == "cancel":
			outcome = Cancelled
		case r.PostForm.Get("action") != "pay":
		case !valid || !future(r.PostForm.Get("expmonth"), r.PostForm.Get("expyear"), s.clock.Now()) || !isCode(r.PostForm.Get("cvc")):
			v := s.openView(o, r)
			v.Alert = v.T.BadCard
			return "", v
		case c.declined:
			outcome = Failed
		default:
			outcome = Success
		}
		if (Plan{Outcome: outcome}).check() != nil {
			return "", s.openView(o, r)
		}
		return s.leave(o, outcome, c, r)
	})
}

func isCode(cvc string) bool {
	return (len(cvc) == 3 || len(cvc) == 4) && strings.Trim(cvc, "0123456789") == ""
}

// visit finds the session of a window and shows what comes of it. Windows that
// are over or paid do nothing more.
func (s *Simulator) visit(w http.ResponseWriter, r *http.Request, decide func(o *session) (string, *view)) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	status, address := http.StatusOK, ""
	var v *view
	s.mu.Lock()
	o := s.sessions[r.PathValue("token")]
	switch {
	case r.ParseForm() != nil:
		status, v = http.StatusBadRequest, goneView(r)
	case o == nil:
		status, v = http.StatusNotFound, goneView(r)
	case o.tx != nil:
		v = s.paidView(o, r)
	case s.over(o):
		status, v = http.StatusGone, s.endView(o, r)
	default:
		address, v = decide(o)
	}
	s.mu.Unlock()
	if address == "" {
		s.render(w, status, v)
		return
	}
	w.Header().Set("Location", address)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// leave applies an outcome and gives the address or the page that follows.
func (s *Simulator) leave(o *session, outcome Outcome, c card, r *http.Request) (string, *view) {
	s.apply(o, outcome, c)
	switch {
	case outcome == Success && o.direct:
		if back := s.back(o); back != "" {
			return back, nil
		}
		return "", s.paidView(o, r)
	case outcome == Success:
		return "", s.paidView(o, r)
	case outcome == Cancelled && o.cancel != "":
		return o.cancel, nil
	case outcome == Expired:
		return "", s.endView(o, r)
	}
	v := s.openView(o, r)
	if outcome == Failed {
		v.Alert = v.T.Declined
	}
	return "", v
}

func (s *Simulator) view(o *session, r *http.Request) *view {
	v := newView(r, o.language)
	v.Order, v.Amount, v.Token = o.orderID, formatAmount(o.amount, o.currency), o.token
	return v
}

func newView(r *http.Request, fallback string) *view {
	lang := r.FormValue("language")
	if lang == "" {
		lang = fallback
	}
	return &view{CSS: template.CSS(windowCSS), T: wordsFor(lang)}
}

func goneView(r *http.Request) *view {
	v := newView(r, "")
	v.Heading, v.Note = v.T.GoneTitle, v.T.GoneNote
	return v
}

func (s *Simulator) openView(o *session, r *http.Request) *view {
	v := s.view(o, r)
	v.Heading, v.Open, v.Card = v.T.Pay, true, "4002 6200 0000 0005"
	v.Year = strconv.Itoa(s.clock.Now().Year() + 2)
	for _, k := range kinds {
		if o.offers(k) {
			v.Types = append(v.Types, k.title)
		}
	}
	v.Outcomes = []choice{
		{string(Success), v.T.Success, v.T.SuccessHelp}, {string(Cancelled), v.T.Cancelled, v.T.CancelledHelp},
		{string(Failed), v.T.Failed, v.T.FailedHelp}, {string(Expired), v.T.Expired, v.T.ExpiredHelp},
		{string(Open), v.T.StaysOpen, v.T.StaysOpenHelp},
	}
	return v
}

// offers says whether the payment filter lets a type in: nothing excludes it,
// and where something of its sort is included, it is.
func (o *session) offers(k kind) bool {
	ids := map[string]string{"paymentmethods": "paymentcard", "paymentgroups": strconv.Itoa(k.group), "paymenttypes": strconv.Itoa(k.id)}
	included, wanted := map[string]bool{}, map[string]bool{}
	for _, f := range o.filters {
		switch {
		case f.action == "exclude" && f.id == ids[f.kind]:
			return false
		case f.action == "include":
			wanted[f.kind] = true
			included[f.kind] = included[f.kind] || f.id == ids[f.kind]
		}
	}
	for kind := range wanted {
		if !included[kind] {
			return false
		}
	}
	return true
}

func (s *Simulator) paidView(o *session, r *http.Request) *view {
	v := s.view(o, r)
	v.Heading, v.Note, v.Back = v.T.PaidTitle, v.T.PaidNote, s.back(o)
	return v
}

func (s *Simulator) endView(o *session, r *http.Request) *view {
	v := s.view(o, r)
	v.Heading, v.Note, v.Back = v.T.EndTitle, v.T.EndNote, o.cancel
	return v
}

func (s *Simulator) render(w http.ResponseWriter, status int, v *view) {
	var b bytes.Buffer
	if err := windowTemplate.Execute(&b, v); err != nil {
		s.cfg.Logger.Error("render the payment window", "error", err)
		http.Error(w, "the simulator could not render its page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		s.cfg.Logger.Debug("write the payment window", "error", err)
	}
}

// formatAmount writes minor units for reading: "195.00 SEK".
func formatAmount(minor int64, c currency) string {
	digits := strconv.FormatInt(minor, 10)
	if n := c.MinorUnits; n > 0 {
		for len(digits) <= n {
			digits = "0" + digits
		}
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	return digits + " " + c.Code
}
