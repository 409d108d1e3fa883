package conformance_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// nameless has a manifest that is not valid.
type nameless struct{ acme }

func (p nameless) Describe() contract.Manifest {
	m := p.acme.Describe()
	m.Name = ""
	return m
}

// fickle describes itself in another way each time.
type fickle struct {
	acme
	described *int
}

func (p fickle) Describe() contract.Manifest {
	m := p.acme.Describe()
	*p.described++
	m.Vendor = strings.Repeat("x", *p.described)
	return m
}

// gullible books a message that nobody signed.
type gullible struct{ acme }

func (gullible) ReceiveWebhook(_ *guest.Call, _ contract.WebhookInput) (contract.WebhookResult, error) {
	return contract.WebhookResult{Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain"}, Updates: []contract.Update{{
		Payment: contract.PaymentKey{Reference: "A1"}, Type: contract.UpdateCaptured, Trust: contract.Verified, Amount: contract.Money{Value: 1, Currency: "EUR"},
	}}}, nil
}

// talker logs more than a call may.
type talker struct{ acme }

func (p talker) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	for range contract.MaxLogLines + 1 {
		c.Log(guest.LevelInfo, "still here")
	}
	return p.acme.GetPayment(c, in)
}

// numbers has a memory.
type numbers struct {
	acme
	n int
}

func (p *numbers) ListOptions(*guest.Call, contract.OptionsInput) ([]contract.Option, error) {
	p.n++
	return []contract.Option{{ID: strconv.Itoa(p.n), Title: "One way"}}, nil
}

// shopkeeper is a plugin of the other kind.
type shopkeeper struct{}

func (shopkeeper) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "shopkeeper", Version: "1.0.0", Kind: contract.KindShop, Title: contract.Text{"en": "Shop"}, Provider: "shopkeeper",
		Hosts: []string{"shop.example"}, SettingsSchema: []byte(`{"type":"object"}`),
	}
}

func (shopkeeper) TellShop(*guest.Call, contract.TellInput) (contract.TellResult, error) {
	return contract.TellResult{Delivered: true}, nil
}

func TestStandalone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		provider guest.Provider
		failed   string // the one check that fails; "" for none
		because  string
		run      int // how many are run
	}{
		{"no valid manifest", nameless{}, "manifest/valid", "/name: ", 1},
		{"another manifest each time", fickle{described: new(int)}, "manifest/same each time", "other bytes", 2 + 3*10},
		{"believes everybody", gullible{}, "canned/receive_webhook", "nobody signed", 2 + 3*10},
		{"logs too much", talker{}, "bounds/get_payment", "it logged 65 lines, at most 64 are allowed", 2 + 3*10},
		{"counts its calls", &numbers{}, "pure/list_options", "and later", 2 + 3*10},
		{"healthy", acme{}, "", "", 2 + 3*10},
		{"healthy terminal", healthyTill, "", "", 2 + 3*3},
		{"healthy shop", shopkeeper{}, "", "", 2 + 3*1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var failed []string
			run := 0
			for v, err := range conformance.Standalone(t.Context(), guesttest.New(tt.provider)) {
				switch {
				case err != nil:
					t.Fatal(err)
				case v.NotApplicable != "":
					if !strings.HasPrefix(v.NotApplicable, "/operations has no ") {
						t.Errorf("%s/%s does not apply: %s", v.Family, v.Name, v.NotApplicable)
					}
					continue
				case !v.Passed():
					failed = append(failed, v.Family+"/"+v.Name)
					if why := strings.Join(v.Problems, "; "); !strings.Contains(why, tt.because) {
						t.Errorf("%s/%s: %s", v.Family, v.Name, why)
					}
				}
				run++
			}
			if got := strings.Join(failed, " "); got != tt.failed || run != tt.run {
				t.Errorf("got %q failed of %d, want %q of %d", got, run, tt.failed, tt.run)
			}
		})
	}
}

// An error is the last word, and whoever has heard enough may go.
func TestRun_ends(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	worldless := acmeFixture
	worldless.World = func() (conformance.World, error) { return nil, errors.New("the port is taken") }
	for name, seq := range map[string]func(yield func(conformance.Verdict, error) bool){
		"manifest is not valid": conformance.Run(t.Context(), guesttest.New(nameless{}), acmeFixture),
		"the port is taken":     conformance.Run(t.Context(), guesttest.New(acme{}), worldless),
		"context canceled":      conformance.Run(over, guesttest.New(acme{}), acmeFixture),
		"context canceled too":  conformance.Standalone(over, guesttest.New(acme{})),
	} {
		n := 0
		var last error
		for _, err := range seq {
			n, last = n+1, err
		}
		if n != 1 || last == nil {
			t.Errorf("%s: got %d verdicts, the last with %v", name, n, last)
		}
	}
	for v, err := range conformance.Run(t.Context(), guesttest.New(acme{}), acmeFixture) {
		if err != nil || !v.Passed() || v.Took <= 0 {
			t.Errorf("got %+v, %v", v, err)
		}
		break
	}
}
