package shoptest

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Shopper is a browser without script: it follows redirects, keeps cookies,
// and presses buttons of forms.
type Shopper struct {
	t      *testing.T
	Client *http.Client
	At     *url.URL // where it is
	Page   string   // what it sees
}

// NewShopper gives one that was nowhere yet.
func NewShopper(t *testing.T) *Shopper {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Shopper{t: t, Client: &http.Client{Jar: jar}}
}

// Open goes to an address, wherever that leads.
func (s *Shopper) Open(address string) {
	s.t.Helper()
	s.Went(s.Client.Get(address))
}

// Post sends a form.
func (s *Shopper) Post(address string, form url.Values) {
	s.t.Helper()
	s.Went(s.Client.PostForm(address, form))
}

// Went reads the answer that it got.
func (s *Shopper) Went(resp *http.Response, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.At, s.Page = resp.Request.URL, string(page)
}

var (
	forms  = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// Press presses the button of this name and value.
func (s *Shopper) Press(name, value string) {
	s.t.Helper()
	for _, f := range forms.FindAllStringSubmatch(s.Page, -1) {
		if !strings.Contains(f[2], `name="`+name+`" value="`+value+`"`) {
			continue
		}
		to, err := s.At.Parse(html.UnescapeString(f[1]))
		if err != nil {
			s.t.Fatal(err)
		}
		data := url.Values{name: {value}}
		for _, h := range hidden.FindAllStringSubmatch(f[2], -1) {
			data.Set(h[1], html.UnescapeString(h[2]))
		}
		s.Post(to.String(), data)
		return
	}
	s.t.Fatalf("no button %s=%s at %s:\n%s", name, value, s.At, s.Page)
}

// Follow waits for a link that begins so, and goes there.
func (s *Shopper) Follow(address string) {
	s.t.Helper()
	link := regexp.MustCompile(`href="(` + regexp.QuoteMeta(address) + `[^"]*)"`)
	Eventually(s.t, "a link to "+address, func() bool {
		found := link.FindStringSubmatch(s.Page)
		if found == nil {
			s.Open(s.At.String())
			return false
		}
		s.Open(html.UnescapeString(found[1]))
		return true
	})
}

// Back waits, as the gateway's page does by itself, until the shopper is at a
// page of the shop, and wants its path to be this one.
func (s *Shopper) Back(shopURL, path string) {
	s.t.Helper()
	Eventually(s.t, "the way back to "+path, func() bool {
		if shopURL == s.At.Scheme+"://"+s.At.Host {
			return true
		}
		s.Open(s.At.String())
		return false
	})
	if s.At.Path != path {
		s.t.Errorf("the shopper is at %s, want %s", s.At, path)
	}
}
