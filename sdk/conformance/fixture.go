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
	// Lacks names what this provider does not do, each with the place in its
	// protocol that says so. Scenarios about it are skipped with that text, and
	// the others want no more than the provider can do.
	Lacks map[Ability]string
}

// Ability is what most providers do, and no manifest tells of those that do not.
type Ability string

// The abilities.
const (
	// SignsWebhooks: each message to the webhook bears a signature of its own.
	SignsWebhooks Ability = "signs webhooks"
	// SignsReturns: what the consumer's browser brings back bears one.
	SignsReturns Ability = "signs returns"
	// SignsAnswers: answers to the plugin's requests bear one, beside TLS.
	SignsAnswers Ability = "signs answers"
	// TellsCancelled: that the consumer gave up is told, unasked or asked.
	TellsCancelled Ability = "tells cancelled"
	// TellsExpired: that a payment has expired is told, unasked or asked.
	TellsExpired Ability = "tells expired"
	// FindsUnheard: a payment of which nothing was heard yet can be asked about.
	FindsUnheard Ability = "finds what was not heard of"
	// FindsLost: a refund whose answer was lost can be found or asked for again,
	// by an idempotency key or a list. Of one that cannot, nobody knows more.
	FindsLost Ability = "finds lost refunds"
	// Pages: one message can bring more news than one answer holds. Those that
	// have it give the fixture's PageSize.
	Pages Ability = "pages"
	// ReleasesRest: a last capture of a part gives the rest of the authorisation back.
	ReleasesRest Ability = "releases the rest"
	// NamesCurrency: news of money say in which currency.
	NamesCurrency Ability = "names currency"
)

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
