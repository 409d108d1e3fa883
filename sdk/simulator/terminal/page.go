package terminal

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"time"
)

// maxForm bounds a submitted form, in bytes.
const maxForm = 1 << 14

// longPoll is how long the display waits for a payment that is about to come
// before it says that there is none.
const longPoll = 3 * time.Second

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("display").Parse(pageText))

// button is an outcome that a person can choose.
type button struct {
	Outcome     Outcome
	Title, Help string
}

var buttons = []button{
	{Success, "Tap the card", "The payment is approved"},
	{Cancelled, "Press stop", "The customer changes their mind"},
	{Failed, "Tap an empty card", "The bank refuses it"},
	{WrongPIN, "Enter a wrong PIN", "The bank refuses it"},
	{Signature, "Pay by signature", "Approved; the shop has a copy signed"},
	{Lost, "Tap the card, lose the answer", "Approved, and the till does not hear of it"},
	{Expired, "Walk away", "The terminal waits no longer"},
	{Open, "Break the line to the till", "The payment stays on this display"},
}

// words are what the display says of an outcome.
var words = map[Outcome]string{
	Success: "Approved", Signature: "Approved, please sign", Lost: "Approved", Partial: "Approved in part", Cancelled: "Cancelled", Aborted: "Cancelled by the till",
	Failed: "Declined", WrongPIN: "Wrong PIN", Unreachable: "No contact with the bank", Expired: "Timed out",
}

// view is what the page shows.
type view struct {
	CSS       template.CSS
	POIID     string
	ServiceID string // "" where no payment is in progress
	Amount    string
	Reference string
	Tip       bool
	Alert     string
	Last      string // how the last payment ended
	Buttons   []button
}

// showDisplay shows the payment in progress. Where there is none it waits a
// moment for one; with ?result it shows at once how the last one ended.
func (s *Simulator) showDisplay(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	v, arrived := s.look(query.Get("terminal"))
	if !query.Has("result") {
		timer := time.NewTimer(longPoll)
		defer timer.Stop()
		for waiting := true; waiting && v.ServiceID == ""; v, arrived = s.look(query.Get("terminal")) {
			select {
			case <-arrived:
			case <-timer.C:
				waiting = false
			case <-s.closed:
				waiting = false
			case <-r.Context().Done():
				return
			}
		}
	}
	show(w, http.StatusOK, v)
}

// look is the display of a terminal, or of the first that has a payment. The
// channel closes when another payment begins anywhere.
func (s *Simulator) look(poi string) (view, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var at *device
	for _, id := range s.cfg.POIIDs {
		if d := s.devices[id]; (poi == "" || poi == id) && (at == nil || at.running == nil) {
			at = d
		}
	}
	if at == nil {
		return view{POIID: poi}, s.arrived
	}
	if at.running == nil && poi == "" {
		at = s.devices[s.cfg.POIIDs[0]]
	}
	if at.running != nil {
		at.running.attended = true
	}
	return at.view(), s.arrived
}

func (d *device) view() view {
	v := view{POIID: d.poi, Tip: d.tip.Enabled, Buttons: buttons}
	if t := d.running; t != nil {
		v.ServiceID, v.Reference, v.Amount = t.x.ServiceID, t.reference, decimal(t.requested, t.currency, ".")+" "+t.currency
		return v
	}
	if n := len(d.done); n > 0 {
		t := d.done[n-1]
		v.Last = words[t.outcome] + ": " + decimal(max(t.charged, t.requested), t.currency, ".") + " " + t.currency
	}
	return v
}

// pressButton has the customer act. A page that has been overtaken does nothing.
func (s *Simulator) pressButton(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	p := plan{Outcome: Outcome(r.PostFormValue("outcome")), EnterTotal: r.PostFormValue("total")}
	if err := p.check(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[r.PostFormValue("terminal")]
	if d != nil && d.running != nil && d.running.x.ServiceID == r.PostFormValue("service") {
		if alert := d.refusesTotal(p); alert != "" {
			v := d.view()
			v.Alert = alert
			show(w, http.StatusUnprocessableEntity, v)
			return
		}
		s.settle(d, p)
	}
	w.Header().Set("Location", "./?result=1") // not http.Redirect: it would make it absolute without the prefix
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// refusesTotal says why the terminal asks for the total again, or "".
func (d *device) refusesTotal(p plan) string {
	t := d.running
	if p.EnterTotal == "" || !d.tip.Enabled {
		return ""
	}
	total, err := parseAmount(p.EnterTotal, t.currency)
	switch {
	case err != nil:
		return "Enter the total like 110.50, or nothing."
	case total < t.requested:
		return "The total is below the amount to pay."
	case !d.tip.allows(t.requested, total):
		return "The extra is above the maximum."
	}
	return ""
}

func show(w http.ResponseWriter, status int, v view) {
	v.CSS = template.CSS(pageStyle) //nolint:gosec // it is this package's own file
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		http.Error(w, "render the display: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser may have gone; nothing is left to do then
}
