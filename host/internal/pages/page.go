package pages

import (
	"bytes"
	"cmp"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// page is what every template is given.
type page struct {
	words
	Title   string
	Style   string
	Accent  string
	Script  string
	Refresh template.HTMLAttr
	// Leads is where the page's forms may lead; "" is the host itself.
	Leads     string
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

type line struct {
	Name, Quantity, Amount string
	Total                  bool
}

// alert says what happened, whether money moved, and what to do next.
// ReceiptURL is what a terminal printed of it; Detail is in English, for the
// shop's owner.
type alert struct{ What, Money, Next, Reference, ReceiptURL, Detail string }

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
		pg.Lines = append(pg.Lines, line{Name: l.Name, Quantity: quantity, Amount: amount(l.Amount, w.Tag)})
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

// render writes a page. Its policy allows what is the host's own, and forms
// that lead where the page says.
func (p *Pages) render(c *gin.Context, status int, name string, pg page) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, pg); err != nil {
		p.Logger.Error("page not made", "page", name, "error", err)
		c.String(http.StatusInternalServerError, "This page cannot be shown right now. Nothing was charged by opening it. Please try again.")
		return
	}
	leads := cmp.Or(pg.Leads, "'self'")
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action "+leads)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", pg.Lang())
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// leadsOn is where the form of a choice may lead: browsers hold the policy
// against the answer's redirect as well, and which provider that is to is known
// only then. Tests may run without TLS.
func leadsOn(test bool) string {
	if test {
		return "'self' https: http:"
	}
	return "'self' https:"
}
