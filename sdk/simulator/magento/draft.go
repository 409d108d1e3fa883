package magento

import (
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Draft is an order as a shopper places it. Amounts are decimal texts in the
// order's currency, with tax.
type Draft struct {
	Store        string `json:"store"`         // store view; the default one unless given
	Method       string `json:"method"`        // payment method; kassette unless given
	Currency     string `json:"currency"`      // EUR unless given
	BaseCurrency string `json:"base_currency"` // Currency unless given
	// Rate is how much of the order's currency one of the base currency is; 1 unless given.
	Rate             string      `json:"rate"`
	Items            []DraftItem `json:"items"` // one of 49.99 unless given
	Shipping         string      `json:"shipping"`
	ShippingTaxRate  string      `json:"shipping_tax_rate"` // percent
	ShippingDiscount string      `json:"shipping_discount"`
	// Fee is what another extension adds to the total and to no line.
	Fee      string `json:"fee"`
	Email    string `json:"email"`
	Customer int    `json:"customer"` // id; 0 for a guest
	// Additional is the payment's additional_information, by its keys.
	Additional map[string]string `json:"additional"`
	// Authorized makes it an order whose money is reserved: processing without an invoice.
	Authorized bool `json:"authorized"`
	// Checkout is the gateway's order, where the module began one.
	Checkout string `json:"checkout"`
}

// DraftItem is a line of a [Draft].
type DraftItem struct {
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Price    string `json:"price"`    // of one, with tax
	Quantity string `json:"quantity"` // 1 unless given
	TaxRate  string `json:"tax_rate"` // percent
	Discount string `json:"discount"` // of the whole line, above 0
	Virtual  bool   `json:"virtual"`
	// Variant is the chosen one's SKU of a configurable product: the shop has a line
	// of its own for it, without a price.
	Variant string `json:"variant"`
}

// moduleMethod is the payment method of the gateway's own module.
const moduleMethod = "kassette"

// Place places an order: pending_payment where its method has a gateway, else new
// (document, 1 and 3.4).
func (s *Simulator) Place(d Draft) (OrderRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.draft(d)
	if err != nil {
		return OrderRecord{}, &control.Problem{Status: 400, Message: "place the order: " + err.Error()}
	}
	s.orders = append(s.orders, o)
	return o.record(), nil
}

func (s *Simulator) draft(d Draft) (*order, error) {
	for _, unset := range []struct {
		value *string
		to    string
	}{{&d.Store, s.cfg.Stores[0]}, {&d.Method, moduleMethod}, {&d.Currency, "EUR"}, {&d.Rate, "1"}, {&d.Email, "shopper@example.com"}} {
		if *unset.value == "" {
			*unset.value = unset.to
		}
	}
	if d.BaseCurrency == "" {
		d.BaseCurrency = d.Currency
	}
	if d.Items == nil {
		d.Items = []DraftItem{{SKU: "24-MB01", Name: "Joust Duffle Bag", Price: "49.99", TaxRate: "21"}}
	}
	now := s.clock.Now()
	o := &order{id: len(s.orders) + 1, draft: d, createdAt: now, updatedAt: now, authorized: d.Authorized, checkout: d.Checkout}
	if o.store = slices.Index(s.cfg.Stores, d.Store) + 1; o.store == 0 {
		return nil, fmt.Errorf("there is no store %q", d.Store)
	}
	s.counts[o.store]++
	o.increment = fmt.Sprintf("%09d", s.counts[o.store])
	if o.store > 1 { // other stores' numbers begin with their own
		o.increment = fmt.Sprintf("%d%s", o.store, o.increment)
	}
	if err := o.fill(s); err != nil {
		return nil, err
	}
	switch {
	case d.Authorized:
		o.move(StateProcessing)
	case o.hasGateway():
		o.move(StatePendingPayment)
	default:
		o.move(StateNew)
	}
	s.note(o, "")
	for name, value := range d.Additional {
		o.additional = append(o.additional, [2]string{name, value})
	}
	slices.SortFunc(o.additional, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return o, nil
}

// fill reads the lines and adds up.
func (o *order) fill(s *Simulator) error {
	var sums [5]units
	for i, text := range []string{o.draft.Rate, o.draft.Shipping, o.draft.ShippingTaxRate, o.draft.ShippingDiscount, o.draft.Fee} {
		n, err := orZero(text)
		if err != nil {
			return err
		}
		sums[i] = n
	}
	rate, shipping, shippingTax, shippingDiscount, fee := sums[0], sums[1], sums[2], sums[3], sums[4]
	if rate <= 0 {
		return fmt.Errorf("rate %q is not above 0", o.draft.Rate)
	}
	o.rate, o.shippingDiscount = rate, shippingDiscount
	o.shippingTax = taxOf(shipping, shippingTax)
	o.shipping = shipping - o.shippingTax
	o.grand, o.discount, o.tax = shipping-shippingDiscount+fee, shippingDiscount, o.shippingTax
	for _, d := range o.draft.Items {
		i, err := s.line(d)
		if err != nil {
			return err
		}
		o.items = append(o.items, i)
		if d.Variant != "" {
			o.items = append(o.items, &item{id: s.next(), parent: i.id, sku: d.Variant, name: i.name, kind: "simple", virtual: i.virtual, ordered: i.ordered})
		}
		o.subtotal += i.net
		o.tax += i.tax
		o.discount += i.discount
		o.grand += i.gross - i.discount
	}
	if o.grand < 0 {
		return fmt.Errorf("the total is %s", o.grand)
	}
	return nil
}

func (s *Simulator) line(d DraftItem) (*item, error) {
	if d.Quantity == "" {
		d.Quantity = "1"
	}
	var n [4]units
	for i, text := range []string{d.Price, d.Quantity, d.TaxRate, d.Discount} {
		v, err := orZero(text)
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", d.SKU, err)
		}
		n[i] = v
	}
	i := &item{
		id: s.next(), sku: d.SKU, name: d.Name, kind: "simple", virtual: d.Virtual, priceTax: n[0], ordered: n[1], taxRate: n[2], discount: n[3],
	}
	switch {
	case d.Variant != "":
		i.kind = "configurable"
	case d.Virtual:
		i.kind = "virtual"
	}
	i.gross = i.priceTax.times(i.ordered)
	i.tax = taxOf(i.gross, i.taxRate)
	i.net = i.gross - i.tax
	i.price = i.priceTax - taxOf(i.priceTax, i.taxRate)
	return i, nil
}

// taxOf is the tax within an amount, in cents; rate is percent.
func taxOf(gross, rate units) units {
	if rate == 0 {
		return 0
	}
	return share(gross, rate, 100*one+rate).cents()
}
