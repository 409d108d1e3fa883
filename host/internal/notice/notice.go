// Package notice tells shops what happened to their orders, one event at a time
// per order, in order, until the shop has them or three days have passed: an
// order with a notify_url by signed webhooks after the Standard Webhooks
// specification, one of a shop platform by its plugin, and others not at all.
package notice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// batch bounds how many events are read at a time.
const batch = 100

// Sender sends through the guarded client.
type Sender interface {
	Send(ctx context.Context, o egress.Outbound) egress.Answer
}

// Store is what a Teller needs of the state.
type Store interface {
	Load(ctx context.Context, id string) (checkout.Record, error)
	Events(ctx context.Context, id string, from int64, limit int) ([]order.Event, error)
	Tell(ctx context.Context, t checkout.Telling) error
	Drop(ctx context.Context, a checkout.Alarm) error
}

// Shops has plugins tell their shops.
type Shops interface {
	// TellShop is false where the order is of no platform that the shop has an
	// account of.
	TellShop(ctx context.Context, o order.Order, in contract.TellInput) (checkout.Told, bool, error)
}

// Options are what a Teller is made of.
type Options struct {
	Store     Store
	Directory checkout.Directory
	Sender    Sender
	// Encode writes an event and the whole order as the API shows them.
	Encode func(o order.Order, e order.Event) (event, whole json.RawMessage)
	// Shops tells shops by the plugin of their platform, which reads what View writes.
	Shops  Shops
	View   func(o order.Order, e order.Event) contract.TellInput
	Clock  checkout.Clock
	Logger *slog.Logger
	// Delivered hears of each delivery; nil: nobody.
	Delivered func(d Delivered)
}

// Delivered is one delivery, done or not.
type Delivered struct {
	Order string
	Event order.Event
	// URL is where a notice went, Account the shop's whose plugin told it.
	URL     string
	Account string
	Status  int
	Error   string
	Took    time.Duration

	retryAfter time.Duration
	// final says that no other try helps.
	final bool
}

// Teller tells shops. Make one with [New].
type Teller struct{ o Options }

// New makes a Teller.
func New(o Options) *Teller { return &Teller{o} }

// Tell runs an order's delivery alarm: it tells the shop of each event that it
// must hear and has not, in order, and notes how far it came.
func (t *Teller) Tell(ctx context.Context, a checkout.Alarm) error {
	id := strings.TrimSuffix(a.Member, checkout.TellSuffix)
	rec, err := t.o.Store.Load(ctx, id)
	if errors.Is(err, checkout.ErrNotFound) {
		return t.o.Store.Drop(ctx, a)
	}
	if err != nil {
		return fmt.Errorf("read order %s: %w", id, err)
	}
	end := checkout.Telling{Alarm: a, Order: id, Told: rec.Told}
	for {
		events, err := t.o.Store.Events(ctx, id, end.Told+1, batch)
		if err != nil {
			return fmt.Errorf("events of order %s: %w", id, err)
		}
		for _, e := range events {
			if !slices.Contains(order.Told(), e.Type) {
				end.Told = e.Number
				continue
			}
			if e.Number > rec.Order.LastEvent { // it came after the order was read, which must not be older than its event
				if rec, err = t.o.Store.Load(ctx, id); err != nil {
					return fmt.Errorf("read order %s: %w", id, err)
				}
			}
			if r := t.deliver(ctx, rec.Order, e); r.Error != "" {
				end := again(end, rec, r, t.o.Clock())
				t.o.Logger.Warn("shop not told", "order", id, "event", e.Number, "type", e.Type, "tries", end.Tries, "again", end.Again, "dead", end.Dead, "error", r.Error)
				return t.o.Store.Tell(ctx, end)
			}
			end.Told = e.Number
		}
		if len(events) < batch {
			return t.o.Store.Tell(ctx, end)
		}
	}
}
