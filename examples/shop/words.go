package shop

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed texts/*.json
var textFiles embed.FS

// languages are those of the shop, the first where no other fits.
var languages = []struct{ lang, locale, name string }{
	{"nl", "nl-NL", "Nederlands"}, {"en", "en-GB", "English"}, {"de", "de-DE", "Deutsch"}, {"fr", "fr-FR", "Français"},
	{"sv", "sv-SE", "Svenska"}, {"bg", "bg-BG", "Български"}, {"ru", "ru-RU", "Русский"},
}

// lexicon holds the texts by language and id.
type lexicon struct {
	texts   map[string]map[string]string
	matcher language.Matcher
}

func readWords() (*lexicon, error) {
	l := &lexicon{texts: map[string]map[string]string{}}
	var tags []language.Tag
	for _, x := range languages {
		b, err := textFiles.ReadFile("texts/" + x.lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("shop: read texts: %w", err)
		}
		var texts map[string]string
		if err := json.Unmarshal(b, &texts); err != nil {
			return nil, fmt.Errorf("shop: read texts in %s: %w", x.lang, err)
		}
		l.texts[x.lang] = texts
		tags = append(tags, language.MustParse(x.locale))
	}
	l.matcher = language.NewMatcher(tags)
	return l, nil
}

// words speak one language, and write prices of one market.
type words struct {
	lang   string
	texts  map[string]string
	market market
}

// speak takes the language of the link, else what the browser prefers.
func (l *lexicon) speak(r *http.Request) words {
	_, i := language.MatchStrings(l.matcher, r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	lang := languages[i].lang
	return words{lang, l.texts[lang], marketOf(r)}
}

// in speaks a language of the shop.
func (l *lexicon) in(lang string, m market) words { return words{lang, l.texts[lang], m} }

// T gives a text by its id; pairs are the names and values put in.
func (w words) T(id string, pairs ...string) string {
	text, ok := w.texts[id]
	if !ok {
		return id
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// Lang is the value of a page's lang attribute.
func (w words) Lang() string { return w.lang }

func (w words) locale() string {
	for _, x := range languages {
		if x.lang == w.lang {
			return x.locale
		}
	}
	return languages[0].locale
}

// Price writes an amount in minor units as people of the language do.
func (w words) Price(amount int64) string {
	tag := language.MustParse(w.locale())
	unit := int64(1)
	for range w.market.exponent {
		unit *= 10
	}
	number := message.NewPrinter(tag).Sprintf("%d", amount/unit)
	if unit > 1 {
		mark := ","
		if w.lang == "en" {
			mark = "."
		}
		number += mark + fmt.Sprintf("%0*d", w.market.exponent, amount%unit)
	}
	switch sign := w.market.sign; {
	case w.lang == "nl":
		return sign + "\u00a0" + number
	case w.lang == "en" && sign != "kr":
		return sign + number
	case w.lang == "en":
		return sign + "\u00a0" + number
	default:
		return number + "\u00a0" + sign
	}
}

// ShippingPrice and FreeFrom are the market's, for the terms.
func (w words) ShippingPrice() string { return w.Price(w.market.shipping) }

// FreeFrom is the sum from which nothing is charged for shipping.
func (w words) FreeFrom() string { return w.Price(w.market.freeFrom) }
