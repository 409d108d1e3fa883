package textstest

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	cards := contract.Text{"en": "Cards", "nl": "Kaarten", "de": "Karten", "fr": "Cartes", "sv": "Kort", "bg": "Карти", "ru": "Карты"}
	name := contract.Text{"en": "Acme", "nl": "Acme", "de": "Acme", "fr": "Acme", "sv": "Acme", "bg": "Acme", "ru": "Acme"}
	but := func(lang, text string) contract.Text {
		out := contract.Text{}
		for l, s := range cards {
			out[l] = s
		}
		out[lang] = text
		return out
	}
	for what, c := range map[string]struct {
		text  contract.Text
		names []string
		want  string
	}{
		"not in English":      {but("en", ""), nil, "x has no text in en"},
		"missing":             {but("bg", ""), nil, "x has no text in bg"},
		"English":             {but("sv", "Cards"), nil, `x is the English "Cards" in sv`},
		"a name is not":       {name, []string{"Acme"}, ""},
		"a name nobody needs": {cards, []string{"Acme"}, `no text needs the name "Acme"`},
		"good":                {cards, nil, ""},
	} {
		if got := strings.Join(faults(map[string]contract.Text{"x": c.text}, c.names), ", "); got != c.want {
			t.Errorf("%s: got %s, want %s", what, got, c.want)
		}
	}
}
