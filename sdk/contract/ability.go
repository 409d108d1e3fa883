package contract

import (
	"strings"
	"unicode/utf8"
)

// Ability is what most providers do, or most shop platforms. A manifest tells
// of those that do not.
type Ability string

// The abilities of payment providers.
const (
	// SignsWebhooks: each message to the webhook bears a signature of its own.
	SignsWebhooks Ability = "signs_webhooks"
	// SignsReturns: what the consumer's browser brings back bears one.
	SignsReturns Ability = "signs_returns"
	// SignsAnswers: answers to the plugin's requests bear one, beside TLS.
	SignsAnswers Ability = "signs_answers"
	// TellsCancelled: that the consumer gave up is told, unasked or asked.
	TellsCancelled Ability = "tells_cancelled"
	// TellsExpired: that a payment has expired is told, unasked or asked.
	TellsExpired Ability = "tells_expired"
	// FindsUnheard: a payment of which nothing was heard yet can be asked about.
	FindsUnheard Ability = "finds_unheard"
	// FindsLost: a refund whose answer was lost can be found or asked for again,
	// by an idempotency key or a list. Of one that cannot, nobody knows more.
	FindsLost Ability = "finds_lost"
	// Pages: one message can bring more news than one answer holds.
	Pages Ability = "pages"
	// ReleasesRest: a last capture of a part gives the rest of the authorisation back.
	ReleasesRest Ability = "releases_rest"
	// NamesCurrency: news of money say in which currency.
	NamesCurrency Ability = "names_currency"
)

// The abilities of shop platforms.
const (
	// Pings: the shop's first message tells of no order.
	Pings Ability = "pings"
	// JoinsChanges: several changes of an order can come as one message, which
	// tells how the order is when it is sent.
	JoinsChanges Ability = "joins_changes"
	// Disables: the shop ceases to send when its messages fail too often.
	Disables Ability = "disables"
	// HoldsOrders: an order can be shown as one whose money is on its way, or
	// reserved, beside those that await payment and those that are paid.
	HoldsOrders Ability = "holds_orders"
	// ShowsTransaction: an order has a place for the provider's transaction id,
	// which can be filled from outside.
	ShowsTransaction Ability = "shows_transaction"
	// AnyDecimals: orders can be in currencies of 0 and of 3 decimals.
	AnyDecimals Ability = "any_decimals"
)

// Abilities lists those that a plugin of this kind can deny its provider or
// platform; an unknown kind has none.
func Abilities(k Kind) []Ability {
	switch k {
	case KindPayment:
		return []Ability{
			SignsWebhooks, SignsReturns, SignsAnswers, TellsCancelled, TellsExpired,
			FindsUnheard, FindsLost, Pages, ReleasesRest, NamesCurrency,
		}
	case KindShop:
		return []Ability{Pings, JoinsChanges, Disables, HoldsOrders, ShowsTransaction, AnyDecimals}
	}
	return nil
}

// Lacks says what a provider or platform does not do: for each ability the
// place in its protocol that says so, in 1 to 200 characters.
type Lacks map[Ability]string

// maxWhy bounds the text beside an ability, in characters.
const maxWhy = 200

func (l Lacks) check(p *problems, k Kind) {
	for _, a := range sortedKeys(l) {
		at := "/lacks/" + escapePointer(string(a))
		oneOf(p, at, a, Abilities(k)...)
		p.when(strings.TrimSpace(l[a]) == "", at, "the place in the protocol that says so is needed")
		n := utf8.RuneCountInString(l[a])
		p.when(n > maxWhy, at, "%d characters, at most %d are allowed", n, maxWhy)
	}
}
