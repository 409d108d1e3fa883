package magento

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// act does something to an order as a person does it in the shop.
func (s *Simulator) act(increment string, do func(o *order) *apiError) (OrderRecord, error) {
	o, err := s.byIncrement(increment)
	if err != nil {
		return OrderRecord{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := do(o); e != nil {
		return OrderRecord{}, &control.Problem{Status: http.StatusConflict, Message: "order " + increment + ": " + e.message}
	}
	s.touch(o)
	return o.record(), nil
}

func (s *Simulator) byIncrement(increment string) (*order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.orders, func(o *order) bool { return o.increment == increment && !o.deleted })
	if i < 0 {
		return nil, &control.Problem{Status: http.StatusNotFound, Message: "there is no order " + increment}
	}
	return s.orders[i], nil
}

// Cancel has an administrator cancel an order.
func (s *Simulator) Cancel(increment string) (OrderRecord, error) {
	return s.act(increment, func(o *order) *apiError {
		if !o.canCancel() {
			return bad("it is " + string(o.state) + " and cannot be cancelled")
		}
		s.cancel(o)
		return nil
	})
}

// Hold has an administrator put an order on hold, and Unhold take it off again.
func (s *Simulator) Hold(increment string) (OrderRecord, error) {
	return s.act(increment, func(o *order) *apiError {
		_, e := s.holdOrder(call{id: o.id})
		return e
	})
}

// Unhold is the end of Hold.
func (s *Simulator) Unhold(increment string) (OrderRecord, error) {
	return s.act(increment, func(o *order) *apiError {
		_, e := s.unholdOrder(call{id: o.id})
		return e
	})
}

// Ship has an administrator ship an order whole. Where nothing is paid yet the
// module, which is set so, has reserved money captured (document, 3.7).
func (s *Simulator) Ship(increment string) (OrderRecord, error) {
	return s.act(increment, func(o *order) *apiError {
		if !slices.Contains([]State{StateNew, StatePendingPayment, StateProcessing}, o.state) || o.shipped || o.isVirtual() {
			return bad("it is " + string(o.state) + " and cannot be shipped")
		}
		o.shipped = true
		o.settle()
		if o.paid == 0 {
			s.tell(o, commandCapture)
		}
		return nil
	})
}

// Invoice has an administrator invoice an order. With capture the gateway is asked.
func (s *Simulator) Invoice(increment string, capture bool) (OrderRecord, error) {
	body := []byte(`{"capture":false}`)
	if capture {
		body = []byte(`{"capture":true}`)
	}
	return s.act(increment, func(o *order) *apiError {
		_, e := s.invoiceOrder(call{id: o.id, body: body})
		return e
	})
}

// CreditMemo has an administrator refund an amount, a decimal text in the base
// currency: offline, or by the gateway.
func (s *Simulator) CreditMemo(increment, amount string, online bool) (OrderRecord, error) {
	n, err := parseUnits(amount)
	if err != nil {
		return OrderRecord{}, control.Bad("amount: %v", err)
	}
	return s.act(increment, func(o *order) *apiError {
		none := units(0)
		in := refundBody{IsOnline: online, Arguments: arguments{ShippingAmount: &none, AdjustmentPositive: n}}
		for _, i := range o.items {
			in.Items = append(in.Items, line{OrderItemID: number(i.id)})
		}
		_, e := s.refund(o, 0, in)
		return e
	})
}

// Change has an extension that edits orders make one dearer by an amount, a decimal
// text in the order's currency.
func (s *Simulator) Change(increment, amount string) (OrderRecord, error) {
	n, err := parseUnits(amount)
	if err != nil || n <= 0 {
		return OrderRecord{}, control.Bad("amount %q is not above 0", amount)
	}
	return s.act(increment, func(o *order) *apiError {
		o.grand += n
		return nil
	})
}

// Comment has an administrator write a comment.
func (s *Simulator) Comment(increment, text string) (OrderRecord, error) {
	return s.act(increment, func(o *order) *apiError {
		s.note(o, text)
		return nil
	})
}

// Delete has an extension delete an order, which the shop itself never does.
func (s *Simulator) Delete(increment string) (OrderRecord, error) {
	return s.act(increment, func(o *order) *apiError {
		o.deleted = true
		return nil
	})
}

// Review has the order held in payment_review.
func (s *Simulator) Review(increment string) (OrderRecord, error) {
	return s.act(increment, func(o *order) *apiError {
		if o.state != StatePendingPayment && o.state != StateNew {
			return bad("it is " + string(o.state))
		}
		o.move(StatePaymentReview)
		return nil
	})
}

// hourly is the cron job sales_clean_orders: it cancels orders whose status is
// pending_payment and that have not changed for [Config.CleanAfter] (document, 1).
func (s *Simulator) hourly(_ context.Context, due time.Time) {
	s.post.At(due.Add(time.Hour), s.hourly)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.status == string(StatePendingPayment) && due.Sub(o.updatedAt) >= s.cfg.CleanAfter && o.canCancel() {
			s.cancel(o)
		}
	}
}
