package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// follow sends the consumer where a payment's action says. A form has a page
// of its own, so that going back in the browser repeats no choice.
func (p *Pages) follow(c *gin.Context, token, payment string, a contract.Action) {
	switch a.Type {
	case contract.ActionRedirect:
		c.Redirect(http.StatusSeeOther, a.URL)
	case contract.ActionForm:
		p.to(c, token, "/go/"+payment)
	case contract.ActionWait:
		p.to(c, token, "?wait="+payment)
	default:
		p.to(c, token, "/return/"+payment)
	}
}

// going is an attempt under way that can be gone on with.
type going struct{ Title, URL string }

// going finds an attempt that can be gone on with.
func (p *Pages) going(o order.Order, offers []checkout.MethodOffer, w words) *going {
	for i := len(o.Payments) - 1; i >= 0; i-- {
		pay := o.Payments[i]
		at := p.goOn(o, pay, w)
		if at == "" {
			continue
		}
		for _, m := range offers {
			if m.ID == pay.Method {
				return &going{localized(m.Title, w.Lang()), at}
			}
		}
	}
	return nil
}

// goOn is where the consumer goes on with an attempt under way, "" where
// nothing is to be done.
func (p *Pages) goOn(o order.Order, pay order.Payment, w words) string {
	if !pay.Live() || pay.Action == nil {
		return ""
	}
	token := checkout.Token(o)
	switch pay.Action.Type {
	case contract.ActionRedirect:
		return pay.Action.URL
	case contract.ActionForm:
		return p.link(token, "/go/", pay.ID, "?lang=", w.Lang())
	case contract.ActionWait:
		return p.link(token, "?wait=", pay.ID, "&lang=", w.Lang())
	}
	return ""
}

// form is the body of the page that hands a payment over by form.
type form struct {
	contract.Action
	ChoseURL string
}

// onward shows the form that leads to the provider. The script sends it at
// once, its button does the same without. It starts nothing: the payment is
// there.
func (p *Pages) onward(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token := c.Param("token")
	o, shop, err := p.Consumer.Open(ctx, token)
	if err != nil {
		p.fail(c, err)
		return
	}
	pay, ok := o.Payment(c.Param("payment"))
	if !ok {
		p.fail(c, fmt.Errorf("payment %q: %w", c.Param("payment"), checkout.ErrNotFound))
		return
	}
	if !pay.Live() || pay.Action == nil || pay.Action.Type != contract.ActionForm {
		p.to(c, token)
		return
	}
	pg := p.pageOf(c, o, shop)
	if pg.Leads, err = origin(pay.Action.URL, pg.Test); err != nil {
		p.fail(c, fmt.Errorf("form of payment %s: %w", pay.ID, err))
		return
	}
	pg.Title, pg.Script, pg.Body = pg.T("title_going"), p.assets["submit.js"].link, form{*pay.Action, p.link(token, "?lang=", pg.Lang())}
	p.seen(o, "form")
	p.render(c, http.StatusOK, "form.html", pg)
}

// origin is the one place to which a form may lead, as a policy names it.
func origin(address string, test bool) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("its address: %w", err)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !test) || u.Host == "" || strings.ContainsAny(u.Host, ";, ") {
		return "", fmt.Errorf("its address is no https:// URL: %q", address)
	}
	return u.Scheme + "://" + u.Host, nil
}
