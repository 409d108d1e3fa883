package omnikassa

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"
	"time"
)

func TestTokens_refused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(Success, nil)
	note := s.webhook.last(t).Authentication
	const tx = apiBase + "/order/server/api/v2/refund/transactions/x"
	calls := map[string]struct{ method, path, right string }{
		callRefresh:           {"GET", apiBase + "/gatekeeper/refresh", "refresh"},
		callAnnounce:          {"POST", apiBase + "/order/server/api/v2/order", "access"},
		"pull v1":             {"GET", apiBase + "/order/server/api/events/results/" + eventName, "notification"},
		"pull v2":             {"GET", resultsPath, "notification"},
		callBrands:            {"GET", apiBase + "/order/server/api/payment-brands", "access"},
		callIssuers:           {"GET", apiBase + "/ideal/server/api/v2/issuers", "access"},
		callRefund:            {"POST", tx + "/refunds", "access"},
		callRefundDetails:     {"GET", tx + "/refunds/y", "access"},
		callRefundableDetails: {"GET", tx + "/refundable-details", "access"},
		callOrder:             {"GET", "/v2/orders/x", "access"},
		callCards:             {"GET", "/v1/shopper-payment-details?shopper-ref=a", "access"},
		callDeleteCard:        {"DELETE", "/v1/shopper-payment-details/x?shopper-ref=a", "access"},
	}
	tokens := map[string]string{"none": "", "garbage": "garbage", "refresh": DemoRefreshToken, "access": s.access, "notification": note}
	for name, c := range calls {
		for kind, token := range tokens {
			t.Run(name+" with "+kind, func(t *testing.T) {
				got := s.call(c.method, c.path, token, "{}")
				refused := got.status == http.StatusUnauthorized
				if refused == (kind == c.right) {
					t.Errorf("got %d %s", got.status, got.body)
				}
				const want = `{"errorCode":5001,"errorMessage":"Full authentication is required to access this resource"}`
				if refused && string(got.body) != want {
					t.Errorf("got %s, want %s", got.body, want)
				}
			})
		}
	}
	if got := s.call("GET", apiBase+"/gatekeeper/refresh", "", "", "Authorization", "Basic "+DemoRefreshToken); got.status != http.StatusUnauthorized {
		t.Errorf("basic authorisation: got %d, want 401", got.status)
	}
}

func TestTokens_lives(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	brands := func() int { return s.call("GET", apiBase+"/order/server/api/payment-brands", s.access, "").status }
	s.advance(DefaultAccessTokenLife - time.Minute)
	if got := brands(); got != http.StatusOK {
		t.Errorf("a minute before the end: got %d, want 200", got)
	}
	s.advance(time.Minute)
	if got := brands(); got != http.StatusUnauthorized {
		t.Errorf("at the end: got %d, want 401", got)
	}
	s.access = s.newToken()
	s.paid(Success, nil)
	note := s.webhook.last(t)
	expiry, err := time.Parse("2006-01-02T15:04:05.000-07:00", note.Expiry)
	if err != nil {
		t.Fatal(err)
	}
	s.advance(expiry.Sub(s.sim.Now()) + time.Millisecond)
	if got := s.call("GET", resultsPath, note.Authentication, ""); got.status != http.StatusUnauthorized {
		t.Errorf("pull after expiry: got %d, want 401", got.status)
	}
	if got := s.verifiedPull(resultsPath, s.webhook.last(t).Authentication); len(got.Results) != 1 {
		t.Errorf("pull with the token of the last repeat: got %d results, want 1", len(got.Results))
	}
}

func TestRefresh_answer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call("GET", apiBase+"/gatekeeper/refresh", DemoRefreshToken, "", "Content-Type", "application/json")
	var a struct {
		Token      string
		ValidUntil string
		Duration   int64 `json:"durationInMillis"`
	}
	if err := json.Unmarshal(got.body, &a); err != nil {
		t.Fatal(err)
	}
	if a.Duration != 3600000 || a.Token == s.access {
		t.Errorf("got %+v, want a new token for an hour", a)
	}
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$`).MatchString(a.ValidUntil) {
		t.Errorf("validUntil: got %q, want milliseconds and +0000", a.ValidUntil)
	}
	if n := s.sim.Books().AccessTokens; n != 2 {
		t.Errorf("got %d tokens in the books, want 2", n)
	}
}
