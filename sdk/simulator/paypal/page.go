package paypal

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// pagePath is the buyer's page, below the mount point.
const pagePath = "/checkoutnow"

// maxForm bounds a submitted form, in bytes.
const maxForm = 1 << 16

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// contentPolicy lets nothing in but the page's own style. Forms may lead
// anywhere: browsers hold redirects after a form against form-action as well.
var contentPolicy = func() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' http: https:"
}()

// view is what the template shows.
type view struct {
	CSS                           template.CSS
	T                             words
	Lang, Token                   string
	Heading, Note, Alert          string
	Amount, Merchant, Description string
	Outcomes                      []choice
	Languages                     []language
}

// choice is a button.
type choice struct{ Value, Title, Help string }

// language is a link to the page in another language.
type language struct{ Code, Title, Address string }

// showPage is what the approval link opens.
func (s *Simulator) showPage(w http.ResponseWriter, r *http.Request) {
	s.visit(w, r, func(o *order) (Outcome, bool) {
		if len(s.plans) == 0 {
			return "", false
		}
		outcome := s.plans[0]
		s.plans = s.plans[1:]
		return outcome, true
	})
}

// choose takes the outcome of the button.
func (s *Simulator) choose(w http.ResponseWriter, r *http.Request) {
	s.visit(w, r, func(*order) (Outcome, bool) {
		outcome := Outcome(r.PostForm.Get("outcome"))
		return outcome, checkOutcome(outcome) == nil
	})
}

// visit finds the order of a page and has the buyer act, or shows the page. A
// buyer of an order that is carried out is led back at once.
func (s *Simulator) visit(w http.ResponseWriter, r *http.Request, act func(o *order) (Outcome, bool)) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.render(w, http.StatusBadRequest, goneView(r))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = s.publicURL(r)
	now := s.clock.Now().UTC()
	o, ok := s.orders[r.Form.Get("token")]
	if !ok || o.gone(now) {
		s.render(w, http.StatusNotFound, goneView(r))
		return
	}
	outcome, acted := Success, o.status == statusCompleted
	if !acted {
		if outcome, acted = act(o); acted {
			s.act(o, outcome, now)
		}
	}
	back := o.back(outcome)
	switch {
	case !acted:
		s.render(w, http.StatusOK, s.payView(r, o))
	case s.faults.On(faultLostReturn, callReturn) || back == "":
		v := s.newView(r, o)
		v.Heading, v.Alert = v.T.LostTitle, v.T.LostNote
		s.render(w, http.StatusOK, v)
	default:
		w.Header().Set("Location", back)
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusSeeOther)
	}
}

// back is the shop's address after an outcome, with token and, of who
// approved, PayerID added. An existing query stays as it is, byte for byte; a
// fragment stays at the end.
func (o *order) back(outcome Outcome) string {
	address, added := o.where.ReturnURL, "token="+o.id
	if outcome == Cancelled {
		address = o.where.CancelURL
	} else if o.approved != nil {
		added += "&PayerID=" + o.approved.PayerID
	}
	if address == "" {
		return ""
	}
	address, fragment, hasFragment := strings.Cut(address, "#")
	switch {
	case !strings.Contains(address, "?"):
		address += "?"
	case !strings.HasSuffix(address, "?") && !strings.HasSuffix(address, "&"):
		address += "&"
	}
	address += added
	if hasFragment {
		address += "#" + fragment
	}
	return address
}

func newView(r *http.Request, locale string) *view {
	lang := strings.ToLower(r.FormValue("lang"))
	if _, ok := texts[lang]; !ok {
		lang, _, _ = strings.Cut(strings.ToLower(locale), "-")
	}
	if _, ok := texts[lang]; !ok {
		lang = "en"
	}
	return &view{CSS: template.CSS(pageCSS), T: texts[lang], Lang: lang, Token: r.FormValue("token")}
}

func goneView(r *http.Request) *view {
	v := newView(r, "en")
	v.Heading, v.Note = v.T.GoneTitle, v.T.GoneNote
	return v
}

func (s *Simulator) newView(r *http.Request, o *order) *view {
	v := newView(r, o.where.Locale)
	var total int64
	for _, u := range o.units {
		total += u.total
	}
	m := amount(total, o.currency())
	v.Amount, v.Merchant, v.Description = m.Value+"\u00a0"+m.CurrencyCode, o.where.BrandName, o.units[0].Description
	return v
}

// payView shows the choice of outcomes.
func (s *Simulator) payView(r *http.Request, o *order) *view {
	v := s.newView(r, o)
	v.Heading, v.Note = v.T.Title, v.T.PickOutcome
	if o.declined {
		v.Alert = v.T.Declined
	}
	for i, outcome := range outcomes {
		v.Outcomes = append(v.Outcomes, choice{Value: string(outcome), Title: v.T.Outcomes[i][0], Help: v.T.Outcomes[i][1]})
	}
	for _, code := range languages {
		if code != v.Lang {
			q := url.Values{"token": {v.Token}, "lang": {code}}
			v.Languages = append(v.Languages, language{code, texts[code].Name, strings.TrimPrefix(pagePath, "/") + "?" + q.Encode()})
		}
	}
	return v
}

func (s *Simulator) render(w http.ResponseWriter, status int, v *view) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		s.cfg.Logger.Error("render the approval page", "error", err)
		http.Error(w, "the simulator could not show its page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		s.cfg.Logger.Debug("write the approval page", "error", err)
	}
}
