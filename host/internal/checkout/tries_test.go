package checkout_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// accounts is a directory with these accounts.
type accounts struct {
	directory
	all []checkout.Account
}

func (a accounts) Accounts(string) []checkout.Account { return a.all }

// Each method says whether it is offered, and else why not.
func TestTryMethods(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, c := range map[string]struct {
		accounts []checkout.Account
		live     bool
		closed   bool
		want     string
	}{
		"no account":            {nil, false, false, ` false "the shop has no account at acme"`},
		"of another provider":   {[]checkout.Account{{ID: "a", Provider: "other"}}, false, false, ` false "the shop has no account at acme"`},
		"of the other mode":     {[]checkout.Account{{ID: "a", Provider: "acme"}}, true, false, `a false "account a is test"`},
		"switched off":          {[]checkout.Account{{ID: "a", Provider: "acme", Methods: []string{"x"}}}, false, false, `a false "account a does not have it among its methods"`},
		"off here, live there":  {[]checkout.Account{{ID: "a", Provider: "acme", Methods: []string{"x"}}, {ID: "b", Provider: "acme", Live: true}}, false, false, `a false "account a does not have it among its methods"`},
		"a provider that fails": {[]checkout.Account{{ID: "a", Provider: "acme"}}, false, true, `a false "its provider is not answering: provider_unavailable"`},
		"offered":               {[]checkout.Account{{ID: "a", Provider: "acme", Methods: []string{"acme"}}}, false, false, `a true ""`},
		"offered live":          {[]checkout.Account{{ID: "t", Provider: "acme"}, {ID: "l", Provider: "acme", Live: true}}, true, false, `l true ""`},
	} {
		s := checkout.New(checkout.Options{Registry: h.registry, Directory: accounts{all: c.accounts}, BreakerOpen: func(string) bool { return c.closed }})
		list := s.TryMethods("shop", c.live)
		if len(list) != 1 || list[0].Method != "acme" || list[0].Provider != "acme" {
			t.Fatalf("%s: got %+v", name, list)
		}
		if got := fmt.Sprintf("%s %t %q", list[0].Account, list[0].Offered, list[0].Why); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestTryAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.registry.offers[0].Version
	none := v
	none.Manifest.Operations = []contract.Export{contract.CreatePayment}
	if _, err := h.TryAccount(t.Context(), "acc", none); !errors.Is(err, checkout.ErrNoCheck) {
		t.Errorf("a plugin that has no check: %v", err)
	}
	if _, err := h.TryAccount(t.Context(), "acc", v); err == nil || !strings.Contains(err.Error(), "check_settings of account acc") {
		t.Errorf("trouble of the house: %v", err)
	}
	h.on(contract.CheckSettings, func(checkout.Call) (checkout.Ended, error) {
		e := failed(contract.ProviderUnavailable, order.OutcomeKnown)
		e.Journal = &checkout.JournalEnd{}
		return e, nil
	})
	var call *checkout.CallError
	if _, err := h.TryAccount(t.Context(), "acc", v); !errors.As(err, &call) || call.Failure.Message != "for the test" {
		t.Errorf("a failure: %v", err)
	}
	if len(h.caller.ended) != 1 {
		t.Errorf("%d journals were closed, want that of the failure", len(h.caller.ended))
	}
	h.on(contract.CheckSettings, func(c checkout.Call) (checkout.Ended, error) {
		if c.Account != "acc" || c.Order != "" || string(c.Input) != "{}" || c.Plugin.Digest != "d1" {
			t.Errorf("called with %+v", c)
		}
		return h.done(contract.CheckResult{OK: true, Findings: []contract.Finding{{Level: "info", Text: "x"}}}), nil
	})
	if r, err := h.TryAccount(t.Context(), "acc", v); err != nil || !r.OK || len(r.Findings) != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	h.on(contract.CheckSettings, func(checkout.Call) (checkout.Ended, error) { return checkout.Ended{Result: []byte("[]")}, nil })
	if _, err := h.TryAccount(t.Context(), "acc", v); err == nil {
		t.Error("a result of another kind was taken")
	}
}

func TestNoticeAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ origin, platform, want string }{
		{"https://s.example", "", ""}, {"", "magento", ""}, {"https://s.example", "wix", ""},
		{"https://s.example/", "woocommerce", "https://s.example/wc-api/kassette/"}, {"https://s.example", "magento", "https://s.example/kassette/notify"},
	} {
		var origins []string
		if c.origin != "" {
			origins = []string{c.origin, "https://other.example"}
		}
		if got := checkout.NoticeAddress(origins, c.platform); got != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.origin, c.platform, got, c.want)
		}
	}
}
