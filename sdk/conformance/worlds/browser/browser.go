// Package browser is a consumer's browser without script on the pages of a
// simulated provider, for worlds and for tests that go the consumer's way.
package browser

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
)

// Browser shows one page of a site. It stops at addresses elsewhere.
type Browser struct {
	site http.Handler
	// At is the path of the last page, HTML the page.
	At, HTML string
	// Gone is the address elsewhere that it was sent to.
	Gone string
}

// Visit opens a page by its path.
func Visit(site http.Handler, path string) *Browser {
	b := &Browser{site: site}
	b.open(http.MethodGet, path, nil)
	return b
}

// Post opens a page by a form that another site had it send.
func Post(site http.Handler, path string, form url.Values) *Browser {
	b := &Browser{site: site}
	b.open(http.MethodPost, path, form)
	return b
}

// maxHops is how often a browser lets itself be sent on.
const maxHops = 10

func (b *Browser) open(method, path string, form url.Values) {
	for range maxHops {
		r := httptest.NewRequest(method, "https://provider.example"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		b.site.ServeHTTP(w, r)
		b.At, b.HTML = path, w.Body.String()
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || w.Code != http.StatusSeeOther {
			return
		}
		if to.IsAbs() {
			b.Gone = to.String()
			return
		}
		method, path, form = http.MethodGet, b.here(to), nil
	}
}

// here is an address of the page as a path of the site.
func (b *Browser) here(to *url.URL) string {
	at, err := url.Parse(b.At)
	if err != nil {
		return to.String()
	}
	return at.ResolveReference(to).String()
}

var (
	forms    = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)">(.*?)</form>`)
	hidden   = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	selects  = regexp.MustCompile(`(?s)<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>`)
	selected = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// Press presses the button of this name and value, with what its form holds
// and has selected.
func (b *Browser) Press(name, value string) error {
	for _, f := range forms.FindAllStringSubmatch(b.HTML, -1) {
		if !strings.Contains(f[2], `name="`+name+`" value="`+value+`"`) {
			continue
		}
		data := url.Values{name: {value}}
		for _, h := range hidden.FindAllStringSubmatch(f[2], -1) {
			data.Set(h[1], html.UnescapeString(h[2]))
		}
		for _, s := range selects.FindAllStringSubmatch(f[2], -1) {
			if o := selected.FindStringSubmatch(s[2]); o != nil {
				data.Set(s[1], html.UnescapeString(o[1]))
			}
		}
		b.open(http.MethodPost, b.here(&url.URL{Path: f[1]}), data)
		return nil
	}
	return fmt.Errorf("no button %s=%s on %s: %s", name, value, b.At, b.HTML)
}
