package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// outcome is the body of the page of an order that has ended.
type outcome struct {
	Good bool
	Text string
	// Sums say how the amount came to what was charged, where that is not the amount.
	Sums []line
	// Receipts are the pages to print.
	Receipts []receiptLink
}

type receiptLink struct{ URL, Method string }

// result shows an order that has ended.
func (p *Pages) result(c *gin.Context, o order.Order, shop checkout.Shop) {
	pg := p.pageOf(c, o, shop)
	key := map[order.Status]string{
		order.Paid: "paid", order.Authorized: "paid", order.Cancelled: "cancelled", order.Expired: "expired",
	}[o.Status()]
	pg.Title = pg.T("result_" + key)
	body := outcome{Good: key == "paid", Text: pg.T("result_" + key + "_text")}
	if list := sums(pg.words, o.Amount, o.Amounts()); len(list) > 1 || len(list) == 1 && list[0].Amount != pg.Amount {
		body.Sums = list
	}
	if withReceipt := receipts(o); len(withReceipt) > 0 {
		titles := p.titles(c, o, pg.words)
		for _, pay := range withReceipt {
			body.Receipts = append(body.Receipts, receiptLink{p.receiptURL(o, pay, pg.words), titles(pay)})
		}
	}
	pg.Body = body
	p.seen(o, "result")
	p.render(c, http.StatusOK, "result.html", pg)
}

// sums lead from the amount that was asked for to what was charged: tip,
// surcharge, and what went back. Nothing charged, no sums.
func sums(w words, asked order.Money, a order.Amounts) []line {
	charged, name := a.Captured, "sum_paid"
	if charged.Value == 0 {
		charged, name = a.Authorized, "sum_reserved"
	}
	if charged.Value == 0 {
		return nil
	}
	var list []line
	add := func(name string, m order.Money) {
		list = append(list, line{Name: w.T(name), Amount: amount(m, w.Tag)})
	}
	if a.Tip.Value > 0 || a.Surcharge.Value > 0 {
		add("sum_amount", asked)
	}
	if a.Tip.Value > 0 {
		add("sum_tip", a.Tip)
	}
	if a.Surcharge.Value > 0 {
		add("sum_surcharge", a.Surcharge)
	}
	add(name, charged)
	list[len(list)-1].Total = true
	if a.Refunded.Value > 0 {
		add("sum_refunded", a.Refunded)
	}
	return list
}
