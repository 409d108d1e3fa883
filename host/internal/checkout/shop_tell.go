package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Told is how a shop's plugin took an event.
type Told struct {
	Account string
	// Reference is the shop's own name for the order.
	Reference string
	// Failure says why the shop has not heard of it; nil: it has.
	Failure *contract.Failure
}

// Final says that telling it again would fail again.
func (t Told) Final() bool {
	if t.Failure == nil {
		return false
	}
	return !slices.Contains([]contract.FailureCode{contract.ProviderUnavailable, contract.RateLimited, contract.Internal}, t.Failure.Code)
}

// tellLease is for how long an order's shop is told by nobody else where a node
// goes down while it tells: long enough for whoever takes its call over.
const tellLease = 5 * time.Minute

// TellShop has the plugin of the order's platform tell the shop of an event. It
// is false where the order is of no platform that the shop has an account of.
// Events of an order are told one at a time: [ErrBusy] where another node is at
// it, or was and its call is not taken over yet.
func (s *Service) TellShop(ctx context.Context, o order.Order, in contract.TellInput) (told Told, ok bool, err error) {
	a, ok, err := s.tellerOf(o)
	if err != nil || !ok {
		return Told{}, err != nil, err
	}
	v, err := s.o.Registry.Active(a.WebhookPlugin)
	if err != nil {
		return Told{}, true, fmt.Errorf("plugin %q of account %q: %w", a.WebhookPlugin, a.ID, err)
	}
	switch asked := o.Metadata[contract.MetadataAccount] != ""; {
	case v.Manifest.Kind == contract.KindShop:
	case asked:
		return Told{}, true, fmt.Errorf("plugin %q of account %q tells no shop: it is of the kind %s", a.WebhookPlugin, a.ID, v.Manifest.Kind)
	default:
		return Told{}, false, nil
	}
	c := s.accountCall(adapter{a, v.Plugin}, contract.TellShop, in)
	ours, err := s.o.Store.Lease(ctx, a.ID, tellOf(o.ID), c.ID, tellLease)
	if err != nil {
		return Told{}, true, fmt.Errorf("tell the shop of order %s: %w", o.ID, err)
	}
	if !ours {
		return Told{}, true, fmt.Errorf("tell the shop of order %s: %w", o.ID, ErrBusy)
	}
	told = Told{Account: a.ID}
	e, err := s.o.Caller.Run(ctx, c)
	if err != nil {
		if _, _, left := s.o.Caller.Resume(ctx, c.ID, nil); errors.Is(left, ErrNoJournal) {
			s.hush(ctx, a.ID, o.ID, c.ID) // nothing left, and nothing will
		}
		return told, true, fmt.Errorf("%s of account %s: %w", c.Export, a.ID, err)
	}
	if told.Failure = e.Failure; e.Failure == nil {
		var r contract.TellResult
		if err := json.Unmarshal(e.Result, &r); err != nil {
			return told, true, fmt.Errorf("result of %s, account %s: %w", c.Export, a.ID, err)
		}
		told.Reference = r.ShopReference
	}
	return told, true, s.endTelling(ctx, o.ID, c, e)
}

// tellerOf finds the account whose plugin tells the shop of an order: the one
// that asked for it, or where it came by the API the shop's only one of its
// platform. That an account is gone for now does not make its orders nobody's.
func (s *Service) tellerOf(o order.Order) (Account, bool, error) {
	asked := o.Metadata[contract.MetadataAccount]
	for _, a := range s.o.Directory.Accounts(o.Shop) {
		if a.Provider == o.Metadata[contract.MetadataPlatform] && a.Live == o.Live && (asked == "" || asked == a.ID) {
			return a, true, nil
		}
	}
	if asked != "" {
		return Account{}, false, fmt.Errorf("account %q of order %s, whose shop is to be told, is not there: %w", asked, o.ID, ErrNotFound)
	}
	return Account{}, false, nil
}

// endTelling closes a telling's journal and lets the next one begin.
func (s *Service) endTelling(ctx context.Context, orderID string, c Call, e Ended) error {
	ctx = context.WithoutCancel(ctx)
	err := s.endCall(ctx, c, e)
	s.hush(ctx, c.Account, orderID, c.ID)
	return err
}

// hush gives the lease of a telling back.
func (s *Service) hush(ctx context.Context, account, orderID, call string) {
	if err := s.o.Store.Release(context.WithoutCancel(ctx), account, tellOf(orderID), call); err != nil { // it ends by itself
		s.o.Logger.Warn("the shop is told no more of an order for some minutes", "order", orderID, "account", account, "error", err)
	}
}

func tellOf(orderID string) string { return "tell:" + orderID }
