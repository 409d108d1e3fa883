package magento

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// line is an entry of the items of an invoice or a credit memo.
type line struct {
	OrderItemID number `json:"order_item_id"`
	Qty         units  `json:"qty"`
}

// note is the comment of an invoice or a credit memo.
type note struct {
	Comment             string `json:"comment"`
	IsVisibleOnFront    number `json:"is_visible_on_front"`
	ExtensionAttributes any    `json:"extension_attributes"`
}

// number is an integer, as a number or in quotes, as PHP takes both.
type number int

// UnmarshalJSON reads it.
func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.Atoi(strings.Trim(string(b), `"`))
	*n = number(v)
	return err
}

const documentErrors = "Document Validation Error(s):\n"

// invoiceOrder serves POST /V1/order/{id}/invoice: the new invoice's id as a JSON
// string. capture runs the method's capture command, a second charge if the money
// is in already; without it a paid invoice is recorded and the gateway is not
// called (document, 2.2).
func (s *Simulator) invoiceOrder(c call) (any, *apiError) {
	var in struct {
		Capture       bool   `json:"capture"`
		Items         []line `json:"items"`
		Notify        bool   `json:"notify"`
		AppendComment bool   `json:"appendComment"`
		Comment       *note  `json:"comment"`
		Arguments     any    `json:"arguments"`
	}
	o, e := s.orderOf(c, &in)
	if e != nil {
		return nil, e
	}
	inv, e := o.newInvoice(in.Items)
	if e != nil {
		return nil, e
	}
	inv.id, inv.at, inv.captured = s.nextInvoice(), s.clock.Now(), in.Capture && o.hasGateway()
	if in.Comment != nil {
		inv.comment = in.Comment.Comment
	}
	if inv.captured {
		s.charge(o, inv.total)
	}
	if in.Notify {
		o.mails++
	}
	o.invoices = append(o.invoices, inv)
	s.invoices = append(s.invoices, o)
	o.paid += inv.total
	o.basePaid += o.base(inv.total)
	o.settle()
	s.touch(o)
	return strconv.Itoa(inv.id), nil
}

// newInvoice takes what is asked for, everything where nothing is. There is nothing
// left after an invoice of all, which is what guards against a second one
// (document, 2.2).
func (o *order) newInvoice(lines []line) (*invoice, *apiError) {
	var wrong []string
	if slices.Contains([]State{StatePaymentReview, StateHolded, StateCanceled, StateComplete, StateClosed}, o.state) {
		wrong = append(wrong, "An invoice cannot be created when an order has a status of "+o.status)
	}
	inv := &invoice{items: map[int]units{}}
	for _, i := range o.items {
		qty := i.left()
		if len(lines) > 0 {
			qty = 0
			for _, l := range lines {
				if int(l.OrderItemID) == i.id {
					qty = l.Qty
				}
			}
		}
		if qty > i.left() {
			wrong = append(wrong, "The quantity to invoice must not be greater than the unprocessed quantity for product SKU "+strconv.Quote(i.sku))
		}
		if i.parent == 0 && qty > 0 {
			inv.items[i.id] = qty
			inv.total += share(i.gross-i.discount, qty, i.ordered)
		}
	}
	if len(inv.items) == 0 {
		wrong = append(wrong, "The invoice can't be created without products. Add products and try again.")
	}
	if len(wrong) > 0 {
		return nil, bad("Invoice " + documentErrors + strings.Join(wrong, "\n"))
	}
	for _, i := range o.items {
		i.invoiced += inv.items[i.id]
	}
	if !o.shippingInvoiced { // shipping and what other extensions add go with the first
		inv.total += o.grand
		for _, i := range o.items {
			inv.total -= i.gross - i.discount
		}
		o.shippingInvoiced = true
	}
	return inv, nil
}

// charge runs the capture command of the order's method. The caller holds s.mu.
func (s *Simulator) charge(o *order, amount units) {
	o.charges = append(o.charges, amount)
	id := s.next()
	o.lastTransaction = "gw-capture-" + strconv.Itoa(id)
	o.transactions = append(o.transactions, transaction{id, o.lastTransaction, "capture", s.clock.Now()})
	s.note(o, "Captured amount of "+amount.String()+" online. Transaction ID: \""+o.lastTransaction+"\"")
}

// captureInvoice serves POST /V1/invoices/{id}/capture, which asks the gateway too.
func (s *Simulator) captureInvoice(c call) (any, *apiError) {
	o, inv, e := s.findInvoice(c.id)
	if e != nil {
		return nil, e
	}
	if o.hasGateway() {
		s.charge(o, inv.total)
	}
	s.touch(o)
	return true, nil
}

// voidInvoice serves POST /V1/invoices/{id}/void.
func (s *Simulator) voidInvoice(c call) (any, *apiError) {
	o, _, e := s.findInvoice(c.id)
	if e != nil {
		return nil, e
	}
	if o.hasGateway() {
		o.voids++
	}
	s.touch(o)
	return true, nil
}

func (s *Simulator) findInvoice(id int) (*order, *invoice, *apiError) {
	if id < 1 || id > len(s.invoices) {
		return nil, nil, missing()
	}
	o := s.invoices[id-1]
	i := slices.IndexFunc(o.invoices, func(inv *invoice) bool { return inv.id == id })
	return o, o.invoices[i], nil
}

// orderOf reads a call's body and finds its order.
func (s *Simulator) orderOf(c call, into any) (*order, *apiError) {
	if e := c.read(into); e != nil {
		return nil, e
	}
	return s.find(c.id)
}

func refusedState(what string, o *order) *apiError {
	return &apiError{http.StatusBadRequest, what + " can not be created when an order has a status of %1", []string{o.status}}
}
