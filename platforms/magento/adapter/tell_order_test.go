package main

import (
	"slices"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// A cancellation is believed when the order is read (2.2).
func TestTell_cancel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(s *rig)
		kind   contract.EventType
		state  magento.State
		says   string
		writes int
	}{
		"expired":     {nil, contract.OrderExpired, magento.StateCanceled, "not paid in time. The order is cancelled", 2},
		"cancelled":   {nil, contract.OrderCancelled, magento.StateCanceled, "the payment was cancelled. The order is cancelled", 2},
		"by the shop": {func(s *rig) { s.act(s.world.Sim.Cancel) }, contract.OrderCancelled, magento.StateCanceled, "the payment was cancelled. The order is cancelled", 1},
		"held":        {func(s *rig) { s.act(s.world.Sim.Hold) }, contract.OrderExpired, magento.StateHolded, "ATTENTION: it was not paid in time. The shop did not cancel", 2},
		"paid by hand": {func(s *rig) {
			s.act(func(n string) (magento.OrderRecord, error) { return s.world.Sim.Invoice(n, false) })
		}, contract.OrderExpired, magento.StateProcessing, "is processing and stays", 1},
		"a second payment": {func(s *rig) {
			drivePost(s, "orders/1/comments", `{"statusHistory":{"comment":"x [kassette ord_2222.3]","status":"pending_payment"}}`)
		}, contract.OrderExpired, magento.StatePendingPayment, "Another payment", 1},
	} {
		s := newRig(t, magento.Draft{})
		if c.before != nil {
			c.before(s)
		}
		s.via.writes()
		e := s.event(c.kind)
		s.told(e)
		if w := s.via.writes(); len(w) != c.writes {
			t.Errorf("%s: got %v", name, w)
		}
		s.told(e)
		if w := s.via.writes(); len(w) > 0 {
			t.Errorf("%s, again: got %v", name, w)
		}
		if o := s.shop(); o.State != c.state || c.says != "" && s.says(c.says) != 1 {
			t.Errorf("%s: got %+v", name, o)
		}
	}
}

// While the shopper is on the way there is nothing to tell.
func TestTell_pending_onTheWay(t *testing.T) {
	t.Parallel()
	for action, writes := range map[contract.ActionType]int{contract.ActionRedirect: 0, contract.ActionNone: 1} {
		s := newRig(t, magento.Draft{})
		s.order.Status = contract.OrderStatusPending
		s.order.Payments = []contract.OrderPayment{{ID: "pay_1", Action: &contract.OrderAction{Type: action}}}
		e := s.event(contract.OrderPending)
		e.Payment = "pay_1"
		s.told(e)
		if w := s.via.writes(); len(w) != writes {
			t.Errorf("%s: got %v", action, w)
		}
	}
	s := newRig(t, magento.Draft{})
	early := s.event(contract.OrderPending)
	s.pays(4999)
	for _, e := range []contract.Event{early, s.event(contract.CaptureSucceeded)} {
		if s.told(e); len(s.via.writes()) > 0 {
			t.Errorf("%s of an order that is paid since came to a write", e.Type)
		}
	}
}

func TestTell_superseded_changesNothing(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.told(s.event(contract.OrderSuperseded))
	if w := s.via.writes(); len(w) > 0 {
		t.Errorf("got %v", w)
	}
}

func TestTell_comments(t *testing.T) {
	t.Parallel()
	for kind, want := range map[contract.EventType]string{
		contract.OrderPending: "under way", contract.OrderAuthorized: "authorized", contract.OrderOverpaid: "more than once", contract.OrderAttend: "look at it. The books differ",
		contract.CaptureSucceeded: "money was taken", contract.CaptureFailed: "could not be taken", contract.RefundPending: "refund is under way",
		contract.RefundFailed: "refund failed", contract.ChargebackOpened: "chargeback",
	} {
		s := newRig(t, magento.Draft{})
		s.order.Attention = []contract.OrderAttention{{Code: "x", Message: "The books differ."}}
		s.order.Status = contract.OrderStatusPending
		e := s.event(kind)
		e.Amount, e.Payment, e.Operation = s.money(1250), "pay_1", "op_1"
		s.told(e)
		if w := s.via.writes(); !slices.Equal(w, []string{"POST orders/1/comments"}) || s.says(want) != 1 || s.says("(12.50 EUR, payment pay_1, op_1) [kassette "+s.order.ID+".2]") != 1 {
			t.Errorf("%s: got %v, %+v", kind, w, s.shop().Comments)
		}
	}
	s := newRig(t, magento.Draft{})
	s.fails(s.event("order.danced"), contract.Unsupported, "order.danced")
}

// The order is found by the request's key, or by its number; never another one.
func TestTell_find(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{Store: "nl"})
	s.order.Metadata = nil
	s.told(s.pays(4999))
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)

	s = newRig(t, magento.Draft{})
	s.order.Metadata["order_id"] = "99"
	s.fails(s.pays(4999), contract.NotFound, "doesn't exist")
	s.place(magento.Draft{})
	s.order.Metadata["order_id"] = "1"
	s.fails(s.pays(4999), contract.Conflict, "another number")
	for _, key := range []string{"../../../admin", "", "1 OR 1=1"} {
		s.order.Metadata["order_id"] = key
		s.fails(s.pays(4999), contract.NotFound, "no key of this shop")
	}
	delete(s.order.Metadata, "order_id")
	s.order.Reference = "no such"
	s.fails(s.pays(4999), contract.NotFound, "no order no such")
	s.order.Metadata["order_id"] = "2"
	for _, answer := range []string{`{}`, `{"entity_id":7,"increment_id":"000000002","state":"new"}`, `{"entity_id":2}`} {
		s.place(magento.Draft{})
		script(s, "order", 200, answer)
		s.fails(s.pays(4999), contract.ProviderUnavailable, "is not its order")
	}
	s.order.Metadata = nil
	script(s, "orders", 200, `{"items":[{"entity_id":1},{"entity_id":2}],"total_count":2}`)
	s.fails(s.pays(4999), contract.Conflict, "several orders")
	script(s, "orders", 200, `{"items":[{}],"total_count":1}`)
	s.fails(s.pays(4999), contract.Internal, "no entity_id")
	if w := s.via.writes(); len(w) > 0 {
		t.Errorf("got %v", w)
	}
}
