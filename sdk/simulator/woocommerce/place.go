package woocommerce

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Cart is what a shopper orders. Amounts are decimal strings in the shop's
// number of decimals. The zero value is one thing of 12.50, or 1250 of the shop's
// last decimal, by bank transfer.
type Cart struct {
	Lines    []CartLine
	Shipping []CartLine
	Fees     []CartLine
	// Coupon names one that took Discount and DiscountTax off the lines, whose totals
	// are after it.
	Coupon, Discount, DiscountTax string

	Gateway  string // payment_method; bacs unless given
	ByHand   bool   // an admin makes it: without a payment method
	Status   string // pending unless given
	Number   string // what the shopper sees; the id unless given (1.2)
	Currency string // the shop's unless given
	Customer int
	Billing  map[string]string // a Dutch address unless given
	ShipTo   map[string]string // Billing's unless given
	Meta     map[string]string
}

// CartLine is a line of a cart: what it costs after discount, without tax.
type CartLine struct {
	Name, SKU, Quantity string // Quantity is 1 unless given
	Total, Tax          string
	Digital             bool // virtual and downloadable
}

// address is the shopper's unless another is given.
func address() map[string]string {
	return map[string]string{
		"first_name": "Jan", "last_name": "de Vries", "company": "", "address_1": "Lange Voorhout 8", "address_2": "", "city": "Den Haag",
		"state": "", "postcode": "2514 ED", "country": "NL", "email": "jan@example.org", "phone": "+31701234567",
	}
}

// Place makes an order as a shopper's checkout does, and gives what the books say
// of it.
func (s *Simulator) Place(c Cart) (OrderRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := make([]byte, 7)
	_, _ = rand.Read(key) // never fails
	s.serial++
	o := &order{
		id: s.serial, number: c.Number, key: "wc_order_" + hex.EncodeToString(key)[:13], via: "checkout", status: c.Status, currency: c.Currency,
		created: s.second(), changed: s.second(), customer: c.Customer, ip: "192.0.2.44", billing: c.Billing, shipping: c.ShipTo, gateway: c.Gateway, coupon: c.Coupon,
	}
	if o.number == "" {
		o.number = strconv.Itoa(o.id)
	}
	for at, unset := range map[*string]string{&o.status: Pending, &o.currency: s.cfg.Currency, &o.gateway: "bacs"} {
		if *at == "" {
			*at = unset
		}
	}
	if c.ByHand {
		o.gateway, o.via = "", "admin"
	}
	o.places = s.places(o.currency)
	if len(c.Lines) == 0 {
		c.Lines = []CartLine{{Name: "A thing", SKU: "thing-1", Total: o.text(1250)}}
	}
	if g, ok := s.cfg.gateway(o.gateway); ok {
		o.title = g.Title
	}
	if o.billing == nil {
		o.billing = address()
	}
	if o.shipping == nil {
		o.shipping = o.billing
	}
	for k, v := range c.Meta {
		text, _ := json.Marshal(v) // a string alone
		o.meta = s.setMeta(o.meta, 0, k, text)
	}
	if err := s.fill(o, c); err != nil {
		s.serial--
		return OrderRecord{}, err
	}
	s.orders = append(s.orders, o)
	s.enqueue("order.created", o.id)
	s.enqueue(updated, o.id) // a checkout saves an order more than once, which is this simulator's reading
	return s.record(o), nil
}

// fill puts a cart's lines into an order. The caller holds s.mu.
func (s *Simulator) fill(o *order, c Cart) (err error) {
	amount := func(text string) int64 {
		if text == "" {
			return 0
		}
		n, e := units(text, o.places)
		if err == nil {
			err = e
		}
		return n
	}
	fill := func(list []CartLine) (lines []line) {
		for _, l := range list {
			s.rows++
			n := line{id: s.rows, product: s.rows, name: l.Name, sku: l.SKU, quantity: json.Number(l.Quantity), total: amount(l.Total), tax: amount(l.Tax), digital: l.Digital}
			if n.quantity == "" {
				n.quantity = "1"
			}
			n.subtotal, n.subtotalTax = n.total, n.tax
			lines = append(lines, n)
		}
		return lines
	}
	o.lines, o.ships, o.fees = fill(c.Lines), fill(c.Shipping), fill(c.Fees)
	o.discount, o.discountTax = amount(c.Discount), amount(c.DiscountTax)
	return err
}

// act has somebody change an order.
func (s *Simulator) act(id int, topic string, f func(o *order) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(id)
	if o == nil {
		return fmt.Errorf("order %d: there is none", id)
	}
	if err := f(o); err != nil {
		return fmt.Errorf("order %d: %w", id, err)
	}
	s.touch(o, topic)
	return nil
}

// The topics of all changes, refunds among them, and of what is thrown away (2).
const (
	updated = "order.updated"
	deleted = "order.deleted"
)

// SetStatus has the merchant set any status, from any (1.3).
func (s *Simulator) SetStatus(id int, status string) error {
	return s.act(id, updated, func(o *order) error { s.move(o, status); return nil })
}

// Cancel has merchant or shopper cancel an order.
func (s *Simulator) Cancel(id int) error { return s.SetStatus(id, Cancelled) }

// Complete has the merchant complete an order.
func (s *Simulator) Complete(id int) error { return s.SetStatus(id, Completed) }

// AddFee has the merchant make an order dearer, or cheaper.
func (s *Simulator) AddFee(id int, name, amount string) error {
	return s.act(id, updated, func(o *order) error {
		n, err := units(amount, o.places)
		s.rows++
		o.fees = append(o.fees, line{id: s.rows, name: name, total: n})
		return err
	})
}

// PayByHand has the merchant book an order as paid, with a transaction of their own.
func (s *Simulator) PayByHand(id int, transaction string) error {
	return s.act(id, updated, func(o *order) error {
		o.transaction = transaction
		s.move(o, Processing)
		return nil
	})
}

// Remark has somebody change what is not about money: the shopper's note.
func (s *Simulator) Remark(id int, text string) error {
	return s.act(id, updated, func(o *order) error { o.note = text; return nil })
}

// Delete has the merchant delete an order for good.
func (s *Simulator) Delete(id int) error {
	if err := s.act(id, deleted, func(*order) error { return nil }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = slices.DeleteFunc(s.orders, func(o *order) bool { return o.id == id })
	return nil
}

// Throw has the merchant put an order into the trash, or take it out again.
func (s *Simulator) Throw(id int) error {
	return s.act(id, deleted, func(o *order) error { o.before, o.status = o.status, Trash; return nil })
}

// Restore has the merchant take an order out of the trash.
func (s *Simulator) Restore(id int) error {
	return s.act(id, "order.restored", func(o *order) error { o.status = o.before; return nil })
}

// Refund has the merchant refund in the admin: with automatic the order's gateway
// is asked to pay it out, otherwise it is recorded alone.
func (s *Simulator) Refund(id int, amount, reason string, automatic bool) error {
	return s.act(id, updated, func(o *order) error {
		if _, refused := s.refund(o, amount, reason, automatic, nil); refused != nil {
			return refused
		}
		return nil
	})
}
