package host_test

import (
	"cmp"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser is a consumer without script.
type browser struct {
	t    *testing.T
	c    *http.Client
	at   *url.URL
	text string
	code int
	// location is where the answer leads that was not followed.
	location string
	header   http.Header
	// fills are what is typed into fields of the next form.
	fills map[string]string
}

func newBrowser(t *testing.T) *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t: t, c: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

func (b *browser) open(address string) *browser {
	b.t.Helper()
	resp, err := b.c.Get(address)
	return b.read(resp, err)
}

func (b *browser) read(resp *http.Response, err error) *browser {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.text, b.code, b.location = resp.Request.URL, string(body), resp.StatusCode, resp.Header.Get("Location")
	b.header = resp.Header
	return b
}

var (
	formPattern  = regexp.MustCompile(`(?s)<form[^>]*>.*?</form>`)
	inputPattern = regexp.MustCompile(`<input[^>]*>`)
	// selectPattern finds what is selected in lists.
	selectPattern = regexp.MustCompile(`(?s)<select[^>]* name="([^"]+)"[^>]*>(?:[^<]|<[^/s]|</[^s])*?<option value="([^"]+)" selected>`)
	attr          = func(tag, name string) string {
		m := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(tag)
		if m == nil {
			return ""
		}
		return strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(m[1])
	}
)

// press submits the form whose button has this name and value.
func (b *browser) press(name, value string) *browser {
	b.t.Helper()
	button := regexp.MustCompile(`<button[^>]*name="` + name + `"[^>]*value="` + value + `"`)
	for _, f := range formPattern.FindAllString(b.text, -1) {
		if button.MatchString(f) {
			return b.submit(f, url.Values{name: {value}})
		}
	}
	b.t.Fatalf("no button %s=%s on %s (%d):\n%s", name, value, b.at, b.code, b.text)
	return b
}

// submit posts a form as it stands on the page, with the values of its button.
func (b *browser) submit(form string, data url.Values) *browser {
	b.t.Helper()
	for _, in := range inputPattern.FindAllString(form, -1) {
		if n := attr(in, "name"); n != "" && attr(in, "type") != "radio" {
			data.Set(n, cmp.Or(b.fills[n], attr(in, "value")))
		}
	}
	for _, in := range selectPattern.FindAllStringSubmatch(form, -1) {
		data.Set(in[1], in[2])
	}
	b.fills = nil
	to, err := b.at.Parse(attr(form[:strings.Index(form, ">")+1], "action"))
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := b.c.PostForm(to.String(), data)
	return b.read(resp, err)
}
