package pages

import (
	"errors"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// follow sends the consumer where a payment's action says.
func (p *Pages) follow(c *gin.Context, o order.Order, payment string, a contract.Action) {
	token := checkout.Token(o)
	switch a.Type {
	case contract.ActionRedirect:
		c.Redirect(http.StatusSeeOther, a.URL)
	case contract.ActionForm:
		pg := p.bare(c)
		pg.words = p.texts.speak(c.Query("lang"), o.Locale, c.GetHeader("Accept-Language"))
		pg.Test, pg.Title, pg.Script, pg.Body = !o.Live, pg.T("title_going"), p.assets["submit.js"].link, a
		p.render(c, http.StatusOK, "form.html", pg)
	case contract.ActionWait:
		c.Redirect(http.StatusSeeOther, p.link(token, "?wait="+payment))
	default:
		c.Redirect(http.StatusSeeOther, p.link(token, "/return/"+payment))
	}
}

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
		p.follow(c, o, c.Param("payment"), *action)
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
		c.Redirect(http.StatusSeeOther, p.Consumer.Leave(o, shop))
		return
	}
	if pay.Live() {
		c.Redirect(http.StatusSeeOther, p.link(token, "?wait="+payment))
		return
	}
	c.Redirect(http.StatusSeeOther, p.link(token, "?from="+payment))
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
	c.Redirect(http.StatusSeeOther, p.link(token, "/return/"+payment))
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

// waiting is the body of the waiting page.
type waiting struct {
	Text      string
	Note      string // what the consumer is to do
	StatusURL string
	// Mailed says that it has taken a while: the shop will mail.
	Mailed   bool
	GoOnURL  string
	AbortURL string
	ChoseURL string
}

// pauses of the page that refreshes without script, in seconds, growing.
var pauses = []int{2, 3, 5, 8, 13, 21, 34}

// wait shows what is waited for, and goes on by itself.
func (p *Pages) wait(c *gin.Context, o order.Order, shop checkout.Shop, pay order.Payment) {
	pg := p.pageOf(c, o, shop)
	token := checkout.Token(o)
	n, err := strconv.Atoi(c.Query("n"))
	if err != nil || n < 0 {
		n = 0
	}
	next := p.link(token, "?wait="+pay.ID, "&n=", strconv.Itoa(n+1), "&lang="+pg.Lang())
	pause := pauses[min(n, len(pauses)-1)]
	pg.Refresh = template.HTMLAttr(`content="` + strconv.Itoa(pause) + `;url=` + template.HTMLEscapeString(next) + `"`)
	body := waiting{Text: pg.T("waiting"), Note: pg.T("waiting_by_itself"), StatusURL: p.link(token, "/status?payment="+pay.ID), Mailed: n >= len(pauses)-1, ChoseURL: p.link(token)}
	if a := pay.Action; a != nil {
		switch a.Type {
		case contract.ActionWait:
			if text := localized(a.Text, pg.Lang()); text != "" {
				body.Text = text
			}
			body.Note = pg.T("waiting_elsewhere")
			body.AbortURL = p.link(token, "/abort/"+pay.ID)
		case contract.ActionRedirect:
			body.GoOnURL = a.URL
		}
	}
	pg.Title, pg.Body, pg.Script = body.Text, body, p.assets["wait.js"].link
	p.seen(o, "wait")
	p.render(c, http.StatusOK, "wait.html", pg)
}

// status tells the waiting page's script where to go on.
func (p *Pages) status(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token := c.Param("token")
	o, shop, err := p.Consumer.Open(ctx, token)
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
	if err != nil {
		status := http.StatusServiceUnavailable
		if errors.Is(err, checkout.ErrNotFound) {
			status = http.StatusNotFound
		}
		c.JSON(status, gin.H{"status": "unknown"})
		return
	}
	out := gin.H{"status": o.Status()}
	pay, ok := o.Payment(c.Query("payment"))
	switch s := o.Status(); {
	case s == order.Paid || s == order.Authorized:
		out["next"] = p.Consumer.Leave(o, shop)
	case s != order.Open && s != order.Pending:
		out["next"] = p.link(token)
	case ok && !pay.Live():
		out["next"] = p.link(token, "?from="+pay.ID)
	}
	if ok {
		out["payment"] = pay.Status()
	}
	c.JSON(http.StatusOK, out)
}

// abort cancels a payment that is under way.
func (p *Pages) abort(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token, payment := c.Param("token"), c.Param("payment")
	if _, err := p.Consumer.Abort(ctx, token, payment); err != nil {
		if errors.Is(err, checkout.ErrNotFound) || errors.Is(err, checkout.ErrUnavailable) {
			p.fail(c, err)
			return
		}
		p.Logger.Warn("payment not aborted", "payment", payment, "error", err)
	}
	c.Redirect(http.StatusSeeOther, p.link(token, "?wait="+payment))
}

// outcome is the body of the page of an order that has ended.
type outcome struct {
	Good bool
	Text string
	// Receipt is a card transaction's data, line by line.
	Receipt []contract.ReceiptLine
}

// result shows an order that has ended.
func (p *Pages) result(c *gin.Context, o order.Order, shop checkout.Shop) {
	pg := p.pageOf(c, o, shop)
	key := map[order.Status]string{
		order.Paid: "paid", order.Authorized: "paid", order.Cancelled: "cancelled", order.Expired: "expired",
	}[o.Status()]
	pg.Title = pg.T("result_" + key)
	body := outcome{Good: key == "paid", Text: pg.T("result_" + key + "_text")}
	for _, pay := range o.Payments {
		if r := pay.Receipt; r != nil && len(r.Lines) > 0 {
			body.Receipt = r.Lines
		}
	}
	pg.Body = body
	p.seen(o, "result")
	p.render(c, http.StatusOK, "result.html", pg)
}
