package pages

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// back takes the consumer back from the provider. What the browser brings is
// a hint: it never books by itself.
func (p *Pages) back(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token := c.Param("token")
	m, err := brought(c)
	if err != nil {
		p.fail(c, err)
		return
	}
	o, action, err := p.Consumer.Return(ctx, token, c.Param("payment"), m)
	var call *checkout.CallError
	switch {
	case errors.As(err, &call) && call.Failure.Code == contract.BadSignature:
		p.forged(c, o)
	case err != nil && o.ID == "":
		p.fail(c, err)
	case err != nil && !errors.As(err, &call):
		p.fail(c, err)
	case action != nil && action.Type != contract.ActionNone:
		p.follow(c, token, c.Param("payment"), *action)
	default:
		p.onwards(c, o, c.Param("payment"))
	}
}

// onwards leads on from a return: to the shop with a result, to another try,
// or to the page that waits.
func (p *Pages) onwards(c *gin.Context, o order.Order, payment string) {
	token := checkout.Token(o)
	pay, ok := o.Payment(payment)
	if s := o.Status(); s == order.Paid || s == order.Authorized || !ok {
		_, shop, err := p.Consumer.Open(c.Request.Context(), token)
		if err != nil {
			p.fail(c, err)
			return
		}
		if away := p.Consumer.Leave(o, shop); away != "" {
			c.Redirect(http.StatusSeeOther, away)
			return
		}
		p.to(c, token)
		return
	}
	if pay.Live() {
		p.to(c, token, "?wait="+payment)
		return
	}
	p.to(c, token, "?from="+payment)
}

// forged says that a return could not be verified; the order stays as it is.
func (p *Pages) forged(c *gin.Context, o order.Order) {
	pg := p.bare(c)
	pg.words = p.texts.speak(c.Query("lang"), o.Locale, c.GetHeader("Accept-Language"))
	a := alert{What: pg.T("return_forged"), Money: pg.T("return_forged_money"), Next: pg.T("return_forged_next"), Reference: o.ID}
	pg.Alert, pg.Title, pg.BackURL = &a, a.What, p.link(checkout.Token(o))
	p.render(c, http.StatusBadRequest, "error.html", pg)
}

// backToAccount takes the way back to a provider's one fixed address.
func (p *Pages) backToAccount(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	m, err := brought(c)
	if err != nil {
		p.fail(c, err)
		return
	}
	token, payment, err := p.Consumer.ReturnToAccount(ctx, c.Param("account"), m)
	if err != nil {
		p.fail(c, err)
		return
	}
	p.to(c, token, "/return/"+payment)
}

// brought keeps what the browser brought, without cookies and authorization.
func brought(c *gin.Context) (contract.Message, error) {
	r := c.Request
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, r.Body, contract.MaxWebhook))
	if err != nil {
		return contract.Message{}, err
	}
	m := contract.Message{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Headers: map[string][]string{}, RemoteIP: c.ClientIP()}
	for name, values := range r.Header {
		if name = strings.ToLower(name); name != "cookie" && name != "authorization" {
			m.Headers[name] = values
		}
	}
	if utf8.Valid(body) {
		m.Body = string(body)
	} else {
		m.BodyBase64 = body
	}
	return m, nil
}
