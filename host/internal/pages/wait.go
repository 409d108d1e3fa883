package pages

import (
	"errors"
	"html/template"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

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
	p.to(c, token, "?wait="+payment)
}
