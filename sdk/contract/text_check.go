package contract

import (
	"errors"
	"fmt"
	"strings"
)

// These checks do without net/url and encoding/xml, which would make every
// plugin's module larger. They are not the last word: the host parses what it
// sends, and cleans what it shows.

// checkURL wants an absolute URL of http or https without a user; whether http
// is allowed is for the operator to say.
func checkURL(text string, fragment bool) error {
	rest, tls := strings.CutPrefix(text, "https://")
	if !tls {
		var plain bool
		if rest, plain = strings.CutPrefix(text, "http://"); !plain {
			return errors.New("it is no absolute https URL")
		}
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`\"<>^{|}`+"`", c) >= 0 {
			return errors.New("it holds a character that must be escaped")
		}
	}
	authority, _, _ := strings.Cut(rest, "#")
	if i := strings.IndexAny(authority, "/?"); i >= 0 {
		authority = authority[:i]
	}
	switch {
	case strings.Contains(authority, "@"):
		return errors.New("it holds a user")
	case authority == "" || authority[0] == ':' || strings.Contains(authority, "%"):
		return errors.New("it holds no host")
	case !fragment && strings.Contains(rest, "#"):
		return errors.New("it holds a fragment")
	}
	return nil
}

const (
	svgNamespace = "http://www.w3.org/2000/svg"
	maxLogo      = 32 << 10
)

// checkLogo checks that a logo looks like an SVG document: a declaration and
// comments at most, then one svg element.
func checkLogo(logo string) error {
	if len(logo) > maxLogo {
		return fmt.Errorf("%d bytes, at most %d are allowed", len(logo), maxLogo)
	}
	rest := strings.TrimSpace(strings.TrimPrefix(logo, "\ufeff"))
	for _, skip := range [][2]string{{"<?xml", "?>"}, {"<!--", "-->"}} {
		for strings.HasPrefix(rest, skip[0]) {
			_, after, closed := strings.Cut(rest, skip[1])
			if !closed {
				return errors.New("no SVG document: it is cut off")
			}
			rest = strings.TrimSpace(after)
		}
	}
	start, _, closed := strings.Cut(rest, ">")
	switch {
	case !strings.HasPrefix(start, "<svg") || !strings.Contains(start, svgNamespace):
		return errors.New("no SVG document: it does not begin with an svg element of " + svgNamespace)
	case !closed || !strings.HasSuffix(rest, "</svg>"):
		return errors.New("no SVG document: it is cut off")
	}
	return nil
}
