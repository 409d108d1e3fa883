package omnikassatest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
)

// Visitor is a consumer's browser without script on the bank's pages. It
// stops at addresses elsewhere.
type Visitor struct {
	bank http.Handler
	at   string // path of the last page
	// HTML is the last page.
	HTML string
	Gone string // the address elsewhere that it was sent to
}

// Visit opens a page by its path.
func Visit(bank http.Handler, path string) *Visitor {
	v := &Visitor{bank: bank}
	v.open("GET", path, "")
	return v
}

func (v *Visitor) open(method, path, form string) {
	for range 10 {
		r := httptest.NewRequest(method, "https://bank.example"+path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		v.bank.ServeHTTP(w, r)
		v.at, v.HTML = path, w.Body.String()
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || w.Code != http.StatusSeeOther {
			return
		}
		if to.IsAbs() {
			v.Gone = to.String()
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

// Press presses the button of this name and value.
func (v *Visitor) Press(name, value string) error {
	for _, f := range forms.FindAllStringSubmatch(v.HTML, -1) {
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
	return fmt.Errorf("no button %s=%s on %s: %s", name, value, v.at, v.HTML)
}
