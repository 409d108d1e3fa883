package shop

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMarketOf_oddValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ query, cookie, want string }{
		"nothing":                {"", "", "EUR"},
		"unknown link":           {"?currency=XAU", "", "EUR"},
		"unknown cookie":         {"", "XAU", "EUR"},
		"unknown link, a cookie": {"?currency=%3Cscript%3E", "JPY", "JPY"},
		"small letters":          {"?currency=sek", "", "EUR"},
		"link before cookie":     {"?currency=SEK", "JPY", "SEK"},
		"cookie":                 {"", "RUB", "RUB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/"+c.query, nil)
			r.Header.Set("Cookie", marketCookie+"="+c.cookie)
			if got := marketOf(r).Currency; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Every market has a price for everything, and shipping that can be saved.
func TestMarkets_complete(t *testing.T) {
	t.Parallel()
	for _, m := range markets {
		for _, p := range m.goods() {
			if p.Price <= 0 || p.TaxRate <= 0 {
				t.Errorf("%s: %s costs %d with %d %% tax", m.Currency, p.ID, p.Price, p.TaxRate)
			}
		}
		if m.shipping <= 0 || m.freeFrom <= m.shipping {
			t.Errorf("%s: shipping %d, free from %d", m.Currency, m.shipping, m.freeFrom)
		}
	}
}

// An order is placed in the currency of the window, and stays in it when the
// consumer looks at the window of another.
func TestMarket_orderInYen(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	if home := v.get("/?lang=en&currency=JPY").text; !strings.Contains(home, "¥2,800") || strings.Contains(home, "€2") {
		t.Error("the window does not show yen")
	}
	reference, _ := v.buy()
	o := v.api.created[0]
	if o.Amount != (money{3450, "JPY"}) || o.Country != "JP" {
		t.Errorf("got %+v in %s, want 3450 yen in Japan", o.Amount, o.Country)
	}
	v.get("/?lang=en&currency=EUR")
	if page := v.get("/orders/" + reference + "?lang=en").text; !strings.Contains(page, "¥3,450") {
		t.Error("the order is not shown in yen")
	}
}
