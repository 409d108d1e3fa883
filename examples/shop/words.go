package shop

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

//go:embed texts/*.json
var textFiles embed.FS

// languages are those of the shop, the first where no other fits.
var languages = []struct{ lang, locale, name string }{
	{"nl", "nl-NL", "Nederlands"}, {"en", "en-GB", "English"}, {"bg", "bg-BG", "Български"},
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

// words speak one language.
type words struct {
	lang  string
	texts map[string]string
}

// speak takes the language of the link, else what the browser prefers.
func (l *lexicon) speak(r *http.Request) words {
	_, i := language.MatchStrings(l.matcher, r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	lang := languages[i].lang
	return words{lang, l.texts[lang]}
}

// in speaks a language of the shop.
func (l *lexicon) in(lang string) words { return words{lang, l.texts[lang]} }

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

// Price writes cents as people of the language do.
func (w words) Price(cents int64) string {
	mark, format := ",", "%s\u00a0€"
	switch w.lang {
	case "nl":
		format = "€\u00a0%s"
	case "en":
		mark, format = ".", "€%s"
	}
	return fmt.Sprintf(format, strconv.FormatInt(cents/100, 10)+mark+fmt.Sprintf("%02d", cents%100))
}
