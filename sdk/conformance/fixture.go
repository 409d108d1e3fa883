package conformance

import "github.com/kassette-pay/kassette/sdk/contract"

// Fixture is what the kit must be told about one provider.
type Fixture struct {
	// Method is paid with; empty means the manifest's first.
	Method string
	// Account makes the account anew. Each secret has a value of its own that
	// stands nowhere else, and is found if it leaks.
	Account func() *Account
	// World starts the provider anew, with empty books.
	World func() (World, error)
	// Payment changes the payments that scenarios make; nil leaves them. Where
	// the method takes no EUR they are of its first currency.
	Payment func(p *contract.Payment)
	// PageSize is how many pieces of news one answer of the provider holds; 0
	// where each message brings its own.
	PageSize int
	// Scaffold, if not nil, runs the calls that only lead up to what a scenario
	// is about, where there are many: the same plugin, natively.
	Scaffold Runner
}

// Ending is how a payment ends, or does not.
type Ending string

// The endings.
const (
	// Paid: the consumer pays, or approves where complete_payment takes the
	// money. Where the payment's Capture is manual the amount is reserved.
	Paid      Ending = "paid"
	Cancelled Ending = "cancelled" // by the consumer
	Expired   Ending = "expired"
	Declined  Ending = "declined" // a try was refused; the provider may let the consumer try again
	Open      Ending = "open"     // the consumer is back, the provider does not know yet
	// Waits, of an [Expecter] alone: the consumer does nothing until the payment is aborted.
	Waits Ending = "waits"
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
