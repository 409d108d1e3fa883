package conformance

import (
	"context"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// AccountReturn begins the path of an account's one fixed return address, for
// providers that know no other: see [World].Return.
const AccountReturn = "/return/"

// World is a provider whose hand the kit can guide: most often its simulator.
// Amounts in a payment are what the shop asked for; a payment is found by its
// reference or its number.
type World interface {
	// RoundTripper answers the plugin's requests.
	http.RoundTripper
	// Now is the provider's time.
	Now() time.Time
	// Advance lets time pass, and what is due happen.
	Advance(ctx context.Context, d time.Duration) error
	// End ends a payment as the consumer, the bank or time would. The error is
	// the provider's refusal: the payment is over already.
	End(ctx context.Context, p contract.Payment, e Ending) error
	// Messages gives what the provider has sent to the webhook since it was last
	// asked, oldest first.
	Messages(ctx context.Context) ([]contract.Message, error)
	// Repeat has the provider send its news of a payment once more, in a new message.
	Repeat(ctx context.Context, p contract.Payment) error
	// Return is what the consumer's browser brings back as things stand; false
	// where it brings nothing. A path that begins with [AccountReturn] is the
	// account's address, any other the payment's own.
	Return(p contract.Payment) (contract.Message, bool)
	// Books is what the provider itself knows of a payment.
	Books(p contract.Payment) Books
	// Forge changes a message of the provider, a webhook or a return. One without
	// a signature of its own stays as it is.
	Forge(m contract.Message, f Forgery) contract.Message
	// ForgeNext does the same to the provider's next signed answer: content
	// that is altered says that the payment is paid. False where it signs none.
	ForgeNext(f Forgery) bool
	// Misreport has the provider name this amount as paid in its next news,
	// truly signed. News are messages and answers alike.
	Misreport(paid contract.Money) error
	// Strangers puts news of so many orders of other shops before the next news.
	Strangers(n int) error
	// Close ends the world.
	Close() error
}

// Books is what a provider knows of a payment. Refunded and Refunds leave out
// those that failed, Captures too.
type Books struct {
	Known             bool
	ProviderReference string
	// Authorized is what is reserved now: neither captured nor given back.
	Authorized contract.Money
	// Captured is what was taken in all, Captures in how many captures.
	Captured contract.Money
	Captures int
	Refunded contract.Money
	Refunds  int
}

// Follower is a world that must see where the consumer is sent.
type Follower interface {
	World
	// Follow does with an action what the consumer's browser does. It is called
	// for each action of create_payment, complete_payment or an interim.
	Follow(ctx context.Context, p contract.Payment, a contract.Action) error
}

// Expecter is a world in which the consumer pays while create_payment waits
// for its answer. Of such a world End is not called.
type Expecter interface {
	World
	// Expect says how the next payment ends: [Paid], [Cancelled], [Expired] and
	// [Declined] at once, [Waits] not before it is aborted. What is not said is
	// [Paid], and so are refunds that want the consumer's card.
	Expect(e Ending) error
	// Underway returns when the provider is at work on a request that it has
	// received and not answered yet.
	Underway(ctx context.Context) error
}

// Acknowledger is a world of a provider that reads the answer to its messages.
// Of others a 2xx counts.
type Acknowledger interface {
	World
	// Acknowledged says whether the provider takes the answer for a yes, and
	// sends the message no more.
	Acknowledged(m contract.Message, r contract.WebhookResponse) bool
}
