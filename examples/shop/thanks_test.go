package shop

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestThanks_forged(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	reference, id := v.buy()
	now := time.Now().UTC()
	at := now.Format(time.RFC3339)
	good := func() url.Values { return signReturn(v.shop.secret, id, "paid", reference, at) }
	with := func(name string, values ...string) url.Values {
		q := good()
		q[name] = values
		return q
	}
	for name, q := range map[string]url.Values{
		"nothing":           {},
		"no signature":      with("signature"),
		"empty signature":   with("signature", ""),
		"no hex":            with("signature", "zz"),
		"half a signature":  with("signature", good().Get("signature")[:32]),
		"two signatures":    with("signature", good().Get("signature"), "00"),
		"another status":    with("status", "open"),
		"another order":     with("order", "ord_2"),
		"another reference": with("reference", "MM-AAAAAAAAAAAA"),
		"another time":      with("timestamp", now.Add(time.Second).Format(time.RFC3339)),
		"two statuses":      with("status", "paid", "open"),
		"another secret":    signReturn([]byte("another secret of another shop"), id, "paid", reference, at),
		"too old":           signReturn(v.shop.secret, id, "paid", reference, now.Add(-25*time.Hour).Format(time.RFC3339)),
		"from the future":   signReturn(v.shop.secret, id, "paid", reference, now.Add(time.Hour).Format(time.RFC3339)),
		"no time":           signReturn(v.shop.secret, id, "paid", reference, "now"),
	} {
		t.Run(name, func(t *testing.T) {
			a := v.get("/thanks?" + q.Encode())
			if a.status != http.StatusForbidden || strings.Contains(a.text, "1 × Mug") {
				t.Errorf("got %d, want 403 without the order", a.status)
			}
		})
	}
}

func TestThanks_showsWhatTheShopKnows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said, is string
		want     []string
		not      string
	}{
		"paid":                       {"paid", "paid", []string{"Thank you!", "1 × Mug", "We are packing", `href="/story?order=ord_1"`}, "/pay/ord_1.secret"},
		"authorized":                 {"authorized", "authorized", []string{"Thank you!"}, "Not paid"},
		"pending watches":            {"pending", "pending", []string{"Waiting for your bank", `http-equiv="refresh"`, "watch.js", "/pay/ord_1.secret"}, "Thank you!"},
		"the address is no proof":    {"paid", "open", []string{"Not paid yet", "Nothing was charged"}, "Thank you!"},
		"paid although it said open": {"open", "paid", []string{"Thank you!"}, "Not paid"},
		"expired":                    {"expired", "expired", []string{"The time to pay is over"}, "/pay/ord_1.secret"},
		"cancelled":                  {"cancelled", "cancelled", []string{"Order cancelled"}, "/pay/ord_1.secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			reference, id := v.buy()
			v.api.set(id, c.is, 7)
			q := signReturn(v.shop.secret, id, c.said, reference, time.Now().UTC().Format(time.RFC3339))
			a := v.get("/thanks?" + q.Encode())
			if a.status != http.StatusOK {
				t.Fatalf("got %d, want 200", a.status)
			}
			for _, want := range c.want {
				if !strings.Contains(a.text, want) {
					t.Errorf("the page lacks %q:\n%s", want, a.text)
				}
			}
			if strings.Contains(a.text, c.not) {
				t.Errorf("the page says %q", c.not)
			}
		})
	}
}

func TestThanks_gatewayDown(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	reference, id := v.buy()
	v.api.Close()
	q := signReturn(v.shop.secret, id, "paid", reference, time.Now().UTC().Format(time.RFC3339))
	if a := v.get("/thanks?" + q.Encode()); a.status != http.StatusOK || !strings.Contains(a.text, "Not paid yet") {
		t.Errorf("got %d, want what the shop knew", a.status)
	}
}

func TestOrder_unknownAndNews(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	for _, path := range []string{"/orders/MM-AAAAAAAAAAAA", "/orders/x%2fy", "/orders/MM-AAAAAAAAAAAA/status", "/nothing"} {
		if a := v.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, a.status)
		}
	}
	reference, id := v.buy()
	first := v.get("/orders/" + reference + "/status").text
	if again := v.get("/orders/" + reference + "/status").text; again != first {
		t.Errorf("no news, but %q became %q", first, again)
	}
	v.tell("a", time.Now(), noticeOf("order.paid", 4, apiOrder{ID: id, Reference: reference, Status: "paid", Version: 4}))
	if now := v.get("/orders/" + reference + "/status").text; now == first {
		t.Errorf("news, but still %q", now)
	}
	if home := v.get("/?lang=en").text; !strings.Contains(home, "basket is still empty") {
		t.Error("the basket of a paid order is still full")
	}
}
