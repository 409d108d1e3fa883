package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// OptionKey is the name in method_options of the way that was chosen within a
// method.
const OptionKey = "option"

// ErrOption: the method has ways within it, and the consumer chose none yet.
var ErrOption = errors.New("the method needs one of its options")

// lacksOption says whether a choice still has to be narrowed down.
func (s *Service) lacksOption(o order.Order, c Choice) bool {
	if c.MethodOptions[OptionKey] != "" {
		return false
	}
	for _, m := range s.offers(wantOf(o)) {
		if m.ID == c.Method {
			return m.HasOptions && m.Available
		}
	}
	return false
}

// Options lists the ways within a method.
func (s *Service) Options(ctx context.Context, shop string, live bool, method string, q MethodsQuery) ([]contract.Option, error) {
	return s.options(ctx, want{shop: shop, live: live, amount: q.Amount, country: q.Country}, method, q.Locale)
}

// OptionsFor lists the ways within a method for this order.
func (s *Service) OptionsFor(ctx context.Context, o order.Order, method string) ([]contract.Option, error) {
	return s.options(ctx, wantOf(o), method, o.Locale)
}

func (s *Service) options(ctx context.Context, w want, method, locale string) ([]contract.Option, error) {
	for _, m := range s.offers(w) {
		if m.ID != method {
			continue
		}
		if !m.HasOptions {
			return nil, nil
		}
		now := s.now()
		c := Call{
			ID: NewCallID(PartitionOfName(m.Account), now), Export: contract.ListOptions, Plugin: m.version.Plugin, Account: m.Account, Now: now,
			Input: encode(contract.OptionsInput{Method: method, Amount: w.amount, Country: w.country, Locale: locale}),
		}
		e, err := s.o.Caller.Run(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("%s of account %s: %w", c.Export, c.Account, err)
		}
		if e.Failure != nil {
			return nil, &CallError{Export: c.Export, Failure: *e.Failure, Outcome: e.Outcome}
		}
		var list []contract.Option
		if err := json.Unmarshal(e.Result, &list); err != nil {
			return nil, fmt.Errorf("result of %s: %w", c.Export, err)
		}
		return list, s.endCall(ctx, c, e)
	}
	return nil, &MethodError{method, "unknown", "GET /v1/methods lists what there is"}
}
