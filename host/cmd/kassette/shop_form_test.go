package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// sendForm signs a form with the command and posts it, as a consumer's browser
// does; it gives the status.
func (g *till) sendForm(key string) int {
	g.t.Helper()
	r := runIn(g.t, g.dir, nil, "form", "sign", "wafels", "--gateway", g.gateway, "--key", key, "--secret-file", "wafels-"+key+".secret", "--amount", "10.00 EUR", "--json")
	var form struct {
		Action string
		Fields map[string]string
	}
	if err := json.Unmarshal([]byte(r.out), &form); err != nil {
		g.t.Fatalf("%v: %s%s", err, r.out, r.err)
	}
	data := url.Values{}
	for name, v := range form.Fields {
		data.Set(name, v)
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.PostForm(form.Action, data)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// A shop that was added by the command takes forms as soon as it has a key for
// them, and none any more when that has ended; what it prints is what signs.
func TestShop_formKeySigns(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	g.shop("add", "wafels", "--origin", "https://wafels.example").says(t, 0, []string{"API key"}, []string{"added"})
	r := g.shop("add-form-key", "wafels", "donate")
	write(t, g.dir, "wafels-donate.secret", r.out)
	if status := g.sendForm("donate"); status != http.StatusSeeOther {
		t.Errorf("a form: got %d, want 303", status)
	}
	g.shop("end-form-key", "wafels", "donate").says(t, 0, []string{"taken no more"}, nil)
	if status := g.sendForm("donate"); status != http.StatusNotFound {
		t.Errorf("a form whose key has ended: got %d, want 404", status)
	}
	if strings.Contains(g.err.String(), strings.TrimSpace(r.out)) {
		t.Error("the gateway's log has the secret")
	}
}
