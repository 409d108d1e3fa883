package httpapi

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// readOrder takes an order or news of one in the form of the shop's platform.
// Its plugin's answer goes back, or where that says nothing, the order.
func (a *API) readOrder(c *gin.Context) {
	body, p := a.readBody(c, contract.MaxWebhook)
	if p != nil {
		a.refuse(c, *p)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), webhookTimeout)
	defer cancel()
	reply, err := a.Shops.ReadOrder(ctx, c.Param("shop"), c.Param("account"), a.message(c, body))
	switch {
	case err != nil:
		a.refuse(c, a.newsProblem(c, err))
	case reply.Order != nil && reply.Response.Body == "" && reply.Response.Status/100 == 2:
		a.sendOrder(c, reply)
	default:
		a.respond(c, reply.Response)
	}
}

func (a *API) sendOrder(c *gin.Context, reply checkout.ShopReply) {
	answer := a.answer(c, http.StatusCreated, a.view.Order(*reply.Order, of(c).began), a.view.OrderURL(reply.Order.ID))
	if reply.Existing {
		answer = found(answer)
	}
	a.send(c, answer)
}

// newsProblem is what is said to who sends news, which moves no money: what is
// under way is no reason to give up, but to come again.
func (a *API) newsProblem(c *gin.Context, err error) problem {
	p := a.problemOf(c, err)
	if p.Status == http.StatusConflict {
		p = a.problem(c, problemUnavailable, p.Detail)
		p.cause = err
	}
	p.Attempted = attemptedNo
	return p
}
