package conformance

import (
	"fmt"
	"maps"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopOrder is a shop's order as the gateway keeps it.
type shopOrder struct {
	contract.Order
	// key is the platform's own.
	key string
}

// newShopOrder makes the nth order, as a shop has asked for it.
func newShopOrder(n int, r contract.OrderRequest, now time.Time) *shopOrder {
	zero := contract.Money{Currency: r.Amount.Currency}
	id := fmt.Sprintf("ord_%028d", n)
	return &shopOrder{
		key: r.Metadata[contract.MetadataOrderID],
		Order: contract.Order{
			ID: id, Reference: r.Reference, Status: contract.OrderStatusOpen, RefundStatus: "none", Amount: r.Amount, Due: r.Amount,
			Captured: zero, Refunded: zero, Released: zero, ChargedBack: zero, Tip: zero, Surcharge: zero,
			CheckoutURL: "https://pay.example/pay/" + id + ".token", Locale: r.Locale, Version: 1,
			ExpiresAt: now.Add(life), CreatedAt: now, UpdatedAt: now, Metadata: maps.Clone(r.Metadata),
		},
	}
}
