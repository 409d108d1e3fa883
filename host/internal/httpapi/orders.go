package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/view"
)

const (
	// maxWait is how long a reader may wait for news, in seconds.
	maxWait = 30
	// defaultPage and maxPage bound a page of a list.
	defaultPage = 50
	maxPage     = 256
)

// list is a page of a list. NextCursor is null on the last page.
type list[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

func (a *API) createOrder(c *gin.Context) {
	var spec checkout.CreateSpec
	f := form{
		read: func(o *strict.Object) { spec = readCreate(o) },
		render: func(o order.Order, _ string) checkout.Answer {
			return a.answer(c, http.StatusCreated, a.view.Order(o, of(c).began), a.view.OrderURL(o.ID))
		},
	}
	a.write(c, f, func(ctx context.Context, r checkout.Request) (checkout.Reply, error) {
		return a.API.Create(ctx, r, spec)
	})
}

// getOrder reads an order and, with ?wait=, waits for it to change.
func (a *API) getOrder(c *gin.Context) {
	q := readQuery(c)
	wait := time.Duration(q.integer("wait", 0, maxWait, 0)) * time.Second
	if !q.end(a, c) {
		return
	}
	ctx, cancel := reading(c, wait)
	defer cancel()
	var o order.Order
	var err error
	if wait > 0 {
		o, err = a.API.Wait(ctx, of(c).key, c.Param("id"), wait)
	} else {
		o, err = a.API.Get(ctx, of(c).key, c.Param("id"))
	}
	if err != nil {
		a.refuse(c, a.problemOf(c, err))
		return
	}
	a.send(c, a.answer(c, http.StatusOK, a.view.Order(o, a.Clock()), ""))
}

// statuses are those by which a list can be narrowed.
var statuses = []order.Status{order.Open, order.Pending, order.Authorized, order.Paid, order.Cancelled, order.Expired}

func (a *API) listOrders(c *gin.Context) {
	q := readQuery(c)
	reference := q.text("reference")
	f := checkout.Filter{
		Status:      order.Status(q.text("status")),
		CreatedFrom: q.time("created_from"), CreatedTo: q.time("created_to"),
		Cursor: q.text("cursor"), Limit: int(q.integer("limit", 1, maxPage, defaultPage)),
	}
	if f.Status != "" && !slices.Contains(statuses, f.Status) {
		q.refuse("status", "is %q, one of %v is asked for", clip(string(f.Status)), statuses)
	}
	if !q.end(a, c) {
		return
	}
	ctx, cancel := reading(c, 0)
	defer cancel()
	items, next, err := a.API.List(ctx, of(c).key, reference, f)
	if err != nil {
		a.refuse(c, a.problemOf(c, err))
		return
	}
	page, now := list[view.Order]{Items: []view.Order{}}, a.Clock()
	for _, o := range items {
		page.Items = append(page.Items, a.view.Order(o, now))
	}
	if next != "" {
		page.NextCursor = &next
	}
	a.send(c, a.answer(c, http.StatusOK, page, ""))
}

// listEvents reads the timeline. Its cursor is the number of the next event.
func (a *API) listEvents(c *gin.Context) {
	q := readQuery(c)
	from := q.integer("cursor", 1, strict.MaxInteger, 1)
	limit := int(q.integer("limit", 1, maxPage, defaultPage))
	if !q.end(a, c) {
		return
	}
	ctx, cancel := reading(c, 0)
	defer cancel()
	events, err := a.API.Events(ctx, of(c).key, c.Param("id"), from, limit)
	if err != nil {
		a.refuse(c, a.problemOf(c, err))
		return
	}
	page := list[view.Event]{Items: []view.Event{}}
	for _, e := range events {
		page.Items = append(page.Items, a.view.Event(c.Param("id"), e))
	}
	if n := len(events); n == limit {
		next := strconv.FormatInt(events[n-1].Number+1, 10)
		page.NextCursor = &next
	}
	a.send(c, a.answer(c, http.StatusOK, page, ""))
}

// whole renders the order as the answer.
func (a *API) whole(c *gin.Context) func(order.Order, string) checkout.Answer {
	return func(o order.Order, _ string) checkout.Answer {
		return a.answer(c, http.StatusOK, a.view.Order(o, of(c).began), "")
	}
}

func (a *API) syncOrder(c *gin.Context) {
	a.write(c, form{mayBeEmpty: true, render: a.whole(c)}, func(ctx context.Context, r checkout.Request) (checkout.Reply, error) {
		return a.API.Sync(ctx, r, c.Param("id"))
	})
}

func (a *API) cancelOrder(c *gin.Context) {
	a.write(c, form{mayBeEmpty: true, render: a.whole(c)}, func(ctx context.Context, r checkout.Request) (checkout.Reply, error) {
		return a.API.Cancel(ctx, r, c.Param("id"))
	})
}

func (a *API) setControlReference(c *gin.Context) {
	var reference string
	f := form{render: a.whole(c), read: func(o *strict.Object) {
		o.Need("control_reference")
		reference = o.Text("control_reference")
		if o.Has("control_reference") && (reference == "" || len(reference) > maxControlReference) {
			o.Refuse("control_reference", "must have 1 to %d bytes", maxControlReference)
		}
	}}
	a.write(c, f, func(ctx context.Context, r checkout.Request) (checkout.Reply, error) {
		return a.API.SetControlReference(ctx, r, c.Param("id"), reference)
	})
}

// maxControlReference bounds a fiscal control unit's reference, in bytes.
const maxControlReference = 255
