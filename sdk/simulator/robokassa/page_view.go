package robokassa

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// contentPolicy lets nothing in but the page's own style. Forms may lead
// anywhere: the way back goes through the shop's redirects.
var contentPolicy = func() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' http: https:"
}()

// view is what the template shows.
type view struct {
	CSS         template.CSS
	T           words
	Code        int // of an error
	Page        string
	Heading     string
	Note        string
	Alert       string
	Number      string
	Description string
	Amount      string
	Test        bool
	Groups      []wayGroup
	Chosen      string // label of the proposed way
	Outcomes    []choice
	Back        string // the shop's address, opened by GET
	Post        string // or posted to, with Fields
	Fields      [][2]string
}

// choice is a button.
type choice struct{ Value, Title, Help string }

func newView(culture string) *view {
	t := texts["en"]
	if culture == "ru" {
		t = texts["ru"]
	}
	return &view{CSS: template.CSS(pageCSS), T: t}
}

// errorView shows a code, as the provider does: its number matters, so that
// it stands there in digits, and the page's status is 200.
func errorView(r *http.Request, bad *pageError) *view {
	v := newView(strings.ToLower(r.FormValue("Culture")))
	v.Code, v.Heading, v.Note = bad.Code, v.T.Error, bad.Message
	return v
}

func (s *Simulator) orderView(o *operation) *view {
	v := newView(o.culture)
	v.Page, v.Number, v.Description, v.Test = o.page, number(o.invID), o.description, o.test
	currency := o.currency
	if currency == "" {
		currency = s.cfg.Currency
	}
	v.Amount = formatAmount(o.sum, currency, v.T.Code)
	return v
}

// pageView shows a payment as it stands. The caller holds s.mu.
func (s *Simulator) pageView(o *operation) *view {
	v := s.orderView(o)
	var b back
	switch {
	case o.state == StateStarted && !o.tried:
		v.Heading, v.Note = v.T.Waiting, v.T.WaitingNote
		s.offer(v, o)
	case o.payable(s.clock.Now()):
		v.Heading, v.Note = v.T.Choose, v.T.PickOutcome
		if o.tried {
			v.Alert = v.T.Failed
		}
		s.offer(v, o)
	case o.state == StateCancelled || o.state == StateReturned:
		v.Heading, v.Note, b = v.T.Over, v.T.OverNote, s.fail2(o)
	default:
		v.Heading, v.Note, b = v.T.Paid, v.T.PaidNote, s.success2(o)
	}
	return v.leads(b)
}

// offer adds ways and outcomes.
func (s *Simulator) offer(v *view, o *operation) {
	v.Groups = among(inLanguage(v.T.Code, o.sum), o.only)
	if o.hold { // holds are of cards alone
		v.Groups = among(v.Groups, []string{wayGroups[0].Code})
	}
	v.Chosen = s.wayOf(o.label).Label
	for i, outcome := range outcomes {
		v.Outcomes = append(v.Outcomes, choice{string(outcome), v.T.Outcomes[i][0], v.T.Outcomes[i][1]})
	}
}

// leads adds the way back.
func (v *view) leads(b back) *view {
	switch {
	case b.url == "":
	case b.method == http.MethodPost:
		v.Post, v.Fields = b.url, b.fields
	default:
		v.Back = join(b.url, form(b.fields))
	}
	return v
}

// postView leads back by POST: the buyer presses a button.
func postView(o *operation, b back) *view {
	v := newView(o.culture)
	v.Heading, v.Number = v.T.Return, number(o.invID)
	return v.leads(b)
}

func (s *Simulator) render(w http.ResponseWriter, v *view) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		s.cfg.Logger.Error("render the payment page", "error", err)
		http.Error(w, "the simulator could not show its page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	s.write(w, b.Bytes())
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// formatAmount writes an amount as people of that language do.
func formatAmount(minor int64, currency, lang string) string {
	whole, rest := number(minor/100), number(100 + minor%100)[1:]
	group, point := "\u00a0", ","
	if lang == "en" {
		group, point = ",", "."
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	sign := map[string]string{currencyRUB: "₽", currencyKZT: "₸", "USD": "$", "EUR": "€"}[currency]
	return whole + point + rest + "\u00a0" + sign
}
