package httpapi

import (
	"context"
	"errors"
	"net/http"
	"sync"

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
// of it.
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
	var k keep
	if request.Idempotency != nil {
		request.Idempotency.Render = func(o order.Order, subject string) checkout.Answer {
			return k.made(f.render(o, subject), o.ID, subject)
		}
		request.Idempotency.Found = func(o order.Order, subject string) checkout.Answer {
			return k.made(found(f.render(o, subject)), o.ID, subject)
		}
		request.Idempotency.Refuse = func(err error) checkout.Answer {
			return k.made(a.answerOf(a.problemOf(c, err)), "", "")
		}
	}
	// What may move money goes on when its caller hangs up: half done is worse.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), writeTimeout)
	defer cancel()
	reply, err := do(ctx, request)
	if err != nil {
		a.finishFailed(c, err, &k)
		return
	}
	a.finish(c, reply, &k, f.render)
}

func (a *API) finish(c *gin.Context, reply checkout.Reply, k *keep, render func(order.Order, string) checkout.Answer) {
	if reply.Answer != nil {
		c.Header("Idempotent-Replayed", "true")
		a.send(c, *reply.Answer)
		return
	}
	if answer, ok := k.of(reply.Order.ID, reply.Subject); ok {
		a.send(c, answer)
		return
	}
	answer := render(reply.Order, reply.Subject)
	if reply.Existing {
		answer = found(answer)
	}
	a.send(c, answer)
}

// found is the answer to a create of what was there already.
func found(answer checkout.Answer) checkout.Answer {
	if answer.Status == http.StatusCreated {
		answer.Status, answer.Location = http.StatusOK, ""
	}
	return answer
}

// finishFailed answers an error. Where a plugin's operation failed after
// something was reserved, the answer is kept like any other.
func (a *API) finishFailed(c *gin.Context, err error, k *keep) {
	p := a.problemOf(c, err)
	var failed *checkout.CallError
	answer, ok := k.of("", "")
	if !ok || !errors.As(err, &failed) {
		a.refuse(c, p)
		return
	}
	x := of(c)
	x.problem, x.cause = p.kind, err
	a.send(c, answer)
}

// keep remembers the answer that was made last for the store to keep, so that
// the first to ask gets the same bytes as those who repeat.
type keep struct {
	mu             sync.Mutex
	answer         *checkout.Answer
	order, subject string
}

func (k *keep) made(answer checkout.Answer, orderID, subject string) checkout.Answer {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answer, k.order, k.subject = &answer, orderID, subject
	return answer
}

func (k *keep) of(orderID, subject string) (checkout.Answer, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answer == nil || k.order != orderID || k.subject != subject {
		return checkout.Answer{}, false
	}
	return *k.answer, true
}
