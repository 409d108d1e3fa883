package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// problems collects what is wrong with a document, each under its JSON pointer (none for the document as a whole).
type problems []error

func (p *problems) add(pointer, format string, args ...any) {
	if pointer != "" {
		pointer += ": "
	}
	*p = append(*p, errors.New(pointer+fmt.Sprintf(format, args...)))
}

// when adds a problem if it is one.
func (p *problems) when(wrong bool, pointer, format string, args ...any) {
	if wrong {
		p.add(pointer, format, args...)
	}
}

// wrap adds an error, joined ones each by itself, under a pointer.
func (p *problems) wrap(pointer string, err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			p.wrap(pointer, e)
		}
		return
	}
	separator := ": "
	if strings.HasPrefix(err.Error(), "/") {
		separator = ""
	}
	*p = append(*p, fmt.Errorf("%s%s%w", pointer, separator, err))
}

func (p problems) err() error { return errors.Join(p...) }

// oneOf checks a word of a closed list.
func oneOf[T ~string](p *problems, pointer string, word T, list ...T) {
	if !slices.Contains(list, word) {
		p.add(pointer, "%q is none of %v", word, list)
	}
}

// texts checks texts by locale: plain, not empty, of at most so many characters.
func (p *problems) texts(pointer string, t Text, longest int) {
	for _, locale := range sortedKeys(t) {
		text, at := t[locale], pointer+"/"+escapePointer(locale)
		p.when(!isLocale(locale), at, "%q is no BCP 47 locale such as nl or nl-BE", locale)
		p.when(strings.TrimSpace(text) == "", at, "the text is empty")
		n := utf8.RuneCountInString(text)
		p.when(n > longest, at, "%d characters, at most %d are allowed", n, longest)
	}
}

// isLocale takes a language of two or three letters and subtags.
func isLocale(s string) bool {
	subtags := strings.Split(s, "-")
	for i, t := range subtags {
		switch {
		case !only(t, letters+digits), t == "", len(t) > 8:
			return false
		case i == 0 && (len(t) < 2 || len(t) > 3 || !only(t, lower)):
			return false
		}
	}
	return true
}

const (
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
	letters = lower + upper
)

// isName checks [a-z][a-z0-9-]{1,31} and its like, with other extra characters.
func isName(s, extra string) bool {
	return len(s) >= 2 && len(s) <= 32 && only(s[:1], lower) && only(s, lower+digits+extra)
}

// only says whether s is made of characters of the alphabet.
func only(s, alphabet string) bool { return strings.Trim(s, alphabet) == "" }
