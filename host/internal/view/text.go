package view

import (
	"slices"

	"golang.org/x/text/language"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Localize picks the text that fits a locale best, English where none does,
// and "" where there is no text.
func Localize(t contract.Text, locale string) string {
	if s, ok := t[locale]; ok {
		return s
	}
	keys := make([]string, 0, len(t))
	for key := range t {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, englishFirst)
	var tags []language.Tag
	var of []string
	for _, key := range keys {
		if tag, err := language.Parse(key); err == nil {
			tags, of = append(tags, tag), append(of, key)
		}
	}
	if len(tags) == 0 {
		return ""
	}
	want, err := language.Parse(locale)
	if err != nil {
		return t[of[0]]
	}
	_, i, confidence := language.NewMatcher(tags).Match(want)
	if confidence == language.No {
		i = 0
	}
	return t[of[i]]
}

func englishFirst(a, b string) int {
	switch {
	case a == "en":
		return -1
	case b == "en":
		return 1
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
