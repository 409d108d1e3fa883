package omnikassa

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestPull_unknownEvent(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(Success, nil)
	got := s.call("GET", apiBase+"/order/server/api/v2/events/results/other.event", s.webhook.last(t).Authentication, "")
	if got.status != http.StatusNotFound || s.sim.Books().Waiting != 1 {
		t.Errorf("got %d %s, want 404 and the result still waiting", got.status, got.body)
	}
}

func TestPull_results(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcome          Outcome
		status, tx, paid string
	}{
		{Success, orderCompleted, txSuccess, "4999"},
		{Cancelled, orderCancelled, txCancelled, "0"},
		{Expired, orderExpired, txExpired, "0"},
	} {
		t.Run(string(c.outcome), func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			id := s.paid(c.outcome, object{"paymentBrand": "VISA", "paymentBrandForce": "FORCE_ALWAYS"})
			got := s.call("GET", resultsPath, s.webhook.last(t).Authentication, "")
			if !strings.Contains(string(got.body), `"poiId":"5000"`) || !strings.Contains(string(got.body), `"amount":"4999"`) {
				t.Errorf("got %s, want poiId and amounts as text", got.body)
			}
			if null := strings.Contains(string(got.body), `"confirmedAmount":null`); null == (c.outcome == Success) {
				t.Errorf("got %s, want confirmedAmount null unless paid", got.body)
			}
			o := s.order(id)
			if o.Status != c.status || o.Transactions[0].Status != c.tx || o.Pulled != 1 {
				t.Errorf("got %+v, want %s with transaction %s, pulled once", o, c.status, c.tx)
			}
			if want := pageSignature(t, demoKey, got.body); !strings.Contains(string(got.body), want) {
				t.Errorf("got %s, want signature %s", got.body, want)
			}
			if !strings.Contains(string(got.body), `"paidAmount":{"currency":"EUR","amount":"`+c.paid+`"}`) {
				t.Errorf("got %s, want %s paid", got.body, c.paid)
			}
		})
	}
}

func TestPull_v1HasNoTransactions(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(Success, nil)
	path := apiBase + "/order/server/api/events/results/" + eventName
	token := s.webhook.last(t).Authentication
	got := s.call("GET", path, token, "")
	if strings.Contains(string(got.body), "transactions") {
		t.Errorf("got %s, want no transactions", got.body)
	}
	r := regexp.MustCompile(`"orderStatusDateTime":"([^"]*)"`).FindSubmatch(got.body)
	if r == nil || !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$`).Match(r[1]) {
		t.Errorf("got %s, want a time with milliseconds and an offset with a colon", got.body)
	}
	if want := pageSignature(t, demoKey, got.body); !strings.Contains(string(got.body), want) {
		t.Errorf("got %s, want signature %s", got.body, want)
	}
	if again := s.verifiedPull(path, token); len(again.Results) != 0 || again.More {
		t.Errorf("second pull: got %+v, want nothing", again)
	}
}

func TestPull_pagesOfHundredThenDrained(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const orders = 230
	for i := range orders {
		id, _ := s.announced(object{"merchantOrderId": fmt.Sprintf("order%d", i)})
		if err := s.sim.Settle(id, Success); err != nil {
			t.Fatal(err)
		}
	}
	s.settled()
	token := s.webhook.last(t).Authentication
	seen := map[string]bool{}
	for i, want := range []struct {
		results int
		more    bool
	}{{100, true}, {100, true}, {30, false}, {0, false}} {
		p := s.verifiedPull(resultsPath, token)
		if len(p.Results) != want.results || p.More != want.more {
			t.Errorf("page %d: got %d results, more %v; want %d, %v", i+1, len(p.Results), p.More, want.results, want.more)
		}
		for _, r := range p.Results {
			seen[r.MerchantOrderID] = true
		}
	}
	if len(seen) != orders {
		t.Errorf("got %d different orders, want %d", len(seen), orders)
	}
}

func TestPull_cancelledBeforeAnyTry(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, page := s.announced(nil)
	s.visit(page).press("leave", "1")
	s.settled()
	got := s.call("GET", resultsPath, s.webhook.last(t).Authentication, "")
	if !strings.Contains(string(got.body), `"transactions":[]`) || pageSignature(t, demoKey, got.body) != s.member(got, "signature") {
		t.Errorf("got %s, want an empty list that adds nothing to the signature", got.body)
	}
}

func TestPull_signedWithTheKeyOfTheNotification(t *testing.T) {
	t.Parallel()
	second := "c2VjcmV0"
	s := newShop(t, func(c *Config) { c.SigningKeys = []string{DemoSigningKey, second} })
	s.paid(Success, nil)
	s.paid(Cancelled, nil)
	if len(s.webhook.got) < 4 {
		t.Fatalf("got %d notifications, want one for each key and order", len(s.webhook.got))
	}
	for i, n := range s.webhook.got {
		text := strings.Join([]string{n.Authentication, n.Expiry, n.EventName, "5000"}, ",")
		fits := 0
		for _, key := range [][]byte{demoKey, []byte("secret")} {
			if textSignature(key, text) == n.Signature {
				fits++
			}
		}
		if fits != 1 {
			t.Errorf("notification %d verifies with %d keys, want 1", i, fits)
		}
	}
	first, other := s.webhook.got[0], s.webhook.got[1]
	got := s.call("GET", resultsPath, other.Authentication, "")
	if want := pageSignature(t, []byte("secret"), got.body); !strings.Contains(string(got.body), want) {
		t.Errorf("pull with the second key's token: got %s, want signature %s", got.body, want)
	}
	if p := s.verifiedPull(resultsPath, first.Authentication); len(p.Results) != 0 {
		t.Errorf("pull with the first key's token afterwards: got %d results, want none", len(p.Results))
	}
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"/omnikassa-api", "/omnikassa-api-sandbox", "//omnikassa-api", "/omnikassa-api/"} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			token := s.member(s.call("GET", base+"/gatekeeper/refresh", DemoRefreshToken, ""), "token")
			got := s.call("POST", base+"/order/server/api/v2/order", token, draft(nil))
			if got.status != http.StatusCreated {
				t.Fatalf("announce: got %d %s", got.status, got.body)
			}
			id := s.member(got, "omnikassaOrderId")
			for _, root := range []string{"", base} {
				if got := s.call("GET", root+"/v2/orders/"+id, token, ""); got.status != http.StatusOK {
					t.Errorf("order below %q: got %d %s", root, got.status, got.body)
				}
				if got := s.call("GET", root+"/v1/shopper-payment-details?shopper-ref=a", token, ""); got.status != http.StatusOK {
					t.Errorf("cards below %q: got %d %s", root, got.status, got.body)
				}
			}
		})
	}
	s := newShop(t)
	for _, path := range []string{"/gatekeeper/refresh", "/omnikassa/omnikassa-api/gatekeeper/refresh", apiBase + "/order/server/api/order", "/"} {
		if got := s.call("GET", path, DemoRefreshToken, ""); got.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got.status)
		}
	}
}
