package omnikassa

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Plan scripts the next payment pages: each page that is opened while a plan
// waits acts at once as if the consumer had pressed a button.
type Plan struct {
	Outcome Outcome          `json:"outcome"`
	Brand   string           `json:"brand"` // which brand the consumer takes if it is offered; the first unless given
	Then    Outcome          `json:"then"`  // after Open: what the bank gets to know later; empty: nothing
	After   control.Duration `json:"after"` // how long after, by the provider's clock
}

// Next scripts pages to come, in order.
func (s *Simulator) Next(plans ...Plan) error {
	for _, p := range plans {
		if err := checkOutcome(p.Outcome); err != nil {
			return err
		}
		if ok, list := s.restrictable(p.Brand); p.Brand != "" && (!ok || p.Brand == brandCards) {
			return control.Bad("the consumer cannot take the brand %q; active brands are %s", p.Brand, list)
		}
		if p.Then == "" {
			continue
		}
		if p.Outcome != Open || p.Then == Open {
			return control.Bad("then says how an open payment ends; it goes with the outcome %q and is not %q itself", Open, Open)
		}
		if err := checkOutcome(p.Then); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, plans...)
	return nil
}

// Settle ends the running try of an order in progress, with no browser: what the
// bank learns about an open payment, or what a consumer does elsewhere. The order
// is named by omnikassaOrderId or, the latest of that name, by merchantOrderId.
func (s *Simulator) Settle(orderID string, outcome Outcome) error {
	if err := checkOutcome(outcome); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(orderID)
	if o == nil {
		return &control.Problem{Status: http.StatusNotFound, Message: "no order " + orderID + " was announced here"}
	}
	s.lapse(o, s.clock.Now())
	return s.settle(o, outcome, s.clock.Now())
}

// settle is Settle with the lock held.
func (s *Simulator) settle(o *order, outcome Outcome, at time.Time) error {
	if o.final() {
		return &control.Problem{Status: http.StatusConflict, Message: "order " + o.id + " is " + o.status + ", which is final"}
	}
	if len(s.choices(o)) == 0 {
		return &control.Problem{Status: http.StatusConflict, Message: "the shop has no active brand for order " + o.id}
	}
	s.apply(s.begin(o, s.choices(o)[0], at), outcome, at)
	return nil
}

// find looks an order up by either id. The caller holds s.mu.
func (s *Simulator) find(id string) *order {
	if o, ok := s.orders[id]; ok {
		return o
	}
	for _, o := range slices.Backward(s.list) {
		if o.MerchantOrderID == id {
			return o
		}
	}
	return nil
}

// settleLater has an open order end later. The caller holds s.mu.
func (s *Simulator) settleLater(o *order, outcome Outcome, at time.Time) {
	s.due.At(at, func(_ context.Context, due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.settle(o, outcome, due); err != nil {
			s.cfg.Logger.Info("omnikassa late outcome came too late", "order", o.id, "outcome", outcome, "error", err)
		}
	})
}

// MoveClock puts the provider's clock ahead by d, which is not negative, and
// waits until what fell due has happened: orders expired, refunds gone through,
// notifications sent and answered, one by one. It must not be called from within
// the webhook.
func (s *Simulator) MoveClock(ctx context.Context, d time.Duration) error {
	s.post.Hold() // first what happened, then the news of it
	err := s.clock.Move(d)
	if err == nil {
		err = s.due.Settle(ctx)
	}
	s.post.Release()
	if err != nil {
		return err
	}
	return s.post.Settle(ctx)
}

// NotifyKind is how notifications are sent on demand.
type NotifyKind string

// The kinds of notifications on demand.
const (
	NotifyAgain      NotifyKind = "again"        // new ones, with tokens of their own, whether results wait or not
	NotifyDuplicate  NotifyKind = "duplicate"    // the last ones once more, byte for byte
	NotifyOutOfOrder NotifyKind = "out_of_order" // new ones, and after them older ones made before
)

// Notify sends notifications now, one for each signing key, and returns what was
// sent and answered. It must not be called from within the webhook.
func (s *Simulator) Notify(ctx context.Context, kind NotifyKind) ([]NotificationRecord, error) {
	var act func(context.Context, time.Time) []NotificationRecord
	switch kind {
	case NotifyAgain:
		act = s.notifyAll
	case NotifyDuplicate:
		act = s.notifyDuplicate
	case NotifyOutOfOrder:
		act = s.notifyOutOfOrder
	default:
		return nil, control.Bad("unknown kind %q; known kinds are %s, %s, %s", kind, NotifyAgain, NotifyDuplicate, NotifyOutOfOrder)
	}
	sent := make(chan []NotificationRecord, 1)
	s.post.At(s.clock.Now(), func(ctx context.Context, due time.Time) { sent <- act(ctx, due) })
	if err := s.post.Settle(ctx); err != nil {
		return nil, err
	}
	select {
	case records := <-sent:
		return records, nil
	default:
		return nil, &control.Problem{Status: http.StatusConflict, Message: "the simulator is closed and sends nothing any more"}
	}
}

func (s *Simulator) notifyDuplicate(ctx context.Context, due time.Time) []NotificationRecord {
	var sent []NotificationRecord
	for key := range s.keys {
		s.mu.Lock()
		l, ok := s.lastSent[key]
		s.mu.Unlock()
		if !ok {
			l = s.compose(key)
		}
		sent = append(sent, s.send(ctx, l, due, faultDuplicate))
	}
	return sent
}

func (s *Simulator) notifyOutOfOrder(ctx context.Context, due time.Time) []NotificationRecord {
	var sent []NotificationRecord
	for key := range s.keys {
		older, newer := s.compose(key), s.compose(key)
		sent = append(sent, s.send(ctx, newer, due, faultOutOfOrder), s.send(ctx, older, due, faultOutOfOrder))
	}
	return sent
}

// Requeue has final results handed out once more, by the next pull: what a shop
// sees when the bank repeats itself. Notify tells the shop, or the next repeat.
func (s *Simulator) Requeue(orderIDs ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*order
	for _, id := range orderIDs {
		o := s.find(id)
		if o == nil {
			return &control.Problem{Status: http.StatusNotFound, Message: "no order " + id + " was announced here"}
		}
		if !o.final() {
			return &control.Problem{Status: http.StatusConflict, Message: "order " + id + " has no final state to hand out"}
		}
		found = append(found, o)
	}
	for _, o := range found {
		s.queue = append(s.queue, &result{order: o, finalAt: s.clock.Now()})
	}
	if len(found) > 0 {
		s.repeatFrom(s.clock.Now())
	}
	return nil
}
