package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// ErrWhichAccount: the shop has several adapters, so that a message must say to which account it is.
var ErrWhichAccount = errors.New("the shop has several adapters: name the account")

// Shops is the door for shops in their platform's own form. Nobody shows a
// key there: what comes counts if the shop's plugin verified it.
type Shops interface {
	// ReadOrder runs the shop's plugin on a message of the shop and does what it
	// asks for. Account is "" where the shop has one adapter. Errors:
	// [ErrNotFound], [ErrWhichAccount], [ErrFlood], and those of Create.
	ReadOrder(ctx context.Context, shop, account string, m contract.Message) (ShopReply, error)
}

// ShopReply is what a shop's message came to. It is given when all of it is
// committed.
type ShopReply struct {
	Response contract.WebhookResponse
	// Order is the one that the message asked for, nil if it asked for none.
	Order *order.Order
	// Existing says that the order was there already.
	Existing bool
}

// adapter is an account of a shop's platform with the plugin that speaks to it.
type adapter struct {
	Account
	plugin order.Plugin
}

// adapterOf finds the adapter that takes a shop's messages.
func (s *Service) adapterOf(shop, account string) (adapter, error) {
	if _, err := s.o.Directory.Shop(shop); err != nil {
		return adapter{}, fmt.Errorf("shop %q: %w", shop, err)
	}
	var found []adapter
	for _, a := range s.o.Directory.Accounts(shop) {
		if account != "" && a.ID != account {
			continue
		}
		v, ok, err := s.shopPlugin(a)
		if err != nil {
			return adapter{}, err
		}
		if ok {
			found = append(found, adapter{a, v.Plugin})
		}
	}
	switch len(found) {
	case 0:
		return adapter{}, fmt.Errorf("adapter %q of shop %q: %w", account, shop, ErrNotFound)
	case 1:
		return found[0], nil
	}
	return adapter{}, fmt.Errorf("shop %q: %w", shop, ErrWhichAccount)
}

// shopPlugin is the active version of the plugin of an account, if that is one
// of the kind shop.
func (s *Service) shopPlugin(a Account) (Version, bool, error) {
	v, err := s.o.Registry.Active(a.WebhookPlugin)
	if errors.Is(err, ErrNotFound) {
		return Version{}, false, nil
	}
	if err != nil {
		return Version{}, false, fmt.Errorf("plugin %q of account %q: %w", a.WebhookPlugin, a.ID, err)
	}
	return v, v.Manifest.Kind == contract.KindShop, nil
}

// ReadOrder implements [Shops].
func (s *Service) ReadOrder(ctx context.Context, shop, account string, m contract.Message) (ShopReply, error) {
	a, err := s.adapterOf(shop, account)
	if err != nil {
		return ShopReply{}, err
	}
	from := senderOf(a.ID, m.RemoteIP)
	if !s.flood.take(from, s.now()) {
		return ShopReply{}, fmt.Errorf("account %q, address %s: %w", a.ID, from.address, ErrFlood)
	}
	ctx = context.WithoutCancel(ctx) // the shop's going away ends nothing
	c := s.accountCall(a, contract.ReadOrder, contract.ReadOrderInput{Message: m})
	e, err := s.o.Caller.Run(ctx, c)
	if err != nil {
		return ShopReply{}, fmt.Errorf("%s of account %s: %w", c.Export, a.ID, err)
	}
	if e.Verified {
		s.flood.give(from)
	}
	return s.takeOrder(ctx, a, c, e)
}

func (s *Service) accountCall(a adapter, export contract.Export, input any) Call {
	now := s.now()
	return Call{ID: NewCallID(PartitionOfName(a.ID), now), Export: export, Plugin: a.plugin, Account: a.ID, Input: encode(input), Now: now}
}

// takeOrder does what the end of a read_order asks for, then closes its
// journal. What its plugin did not verify asks for nothing.
func (s *Service) takeOrder(ctx context.Context, a adapter, c Call, e Ended) (ShopReply, error) {
	if e.Failure != nil {
		s.o.Logger.Warn("shop's message refused by its plugin", "account", a.ID, "plugin", c.Plugin.Name, "version", c.Plugin.Version, "call", c.ID, "failure", e.Failure.Error())
		return ShopReply{Response: refusal(*e.Failure)}, s.endCall(ctx, c, e)
	}
	var r contract.ReadOrderResult
	if err := json.Unmarshal(e.Result, &r); err != nil {
		return ShopReply{}, errors.Join(fmt.Errorf("result of %s, account %s: %w", c.Export, c.Account, err), s.endCall(ctx, c, e))
	}
	reply := ShopReply{Response: r.Response}
	var err error
	switch asks := r.Order != nil || len(r.Commands) > 0; {
	case asks && !e.Verified:
		s.o.Logger.Error("the plugin asks for something that it did not verify; nothing was done", "account", a.ID, "plugin", c.Plugin.Name, "version", c.Plugin.Version, "call", c.ID)
		reply.Response = refusal(contract.Failure{Code: contract.BadSignature})
	case r.Order != nil:
		// A shop ceases to send when it is refused too often: what is wrong with one
		// order is said here, and not to it. sync_shop keeps it as a finding.
		if reply.Order, reply.Existing, err = s.wanted(ctx, a, *r.Order); unwanted(err) {
			s.o.Logger.Error("order of the shop cannot be paid here", "account", a.ID, "reference", r.Order.Reference, "reason", err.Error())
			err = nil
		}
	default:
		err = s.commands(ctx, a, r.Commands)
	}
	return reply, errors.Join(err, s.endCall(ctx, c, e))
}
