package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// fake stands for the use cases: no plugins and no store, but the real domain,
// shops that see only their own, and answers that are kept.
type fake struct {
	mu     sync.Mutex
	orders map[string]order.Order
	events map[string][]order.Event
	kept   map[string]keptAnswer
	count  int

	// fail is what every use case answers; panics and hang are worse.
	fail   error
	panics any
	hang   bool
	// declines makes plugin operations fail.
	declines *contract.Failure
	outcome  order.Outcome
	// ends is the status in which captures and refunds end; succeeded if empty.
	ends contract.OperationStatus

	lines []order.BookLine
	// breaks ends a statement after so many lines, with fail.
	breaks  int
	offers  []checkout.MethodOffer
	options map[string][]contract.Option
	// The last questions that came in.
	list    checkout.Filter
	asked   checkout.StatementQuery
	queries []checkout.MethodsQuery
	message contract.Message
	account string
	answer  contract.WebhookResponse
	// existing says that a shop's order was there.
	existing bool
	waited   time.Duration
	calls    int
}

type keptAnswer struct {
	fingerprint string
	answer      checkout.Answer
}

func newFake() *fake {
	return &fake{
		orders: map[string]order.Order{}, events: map[string][]order.Event{}, kept: map[string]keptAnswer{},
		outcome: order.OutcomeKnown, answer: contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "OK"},
	}
}

// trouble is what stands before every use case.
func (f *fake) trouble(ctx context.Context) error {
	f.calls++
	if f.panics != nil {
		panic(f.panics)
	}
	if f.hang {
		<-ctx.Done()
		return fmt.Errorf("read order: %w", ctx.Err())
	}
	return f.fail
}

// once does what a key asks for, or gives what was kept for it.
func (f *fake) once(ctx context.Context, r checkout.Request, do func() (checkout.Reply, error)) (checkout.Reply, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.trouble(ctx); err != nil {
		return checkout.Reply{}, err
	}
	if r.Idempotency == nil {
		return do()
	}
	name := r.Key.Shop + "/" + r.Idempotency.Key
	if k, ok := f.kept[name]; ok {
		if k.fingerprint != r.Idempotency.Fingerprint {
			return checkout.Reply{}, checkout.ErrKeyReused
		}
		return checkout.Reply{Answer: &k.answer}, nil
	}
	reply, err := do()
	var failed *checkout.CallError
	switch {
	case errors.As(err, &failed):
		f.kept[name] = keptAnswer{r.Idempotency.Fingerprint, r.Idempotency.Refuse(failed)}
	case err == nil && !reply.Existing:
		f.kept[name] = keptAnswer{r.Idempotency.Fingerprint, r.Idempotency.Render(reply.Order, reply.Subject)}
	}
	return reply, err
}

func (f *fake) id(prefix string) string {
	f.count++
	return fmt.Sprintf("%s%026d", prefix, f.count)
}

func (f *fake) Create(ctx context.Context, r checkout.Request, s checkout.CreateSpec) (checkout.Reply, error) {
	return f.once(ctx, r, func() (checkout.Reply, error) {
		for id, o := range f.orders {
			if o.Shop == r.Key.Shop && o.Reference == s.Reference {
				return checkout.Reply{Order: f.orders[id], Existing: true}, nil
			}
		}
		s.ID, s.Secret, s.Shop, s.Live = f.id("ord_7f"), "k3v7q2m5n4p6r7s2", r.Key.Shop, r.Key.Live
		o, events, err := order.New(s.Spec, began)
		if err == nil {
			err = order.CheckMethodOptions(s.MethodOptions)
		}
		if err != nil {
			return checkout.Reply{}, err
		}
		if u, err := url.Parse(o.ReturnURL); err != nil || u.Host != "shop.example" && o.ReturnURL != "" {
			return checkout.Reply{}, &checkout.URLError{Pointer: "/return_url", URL: o.ReturnURL}
		}
		f.orders[o.ID], f.events[o.ID] = o, events
		if s.Method == "" {
			return checkout.Reply{Order: o}, nil
		}
		return f.start(o, s.Method, s.MethodOptions)
	})
}

// apply changes an order as the domain says.
func (f *fake) apply(o order.Order, changes ...order.Change) (order.Order, error) {
	for _, c := range changes {
		next, events, err := order.Apply(o, c, began)
		if err != nil {
			return o, err
		}
		o = next
		f.orders[o.ID] = o
		f.events[o.ID] = append(f.events[o.ID], events...)
	}
	return o, nil
}

