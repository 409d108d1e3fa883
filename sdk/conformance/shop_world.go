package conformance

import (
	"context"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// ShopWorld is one shop of a platform whose hand the kit can guide: most often
// the platform's simulator. An order is found by the platform's own key, which
// an adapter puts into [contract.MetadataOrderID].
type ShopWorld interface {
	// RoundTripper is the shop's REST interface.
	http.RoundTripper
	// Now is the shop's time.
	Now() time.Time
	// Advance lets time pass, and what is due happen.
	Advance(ctx context.Context, d time.Duration) error
	// Place makes an order that awaits payment, of two goods, shipping and tax
	// that come to this amount, as a consumer does in the shop. It gives the
	// platform's key.
	Place(ctx context.Context, amount contract.Money) (key string, err error)
	// Do is what the shop's people or its jobs do with an order.
	Do(ctx context.Context, key string, act ShopAct) error
	// Messages gives what the shop has sent to the gateway since it was last
	// asked, oldest first. Where the shop joins several changes of an order into
	// one message, asking is what has them sent.
	Messages(ctx context.Context) ([]contract.Message, error)
	// Repeat has the shop send its news of an order once more, in a new message.
	Repeat(ctx context.Context, key string) error
	// Lose drops what was sent and not taken: the gateway was down, and the shop
	// gave up.
	Lose(ctx context.Context) error
	// Ping is the shop's first contact, which tells of no order; false where the
	// platform has none.
	Ping(ctx context.Context) (contract.Message, bool)
	// Forge changes a message of the shop. What no signature covers it leaves.
	Forge(m contract.Message, f Forgery) contract.Message
	// Books is what the shop itself knows of an order.
	Books(key string) ShopBooks
	// Close ends the world.
	Close() error
}

// ShopAct is what happens to an order in the shop.
type ShopAct string

// The acts.
const (
	// ShopCancels: a person or a job of the shop cancels the order.
	ShopCancels ShopAct = "cancels"
	// ShopShips: the order is sent, or completed: money that is only authorised is to be taken.
	ShopShips ShopAct = "ships"
	// ShopPays: a person books the order as paid, with a transaction id of its own: "by-hand".
	ShopPays ShopAct = "pays"
	// ShopHolds: the order waits for a person's confirmation.
	ShopHolds ShopAct = "holds"
	// ShopChanges: a person makes the order one major unit dearer.
	ShopChanges ShopAct = "changes"
	// ShopDeletes: the order is gone.
	ShopDeletes ShopAct = "deletes"
	// ShopNotes: something about the order changes that is not about money.
	ShopNotes ShopAct = "notes"
)

// ShopState is how an order stands in the shop, in words that all platforms share.
type ShopState string

// The states.
const (
	ShopOpen      ShopState = "open"    // awaits payment, also after a try that failed
	ShopWaiting   ShopState = "waiting" // held: payment pending, authorised, or under review
	ShopPaid      ShopState = "paid"    // also completed
	ShopCancelled ShopState = "cancelled"
	ShopRefunded  ShopState = "refunded" // in full
)

// ShopBooks is what a shop knows of an order.
type ShopBooks struct {
	Known bool
	// Reference is what people call it: the shop_reference of tell_shop.
	Reference string
	State     ShopState
	// Paid is what the shop holds as paid, in how many Payments: invoices, or
	// times that it was completed.
	Paid     contract.Money
	Payments int
	// Transaction is the transaction id that the shop shows, or "".
	Transaction string
	// Refunded is what the shop holds as refunded, in Refunds records.
	Refunded contract.Money
	Refunds  int
	// Charged is how often the shop was made to move money by itself: to
	// capture or to refund at its own gateway. It stays 0.
	Charged int
	// Mails is how many e-mails the shop sent to the consumer.
	Mails int
	// Notes are what people of the shop read beside the order, oldest first.
	Notes []string
}

// Disabler is a shop that ceases to send by itself when its messages fail too
// often.
type Disabler interface {
	ShopWorld
	// Disable is what the shop does then. Messages are lost until it is enabled.
	Disable(ctx context.Context) error
	// Disabled says whether it sends nothing now.
	Disabled() bool
}

// Namer is a shop whose goods can be called anything. Each platform's is one:
// people write names.
type Namer interface {
	ShopWorld
	// Name has the goods of orders that are placed from now on bear this name.
	Name(goods string)
}

// ShopFixture is what the kit must be told about one platform.
type ShopFixture struct {
	// Account makes the account anew. Each secret has a value of its own that
	// stands nowhere else, and is found if it leaks.
	Account func() *Account
	// World starts the shop anew, with empty books.
	World func() (ShopWorld, error)
	// Currencies are those that the shop's orders may be in: at least one; the
	// kit wants one each of 0, 2 and 3 decimals where the platform can.
	Currencies []string
	// Scaffold, if not nil, runs the calls that only lead up to what a scenario
	// is about: the same plugin, natively.
	Scaffold Runner
}
