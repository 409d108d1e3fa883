package pages

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// page is what every template is given.
type page struct {
	words
	Title     string
	Style     string
	Accent    string
	Script    string
	Refresh   template.HTMLAttr
	Test      bool
	Shop      string
	Contact   checkout.Contact
	TermsURL  string
	Amount    string
	Reference string
	About     string // what the order is for, where it has no lines
	Lines     []line
	Languages []languageLink
	Alert     *alert
	BackURL   string
	Left      string // time left, where it ends soon
	Body      any
}

// Tel is the shop's telephone number as a link wants it: without spaces.
func (p page) Tel() string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, p.Contact.Phone)
}

type line struct{ Name, Quantity, Amount string }

// alert says what happened, whether money moved, and what to do next.
type alert struct {
	What, Money, Next, Reference string
	// Good marks news that is no trouble.
	Good bool
}

// pageOf fills in what all pages of an order show.
func (p *Pages) pageOf(c *gin.Context, o order.Order, shop checkout.Shop) page {
	w := p.texts.speak(c.Query("lang"), o.Locale, c.GetHeader("Accept-Language"))
	pg := page{
		words: w, Style: p.assets["style.css"].link, Test: !o.Live,
		Shop: shop.Name, Contact: shop.Contact, TermsURL: shop.TermsURL,
		Amount: amount(o.Amount, w.Tag), Reference: o.Reference,
		Languages: p.texts.languages(w, c.Request.URL.Query()), BackURL: p.Consumer.Leave(o, shop),
	}
	if a := strings.ToLower(strings.TrimPrefix(shop.Accent, "#")); readable(a) {
		pg.Accent = p.base + "/pay/assets/accent-" + a + ".css"
	}
	for _, l := range o.Lines {
		quantity := ""
		if l.Quantity != "1" {
			quantity = l.Quantity + " ×"
		}
		pg.Lines = append(pg.Lines, line{l.Name, quantity, amount(l.Amount, w.Tag)})
	}
	if len(pg.Lines) == 0 {
		pg.About = o.Description
	}
	left := o.ExpiresAt.Sub(p.Clock())
	if s := o.Status(); (s == order.Open || s == order.Pending) && left > 0 && left <= 10*time.Minute {
		pg.Left = w.T("time_left", "Count", int((left+time.Minute-1)/time.Minute))
	}
	return pg
}

// bare is a page without an order.
func (p *Pages) bare(c *gin.Context) page {
	return page{words: p.texts.speak(c.Query("lang"), "", c.GetHeader("Accept-Language")), Style: p.assets["style.css"].link}
}

// render writes a page. Its policy allows what is the host's own, and to send
// the consumer on to a provider: that is what forms lead to.
func (p *Pages) render(c *gin.Context, status int, name string, pg page) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, pg); err != nil {
		p.Logger.Error("page not made", "page", name, "error", err)
		c.String(http.StatusInternalServerError, "This page cannot be shown right now. Nothing was charged by opening it. Please try again.")
		return
	}
	formAction := "'self' https:"
	if pg.Test {
		formAction += " http:"
	}
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action "+formAction)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", pg.Lang())
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// fail shows what an error means to a consumer, in words.
func (p *Pages) fail(c *gin.Context, err error) {
	pg := p.bare(c)
	status := http.StatusInternalServerError
	a := alert{What: pg.T("error_internal"), Money: pg.T("nothing_charged_yet"), Next: pg.T("error_internal_next")}
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		status, a = http.StatusNotFound, alert{What: pg.T("error_not_found"), Next: pg.T("error_not_found_next")}
	case errors.Is(err, checkout.ErrUnavailable):
		status, a = http.StatusServiceUnavailable, alert{What: pg.T("error_unavailable"), Money: pg.T("nothing_charged_yet"), Next: pg.T("error_unavailable_next")}
		c.Header("Retry-After", "5")
	case errors.As(err, new(*http.MaxBytesError)):
		status, a = http.StatusRequestEntityTooLarge, alert{What: pg.T("error_too_large"), Money: pg.T("nothing_charged_yet"), Next: pg.T("error_not_found_next")}
	}
	if status >= 500 {
		p.Logger.Error("page failed", "path", c.FullPath(), "error", err)
	}
	pg.Alert, pg.Title, pg.Test = &a, a.What, false
	p.render(c, status, "error.html", pg)
}

// problem says what became of a choice that did not work out.
func (p *Pages) problem(w words, o order.Order, err error) *alert {
	var call *checkout.CallError
	var method *checkout.MethodError
	a := &alert{What: w.T("failed"), Money: w.T("nothing_charged"), Next: w.T("choose_again"), Reference: o.ID}
	switch {
	case errors.As(err, &call):
		if text := localized(call.Failure.UserMessage, w.Lang()); text != "" {
			a.What = text
		} else if call.Failure.Code == contract.ProviderUnavailable {
			a.What = w.T("provider_silent")
		}
		if call.Outcome == order.OutcomeUnknown {
			a.Money, a.Next = w.T("maybe_charged"), w.T("maybe_charged_next")
		}
	case errors.As(err, &method):
		a.What = w.T("method_unavailable")
	case errors.Is(err, order.ErrTooManyAttempts):
		a.What, a.Next = w.T("too_many"), w.T("too_many_next")
	case errors.Is(err, checkout.ErrUnavailable):
		a.What, a.Next = w.T("error_unavailable"), w.T("error_unavailable_next")
	}
	if unsure(o) {
		a.Money, a.Next = w.T("maybe_charged"), w.T("maybe_charged_next")
	}
	return a
}

// unsure says whether an attempt of the order may have been charged without
// our knowing.
func unsure(o order.Order) bool {
	return slices.ContainsFunc(o.Payments, func(p order.Payment) bool {
		return p.Outcome == order.OutcomeUnknown || p.Live() && !p.Started && p.Action == nil
	})
}
