package magento

import (
	"slices"
	"strconv"
)

// arguments are amounts in the base currency, as Creditmemo::setAdjustmentPositive
// takes them.
type arguments struct {
	ShippingAmount      *units `json:"shipping_amount"`
	AdjustmentPositive  units  `json:"adjustment_positive"`
	AdjustmentNegative  units  `json:"adjustment_negative"`
	ExtensionAttributes any    `json:"extension_attributes"`
}

type refundBody struct {
	Items         []line    `json:"items"`
	IsOnline      bool      `json:"isOnline"`
	Notify        bool      `json:"notify"`
	AppendComment bool      `json:"appendComment"`
	Comment       *note     `json:"comment"`
	Arguments     arguments `json:"arguments"`
}

// refundOrder serves POST /V1/order/{id}/refund: an offline credit memo. It records
// and does not call the gateway (document, 2.2).
func (s *Simulator) refundOrder(c call) (any, *apiError) {
	var in refundBody
	o, e := s.orderOf(c, &in)
	if e != nil {
		return nil, e
	}
	in.IsOnline = false
	return s.refund(o, 0, in)
}

// refundInvoice serves POST /V1/invoice/{id}/refund, which with isOnline calls the
// gateway (document, 2.2).
func (s *Simulator) refundInvoice(c call) (any, *apiError) {
	var in refundBody
	if e := c.read(&in); e != nil {
		return nil, e
	}
	o, _, e := s.findInvoice(c.id)
	if e != nil {
		return nil, e
	}
	return s.refund(o, c.id, in)
}

func (s *Simulator) refund(o *order, invoiceID int, in refundBody) (any, *apiError) {
	if slices.Contains([]State{StatePaymentReview, StateHolded, StateCanceled, StateClosed}, o.state) {
		return nil, refusedState("A creditmemo", o)
	}
	m, taken, e := o.newMemo(in)
	if e != nil {
		return nil, e
	}
	m.id, m.at, m.invoice = s.nextMemo(), s.clock.Now(), invoiceID
	how := "offline"
	if m.online = in.IsOnline && o.hasGateway(); m.online {
		how = "online"
		o.payouts = append(o.payouts, m.total)
		o.transactions = append(o.transactions, transaction{s.next(), o.lastTransaction + "-refund", "refund", s.clock.Now()})
	}
	for _, i := range o.items {
		i.refunded += taken[i.id]
	}
	if in.Notify {
		o.mails++
	}
	o.memos = append(o.memos, m)
	o.refunded += m.total
	o.baseRefunded += m.base
	s.note(o, "We refunded "+m.total.String()+" "+how+".")
	o.settle()
	s.touch(o)
	return strconv.Itoa(m.id), nil
}

// newMemo takes what is asked for: every line where none is named, and all shipping
// that is left where its amount is not. So an amount alone is lines of quantity 0,
// no shipping and an adjustment (document, 2.2).
func (o *order) newMemo(in refundBody) (*memo, map[int]units, *apiError) {
	m, taken := &memo{}, map[int]units{}
	if in.Comment != nil {
		m.comment = in.Comment.Comment
	}
	for _, i := range o.items {
		qty := i.invoiced - i.refunded
		if len(in.Items) > 0 {
			qty = 0
			for _, l := range in.Items {
				if int(l.OrderItemID) == i.id {
					qty = l.Qty
				}
			}
		}
		if qty > i.invoiced-i.refunded {
			return nil, nil, bad("Creditmemo " + documentErrors + "The quantity to creditmemo must not be greater than the unrefunded quantity for product SKU \"" + i.sku + "\".")
		}
		if i.parent == 0 && qty > 0 {
			taken[i.id] = qty
			m.total += share(i.gross-i.discount, qty, i.ordered)
		}
	}
	left := o.shipping + o.shippingTax - o.shippingDiscount - o.shippingRefunded
	if a := in.Arguments.ShippingAmount; a != nil {
		if o.order(*a) > left {
			return nil, nil, bad("Maximum shipping amount allowed to refund is: %1", left.String())
		}
		left = o.order(*a)
	}
	m.adjustment = in.Arguments.AdjustmentPositive - in.Arguments.AdjustmentNegative
	m.total += left + o.order(in.Arguments.AdjustmentPositive.cents()) - o.order(in.Arguments.AdjustmentNegative.cents())
	m.base = o.base(m.total - o.order(m.adjustment))
	m.base += m.adjustment
	switch {
	case m.total <= 0:
		return nil, nil, bad("Creditmemo " + documentErrors + "The credit memo's total must be positive.")
	case m.total > o.paid-o.refunded:
		return nil, nil, bad("Creditmemo "+documentErrors+"The most money available to refund is %1.", (o.paid - o.refunded).String())
	}
	o.shippingRefunded += left
	return m, taken, nil
}

// order is an amount of the base currency in the order's, in cents.
func (o *order) order(base units) units {
	if o.rate == one {
		return base
	}
	return base.times(o.rate).cents()
}
