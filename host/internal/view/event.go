package view

import (
	"strconv"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// Event is one entry of an order's timeline.
type Event struct {
	// ID is the order's id, a dot and the number.
	ID     string          `json:"id"`
	Order  string          `json:"order"`
	Number int64           `json:"number"`
	Type   order.EventType `json:"type"`
	At     time.Time       `json:"at"`
	// Payment and Operation say what it is about.
	Payment   *string `json:"payment"`
	Operation *string `json:"operation"`
	Amount    *Money  `json:"amount"`
	Detail    *string `json:"detail"`
	// The statuses are those after the event.
	OrderStatus   order.Status         `json:"order_status"`
	RefundStatus  order.RefundStatus   `json:"refund_status"`
	PaymentStatus *order.PaymentStatus `json:"payment_status"`
}

// Event shows an event of the order with this id.
func (m Maker) Event(orderID string, e order.Event) Event {
	v := Event{
		ID: orderID + "." + strconv.FormatInt(e.Number, 10), Order: orderID, Number: e.Number, Type: e.Type, At: at(e.At),
		Payment: textOrNull(e.Payment), Operation: textOrNull(e.Operation),
		Amount: moneyOrNull(e.Amount), Detail: textOrNull(e.Detail),
		OrderStatus: e.Order.Status, RefundStatus: e.Order.RefundStatus,
	}
	if e.Of != nil {
		v.PaymentStatus = &e.Of.Status
	}
	return v
}
