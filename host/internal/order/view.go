package order

import (
	"maps"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// URLs are the host's own addresses for one payment.
type URLs struct{ Return, Cancel, Webhook string }

// PluginView is a payment as its plugin sees it. Lines are left out where the
// payment is for less than the order, since they would not add up; a missing
// locale is "en".
func PluginView(o Order, p Payment, urls URLs) contract.Payment {
	a := p.Amounts()
	v := contract.Payment{
		ID: p.ID, Reference: p.Reference, Number: p.Number, OrderReference: o.Reference,
		Status: string(p.Status()), CreatedAt: p.CreatedAt, Amount: p.Amount, Description: o.Description,
		Method: p.Method, MethodOptions: maps.Clone(p.MethodOptions), Capture: p.Capture, Locale: o.Locale,
		Customer: o.Customer, BillingAddress: o.BillingAddress, ShippingAddress: o.ShippingAddress,
		ReturnURL: urls.Return, CancelURL: urls.Cancel, WebhookURL: urls.Webhook,
		ExpiresAt: p.ExpiresAt, IdempotencyKey: p.IdempotencyKey, ProviderReference: p.ProviderReference(),
		Totals:       contract.Totals{Authorized: a.Authorized, Captured: a.Captured, Refunded: a.Refunded, Tip: a.Tip, Surcharge: a.Surcharge},
		Transactions: slices.Clone(p.Transactions), State: slices.Clone(p.State),
	}
	if p.Amount == o.Amount {
		v.Lines = slices.Clone(o.Lines)
	}
	if v.Locale == "" {
		v.Locale = "en"
	}
	for _, c := range p.Captures {
		v.Captures = append(v.Captures, OperationView(c))
	}
	for _, r := range p.Refunds {
		v.Refunds = append(v.Refunds, OperationView(r))
	}
	return v
}

// OperationView is a capture or a refund as the plugin sees it.
func OperationView(op Operation) contract.Operation {
	return contract.Operation{
		ID: op.ID, Amount: op.Amount, Final: op.Final, Reason: op.Reason, Lines: slices.Clone(op.Lines),
		IdempotencyKey: op.IdempotencyKey, ProviderReference: op.ProviderReference, Status: op.Status, CreatedAt: op.CreatedAt,
	}
}
