package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// want is what a method has to fit.
type want struct {
	shop    string
	live    bool
	amount  order.Money
	country string
	methods []string
	capture contract.CaptureMode
}

func wantOf(o order.Order) want {
	return want{o.Shop, o.Live, o.Amount, o.Country, o.Methods, o.Capture}
}

// Methods lists what a consumer of the shop may choose, in order. What a
// query leaves open does not narrow the list.
func (s *Service) Methods(_ context.Context, shop string, live bool, q MethodsQuery) ([]MethodOffer, error) {
	return s.offers(want{shop: shop, live: live, amount: q.Amount, country: q.Country, methods: q.Methods}), nil
}

// Offers lists what the consumer may choose for this order. A method that
// needs what the order lacks is not available, with the reason
// "required_field".
func (s *Service) Offers(_ context.Context, o order.Order) ([]MethodOffer, error) {
	list := s.offers(wantOf(o))
	for i, m := range list {
		if m.Available && len(missingFields(o, m.RequiredFields)) > 0 {
			list[i].Available, list[i].Reason = false, "required_field"
		}
	}
	return list, nil
}

func (s *Service) offers(w want) []MethodOffer {
	var list []MethodOffer
	for _, o := range s.o.Registry.Methods() {
		account, ok := s.accountFor(w, o)
		if !ok || misfit(w, o) != nil {
			continue
		}
		list = append(list, s.methodOffer(o, account))
	}
	return list
}

func (s *Service) methodOffer(o Offer, account Account) MethodOffer {
	m := MethodOffer{
		ID: o.Method.ID, Title: o.Method.Title, ProviderTitle: o.Version.Manifest.ProviderTitle,
		Brand: o.Method.Brand, Logo: o.Method.Logo, Flow: o.Method.Flow, Rank: o.Method.Rank,
		HasOptions: o.Method.Options, RequiredFields: o.Method.RequiredFields, Account: account.ID,
		Available: true, version: o.Version, rules: o.Rules, settle: account.SettleOverpaid,
	}
	if s.o.BreakerOpen != nil && s.o.BreakerOpen(account.ID) {
		m.Available, m.Reason = false, "provider_unavailable"
	}
	return m
}

// accountFor is the shop's account that a method's payments use.
func (s *Service) accountFor(w want, o Offer) (Account, bool) {
	for _, a := range s.o.Directory.Accounts(w.shop) {
		if a.Provider == o.Version.Manifest.Provider && a.Live == w.live && (len(a.Methods) == 0 || slices.Contains(a.Methods, o.Method.ID)) {
			return a, true
		}
	}
	return Account{}, false
}

// misfit says why a method does not fit, nil if it does.
func misfit(w want, o Offer) *MethodError {
	m := o.Method
	no := func(reason, format string, args ...any) *MethodError {
		return &MethodError{Method: m.ID, Reason: reason, Detail: fmt.Sprintf(format, args...)}
	}
	if len(w.methods) > 0 && !slices.Contains(w.methods, m.ID) {
		return no("restricted", "the order takes %s alone", strings.Join(w.methods, ", "))
	}
	if w.country != "" && len(m.Countries) > 0 && !slices.Contains(m.Countries, w.country) {
		return no("country", "it is offered in %s", strings.Join(m.Countries, ", "))
	}
	if r := o.Rules.Capture; w.capture == contract.CaptureManual && (r == nil || !r.Manual) {
		return no("capture_mode", "it takes the money at once; ask for capture \"automatic\"")
	}
	if w.amount.Currency == "" {
		return nil
	}
	bounds, ok := m.Currencies[w.amount.Currency]
	if !ok {
		return no("currency", "it does not take %s", w.amount.Currency)
	}
	if w.amount.Value == 0 {
		return nil
	}
	limit := func(v int64) string { return order.Money{Value: v, Currency: w.amount.Currency}.String() }
	switch {
	case bounds.Min > 0 && w.amount.Value < bounds.Min:
		return no("amount", "the least is %s", limit(bounds.Min))
	case bounds.Max > 0 && w.amount.Value > bounds.Max:
		return no("amount", "the most is %s", limit(bounds.Max))
	case bounds.Multiple > 1 && w.amount.Value%bounds.Multiple != 0:
		return no("amount", "it takes multiples of %s", limit(bounds.Multiple))
	}
	return nil
}

// offer is the method that an attempt of this order would use. Error: *MethodError.
func (s *Service) offer(_ context.Context, o order.Order, method string) (MethodOffer, error) {
	w := wantOf(o)
	var why *MethodError
	for _, of := range s.o.Registry.Methods() {
		if of.Method.ID != method {
			continue
		}
		account, ok := s.accountFor(w, of)
		if !ok {
			continue
		}
		if err := misfit(w, of); err != nil {
			why = err
			continue
		}
		m := s.methodOffer(of, account)
		if !m.Available {
			return m, &MethodError{method, "unavailable", "its provider is not answering; choose another method or try again in a minute"}
		}
		if missing := missingFields(o, m.RequiredFields); len(missing) > 0 {
			return m, &MethodError{method, "required_field", "it needs " + strings.Join(missing, ", ")}
		}
		return m, nil
	}
	if why != nil {
		return MethodOffer{}, why
	}
	return MethodOffer{}, &MethodError{method, "unknown", "GET /v1/methods lists what there is"}
}

// missingFields are the pointers at which the order holds nothing.
func missingFields(o order.Order, pointers []string) []string {
	if len(pointers) == 0 {
		return nil
	}
	var doc any
	if err := json.Unmarshal(encode(order.PluginView(o, order.Payment{}, order.URLs{})), &doc); err != nil {
		return pointers
	}
	var missing []string
	for _, pointer := range pointers {
		v := doc
		for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		if v == nil || v == "" {
			missing = append(missing, pointer)
		}
	}
	return missing
}
