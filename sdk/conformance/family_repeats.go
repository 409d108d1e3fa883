package conformance

import (
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// repeats are news that come twice, late, or out of order.
func repeats() []Scenario {
	return family("repeats", needs(contract.ReceiveWebhook),
		Scenario{Name: "same message twice", run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			heard, err := d.hearAll()
			if err != nil {
				return err
			}
			for range 2 {
				for _, m := range heard {
					response, err := d.deliver(m)
					if err != nil {
						return err
					}
					d.want(d.acknowledged(m, response), "a message that came before was answered %d %q", response.Status, response.Body)
				}
			}
			once(d, p)
			return nil
		}},
		Scenario{Name: "same news in a new message", run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			if err := d.hear(p); err != nil {
				return err
			}
			for range 2 {
				if err := d.world.Repeat(d.ctx, p.Payment); err != nil {
					return err
				}
				if err := d.hear(p); err != nil {
					return err
				}
			}
			once(d, p)
			return nil
		}},
		Scenario{Name: "out of order", run: func(d *desk) error {
			p, list, err := announcedPaid(d, 3)
			if err != nil {
				return err
			}
			slices.Reverse(list)
			if err := deliverAll(d, list); err != nil {
				return err
			}
			if _, err := d.hearAll(); err != nil {
				return err
			}
			once(d, p...)
			return nil
		}},
		Scenario{Name: "replayed after all is over", run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			heard, err := d.hearAll()
			if err != nil {
				return err
			}
			other, err := d.ended(Cancelled)
			if err != nil {
				return err
			}
			if err := d.hear(other); err != nil {
				return err
			}
			slices.Reverse(heard)
			if err := deliverAll(d, heard); err != nil {
				return err
			}
			once(d, p)
			nothing(d, other)
			return nil
		}},
		Scenario{Name: "told and asked", lacks: needs(contract.GetPayment), run: func(d *desk) error {
			p, list, err := announcedPaid(d, 1)
			if err != nil {
				return err
			}
			if err := d.ask(p[0]); err != nil {
				return err
			}
			if err := deliverAll(d, list); err != nil {
				return err
			}
			if err := d.ask(p[0]); err != nil {
				return err
			}
			once(d, p...)
			return nil
		}},
	)
}

// announcedPaid has n payments paid, and gives what the provider sends.
func announcedPaid(d *desk, n int) (list []*attempt, messages []contract.Message, err error) {
	leads := d.leads
	defer func() { d.leads = leads }()
	for i := range n {
		d.leads = leads || i > 0
		p, err := d.ended(Paid)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, p)
	}
	if messages, err = d.world.Messages(d.ctx); err == nil && len(messages) == 0 {
		err = fmt.Errorf("the provider sent nothing about %d payments", n)
	}
	return list, messages, err
}

// deliverAll delivers messages, of which a healthy plugin takes each.
func deliverAll(d *desk, messages []contract.Message) error {
	for _, m := range messages {
		if _, err := d.deliver(m); err != nil {
			return err
		}
	}
	return nil
}

// once wants each payment paid exactly once.
func once(d *desk, payments ...*attempt) {
	for _, p := range payments {
		want := contract.UpdateCaptured
		if p.Capture == contract.CaptureManual && p.captured().Value == 0 {
			want = contract.UpdateAuthorized
		}
		d.want(p.told() == p.Amount && len(p.items) <= 1, "%s: the plugin told %s in %d items, want %s once", p.Reference, p.told(), len(p.items), p.Amount)
		d.want(p.status == want, "%s: the payment ended as %q, want %s", p.Reference, p.status, want)
	}
}
