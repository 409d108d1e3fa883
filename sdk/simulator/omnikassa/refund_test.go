package omnikassa

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

const refundBase = apiBase + "/order/server/api/v2/refund/transactions/"

// paidBy announces and pays an order by a brand, and returns the transaction.
func (s *shop) paidBy(name string) string {
	s.Helper()
	id := s.paid(Success, object{"paymentBrand": name, "paymentBrandForce": "FORCE_ALWAYS"})
	return s.order(id).Transactions[0].ID
}

func (s *shop) refund(tx, requestID, body string) answer {
	s.Helper()
	return s.call("POST", refundBase+tx+"/refunds", s.access, body, "request-id", requestID)
}

func money(cents, rest string) string {
	return `{"money":{"currency":"EUR","amount":` + cents + `}` + rest + `}`
}

func TestRefund_refused(t *testing.T) {
	t.Parallel()
	id := uuid.NewString()
	for name, c := range map[string]struct {
		brand, requestID, body string
		ahead                  time.Duration
		status                 int
		code                   string
	}{
		"no request-id":         {"IDEAL", "", money("1", ""), 0, 422, refundRequestID},
		"request-id not a UUID": {"IDEAL", "1", money("1", ""), 0, 422, refundRequestID},
		"not JSON":              {"IDEAL", id, "x", 0, 400, refundInvalid},
		"no money":              {"IDEAL", id, "{}", 0, 422, refundInvalid},
		"nothing":               {"IDEAL", id, money("0", ""), 0, 422, refundInvalid},
		"negative":              {"IDEAL", id, money("-5", ""), 0, 422, refundInvalid},
		"fraction":              {"IDEAL", id, money("0.5", ""), 0, 422, refundInvalid},
		"digit as vatCategory":  {"IDEAL", id, money("1", `,"vatCategory":"1"`), 0, 422, refundInvalid},
		"a cent too much":       {"IDEAL", id, money("5000", ""), 0, 422, refundTooLarge},
		"PayPal":                {"PAYPAL", id, money("1", ""), 0, 422, refundUnknown},
		"Bancontact":            {"BANCONTACT", id, money("1", ""), 0, 422, refundUnknown},
		"after 60 days":         {"IDEAL", id, money("1", ""), refundWindow + time.Second, 422, refundTooLate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, func(c *Config) { c.WebhookURL = ""; c.Silent = true })
			tx := s.paidBy(c.brand)
			s.advance(c.ahead)
			s.access = s.newToken()
			got := s.refund(tx, c.requestID, c.body)
			var e apiError
			if err := json.Unmarshal(got.body, &e); err != nil {
				t.Fatal(err)
			}
			if got.status != c.status || e.ErrorCode != codeRefund || e.ErrorMessage != c.code || e.Status != c.status || e.Title == "" {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, c.status, c.code)
			}
			if n := len(s.sim.Books().Refunds); n != 0 {
				t.Errorf("got %d refunds, want none", n)
			}
		})
	}
}

func TestRefund_unknown(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.paidBy("IDEAL")
	unpaid := s.order(s.paid(Cancelled, nil)).Transactions[0].ID
	for name, c := range map[string]struct {
		got    answer
		status int
	}{
		"refund of unknown":         {s.refund(uuid.NewString(), uuid.NewString(), money("1", "")), 404},
		"refundable of unknown":     {s.call("GET", refundBase+"x/refundable-details", s.access, ""), 404},
		"details of unknown":        {s.call("GET", refundBase+tx+"/refunds/x", s.access, ""), 404},
		"details, transaction gone": {s.call("GET", refundBase+"x/refunds/x", s.access, ""), 404},
		"refund of unpaid":          {s.refund(unpaid, uuid.NewString(), money("1", "")), 422},
		"refundable of unpaid":      {s.call("GET", refundBase+unpaid+"/refundable-details", s.access, ""), 422},
	} {
		if c.got.status != c.status || !strings.Contains(string(c.got.body), refundUnknown) {
			t.Errorf("%s: got %d %s, want %d", name, c.got.status, c.got.body, c.status)
		}
	}
}