func (f *fake) start(o order.Order, method string, options map[string]string) (checkout.Reply, error) {
	switch {
	case method == "yen-only":
		return checkout.Reply{}, &checkout.MethodError{Method: method, Reason: "currency", Detail: "it does not take " + o.Amount.Currency}
	case method == "down":
		return checkout.Reply{}, &checkout.MethodError{Method: method, Reason: "unavailable", Detail: "its provider does not answer"}
	case !strings.HasPrefix(method, "transfer"):
		return checkout.Reply{}, &checkout.MethodError{Method: method, Reason: "unknown", Detail: "no method of the shop has this name"}
	}
	id := f.id("pay_")
	rules := contract.Rules{Refund: &contract.RefundRule{Full: true, Partial: true, Multiple: true}, Capture: &contract.CaptureRule{Automatic: true, Manual: true, Partial: true}}
	o, err := f.apply(o, order.Reserve{Payment: id, Reference: fmt.Sprintf("7F%022d", f.count), Method: method, MethodOptions: options, Account: "acc", Plugin: order.Plugin{Name: "transfer", Version: "1.2.0", Digest: strings.Repeat("0a", 32)}, Rules: rules, IdempotencyKey: "k", Seen: -1})
	if err != nil {
		return checkout.Reply{}, err
	}
	if f.declines != nil {
		o, err = f.apply(o, order.CallFailed{Payment: id, Export: contract.CreatePayment, Failure: *f.declines, Outcome: f.outcome, At: began})
		if err != nil {
			return checkout.Reply{}, err
		}
		return checkout.Reply{}, &checkout.CallError{Export: contract.CreatePayment, Failure: *f.declines, Outcome: f.outcome, Order: o, Subject: id}
	}
	o, err = f.apply(o, order.Created{Payment: id, At: began, Result: contract.CreateResult{ProviderReference: "T-1", Action: contract.Action{Type: contract.ActionRedirect, URL: "https://psp.example/start?a=1&b=2"}}})
	return checkout.Reply{Order: o, Subject: id}, err
}

// mine is an order of the key's shop.
func (f *fake) mine(k checkout.Key, id string) (order.Order, error) {
	if _, err := checkout.PartitionOfID(id); err != nil {
		return order.Order{}, err
	}
	o, ok := f.orders[id]
	if !ok || o.Shop != k.Shop || o.Live != k.Live {
		return order.Order{}, fmt.Errorf("order %s: %w", id, checkout.ErrNotFound)
	}
	return o, nil
}

// pay lets the provider report that everything was captured.
func (f *fake) pay(id string, kind contract.UpdateType) error {
	o := f.orders[id]
	p := o.Payments[len(o.Payments)-1]
	_, err := f.apply(o, order.Reported{Payment: p.ID, Source: contract.ReceiveWebhook, At: began, Updates: []contract.Update{
		{Payment: contract.PaymentKey{ID: p.ID}, Type: kind, Amount: p.Amount, Trust: contract.Verified, OccurredAt: began},
	}})
	return err
}

func (f *fake) Get(ctx context.Context, k checkout.Key, id string) (order.Order, error) {
	if err := f.trouble(ctx); err != nil {
		return order.Order{}, err
	}
	return f.mine(k, id)
}

func (f *fake) Wait(ctx context.Context, k checkout.Key, id string, d time.Duration) (order.Order, error) {
	f.waited = d
	return f.Get(ctx, k, id)
}

func (f *fake) List(ctx context.Context, k checkout.Key, reference string, filter checkout.Filter) ([]order.Order, string, error) {
	f.list = filter
	if err := f.trouble(ctx); err != nil {
		return nil, "", err
	}
	var items []order.Order
	for _, o := range f.orders {
		if o.Shop == k.Shop && (reference == "" || o.Reference == reference) && len(items) < filter.Limit {
			items = append(items, o)
		}
	}
	if len(items) < len(f.orders) && reference == "" {
		return items, "more", nil
	}
	return items, "", nil
}

func (f *fake) Events(ctx context.Context, k checkout.Key, id string, from int64, limit int) ([]order.Event, error) {
	if _, err := f.Get(ctx, k, id); err != nil {
		return nil, err
	}
	all := f.events[id]
	all = all[min(int(from)-1, len(all)):]
	return all[:min(limit, len(all))], nil
}
