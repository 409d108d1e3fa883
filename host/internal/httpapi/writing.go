package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// form says what a writing request is made of.
type form struct {
	// needsKey: no Idempotency-Key, no request.
	needsKey bool
	// mayBeEmpty: no body is as good as {}.
	mayBeEmpty bool
	// read reads the body; nil where it has no members.
	read func(*strict.Object)
	// render makes the answer of a request that went well.
	render func(o order.Order, subject string) checkout.Answer
}

// write is one writing request: it reads it, has it done, and sends what came
// of it. The answer that is kept for repeats and the one that is sent are made
// by the same function, from the same order and the same time.
func (a *API) write(c *gin.Context, f form, do func(context.Context, checkout.Request) (checkout.Reply, error)) {
	body, p := a.readBody(c, maxBody)
	if p == nil {
		if f.read == nil {
			f.read = func(*strict.Object) {}
		}
		p = a.decode(c, body, f.mayBeEmpty, f.read)
	}
	request := checkout.Request{Key: of(c).key}
	if p == nil {
		request.Idempotency, p = a.idempotency(c, f.needsKey, body)
	}
	if p != nil {
		a.refuse(c, *p)
		return
	}
	render := func(o order.Order, subject string) checkout.Answer { return a.render(c, f, o, subject) }
	if request.Idempotency != nil {
		request.Idempotency.Render = render
	}
	// What may move money goes on when its caller hangs up: half done is worse.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), writeTimeout)
	defer cancel()
	reply, err := do(ctx, request)
	a.finish(c, reply, err, render)
}

// render makes the answer for an order and what the request made in it: where
// that ended badly at the provider, a problem.
func (a *API) render(c *gin.Context, f form, o order.Order, subject string) checkout.Answer {
	if failure, outcome, bad := endedBadly(o, subject); bad {
		return a.answerOf(a.failureProblem(c, o, failure, outcome, subject))
	}
	return f.render(o, subject)
}

func (a *API) finish(c *gin.Context, reply checkout.Reply, err error, render func(order.Order, string) checkout.Answer) {
	var failed *checkout.CallError
	switch {
	case errors.As(err, &failed):
		a.finishFailed(c, failed, render)
	case err != nil:
		a.refuse(c, a.problemOf(c, err))
	case reply.Answer != nil:
		c.Header("Idempotent-Replayed", "true")
		a.send(c, *reply.Answer)
	default:
		answer := render(reply.Order, reply.Subject)
		if reply.Existing && answer.Status == http.StatusCreated {
			answer.Status, answer.Location = http.StatusOK, ""
		}
		a.send(c, answer)
	}
}

// finishFailed answers a plugin operation that failed: with what the order
// says of it, which is what is kept for repeats; if the order does not show
// the failure, with the error itself.
func (a *API) finishFailed(c *gin.Context, failed *checkout.CallError, render func(order.Order, string) checkout.Answer) {
	p := a.problemOf(c, failed)
	if answer := render(failed.Order, failed.Subject); answer.Status >= http.StatusBadRequest {
		x := of(c)
		x.problem, x.cause = p.kind, failed
		a.send(c, answer)
		return
	}
	a.refuse(c, p)
}
