package checkout_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// withMethod is a house whose one method is changed.
func withMethod(t *testing.T, change func(*contract.Method)) *house {
	t.Helper()
	h := newHouse(t)
	offer := h.registry.offers[0]
	change(&offer.Method)
	return h.later(registry{[]checkout.Offer{offer}})
}

func TestChoose_needsAnOption(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options bool
		chosen  map[string]string
		method  string
		want    error
	}{
		"none chosen":       {true, nil, "acme", checkout.ErrOption},
		"an empty one":      {true, map[string]string{"option": ""}, "acme", checkout.ErrOption},
		"another name":      {true, map[string]string{"bank": "x"}, "acme", checkout.ErrOption},
		"one chosen":        {true, map[string]string{"option": "x"}, "acme", nil},
		"there are none":    {false, nil, "acme", nil},
		"no such method":    {true, nil, "other", new(checkout.MethodError)},
		"no method without": {false, nil, "other", new(checkout.MethodError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := withMethod(t, func(m *contract.Method) { m.Options = c.options })
			o := h.create("o-1")
			after, payment, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: c.method, MethodOptions: c.chosen})
			var method *checkout.MethodError
			switch {
			case c.want == nil && (err != nil || payment == ""):
				t.Errorf("got %v, want a payment", err)
			case errors.Is(c.want, checkout.ErrOption) && !errors.Is(err, checkout.ErrOption),
				errors.As(c.want, &method) && !errors.As(err, &method):
				t.Errorf("got %v, want %v", err, c.want)
			case c.want != nil && len(h.load(o.ID).Payments) > 0:
				t.Error("an attempt was reserved")
			}
			if after.ID != o.ID {
				t.Errorf("got order %q, want %q", after.ID, o.ID)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	h := withMethod(t, func(m *contract.Method) { m.Options = true })
	want := []contract.Option{{ID: "a", Title: "Alpha", Group: "Banks"}, {ID: "b", Title: "Beta"}}
	h.on(contract.ListOptions, func(c checkout.Call) (checkout.Ended, error) {
		var in contract.OptionsInput
		if err := json.Unmarshal(c.Input, &in); err != nil || in.Method != "acme" || in.Amount.Value != 4999 || in.Country != "NL" || in.Locale != "bg" || c.Account != "acc" {
			t.Errorf("asked %s of %q: %v", c.Input, c.Account, err)
		}
		return h.done(want), nil
	})
	o := h.create("o-1")
	o.Locale = "bg"
	got, err := h.OptionsFor(t.Context(), o, "acme")
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %v, %v", got, err)
	}
	var method *checkout.MethodError
	if _, err := h.OptionsFor(t.Context(), o, "other"); !errors.As(err, &method) {
		t.Errorf("another method: got %v, want *MethodError", err)
	}
	h.on(contract.ListOptions, func(checkout.Call) (checkout.Ended, error) { return failed(contract.ProviderUnavailable, "known"), nil })
	var call *checkout.CallError
	if _, err := h.OptionsFor(t.Context(), o, "acme"); !errors.As(err, &call) || call.Failure.Code != contract.ProviderUnavailable {
		t.Errorf("provider down: got %v, want *CallError", err)
	}
	h.on(contract.ListOptions, func(checkout.Call) (checkout.Ended, error) { return h.done("no list"), nil })
	if _, err := h.OptionsFor(t.Context(), o, "acme"); err == nil || !strings.Contains(err.Error(), "list_options") {
		t.Errorf("no list: got %v", err)
	}
}

func TestOptions_noneToAskFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if got, err := h.OptionsFor(t.Context(), h.create("o-1"), "acme"); err != nil || got != nil || h.caller.count(contract.ListOptions) > 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestOffers_whatTheOrderLacks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pointers  []string
		available bool
	}{
		"nothing needed": {nil, true},
		"there":          {[]string{"/description", "/locale"}, true},
		"lacking":        {[]string{"/description", "/customer/email"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := withMethod(t, func(m *contract.Method) { m.RequiredFields = c.pointers })
			list, err := h.Offers(t.Context(), h.create("o-1"))
			if err != nil || len(list) != 1 || list[0].Available != c.available || (list[0].Reason == "required_field") == c.available {
				t.Errorf("got %+v, %v", list, err)
			}
		})
	}
}

func TestLeave_nowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := spec("o-1")
	s.ReturnURL, s.CancelURL = "", ""
	r, err := h.Create(t.Context(), h.request(""), s)
	if err != nil {
		t.Fatal(err)
	}
	o, shop, err := h.Open(t.Context(), checkout.Token(r.Order))
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Leave(o, shop); got != "" {
		t.Errorf("got %q, want nowhere", got)
	}
}
