package checkout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// wanted makes the order that a shop asks for, or finds it. One that is paid,
// or whose payment is under way, is found as it is: the shop is told of it. The
// order of another of the shop's accounts, or of another mode, is a
// [*ReferenceError] and stays as it is.
func (s *Service) wanted(ctx context.Context, a adapter, r contract.OrderRequest) (*order.Order, bool, error) {
	switch ref, err := s.o.Store.FindReference(ctx, a.Shop, r.Reference); {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return nil, false, fmt.Errorf("find reference %q: %w", r.Reference, err)
	default:
		rec, err := s.o.Store.Load(ctx, ref.Order)
		if err != nil {
			return nil, false, fmt.Errorf("read order %s: %w", ref.Order, err)
		}
		if account := rec.Order.Metadata[contract.MetadataAccount]; rec.Order.Live != a.Live || account != "" && account != a.ID {
			return nil, false, fmt.Errorf("account %s: %w", a.ID, &ReferenceError{Reason: string(order.RepeatConflict), Order: rec.Order})
		}
	}
	reply, err := s.Create(ctx, Request{Key: a.key()}, specOf(a, r))
	var taken *ReferenceError
	if errors.As(err, &taken) && taken.Order.Live == a.Live {
		return &taken.Order, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("order %q of account %s: %w", r.Reference, a.ID, err)
	}
	return &reply.Order, reply.Existing, nil
}

// unwanted says whether an order cannot be had as the shop asks for it, now or
// ever: that is for its people, and no reason to hold anything up.
func unwanted(err error) bool {
	var invalid *order.InvalidError
	var taken *ReferenceError
	return errors.As(err, &invalid) || errors.As(err, &taken) || errors.Is(err, ErrURL)
}

// key is what the account's plugin may do for its shop.
func (a adapter) key() Key { return Key{ID: "account " + a.ID, Shop: a.Shop, Live: a.Live} }

// specOf is what the API would be asked for. Platform and account are the
// account's own, whatever the plugin says: by them it is told of the order.
func specOf(a adapter, r contract.OrderRequest) CreateSpec {
	metadata := maps.Clone(r.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	metadata[contract.MetadataPlatform], metadata[contract.MetadataAccount] = a.Provider, a.ID
	return CreateSpec{Spec: order.Spec{
		Reference: r.Reference, Amount: r.Amount, Description: r.Description, Lines: r.Lines,
		Customer: r.Customer, BillingAddress: r.BillingAddress, ShippingAddress: r.ShippingAddress,
		Locale: r.Locale, Country: r.Country, Methods: r.Methods, Capture: r.Capture,
		ReturnURL: r.ReturnURL, CancelURL: r.CancelURL, ExpiresAt: r.ExpiresAt, Metadata: metadata, Announce: true,
	}}
}

// commands carries out what a shop wants done with its orders. A command that
// makes no sense (any more) is left: shops tell of a state, often twice.
func (s *Service) commands(ctx context.Context, a adapter, list []contract.Command) error {
	for _, c := range list {
		err := s.command(ctx, a, c)
		var refused *order.RefusedError
		var failed *CallError // booked, and told to the shop
		switch {
		case err == nil:
		case errors.Is(err, ErrNotFound), errors.As(err, &refused), errors.As(err, &failed), errors.Is(err, order.ErrPaid), errors.Is(err, order.ErrClosed):
			s.o.Logger.Warn("shop's command left", "account", a.ID, "type", c.Type, "reference", c.Reference, "reason", err.Error())
		default:
			return fmt.Errorf("%s of order %q of account %s: %w", c.Type, c.Reference, a.ID, err)
		}
	}
	return nil
}

func (s *Service) command(ctx context.Context, a adapter, c contract.Command) error {
	ref, err := s.o.Store.FindReference(ctx, a.Shop, c.Reference)
	if err != nil {
		return err
	}
	r := Request{Key: a.key()}
	rec, err := s.load(ctx, r.Key, ref.Order)
	if err != nil {
		return err
	}
	status := rec.Order.Status()
	switch {
	case c.Type == contract.CommandCancel && status != order.Cancelled:
		_, err = s.Cancel(ctx, r, ref.Order)
	case c.Type == contract.CommandCapture && status == order.Authorized:
		key := shopCapture + strconv.Itoa(failedCaptures(rec.Order)) // after one that failed it is a new one
		r.Idempotency = &Idempotency{Key: key, Fingerprint: contract.CommandCapture, Render: func(order.Order, string) Answer { return Answer{} }}
		_, err = s.Capture(ctx, r, ref.Order, OperationSpec{Final: true})
	}
	return err
}

// shopCapture begins the key of the capture that a shop's command asks for. No
// key of the API's is as it: those are at most 255 visible characters.
const shopCapture = "capture\nby command of the shop "

func failedCaptures(o order.Order) (n int) {
	for _, p := range o.Payments {
		for _, c := range p.Captures {
			if c.Status == contract.OperationFailed {
				n++
			}
		}
	}
	return n
}