func TestRefund_replay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx, other := s.paidBy("IDEAL"), s.paidBy("VISA")
	id := uuid.NewString()
	first := s.refund(tx, id, money("1000", `,"description":"Te klein","vatCategory":"LOW"`))
	if first.status != http.StatusCreated {
		t.Fatalf("got %d %s", first.status, first.body)
	}
	same := s.refund(tx, strings.ToUpper(id), money(`"1000"`, `,"vatCategory":"LOW","description":"Te klein"`))
	if same.status != http.StatusCreated || s.member(same, "refundId") != s.member(first, "refundId") {
		t.Errorf("the same again: got %d %s, want refund %s", same.status, same.body, s.member(first, "refundId"))
	}
	for name, body := range map[string]string{"amount": money("1001", `,"description":"Te klein","vatCategory":"LOW"`),
		"description": money("1000", `,"vatCategory":"LOW"`), "vatCategory": money("1000", `,"description":"Te klein"`)} {
		if got := s.refund(tx, id, body); got.status != 422 || !strings.Contains(string(got.body), refundReused) {
			t.Errorf("another %s: got %d %s, want it refused", name, got.status, got.body)
		}
	}
	if got := s.refund(other, id, money("1", "")); got.status != http.StatusCreated {
		t.Errorf("same request-id, other transaction: got %d %s, want a refund of its own", got.status, got.body)
	}
	if n := len(s.sim.Books().Refunds); n != 2 {
		t.Errorf("got %d refunds, want 2", n)
	}
}

func TestRefund_goesThrough(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.paidBy("MAESTRO")
	got := s.refund(tx, uuid.NewString(), money("4000", `,"description":null,"vatCategory":null`))
	for _, want := range []string{`"refundTransactionId":null`, `"updatedAt":null`, `"vatCategory":null`, `"description":null`,
		`"refundMoney":{"currency":"EUR","amount":4000}`, `"paymentBrand":"MAESTRO"`, `"status":"PENDING"`, `"transactionId":"` + tx + `"`} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("start: got %s, want %s in it", got.body, want)
		}
	}
	if got := s.refund(tx, uuid.NewString(), money("1000", "")); got.status != 422 {
		t.Errorf("more than the rest: got %d, want 422", got.status)
	}
	details := refundBase + tx + "/refunds/" + s.member(got, "refundId")
	s.advance(DefaultRefundAfter)
	got = s.call("GET", details, s.access, "")
	if s.member(got, "status") != "SUCCEEDED" || s.member(got, "refundTransactionId") == "" {
		t.Errorf("later: got %s, want SUCCEEDED with a transaction", got.body)
	}
	if _, err := time.Parse(time.RFC3339, s.member(got, "updatedAt")); err != nil {
		t.Error(err)
	}
	left := s.call("GET", refundBase+tx+"/refundable-details", s.access, "")
	if !strings.Contains(string(left.body), `"refundableMoney":{"currency":"EUR","amount":999}`) {
		t.Errorf("got %s, want 999 left", left.body)
	}
	expiry, err := time.Parse(time.RFC3339, s.member(left, "expiryDatetime"))
	if err != nil || expiry.Sub(s.sim.Now()).Round(time.Hour) != refundWindow {
		t.Errorf("got expiry %v (%v), want 60 days on", expiry, err)
	}
}

func TestRefund_lastMomentOfTheWindow(t *testing.T) {
	t.Parallel()
	start := time.Now()
	s := newShop(t, func(c *Config) { c.Now = func() time.Time { return start }; c.WebhookURL = ""; c.Silent = true })
	tx := s.paidBy("IDEAL")
	s.advance(refundWindow)
	s.access = s.newToken()
	if got := s.refund(tx, uuid.NewString(), money("1", "")); got.status != http.StatusCreated {
		t.Errorf("got %d %s, want it taken", got.status, got.body)
	}
}

func TestRefund_failedFreesTheAmount(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.paidBy("IDEAL")
	if got := s.control("POST", "/next", `{"refund_outcome":"failed"}`); got.status != http.StatusOK {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	got := s.refund(tx, uuid.NewString(), money("4999", ""))
	s.advance(DefaultRefundAfter)
	if got := s.call("GET", refundBase+tx+"/refunds/"+s.member(got, "refundId"), s.access, ""); s.member(got, "status") != "FAILED" {
		t.Errorf("got %s, want FAILED", got.body)
	}
	if got := s.refund(tx, uuid.NewString(), money("4999", "")); got.status != http.StatusCreated {
		t.Errorf("again: got %d %s, want it taken", got.status, got.body)
	}
}
