package httpapi

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// startPayment starts an attempt; the payment's action says where to go.
func (a *API) startPayment(c *gin.Context) {
	var choice checkout.Choice
	f := form{
		read: func(o *strict.Object) { choice = readChoice(o) },
		render: func(o order.Order, subject string) checkout.Answer {
			p, ok := o.Payment(subject)
			if !ok {
				return a.lost(c, "payment", subject)
			}
			return a.answer(c, http.StatusCreated, a.view.Payment(o, p), a.view.OrderURL(o.ID))
		},
	}
	a.write(c, f, func(ctx context.Context, r checkout.Request) (checkout.Reply, error) {
		return a.API.StartPayment(ctx, r, c.Param("id"), choice)
	})
}

func (a *API) capture(c *gin.Context) {
	var spec checkout.OperationSpec
	f := form{
		needsKey: true, mayBeEmpty: true,
		read: func(o *strict.Object) { spec = readOperation(o, true) },
		render: func(o order.Order, subject string) checkout.Answer {
			p, x, ok := operation(o, subject, captures)
			if !ok {
				return a.lost(c, "capture", subject)
			}
			return a.answer(c, http.StatusCreated, a.view.Capture(o, p, x), a.view.OrderURL(o.ID))
		},
	}
	a.write(c, f, func(ctx context.Context, r checkout.Request) (checkout.Reply, error) {
		return a.API.Capture(ctx, r, c.Param("id"), spec)
	})
}

func (a *API) refund(c *gin.Context) {
	var spec checkout.OperationSpec
	f := form{
		needsKey: true, mayBeEmpty: true,
		read: func(o *strict.Object) { spec = readOperation(o, false) },
		render: func(o order.Order, subject string) checkout.Answer {
			p, x, ok := operation(o, subject, refunds)
			if !ok {
				return a.lost(c, "refund", subject)
			}
			return a.answer(c, http.StatusCreated, a.view.Refund(o, p, x), a.view.RefundURL(o.ID, x.ID))
		},
	}
	a.write(c, f, func(ctx context.Context, r checkout.Request) (checkout.Reply, error) {
		return a.API.Refund(ctx, r, c.Param("id"), spec)
	})
}

func (a *API) getRefund(c *gin.Context) {
	if !readQuery(c).end(a, c) {
		return
	}
	ctx, cancel := reading(c, 0)
	defer cancel()
	o, err := a.API.Get(ctx, of(c).key, c.Param("id"))
	if err != nil {
		a.refuse(c, a.problemOf(c, err))
		return
	}
	p, x, ok := operation(o, c.Param("refund"), refunds)
	if !ok {
		a.refuse(c, a.problemOf(c, checkout.ErrNotFound))
		return
	}
	a.send(c, a.answer(c, http.StatusOK, a.view.Refund(o, p, x), ""))
}

// lost is the answer where a use case names something that its order lacks.
func (a *API) lost(c *gin.Context, what, id string) checkout.Answer {
	p := a.problem(c, problemInternal, "The "+what+" was made, but the order does not show it. Read the order.")
	a.Logger.Error("the order lacks what the request made", "request_id", p.RequestID, "what", what, "id", id)
	return a.answerOf(p)
}
