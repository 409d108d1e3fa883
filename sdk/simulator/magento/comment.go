package magento

import (
	"slices"
)

// addComment serves POST /V1/orders/{id}/comments. A status that is none of the
// order's state is refused: a comment does not move an order (document, 2.2).
// Without a status the order loses its own, as Order::addStatusHistory has it.
func (s *Simulator) addComment(c call) (any, *apiError) {
	var in struct {
		StatusHistory *struct {
			Comment             string `json:"comment"`
			Status              string `json:"status"`
			IsCustomerNotified  number `json:"is_customer_notified"`
			IsVisibleOnFront    number `json:"is_visible_on_front"`
			CreatedAt           string `json:"created_at"`
			EntityID            number `json:"entity_id"`
			EntityName          string `json:"entity_name"`
			ParentID            number `json:"parent_id"`
			ExtensionAttributes any    `json:"extension_attributes"`
		} `json:"statusHistory"`
	}
	o, e := s.orderOf(c, &in)
	if e != nil {
		return nil, e
	}
	h := in.StatusHistory
	switch {
	case h == nil:
		return nil, required("statusHistory")
	case h.Status != "" && h.Status != o.status && !slices.Contains(statuses[o.state], h.Status):
		return nil, bad(`Unable to add comment: The status "%1" is not part of the order status history.`, h.Status)
	}
	o.status = h.Status
	if h.IsCustomerNotified == 1 {
		o.mails++
	}
	o.comments = append(o.comments, comment{
		id: s.next(), text: h.Comment, status: h.Status, notified: h.IsCustomerNotified == 1, visible: h.IsVisibleOnFront == 1, at: s.clock.Now(),
	})
	s.touch(o)
	return true, nil
}

// cancelOrder serves POST /V1/orders/{id}/cancel: 200 with false where it did
// nothing (document, 2.2).
func (s *Simulator) cancelOrder(c call) (any, *apiError) {
	o, e := s.find(c.id)
	if e != nil {
		return nil, e
	}
	if !o.canCancel() {
		return false, nil
	}
	s.cancel(o)
	return true, nil
}

// cancel cancels an order and has the module tell it. The caller holds s.mu.
func (s *Simulator) cancel(o *order) {
	o.cancel()
	s.touch(o)
	s.tell(o, commandCancel)
}

func (s *Simulator) holdOrder(c call) (any, *apiError) {
	o, e := s.find(c.id)
	switch {
	case e != nil:
		return nil, e
	case slices.Contains([]State{StateCanceled, StatePaymentReview, StateComplete, StateClosed, StateHolded}, o.state):
		return nil, bad("A hold action is not available.")
	}
	o.before, o.statusWas = o.state, o.status
	o.move(StateHolded)
	s.touch(o)
	return true, nil
}

func (s *Simulator) unholdOrder(c call) (any, *apiError) {
	o, e := s.find(c.id)
	switch {
	case e != nil:
		return nil, e
	case o.state != StateHolded:
		return nil, bad("You cannot remove the hold.")
	}
	o.state, o.status = o.before, o.statusWas
	s.touch(o)
	return true, nil
}

func (s *Simulator) mailOrder(c call) (any, *apiError) {
	o, e := s.find(c.id)
	if e != nil {
		return nil, e
	}
	o.mails++
	return true, nil
}

// readStatus serves GET /V1/orders/{id}/statuses: a bare JSON string.
func (s *Simulator) readStatus(c call) (any, *apiError) {
	o, e := s.find(c.id)
	if e != nil {
		return nil, e
	}
	return o.status, nil
}
