package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

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
