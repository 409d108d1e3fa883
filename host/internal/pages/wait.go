package pages

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// waiting is the body of the waiting page.
type waiting struct {
	Text string
	// Note says what the consumer is to do.
	Note      string
	StatusURL string
	// Mailed says that it has taken a while: the shop will mail.
	Mailed   bool
	GoOnURL  string
	AbortURL string
	ChoseURL string
}

// pauses of the page that refreshes without script, in seconds, growing.
var pauses = []int{2, 3, 5, 8, 12, 15, 15, 30}

// mailedAfter is after how many seconds the page says that the shop will mail.
const mailedAfter = 60

// wait shows what is waited for, and goes on by itself.
func (p *Pages) wait(c *gin.Context, o order.Order, shop checkout.Shop, pay order.Payment) {
	pg := p.pageOf(c, o, shop)
	token := checkout.Token(o)
	n, err := strconv.Atoi(c.Query("n"))
	if err != nil || n < 0 {
		n = 0
	}
	waited := 0
	for i := range min(n, len(pauses)) {
		waited += pauses[i]
	}
	more := "&lang=" + pg.Lang()
	if pay.Action == nil {
		more += "&start=1"
	}
	next := p.link(token, "?wait=", pay.ID, "&n=", strconv.Itoa(n+1), more)
	pause := pauses[min(n, len(pauses)-1)]
	pg.Refresh = template.HTMLAttr(`content="` + strconv.Itoa(pause) + `;url=` + template.HTMLEscapeString(next) + `"`)
	body := waitingFor(pg.words, pay)
	body.StatusURL, body.Mailed = p.link(token, "/status?payment=", pay.ID, more), waited >= mailedAfter
	switch at := p.goOn(o, pay, pg.words); {
	case body.AbortURL != "":
		body.AbortURL = p.link(token, "/abort/", pay.ID, "?lang=", pg.Lang())
	case pay.Action != nil && pay.Action.Type == contract.ActionWait:
	default:
		body.GoOnURL, body.ChoseURL = at, p.link(token, "?lang=", pg.Lang())
	}
	if c.Query("stop") == "no" && pay.CancelRequestedAt.IsZero() {
		pg.Alert = &alert{What: pg.T("not_stopped"), Next: pg.T("not_stopped_next")}
	}
	pg.Title, pg.Body, pg.Script = body.Text, body, p.assets["wait.js"].link
	p.seen(o, "wait")
	p.render(c, http.StatusOK, "wait.html", pg)
}

// waitingFor says what is waited for, in the plugin's own words where it has
// some. Its AbortURL only says whether there is to be one.
func waitingFor(w words, pay order.Payment) waiting {
	switch a := pay.Action; {
	case !pay.CancelRequestedAt.IsZero():
		return waiting{Text: w.T("stopping"), Note: w.T("stopping_note")}
	case a == nil:
		return waiting{Text: w.T("starting"), Note: w.T("starting_note")}
	case a.Type == contract.ActionWait:
		b := waiting{Text: w.T("waiting_for_you"), Note: w.T("waiting_elsewhere")}
		if text := localized(a.Text, w.Lang()); text != "" {
			b.Text = text
		}
		if len(pay.Operations) == 0 || slices.Contains(pay.Operations, contract.CancelPayment) {
			b.AbortURL = "yes"
		}
		return b
	}
	return waiting{Text: w.T("waiting"), Note: w.T("waiting_by_itself")}
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
	w := p.texts.speak(c.Query("lang"), o.Locale, c.GetHeader("Accept-Language"))
	pay, ok := o.Payment(c.Query("payment"))
	out := gin.H{"status": o.Status()}
	if next := p.next(o, shop, pay, w, c.Query("start") != ""); next != "" {
		out["next"] = next
	}
	if ok {
		out["payment"] = pay.Status()
	}
	if ok && pay.Live() {
		out["text"] = waitingFor(w, pay).Text
	}
	c.JSON(http.StatusOK, out)
}

// next is where the waiting page goes on to, "" where there is more to wait
// for. Starting says that the consumer still has to be sent to the provider.
func (p *Pages) next(o order.Order, shop checkout.Shop, pay order.Payment, w words, starting bool) string {
	token := checkout.Token(o)
	switch s := o.Status(); {
	case s == order.Paid || s == order.Authorized:
		return cmp.Or(p.Consumer.Leave(o, shop), p.link(token))
	case s != order.Open && s != order.Pending:
		return p.link(token)
	case pay.ID == "":
		return ""
	case !pay.Live():
		return p.link(token, "?from=", pay.ID, "&lang=", w.Lang())
	case starting && pay.Action != nil && pay.Action.Type == contract.ActionNone:
		return p.link(token, "/return/", pay.ID)
	case starting:
		return p.goOn(o, pay, w)
	}
	return ""
}

// abort cancels a payment that is under way.
func (p *Pages) abort(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token, payment := c.Param("token"), c.Param("payment")
	o, err := p.Consumer.Abort(ctx, token, payment)
	if errors.Is(err, checkout.ErrNotFound) || errors.Is(err, checkout.ErrUnavailable) {
		p.fail(c, err)
		return
	}
	if err != nil {
		p.Logger.Warn("payment not aborted", "payment", payment, "error", err)
	}
	if pay, ok := o.Payment(payment); err != nil || ok && pay.Live() && pay.CancelRequestedAt.IsZero() {
		p.to(c, token, "?wait="+payment+"&stop=no")
		return
	}
	p.to(c, token, "?wait="+payment)
}
