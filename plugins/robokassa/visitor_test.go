package main

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// visitor is a buyer's browser without script on the provider's pages. It
// stops at addresses elsewhere.
type visitor struct {
	provider http.Handler
	at       string // path of the last page
	html     string
	gone     string // the address elsewhere that it was sent to
}

// visit carries an action out as the gateway's page does: it posts the form.
func visit(provider http.Handler, a contract.Action) *visitor {
	form := url.Values{}
	for _, f := range a.Fields {
		form.Add(f[0], f[1])
	}
	u, err := url.Parse(a.URL)
	if err != nil {
		panic(err)
	}
	v := &visitor{provider: provider}
	v.open("POST", u.Path, form.Encode())
	return v
}

func (v *visitor) open(method, path, form string) {
	for range 10 {
		r := httptest.NewRequest(method, home+path, strings.NewReader(form))
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
	chosen = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// press presses the button of this outcome, with the way that is chosen.
func (v *visitor) press(outcome string) error {
	for _, f := range forms.FindAllStringSubmatch(v.html, -1) {
		if !strings.Contains(f[2], `name="outcome" value="`+outcome+`"`) {
			continue
		}
		data := url.Values{"outcome": {outcome}}
		for _, h := range hidden.FindAllStringSubmatch(f[2], -1) {
			data.Set(h[1], html.UnescapeString(h[2]))
		}
		if m := chosen.FindStringSubmatch(f[2]); m != nil {
			data.Set("label", m[1])
		}
		here, _ := url.Parse(v.at)
		v.open("POST", here.ResolveReference(&url.URL{Path: f[1]}).String(), data.Encode())
		return nil
	}
	return fmt.Errorf("no button %s on %s: %s", outcome, v.at, v.html)
}
