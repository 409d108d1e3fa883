package shop

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestBasket_oddCookies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ cookie, want string }{
		"nothing":         {"", ""},
		"nonsense":        {"???", ""},
		"unknown product": {"gold.1_mug.1", "mug.1"},
		"no number":       {"mug", ""},
		"negative":        {"mug.-3", ""},
		"zero":            {"mug.0", ""},
		"too many":        {"mug.999999", "mug.20"},
		"overflow":        {"mug.99999999999999999999", ""},
		"twice":           {"mug.2_mug.3", "mug.5"},
		"adds up to many": {"mug.20_mug.20", "mug.20"},
		"other order":     {"mug.1_coffee.2", "coffee.2_mug.1"},
		"odd reference":   {"mug.1!<script>", "mug.1"},
		"reference":       {"mug.1!MM-ABCDEFGHIJKL", "mug.1!MM-ABCDEFGHIJKL"},
		"huge":            {strings.Repeat("mug.1_", 200), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Cookie", cookieName+"="+c.cookie)
			if got := readBasket(r).text(); got != c.want {
				t.Errorf("cookie %q: got %q, want %q", c.cookie, got, c.want)
			}
		})
	}
}

func TestBasket_oddChanges(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	for name, f := range map[string]url.Values{
		"nothing":         {},
		"unknown product": {"product": {"gold"}, "change": {"add"}},
		"unknown change":  {"product": {"mug"}, "change": {"steal"}},
		"huge":            {"product": {strings.Repeat("m", maxForm)}, "change": {"add"}},
	} {
		t.Run(name, func(t *testing.T) {
			if a := v.post("/basket?lang=en", f); a.status != http.StatusUnprocessableEntity {
				t.Errorf("got %d, want 422", a.status)
			}
		})
	}
}

func TestBasket_changes(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	v.add("mug")
	change := func(what, want string) {
		t.Helper()
		a := v.post("/basket?lang=en", url.Values{"product": {"mug"}, "change": {what}})
		if a.status != http.StatusSeeOther || a.location != "/?lang=en#basket" {
			t.Errorf("%s: got %d to %q", what, a.status, a.location)
		}
		c := a.header.Get("Set-Cookie")
		if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
			t.Errorf("cookie %q: want HttpOnly and SameSite=Lax", c)
		}
		if home := v.get("/?lang=en").text; !strings.Contains(home, want) {
			t.Errorf("after %s the page lacks %q", what, want)
		}
	}
	change("more", "€35.00") // two mugs: delivery is free
	change("less", "€21.45") // one and delivery
	change("less", "basket is still empty")
	change("less", "basket is still empty")
}

func TestBasket_shipping(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cookie          string
		shipping, total int64
	}{{"", 0, 0}, {"stroopwafels.1", 395, 1090}, {"mug.1_coffee.1", 395, 3540}, {"stroopwafels.5", 395, 3870}, {"mug.2", 0, 3500}, {"coffee.20_mug.20_stroopwafels.20", 0, 76800}} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", cookieName+"="+c.cookie)
		if b := readBasket(r); b.shipping() != c.shipping || b.total() != c.total {
			t.Errorf("%q: got %d and %d, want %d and %d", c.cookie, b.shipping(), b.total(), c.shipping, c.total)
		}
	}
}

func TestTaxIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ amount, rate, want int64 }{{0, 21, 0}, {1, 21, 0}, {121, 21, 21}, {109, 9, 9}, {1395, 9, 115}, {1750, 21, 304}, {100, 0, 0}} {
		if got := taxIn(c.amount, c.rate); got != c.want {
			t.Errorf("tax of %d%% in %d: got %d, want %d", c.rate, c.amount, got, c.want)
		}
	}
}
