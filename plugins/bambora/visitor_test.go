package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
)

// visitor is a consumer's browser without script on the provider's pages. It
// stops at addresses elsewhere.
type visitor struct {
	provider http.Handler
	at       string // path of the last page
	html     string
	gone     string // the address elsewhere that it was sent to
}

// visit opens a page by its path.
func visit(h http.Handler, path string) *visitor {
	v := &visitor{provider: h}
	v.open("GET", path, "")
	return v
}

func (v *visitor) open(method, path, form string) {
	for range 10 {
		r := httptest.NewRequest(method, "https://window.example"+path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		v.provider.ServeHTTP(w, r)
		v.at, v.html = path, w.Body.String()
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || w.Code != http.StatusSeeOther {
			return
		}
		if to.IsAbs() {
			v.gone = to.String()
			return
		}
		here, _ := url.Parse(path)
		method, path, form = "GET", here.ResolveReference(to).String(), ""
	}
}

var (
	forms  = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)">(.*?)</form>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// press presses the button of this name and value.
func (v *visitor) press(name, value string) error {
	for _, f := range forms.FindAllStringSubmatch(v.html, -1) {
		if !strings.Contains(f[2], `name="`+name+`" value="`+value+`"`) {
			continue
		}
		data := url.Values{name: {value}}
		for _, h := range hidden.FindAllStringSubmatch(f[2], -1) {
			data.Set(h[1], h[2])
		}
		here, _ := url.Parse(v.at)
		v.open("POST", here.ResolveReference(&url.URL{Path: f[1]}).String(), data.Encode())
		return nil
	}
	return fmt.Errorf("no button %s=%s on %s: %s", name, value, v.at, v.html)
}
