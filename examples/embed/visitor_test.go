package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// answered is one answer that a visitor was given.
type answered struct {
	at     *url.URL
	status int
	header http.Header
	body   string
}

// visitor goes where links and forms lead, as a browser without script, and
// keeps every answer.
type visitor struct {
	t    *testing.T
	http *http.Client
	last answered
	all  []answered
}

func newVisitor(t *testing.T, transport http.RoundTripper) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &visitor{t: t, http: &http.Client{Jar: jar, Transport: transport, CheckRedirect: stay}}
}

// send sends a request and gives the answer, which is not followed.
func (v *visitor) send(method, address, body string, headers ...string) answered {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	for pair := range slices.Chunk(headers, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	resp, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.last = answered{resp.Request.URL, resp.StatusCode, resp.Header, string(text)}
	v.all = append(v.all, v.last)
	return v.last
}

// open gets a page, wherever that leads.
func (v *visitor) open(address string) answered {
	v.t.Helper()
	v.send(http.MethodGet, address, "")
	return v.follow()
}

func (v *visitor) follow() answered {
	v.t.Helper()
	for range 10 {
		to := v.last.header.Get("Location")
		if to == "" {
			return v.last
		}
		next, err := v.last.at.Parse(to)
		if err != nil {
			v.t.Fatal(err)
		}
		v.send(http.MethodGet, next.String(), "")
	}
	v.t.Fatalf("redirected for ever, at last to %s", v.last.at)
	return v.last
}

// press submits the form of the page at hand that has this button.
func (v *visitor) press(name, value string) answered {
	v.t.Helper()
	doc, err := html.Parse(strings.NewReader(v.last.body))
	if err != nil {
		v.t.Fatal(err)
	}
	for form := range doc.Descendants() {
		if form.Data != "form" {
			continue
		}
		data, found := url.Values{}, false
		for n := range form.Descendants() {
			switch {
			case n.Data == "button" && attribute(n, "name") == name && attribute(n, "value") == value:
				found = true
				data.Set(name, value)
			case n.Data == "input" && attribute(n, "name") != "" && attribute(n, "type") == "hidden":
				data.Set(attribute(n, "name"), attribute(n, "value"))
			}
		}
		if !found {
			continue
		}
		to, err := v.last.at.Parse(attribute(form, "action"))
		if err != nil {
			v.t.Fatal(err)
		}
		v.send(http.MethodPost, to.String(), data.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		return v.follow()
	}
	v.t.Fatalf("no button %s=%s at %s (%d):\n%s", name, value, v.last.at, v.last.status, v.last.body)
	return v.last
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// linking are the attributes that lead somewhere.
var linking = []string{"href", "src", "action", "formaction", "poster", "data-status"}

var (
	styleURL   = regexp.MustCompile(`url\(["']?([^"')]+)`)
	refreshURL = regexp.MustCompile(`(?i)^\s*\d+\s*;\s*url=(.*)$`)
	jsonPath   = regexp.MustCompile(`^/[a-z0-9]`)
)

// leads are the addresses that an answer leads to: its headers', its page's,
// its style sheet's, and every text of its JSON that is one.
func (a answered) leads() ([]string, error) {
	var list []string
	for _, name := range []string{"Location", "Content-Location", "Link", "Refresh"} {
		if text := a.header.Get(name); text != "" {
			list = append(list, text)
		}
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	switch {
	case kind == "text/html":
		doc, err := html.ParseWithOptions(strings.NewReader(a.body), html.ParseOptionEnableScripting(false)) // what is in noscript too
		if err != nil {
			return nil, err
		}
		for n := range doc.Descendants() {
			list = append(list, pageLeads(n)...)
		}
	case kind == "text/css":
		for _, m := range styleURL.FindAllStringSubmatch(a.body, -1) {
			list = append(list, m[1])
		}
	case strings.HasSuffix(kind, "json"):
		var v any
		if err := json.Unmarshal([]byte(a.body), &v); err != nil {
			return nil, fmt.Errorf("read %s: %w", a.at, err)
		}
		list = append(list, jsonLeads(v)...)
	}
	return list, nil
}

func pageLeads(n *html.Node) []string {
	var list []string
	for _, name := range linking {
		if to := attribute(n, name); to != "" {
			list = append(list, to)
		}
	}
	if m := refreshURL.FindStringSubmatch(attribute(n, "content")); m != nil {
		list = append(list, m[1])
	}
	return list
}

func jsonLeads(v any) []string {
	var list []string
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if name != "pointer" && name != "required_fields" { // those point into a request's body
				list = append(list, jsonLeads(inner)...)
			}
		}
	case []any:
		for _, inner := range v {
			list = append(list, jsonLeads(inner)...)
		}
	case string:
		if strings.Contains(v, "://") && !strings.Contains(v, " ") || jsonPath.MatchString(v) {
			list = append(list, v)
		}
	}
	return list
}

// strays are the addresses in an answer of the gateway at base that are on its
// host and not below its path, and the bodies that speak of such.
func (a answered) strays(base string) ([]string, error) {
	root, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	leads, err := a.leads()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, to := range leads {
		u, err := a.at.Parse(to)
		if err != nil {
			return nil, fmt.Errorf("%s leads to %q: %w", a.at, to, err)
		}
		if u.Host == root.Host && !strings.HasPrefix(u.Path+"/", root.Path+"/") {
			found = append(found, to)
		}
	}
	for rest := a.body; ; { // addresses in running text, scripts and examples
		i := strings.Index(rest, root.Host)
		if i < 0 {
			return found, nil
		}
		if rest = rest[i+len(root.Host):]; !strings.HasPrefix(rest, root.Path) && !strings.HasPrefix(rest, url.PathEscape(root.Path)) {
			found = append(found, fmt.Sprintf("%s%.20s", root.Host, rest))
		}
	}
}
