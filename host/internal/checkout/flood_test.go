package checkout_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// from sends a message of an address to the account.
func (h *house) from(ip, body string) (int, error) {
	r, err := h.Webhook(h.t.Context(), "acc", contract.Message{Method: "POST", Path: "/webhooks/acc", RemoteIP: ip, Body: body})
	return r.Status, err
}

// checksSignatures makes the plugin take what is signed and refuse the rest.
func (h *house) checksSignatures() {
	h.on(contract.ReceiveWebhook, func(c checkout.Call) (checkout.Ended, error) {
		var in contract.WebhookInput
		if err := json.Unmarshal(c.Input, &in); err != nil {
			return checkout.Ended{}, err
		}
		if in.Message.Body != "signed" {
			e := failed(contract.BadSignature, order.OutcomeNotAttempted)
			e.Verified = true // the fetch of a token was answered
			return e, nil
		}
		return h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}}), nil
	})
}

func TestWebhook_forgedFlood_costsNoMoreRunsAndLetsRealNewsPass(t *testing.T) {
	const attacker, provider = "198.51.100.7", "203.0.113.9"
	h := newHouse(t)
	h.checksSignatures()
	refused := 0
	for i := range 1000 {
		if _, err := h.from(attacker, "forged"); errors.Is(err, checkout.ErrFlood) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
		if status, err := h.from(provider, "signed"); err != nil || status != 200 {
			t.Fatalf("real message %d: got %d, %v", i, status, err)
		}
	}
	if refused != 800 {
		t.Errorf("%d of 1000 forged messages were refused, want all but a bucket of 200", refused)
	}
	if got := h.caller.count(contract.ReceiveWebhook); got != 1200 {
		t.Errorf("the plugin ran %d times, want 200 for forged and 1000 for real messages", got)
	}
	h.clock.move(time.Second)
	passed := 0
	for range 100 {
		if _, err := h.from(attacker, "forged"); err == nil {
			passed++
		}
	}
	if passed != 50 {
		t.Errorf("%d messages passed after a second, want 50", passed)
	}
}

func TestWebhook_flood_isCountedByNetwork(t *testing.T) {
	for name, c := range map[string]struct {
		address func(i int) string
		refused int
	}{
		"one IPv4 address":                 {func(int) string { return "198.51.100.7" }, 100},
		"the same within IPv6":             {func(i int) string { return []string{"198.51.100.7", "::ffff:198.51.100.7"}[i%2] }, 100},
		"addresses of one IPv6 network":    {func(i int) string { return fmt.Sprintf("2001:db8:1:1::%x", i+1) }, 100},
		"other IPv4 addresses":             {func(i int) string { return fmt.Sprintf("198.51.100.%d", i%200) }, 0},
		"no address":                       {func(int) string { return "" }, 100},
		"addresses of other IPv6 networks": {func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i+1) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.checksSignatures()
			refused := 0
			for i := range 300 {
				if _, err := h.from(c.address(i), "forged"); errors.Is(err, checkout.ErrFlood) {
					refused++
				}
			}
			if refused != c.refused {
				t.Errorf("%d of 300 were refused, want %d", refused, c.refused)
			}
		})
	}
}
