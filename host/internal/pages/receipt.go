package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// slip is the body of the receipt page.
type slip struct {
	// Mark stands across a slip that is no receipt, and says why.
	Mark  string
	Facts []line
	// At is when it was paid, Stamp the same for machines.
	At, Stamp string
	Sums      []line
	// Printed is what a terminal printed: of the payment, then of its refunds.
	Printed  []copied
	OrderURL string
}

// copied are a card transaction's data, line by line.
type copied struct {
	// Refund, on a refund's, is how much went back, with At and Stamp.
	Refund, At, Stamp string
	Lines             []contract.ReceiptLine
	Sign              bool
}

// receipt shows what the consumer paid, to be printed: on a roll of 58 or
// 80 mm, or on A4.
func (p *Pages) receipt(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token := c.Param("token")
	o, shop, err := p.Consumer.Open(ctx, token)
	if err != nil {
		p.fail(c, err)
		return
	}
	pay, ok := o.Payment(c.Param("payment"))
	if !ok || !hasReceipt(pay) {
		p.fail(c, fmt.Errorf("receipt of payment %q: %w", c.Param("payment"), checkout.ErrNotFound))
		return
	}
	pg := p.pageOf(c, o, shop)
	body := slip{Sums: sums(pg.words, pay.Amount, pay.Amounts()), OrderURL: p.link(token, "?lang=", pg.Lang())}
	body.At, body.Stamp = moment(paidAt(pay), pg.words)
	body.Facts = []line{
		{Name: pg.T("fact_order"), Amount: o.Reference},
		{Name: pg.T("fact_method"), Amount: p.titles(c, o, pg.words)(pay)},
	}
	if o.ControlReference != "" {
		body.Facts = append(body.Facts, line{Name: pg.T("fact_control"), Amount: o.ControlReference})
	}
	switch {
	case !o.Live:
		body.Mark = pg.T("no_receipt")
	case !charged(pay):
		body.Mark = pg.T("not_paid")
	}
	body.print(pay, pg.words)
	pg.Title, pg.Body, pg.Script = pg.T("receipt"), body, p.assets["receipt.js"].link
	p.seen(o, "receipt")
	p.render(c, http.StatusOK, "receipt.html", pg)
}

// print adds what was printed of a payment and its refunds.
func (s *slip) print(pay order.Payment, w words) {
	if r := pay.Receipt; r != nil {
		s.Printed = append(s.Printed, printOf(*r))
	}
	for _, refund := range pay.Refunds {
		if refund.Receipt == nil {
			continue
		}
		back := printOf(*refund.Receipt)
		back.Refund = amount(refund.Amount, w.Tag)
		back.At, back.Stamp = moment(refund.EndedAt, w)
		s.Printed = append(s.Printed, back)
	}
}

func printOf(r contract.Receipt) copied {
	p := copied{Sign: r.SignatureRequired}
	for _, l := range r.Lines {
		p.Lines = append(p.Lines, contract.ReceiptLine{Text: l.Text, Style: styles[l.Style]})
	}
	return p
}

// styles are those of a receipt's line that the pages know.
var styles = map[string]string{"bold": "bold", "large": "large", "center": "center"}

// hasReceipt says whether there is something to print of a payment: it was
// charged, or the terminal printed why not.
func hasReceipt(p order.Payment) bool {
	return charged(p) || p.Receipt != nil && len(p.Receipt.Lines) > 0
}

func charged(p order.Payment) bool {
	a := p.Amounts()
	return a.Captured.Value > 0 || p.Status() == order.PaymentAuthorized
}

// receipts are the payments of an order that have one.
func receipts(o order.Order) []order.Payment {
	var list []order.Payment
	for _, p := range o.Payments {
		if hasReceipt(p) {
			list = append(list, p)
		}
	}
	return list
}

func (p *Pages) receiptURL(o order.Order, pay order.Payment, w words) string {
	return p.link(checkout.Token(o), "/receipt/", pay.ID, "?lang=", w.Lang())
}

// titles names the method of a payment, as the choice page does where it is
// offered still; the card's brand stands beside it.
func (p *Pages) titles(c *gin.Context, o order.Order, w words) func(order.Payment) string {
	ctx, cancel := p.context(c)
	defer cancel()
	offers, err := p.Consumer.Offers(ctx, o)
	if err != nil { // the brand or the id serves
		p.Logger.Warn("methods not read", "order", o.ID, "error", err)
	}
	return func(pay order.Payment) string {
		for _, m := range offers {
			title := localized(m.Title, w.Lang())
			if m.ID != pay.Method || title == "" {
				continue
			}
			if pay.Brand != "" && fold(pay.Brand) != fold(title) {
				title += " (" + pay.Brand + ")"
			}
			return title
		}
		return cmp.Or(pay.Brand, pay.Method)
	}
}

// paidAt is when the payment was charged, as far as is known.
func paidAt(p order.Payment) time.Time {
	for _, kind := range []contract.UpdateType{contract.UpdateCaptured, contract.UpdateAuthorized} {
		if at := p.News.Since[kind]; !at.IsZero() {
			return at
		}
	}
	return p.CreatedAt
}

// dates are how each language writes day and time (CLDR, medium and short).
var dates = map[string]string{
	"bg": "2.01.2006 г., 15:04", "de": "02.01.2006, 15:04", "en": "2 Jan 2006, 15:04", "fr": "2/01/2006 15:04",
	"nl": "2-01-2006 15:04", "ru": "02.01.2006, 15:04", "sv": "2006-01-02 15:04",
}

// moment writes a time in UTC; the script writes it in the consumer's own zone.
func moment(t time.Time, w words) (text, stamp string) {
	t = t.UTC()
	return t.Format(dates[w.Lang()]) + " UTC", t.Format(time.RFC3339)
}
