// Package view shows orders to shops: the same JSON in the answers of the
// REST interface, in notices, and to shop plugins.
//
// Every member that the API's document lists is always there. What has no
// value is null; a list or a map that holds nothing is empty. Money is value
// and currency, times are RFC 3339 in UTC to the millisecond. Texts that are
// for consumers come in the order's locale.
//
// The random half of the pay link shows in checkout_url and nowhere else; a
// provider's state, the host's idempotency keys and raw provider messages do
// not show at all.
package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// Money is an amount in minor units.
type Money struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// Maker makes views. PublicURL is where consumers reach the host, without a
// slash at the end.
type Maker struct{ PublicURL string }

// OrderURL is where the API has an order.
func (m Maker) OrderURL(id string) string { return m.PublicURL + "/v1/orders/" + id }

// RefundURL is where the API has a refund.
func (m Maker) RefundURL(orderID, id string) string { return m.OrderURL(orderID) + "/refunds/" + id }

// CheckoutURL is the pay link of an order.
func (m Maker) CheckoutURL(o order.Order) string {
	return m.PublicURL + "/pay/" + o.ID + "." + o.Secret
}

// JSON writes a view as it is sent: one line, characters as they are.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write %T as JSON: %w", v, err)
	}
	return b.Bytes(), nil
}

func money(m order.Money) Money { return Money{m.Value, m.Currency} }

// moneyIn writes no amount at all as zero of the currency.
func moneyIn(m order.Money, currency string) Money {
	if m.Currency == "" {
		m.Currency = currency
	}
	return money(m)
}

func moneyOrNull(m order.Money) *Money {
	if m.IsZero() {
		return nil
	}
	v := money(m)
	return &v
}

func at(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func atOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = at(t)
	return &t
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
