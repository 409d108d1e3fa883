package httpapi_test

import (
	"cmp"
	"context"
	"iter"
	"strconv"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func (f *fake) StartPayment(ctx context.Context, r checkout.Request, id string, c checkout.Choice) (checkout.Reply, error) {
	return f.once(ctx, r, func() (checkout.Reply, error) {
		o, err := f.mine(r.Key, id)
		if err != nil {
			return checkout.Reply{}, err
		}
		return f.start(o, c.Method, c.MethodOptions)
	})
}

func (f *fake) Sync(ctx context.Context, r checkout.Request, id string) (checkout.Reply, error) {
	return f.once(ctx, r, func() (checkout.Reply, error) {
		o, err := f.mine(r.Key, id)
		return checkout.Reply{Order: o}, err
	})
}

func (f *fake) Cancel(ctx context.Context, r checkout.Request, id string) (checkout.Reply, error) {
	return f.change(ctx, r, id, order.Cancel{})
}

func (f *fake) SetControlReference(ctx context.Context, r checkout.Request, id, reference string) (checkout.Reply, error) {
	return f.change(ctx, r, id, order.SetControlReference{Reference: reference})
}

func (f *fake) change(ctx context.Context, r checkout.Request, id string, c order.Change) (checkout.Reply, error) {
	return f.once(ctx, r, func() (checkout.Reply, error) {
		o, err := f.mine(r.Key, id)
		if err != nil {
			return checkout.Reply{}, err
		}
		o, err = f.apply(o, c)
		return checkout.Reply{Order: o}, err
	})
}

func (f *fake) Capture(ctx context.Context, r checkout.Request, id string, s checkout.OperationSpec) (checkout.Reply, error) {
	return f.operate(ctx, r, id, contract.CapturePayment, "cap_", func(op string) order.Change {
		return order.RequestCapture{ID: op, Payment: s.Payment, Amount: s.Amount, Final: s.Final, Reason: s.Reason, Lines: s.Lines, IdempotencyKey: "k"}
	})
}

func (f *fake) Refund(ctx context.Context, r checkout.Request, id string, s checkout.OperationSpec) (checkout.Reply, error) {
	return f.operate(ctx, r, id, contract.RefundPayment, "ref_", func(op string) order.Change {
		return order.RequestRefund{ID: op, Payment: s.Payment, Amount: s.Amount, Reason: s.Reason, Lines: s.Lines, IdempotencyKey: "k"}
	})
}

func (f *fake) operate(ctx context.Context, r checkout.Request, id string, export contract.Export, prefix string, request func(string) order.Change) (checkout.Reply, error) {
	return f.once(ctx, r, func() (checkout.Reply, error) {
		o, err := f.mine(r.Key, id)
		if err != nil {
			return checkout.Reply{}, err
		}
		op := f.id(prefix)
		if o, err = f.apply(o, request(op)); err != nil {
			return checkout.Reply{}, err
		}
		p := o.Payments[len(o.Payments)-1]
		if f.declines != nil {
			if o, err = f.apply(o, order.CallFailed{Payment: p.ID, Export: export, Operation: op, Failure: *f.declines, Outcome: f.outcome, At: began}); err != nil {
				return checkout.Reply{}, err
			}
			return checkout.Reply{}, &checkout.CallError{Export: export, Failure: *f.declines, Outcome: f.outcome, Order: o, Subject: op}
		}
		o, err = f.apply(o, order.OperationEnded{Payment: p.ID, Export: export, Operation: op, At: began, Result: contract.OperationResult{Status: cmp.Or(f.ends, contract.OperationSucceeded), ProviderReference: "X-" + op}})
		return checkout.Reply{Order: o, Subject: op}, err
	})
}

func (f *fake) Statement(_ context.Context, k checkout.Key, q checkout.StatementQuery) iter.Seq2[checkout.StatementLine, error] {
	return func(yield func(checkout.StatementLine, error) bool) {
		f.asked = q
		for i, l := range f.lines {
			if f.fail != nil && i == f.breaks {
				break
			}
			if l.Shop == k.Shop && strconv.Itoa(i) >= q.Cursor && !yield(checkout.StatementLine{BookLine: l, Next: strconv.Itoa(i + 1)}, nil) {
				return
			}
		}
		if f.fail != nil {
			yield(checkout.StatementLine{}, f.fail)
		}
	}
}

func (f *fake) Methods(ctx context.Context, shop string, _ bool, q checkout.MethodsQuery) ([]checkout.MethodOffer, error) {
	f.queries = append(f.queries, q)
	if err := f.trouble(ctx); err != nil {
		return nil, err
	}
	if shop != "bar" {
		return nil, nil
	}
	return f.offers, nil
}

func (f *fake) Options(_ context.Context, _ string, _ bool, method string, _ checkout.MethodsQuery) ([]contract.Option, error) {
	if options, ok := f.options[method]; ok {
		return options, nil
	}
	return nil, checkout.ErrUnavailable
}

func (f *fake) Webhook(ctx context.Context, account string, m contract.Message) (contract.WebhookResponse, error) {
	f.account, f.message = account, m
	if err := f.trouble(ctx); err != nil {
		return contract.WebhookResponse{}, err
	}
	return f.answer, nil
}

func (f *fake) ReadOrder(ctx context.Context, shop, account string, m contract.Message) (checkout.ShopReply, error) {
	f.account, f.message = shop+"/"+account, m
	if err := f.trouble(ctx); err != nil {
		return checkout.ShopReply{}, err
	}
	reply := checkout.ShopReply{Response: f.answer, Existing: f.existing}
	for _, o := range f.orders {
		reply.Order = &o
	}
	return reply, nil
}

var (
	_ checkout.Shops     = (*fake)(nil)
	_ checkout.API       = (*fake)(nil)
	_ checkout.Webhooks  = (*fake)(nil)
	_ checkout.Directory = directory(nil)
)
