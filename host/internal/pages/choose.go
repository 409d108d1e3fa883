package pages

import (
	"cmp"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/view"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// maxForm bounds the form of a choice.
const maxForm = 64 << 10

// choice is the body of the choice page.
type choice struct {
	Action   string
	Attempts int
	Methods  []method
	// Going is an attempt under way that the consumer can go on with.
	Going *going
}

type method struct {
	ID, Title, Provider string
	Logo                template.URL
	// Unavailable says why it cannot be chosen.
	Unavailable string
}

// show shows where the order stands: the choice, a result, or what is waited
// for. It starts nothing.
func (p *Pages) show(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token := c.Param("token")
	o, shop, err := p.Consumer.Open(ctx, token)
	if err != nil {
		p.fail(c, err)
		return
	}
	pay, waits := o.Payment(c.Query("wait"))
	switch s := o.Status(); {
	case waits && (s == order.Paid || s == order.Authorized):
		p.onwards(c, o, pay.ID)
	case s != order.Open && s != order.Pending:
		p.result(c, o, shop)
	case waits && pay.Live() && pay.Action != nil && c.Query("start") != "":
		p.follow(c, token, pay.ID, *pay.Action)
	case waits && pay.Live():
		p.wait(c, o, shop, pay)
	default:
		p.showChoice(c, o, shop, http.StatusOK, p.news(c, o))
	}
}

// news says how the attempt ended that the consumer comes back from.
func (p *Pages) news(c *gin.Context, o order.Order) *alert {
	w := p.texts.speak(c.Query("lang"), o.Locale, c.GetHeader("Accept-Language"))
	pay, ok := o.Payment(cmp.Or(c.Query("from"), c.Query("wait")))
	if !ok {
		return nil
	}
	a := &alert{Money: w.T("nothing_charged"), Next: w.T("choose_again")}
	switch pay.Status() {
	case order.PaymentCancelled:
		a.What = w.T("was_cancelled")
	case order.PaymentExpired:
		a.What = w.T("was_expired")
	case order.PaymentFailed:
		a.What, a.Reference = w.T("was_failed"), o.ID
		if pay.Failure != nil {
			if text := localized(pay.Failure.UserMessage, w.Lang()); text != "" {
				a.What = text
			}
		}
	default:
		return nil
	}
	if hasReceipt(pay) {
		a.ReceiptURL = p.receiptURL(o, pay, w)
	}
	return a
}

func (p *Pages) showChoice(c *gin.Context, o order.Order, shop checkout.Shop, status int, a *alert) {
	ctx, cancel := p.context(c)
	defer cancel()
	offers, err := p.Consumer.Offers(ctx, o)
	if err != nil {
		p.fail(c, err)
		return
	}
	pg := p.pageOf(c, o, shop)
	token := checkout.Token(o)
	body := choice{Action: p.link(token) + "?lang=" + pg.Lang(), Attempts: len(o.Payments), Going: p.going(o, offers, pg.words)}
	can := false
	for _, m := range offers {
		row := p.row(pg.words, m)
		switch {
		case !m.Available && p.HideUnavailable != nil && p.HideUnavailable(o.Shop):
			continue
		case !m.Available:
			row.Unavailable = pg.T(unavailable(m.Reason))
		}
		can = can || m.Available
		body.Methods = append(body.Methods, row)
	}
	if !can && a == nil {
		a = &alert{What: pg.T("no_methods"), Money: pg.T("nothing_charged"), Next: pg.T("no_methods_next"), Reference: o.ID}
		if slices.ContainsFunc(offers, func(m checkout.MethodOffer) bool { return m.Reason == silent }) {
			a.What, a.Next = pg.T("all_silent"), pg.T("all_silent_next")
		}
	}
	pg.Leads = leadsOn(pg.Test)
	pg.Title, pg.Alert, pg.Body, pg.Script = pg.T("title_choose", "Shop", shop.Name), a, body, p.assets["choose.js"].link
	p.seen(o, "choose")
	p.render(c, status, "choose.html", pg)
}

// row is a method as the pages show it.
func (p *Pages) row(w words, m checkout.MethodOffer) method {
	row := method{ID: m.ID, Title: localized(m.Title, w.Lang()), Logo: logoURL(m.Logo)}
	if provider := localized(m.ProviderTitle, w.Lang()); provider != row.Title {
		row.Provider = provider
	}
	return row
}

// silent is the reason of a method whose provider does not answer.
const silent = "provider_unavailable"

// unavailable is the text that says why a method cannot be chosen: for now,
// or for this order.
func unavailable(reason string) string {
	if reason == silent || reason == "unavailable" {
		return "provider_silent"
	}
	return "method_unavailable"
}

// choose starts a payment and sends the consumer on. An old form, a double
// click or a second tab joins the attempt that is under way.
func (p *Pages) choose(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token := c.Param("token")
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); errors.As(err, new(*http.MaxBytesError)) {
		p.fail(c, err)
		return
	}
	seen, err := strconv.Atoi(c.PostForm("attempts"))
	if err != nil || seen < 0 {
		seen = 0
	}
	ch := checkout.Choice{Method: c.PostForm("method"), Seen: seen}
	if op := c.PostForm("option"); op != "" && len(op) <= maxOption {
		ch.MethodOptions = map[string]string{checkout.OptionKey: op}
	}
	o, payment, err := p.Consumer.Choose(ctx, token, ch)
	if o.ID == "" {
		p.fail(c, err)
		return
	}
	pay, ok := o.Payment(payment)
	switch {
	case err == nil && ok && pay.Action != nil:
		p.follow(c, token, pay.ID, *pay.Action)
	case err == nil && ok || errors.Is(err, checkout.ErrBusy):
		p.to(c, token, "?wait="+payment)
	case errors.Is(err, checkout.ErrOption):
		p.to(c, token, "/with/"+url.PathEscape(ch.Method))
	case errors.Is(err, order.ErrClosed):
		p.to(c, token)
	default:
		p.refuse(c, o, err)
	}
}

func (p *Pages) refuse(c *gin.Context, o order.Order, err error) {
	ctx, cancel := p.context(c)
	defer cancel()
	fresh, shop, openErr := p.Consumer.Open(ctx, c.Param("token"))
	if openErr != nil {
		p.fail(c, openErr)
		return
	}
	p.Logger.Warn("payment not started", "order", o.ID, "error", err)
	w := p.texts.speak(c.Query("lang"), o.Locale, c.GetHeader("Accept-Language"))
	status := http.StatusUnprocessableEntity
	if errors.Is(err, checkout.ErrUnavailable) {
		status = http.StatusServiceUnavailable
	}
	p.showChoice(c, fresh, shop, status, p.problem(w, fresh, err))
}

// logoURL makes a logo part of the page.
func logoURL(svg string) template.URL {
	if svg == "" {
		return ""
	}
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)))
}

func localized(t contract.Text, lang string) string { return view.Localize(t, lang) }

func (p *Pages) seen(o order.Order, page string) {
	if p.Seen != nil {
		p.Seen(o.ID, page)
	}
}
