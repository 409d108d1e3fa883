package checkout

import (
	"context"
	"iter"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Request says on whose behalf a use case of the API runs.
type Request struct {
	Key Key
	// Idempotency is nil where the caller gave no key.
	Idempotency *Idempotency
}

// Idempotency ties a request to its repeats: the same key and body give the
// same answer for 24 hours after it ended, also on another node.
type Idempotency struct {
	Key string
	// Fingerprint is the SHA-256 of method, path and canonical body, in hex.
	Fingerprint string
	// Render makes the answer that is kept, before it is committed. Subject is
	// the payment, capture or refund that the request made, "" for the order.
	Render func(o order.Order, subject string) Answer
	// Found makes the answer that is kept of a create that found its order there; nil: as Render.
	Found func(o order.Order, subject string) Answer
	// Refuse makes the answer that is kept where a plugin's operation failed
	// after something was reserved; nil: such answers are not kept.
	Refuse func(err error) Answer
}

// found is the request with the answer of one that found its order there.
func (r Request) found() Request {
	if r.Idempotency != nil && r.Idempotency.Found != nil {
		i := *r.Idempotency
		i.Render, r.Idempotency = i.Found, &i
	}
	return r
}

// Reply is what a use case of the API gives.
type Reply struct {
	Order order.Order
	// Subject is the payment, capture or refund that the request made.
	Subject string
	// Existing says that the order was there already.
	Existing bool
	// Answer is the kept answer of an earlier request with the same key, to be given as it is.
	Answer *Answer
}

// CreateSpec is what POST /v1/orders asks for.
type CreateSpec struct {
	order.Spec
	// Method starts a payment at once; "" leaves the choice to the consumer.
	Method        string
	MethodOptions map[string]string
}

// Choice is a method with the options within it.
type Choice struct {
	Method        string
	MethodOptions map[string]string
	// Seen is how many attempts the form had seen; -1 where there is no form.
	Seen int
}

// OperationSpec is what a capture or a refund asks for. A zero amount means
// all that remains; an empty payment means the one that can bear it.
type OperationSpec struct {
	Payment string
	Amount  order.Money
	Final   bool
	Reason  string
	Lines   []contract.Line
}

// MethodsQuery narrows the list of methods.
type MethodsQuery struct {
	Amount  order.Money
	Country string
	Locale  string
	// Methods restricts the choice; empty means all.
	Methods []string
}

// MethodOffer is a method as a consumer may choose it.
type MethodOffer struct {
	ID            string
	Title         contract.Text
	ProviderTitle contract.Text
	Brand         string
	Logo          string // sanitised SVG
	Flow          contract.Flow
	Rank          int
	HasOptions    bool
	// RequiredFields are JSON pointers into the payment.
	RequiredFields []string
	// Account is the one that a payment by this method would use.
	Account string
	// Available is false where the method exists but cannot be used now; Reason says why.
	Available bool
	Reason    string
	version   Version
	rules     contract.Rules
	settle    bool
}

// API is what the REST interface asks of the use cases.
type API interface {
	// Create makes an order, or finds the open one of the same reference.
	Create(ctx context.Context, r Request, s CreateSpec) (Reply, error)
	// Get reads an order of the key's shop. Error: ErrNotFound, also for another shop's.
	Get(ctx context.Context, k Key, id string) (order.Order, error)
	// Wait reads an order as Get does, as soon as its version is no longer the one given, or after d.
	Wait(ctx context.Context, k Key, id string, d time.Duration) (order.Order, error)
	// List reads orders of the key's shop, the newest first. With a reference it gives its latest order alone.
	List(ctx context.Context, k Key, reference string, f Filter) (items []order.Order, next string, err error)
	// Events reads the timeline from number `from`.
	Events(ctx context.Context, k Key, id string, from int64, limit int) ([]order.Event, error)
	StartPayment(ctx context.Context, r Request, id string, c Choice) (Reply, error)
	// Sync asks the providers of all that is open or unknown.
	Sync(ctx context.Context, r Request, id string) (Reply, error)
	Cancel(ctx context.Context, r Request, id string) (Reply, error)
	Capture(ctx context.Context, r Request, id string, s OperationSpec) (Reply, error)
	Refund(ctx context.Context, r Request, id string, s OperationSpec) (Reply, error)
	SetControlReference(ctx context.Context, r Request, id, reference string) (Reply, error)
	// Statement gives what was booked on the orders of the key's shop, in the order of time.
	Statement(ctx context.Context, k Key, q StatementQuery) iter.Seq2[StatementLine, error]
	// Methods lists what a consumer of the shop may choose, in order.
	Methods(ctx context.Context, shop string, live bool, q MethodsQuery) ([]MethodOffer, error)
	// Options lists the ways within a method.
	Options(ctx context.Context, shop string, live bool, method string, q MethodsQuery) ([]contract.Option, error)
}

// Consumer is what the pages ask of the use cases.
type Consumer interface {
	// Open finds the order of a pay link: order id, dot, secret. Error: ErrNotFound.
	Open(ctx context.Context, token string) (order.Order, Shop, error)
	// Offers lists what the consumer may choose for this order.
	Offers(ctx context.Context, o order.Order) ([]MethodOffer, error)
	// Options lists the ways within a method for this order.
	OptionsFor(ctx context.Context, o order.Order, method string) ([]contract.Option, error)
	// Choose reserves and creates a payment, or finds the attempt under way. The payment's action says where to go.
	Choose(ctx context.Context, token string, c Choice) (order.Order, string, error)
	// Return takes the consumer's way back: it completes and asks, and never
	// books by itself. The action, where there is one, sends the consumer on.
	Return(ctx context.Context, token, payment string, m contract.Message) (order.Order, *contract.Action, error)
	// ReturnToAccount takes the way back to an account's one fixed address and
	// finds the payment: the token and payment to go on with, or ErrNotFound.
	ReturnToAccount(ctx context.Context, account string, m contract.Message) (token, payment string, err error)
	// Abort cancels a payment that is under way, where its provider can.
	Abort(ctx context.Context, token, payment string) (order.Order, error)
	// PayForm makes or finds the order of a signed HTML form. Error: *FormError.
	PayForm(ctx context.Context, f PostedForm) (order.Order, error)
	// Leave ends nothing: it gives the shop's address to go back to, signed
	// where the order has a result. Secret: hex HMAC-SHA256, see the API's document.
	Leave(o order.Order, s Shop) string
}

// Webhooks is the providers' door.
type Webhooks interface {
	// Webhook gives the plugin's response, after all its updates are committed.
	Webhook(ctx context.Context, account string, m contract.Message) (contract.WebhookResponse, error)
}
