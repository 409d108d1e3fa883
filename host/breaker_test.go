package host_test

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// The methods of a provider that fails again and again are marked, in the API
// and on the page, or left out of the page where the shop wants that; when it
// answers they are back.
func TestBreaker_open_methodIsMarkedOrHidden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(string) string
		page string
	}{
		"shown with the reason": {nil, `<div class="method off">`},
		"hidden": {func(text string) string {
			return strings.Replace(text, "    accent:", "    hide_unavailable: true\n    accent:", 1)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, options{edit: c.edit}, "ideal", "bambora")
			if err := s.bambora.Faults().Set(control.Fault{Name: "unavailable", Call: "session"}); err != nil {
				t.Fatal(err)
			}
			for i := range 5 {
				o := s.order("r-"+string(rune('0'+i)), nil)
				a := s.send("POST", "/v1/orders/"+o["id"].(string)+"/payments", `{"method": "card"}`)
				if a.Status < 500 && a.kind() != "method-not-possible" {
					t.Fatalf("payment %d: %d %s", i, a.Status, a.Raw)
				}
			}
			methods := map[string]map[string]any{}
			for _, m := range s.send("GET", "/v1/methods?amount=4999&currency=EUR&country=NL", "").Body["items"].([]any) {
				methods[m.(map[string]any)["id"].(string)] = m.(map[string]any)
			}
			if m := methods["card"]; m["available"] != false || m["reason"] != "provider_unavailable" {
				t.Errorf("the method is %v", m)
			}
			if m := methods["ideal"]; m["available"] != true || m["reason"] != nil {
				t.Errorf("the other provider's method is %v", m)
			}
			o := s.order("r-9", nil)
			b := newBrowser(t).open(o["checkout_url"].(string))
			if strings.Contains(b.text, `value="card"`) || !strings.Contains(b.text, `value="ideal"`) {
				t.Errorf("the page offers:\n%s", b.text)
			}
			if c.page != "" && !strings.Contains(b.text, c.page) || c.page == "" && strings.Contains(b.text, `class="method off"`) {
				t.Errorf("the page shows:\n%s", b.text)
			}
		})
	}
}

// An order of a shop without a page of its own ends on the gateway's.
func TestNoReturnURL_resultIsShown(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "ideal")
	o := s.order("r-1", func(spec map[string]any) { delete(spec, "return_url"); delete(spec, "cancel_url") })
	b := s.chosen(o, "ideal").follow("").press("outcome", "success").follow("")
	s.wait(o["id"].(string), "paid")
	if b.open(b.at.String()).follow(""); b.at.Path != strings.TrimPrefix(o["checkout_url"].(string), s.gateway) || !strings.Contains(b.text, "<h1>Betaald</h1>") {
		t.Errorf("the consumer is at %s (%d): %s", b.at, b.code, b.words())
	}
	if strings.Contains(b.text, `href=""`) || strings.Contains(b.words(), "Terug naar") {
		t.Errorf("the page leads nowhere:\n%s", b.text)
	}
}
