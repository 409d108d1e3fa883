package checkout_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// choice is a registry with methods that differ in what they take.
func choice(v checkout.Version) registry {
	var r registry
	for _, m := range []contract.Method{
		{ID: "any", Currencies: map[string]contract.Range{"EUR": {}, "JPY": {}, "TND": {}}},
		{ID: "small", Currencies: map[string]contract.Range{"EUR": {Min: 1, Max: 1000}, "JPY": {Max: 1000}}},
		{ID: "large", Currencies: map[string]contract.Range{"EUR": {Min: 1000}, "TND": {Min: 1000}}},
		{ID: "round", Currencies: map[string]contract.Range{"EUR": {Multiple: 500}, "TND": {Multiple: 10}}},
		{ID: "dutch", Currencies: map[string]contract.Range{"EUR": {}}, Countries: []string{"NL", "BE"}},
	} {
		r.offers = append(r.offers, checkout.Offer{Version: v, Rules: v.Manifest.Rules, Method: m})
	}
	return r
}

func TestMethods_fit(t *testing.T) {
	h := newHouse(t)
	h = h.later(choice(h.registry.offers[0].Version))
	of := func(v int64, currency string) order.Money { return order.Money{Value: v, Currency: currency} }
	for name, c := range map[string]struct {
		query checkout.MethodsQuery
		want  []string
	}{
		"another currency":     {checkout.MethodsQuery{Amount: of(1000, "SEK")}, nil},
		"below the least":      {checkout.MethodsQuery{Amount: of(999, "EUR"), Country: "DE"}, []string{"any", "small"}},
		"least and most":       {checkout.MethodsQuery{Amount: of(1000, "EUR"), Country: "DE"}, []string{"any", "small", "large", "round"}},
		"above the most":       {checkout.MethodsQuery{Amount: of(1001, "EUR"), Country: "DE"}, []string{"any", "large"}},
		"a multiple":           {checkout.MethodsQuery{Amount: of(1500, "EUR"), Country: "DE"}, []string{"any", "large", "round"}},
		"a multiple in dinar":  {checkout.MethodsQuery{Amount: of(4990, "TND")}, []string{"any", "large", "round"}},
		"no multiple in dinar": {checkout.MethodsQuery{Amount: of(4999, "TND")}, []string{"any", "large"}},
		"in yen":               {checkout.MethodsQuery{Amount: of(1000, "JPY")}, []string{"any", "small"}},
		"in its country":       {checkout.MethodsQuery{Amount: of(1, "EUR"), Country: "BE"}, []string{"any", "small", "dutch"}},
		"a country left open":  {checkout.MethodsQuery{Amount: of(1, "EUR")}, []string{"any", "small", "dutch"}},
		"restricted":           {checkout.MethodsQuery{Amount: of(1, "EUR"), Methods: []string{"dutch", "large"}}, []string{"dutch"}},
	} {
		offers, err := h.Methods(t.Context(), "shop", false, c.query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range offers {
			got = append(got, o.ID)
			if !o.Available || o.Reason != "" {
				t.Errorf("%s: %s is not available: %s", name, o.ID, o.Reason)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	for name, ask := range map[string]func() ([]checkout.MethodOffer, error){
		"another shop": func() ([]checkout.MethodOffer, error) {
			return h.Methods(t.Context(), "other", false, checkout.MethodsQuery{})
		},
		"live": func() ([]checkout.MethodOffer, error) {
			return h.Methods(t.Context(), "shop", true, checkout.MethodsQuery{})
		},
	} {
		if offers, err := ask(); err != nil || len(offers) > 0 {
			t.Errorf("%s: got %+v, %v", name, offers, err)
		}
	}
}

// TestMethods_breakerOpen: a method whose provider is not answering shows with
// the reason, and is not tried.
func TestMethods_breakerOpen(t *testing.T) {
	h := newHouse(t)
	open := true
	h.Service = checkout.New(checkout.Options{
		Store: h.store, Caller: h.caller, Directory: directory{}, PublicURL: "https://pay.example", Clock: h.clock.Now, Logger: slog.New(slog.DiscardHandler),
		Registry: h.registry, BreakerOpen: func(account string) bool { return open && account == "acc" },
	})
	t.Cleanup(h.Close)
	o := h.create("r1")
	offers, err := h.Methods(t.Context(), "shop", false, checkout.MethodsQuery{Amount: eur(4999)})
	if err != nil || len(offers) != 1 || offers[0].Available || offers[0].Reason != "provider_unavailable" {
		t.Fatalf("got %+v, %v", offers, err)
	}
	var method *checkout.MethodError
	if _, err := h.StartPayment(t.Context(), h.request("k"), o.ID, checkout.Choice{Method: "acme"}); !errors.As(err, &method) || method.Reason != "unavailable" {
		t.Errorf("got %v", err)
	}
	if h.caller.count(contract.CreatePayment) > 0 || len(h.load(o.ID).Payments) > 0 {
		t.Error("it was tried")
	}
	open = false
	h.must(h.StartPayment(t.Context(), h.request("k"), o.ID, checkout.Choice{Method: "acme"}))
}
