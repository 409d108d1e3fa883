package woocommerce

import (
	"strconv"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// states of the shop's statuses (1.3).
var states = map[string]conformance.ShopState{
	woocommerce.Pending: conformance.ShopOpen, woocommerce.Failed: conformance.ShopOpen, woocommerce.OnHold: conformance.ShopWaiting,
	woocommerce.Processing: conformance.ShopPaid, woocommerce.Completed: conformance.ShopPaid,
	woocommerce.Cancelled: conformance.ShopCancelled, woocommerce.Trash: conformance.ShopCancelled, woocommerce.Refunded: conformance.ShopRefunded,
}

// Books is what the shop knows of an order.
func (w *World) Books(key string) conformance.ShopBooks {
	id, _ := strconv.Atoi(key) // what is none is not found
	books := w.Sim.Books()
	o, ok := books.Order(id)
	if !ok {
		return conformance.ShopBooks{}
	}
	out := conformance.ShopBooks{
		Known: true, Reference: o.Number, State: states[o.Status], Payments: o.Payments, Transaction: o.TransactionID, Refunds: len(o.Refunds),
		Paid: contract.Money{Currency: o.Currency}, Refunded: contract.Money{Currency: o.Currency},
	}
	add := func(m *contract.Money, decimal string) {
		n, err := contract.ParseDecimal(decimal, o.Currency)
		if err != nil {
			panic("the simulator's books: " + err.Error())
		}
		m.Value += n.Value
	}
	if !o.Paid.IsZero() {
		add(&out.Paid, o.Total)
	}
	for _, r := range o.Refunds {
		add(&out.Refunded, r.Amount)
	}
	for _, p := range books.Payouts {
		if p.Order == id {
			out.Charged++
		}
	}
	for _, m := range books.Mails {
		if m.Order == id {
			out.Mails++
		}
	}
	for _, n := range o.Notes {
		out.Notes = append(out.Notes, n.Text)
	}
	return out
}
