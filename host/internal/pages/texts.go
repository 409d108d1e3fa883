package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts are the words of the pages, by language.
type texts struct {
	bundle *i18n.Bundle
	tags   []language.Tag
}

func loadTexts() (*texts, error) {
	t := &texts{bundle: i18n.NewBundle(language.English), tags: []language.Tag{language.English}}
	t.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := textFiles.ReadDir("texts")
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	for _, f := range files {
		m, err := t.bundle.LoadMessageFileFS(textFiles, path.Join("texts", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("read texts %s: %w", f.Name(), err)
		}
		if m.Tag != language.English {
			t.tags = append(t.tags, m.Tag)
		}
	}
	return t, nil
}

// words speak one language.
type words struct {
	Tag       language.Tag
	localizer *i18n.Localizer
}

// speak chooses the language: what the consumer asked for by link, else the
// order's, else what the browser prefers, else English. Only the language
// itself counts: whoever reads Ukrainian did not ask for Russian.
func (t *texts) speak(asked, locale, accept string) words {
	want := []language.Tag{parse(asked), parse(locale)}
	if tags, _, err := language.ParseAcceptLanguage(accept); err == nil {
		want = append(want, tags...)
	}
	for _, tag := range want {
		speaks := func(have language.Tag) bool { return tag != language.Und && base(have) == base(tag) }
		if i := slices.IndexFunc(t.tags, speaks); i >= 0 {
			return t.words(t.tags[i])
		}
	}
	return t.words(language.English)
}

func (t *texts) words(tag language.Tag) words {
	return words{tag, i18n.NewLocalizer(t.bundle, tag.String())}
}

// parse reads a tag; what is none is no language at all.
func parse(s string) language.Tag {
	tag, err := language.Parse(s)
	if err != nil {
		return language.Und
	}
	return tag
}

// base is the language of a tag without script and country: "nl".
func base(tag language.Tag) string {
	b, _ := tag.Base()
	return b.String()
}

// T gives a text by its id, with values as pairs of name and value.
func (w words) T(id string, pairs ...any) string {
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	cfg := &i18n.LocalizeConfig{MessageID: id, TemplateData: data}
	if n, ok := data["Count"]; ok {
		cfg.PluralCount = n
	}
	s, err := w.localizer.Localize(cfg)
	if err != nil {
		return id
	}
	return s
}

// Lang is the value of the page's lang attribute.
func (w words) Lang() string { return w.Tag.String() }

// languageLink switches the language of a page.
type languageLink struct {
	Lang, Name, URL string
	Current         bool
}

// languages lists what the page with this query can be read in, each by its own name.
func (t *texts) languages(w words, query url.Values) []languageLink {
	keep := url.Values{}
	for _, name := range []string{"wait", "from", "n", "q"} {
		if v := query.Get(name); v != "" {
			keep.Set(name, v)
		}
	}
	var list []languageLink
	for _, tag := range t.tags {
		keep.Set("lang", tag.String())
		name := cases.Title(tag, cases.NoLower).String(display.Self.Name(tag))
		list = append(list, languageLink{Lang: tag.String(), Name: name, URL: "?" + keep.Encode(), Current: tag == w.Tag})
	}
	slices.SortFunc(list, func(a, b languageLink) int { return strings.Compare(a.Lang, b.Lang) })
	return list
}
