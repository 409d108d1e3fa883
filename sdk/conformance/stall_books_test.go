package conformance_test

import (
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// stallBooked is an order in the shop's books.
type stallBooked struct {
	stallOrder
	changed                  int
	paid                     contract.Money
	payments, charged, mails int
}

// add adds an item, of which a sixth is tax.
func (o *stallBooked) add(name string, kind contract.LineKind, quantity string, value int64) {
	o.Items = append(o.Items, stallItem{Name: name, Kind: kind, Quantity: quantity, Total: o.decimal(value), Tax: o.decimal(value / 6)})
	o.Total = o.decimal(o.value(o.Total) + value)
}

func (o *stallBooked) decimal(v int64) string {
	return contract.Money{Value: v, Currency: o.Currency}.Decimal()
}

func (o *stallBooked) value(decimal string) int64 {
	m, _ := contract.ParseDecimal(decimal, o.Currency) // the world's own, or the empty beginning
	return m.Value
}

// pay books the whole as paid, once more where it was before: the shop does not
// look.
func (o *stallBooked) pay(transaction string) {
	o.Status, o.Transaction = "paid", transaction
	o.paid = contract.Money{Value: o.paid.Value + o.value(o.Total), Currency: o.Currency}
	o.payments++
	o.mails++
}

func (w *stallWorld) Books(key string) conformance.ShopBooks {
	o := w.find(key)
	if o == nil {
		return conformance.ShopBooks{}
	}
	b := conformance.ShopBooks{
		Known: true, Reference: o.Number, State: conformance.ShopState(o.Status), Paid: o.paid, Payments: o.payments, Transaction: o.Transaction,
		Refunded: contract.Money{Currency: o.Currency}, Refunds: len(o.Refunds), Charged: o.charged, Mails: o.mails, Notes: o.Notes,
	}
	for _, r := range o.Refunds {
		b.Refunded.Value += o.value(r.Amount)
	}
	return b
}
