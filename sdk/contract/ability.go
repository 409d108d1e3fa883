package contract

import (
	"strings"
	"unicode/utf8"
)

// Ability is what most providers do. A manifest tells of those that do not.
type Ability string

// The abilities.
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

// Abilities lists them all.
func Abilities() []Ability {
	return []Ability{
		SignsWebhooks, SignsReturns, SignsAnswers, TellsCancelled, TellsExpired,
		FindsUnheard, FindsLost, Pages, ReleasesRest, NamesCurrency,
	}
}

// Lacks says what a provider does not do: for each ability the place in the
// provider's protocol that says so, in 1 to 200 characters.
type Lacks map[Ability]string

// maxWhy bounds the text beside an ability, in characters.
const maxWhy = 200

func (l Lacks) check(p *problems) {
	for _, a := range sortedKeys(l) {
		at := "/lacks/" + escapePointer(string(a))
		oneOf(p, at, a, Abilities()...)
		p.when(strings.TrimSpace(l[a]) == "", at, "the place in the provider's protocol that says so is needed")
		n := utf8.RuneCountInString(l[a])
		p.when(n > maxWhy, at, "%d characters, at most %d are allowed", n, maxWhy)
	}
}
