package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// visitor is a consumer with a browser without script.
type visitor struct {
	*testing.T
	client *http.Client
	at     *url.URL
	page   string
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{T: t, client: &http.Client{Jar: jar}}
}

// open opens a page, wherever that leads.
func (v *visitor) open(address string) {
	v.Helper()
	v.take(v.client.Get(address))
}

func (v *visitor) take(resp *http.Response, err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.Fatal(err)
	}
	v.at, v.page = resp.Request.URL, string(text)
}

// press submits the form that has this button.
func (v *visitor) press(name, value string) {
	v.Helper()
	doc, err := html.Parse(strings.NewReader(v.page))
	if err != nil {
		v.Fatal(err)
	}
	for form := range doc.Descendants() {
		data := url.Values{name: {value}}
		found := false
		for n := range form.Descendants() {
			found = found || n.Data == "button" && attribute(n, "name") == name && attribute(n, "value") == value
			if n.Data == "input" && attribute(n, "type") == "hidden" {
				data.Set(attribute(n, "name"), attribute(n, "value"))
			}
		}
		if form.Data != "form" || !found {
			continue
		}
		to, err := v.at.Parse(attribute(form, "action"))
		if err != nil {
			v.Fatal(err)
		}
		v.take(v.client.PostForm(to.String(), data))
		return
	}
	v.Fatalf("no button %s=%s at %s:\n%s", name, value, v.at, v.page)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
