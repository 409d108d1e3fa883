package conformance

import (
	"context"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Fixture is what the kit must be told about one provider.
type Fixture struct {
	// Method is paid with; empty means the manifest's first.
	Method string
	// Account makes the account anew. Each secret has a value of its own that
	// stands nowhere else, and is found if it leaks.
	Account func() *Account
	// World starts the provider anew, with empty books.
	World func() (World, error)
	// Payment changes the payments that scenarios make; nil leaves them: 49.99 EUR.
	Payment func(p *contract.Payment)
	// PageSize is how many pieces of news one answer of the provider holds; 0
	// where each message brings its own.
	PageSize int
}

// World is a provider whose hand the kit can guide: most often its simulator.
// Amounts in a payment are what the shop asked for; a payment is found by its
// reference.
type World interface {
	// RoundTripper answers the plugin's requests.
	http.RoundTripper
	// Now is the provider's time.
	Now() time.Time
	// Advance lets time pass, and what is due happen.
	Advance(ctx context.Context, d time.Duration) error
	// End ends a payment as the consumer, the bank or time would.
	End(ctx context.Context, p contract.Payment, e Ending) error
	// Messages gives what the provider has sent to the webhook since it was last
	// asked, oldest first.
	Messages(ctx context.Context) ([]contract.Message, error)
	// Repeat has the provider send its news of a payment once more, in a new message.
	Repeat(ctx context.Context, p contract.Payment) error
	// Return is what the consumer's browser brings back as things stand; false
	// where it brings nothing.
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
	// truly signed.
	Misreport(paid contract.Money) error
	// Strangers puts news of so many orders of other shops before the next news.
	Strangers(n int) error
	// Close ends the world.
	Close() error
}

// Books is what a provider knows of a payment. Refunded and Refunds leave out
// those that failed.
type Books struct {
	Known             bool
	ProviderReference string
	Captured          contract.Money
	Refunded          contract.Money
	Refunds           int
}

// Ending is how a payment ends, or does not.
type Ending string

// The endings.
const (
	Paid      Ending = "paid"
	Cancelled Ending = "cancelled" // by the consumer
	Expired   Ending = "expired"
	Declined  Ending = "declined" // a try was refused; the provider may let the consumer try again
	Open      Ending = "open"     // the consumer is back, the provider does not know yet
)

// Forgery is a way in which a signature is not the provider's.
type Forgery string

// The forgeries.
const (
	ForgedBad     Forgery = "bad"     // one character of it is another
	ForgedMissing Forgery = "missing" // there is none
	ForgedCut     Forgery = "cut"     // it is shorter
	ForgedForeign Forgery = "foreign" // made with the key of another account
	ForgedContent Forgery = "content" // what is signed was altered afterwards
)

// Forgeries lists them all.
func Forgeries() []Forgery {
	return []Forgery{ForgedBad, ForgedMissing, ForgedCut, ForgedForeign, ForgedContent}
}
