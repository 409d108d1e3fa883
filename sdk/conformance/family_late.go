package conformance

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// late is money that comes when nobody waits for it any more.
func late() []Scenario {
	return family("late", needs(contract.ReceiveWebhook),
		Scenario{Name: "open, then paid", run: func(d *desk) error {
			p, err := d.ended(Open)
			if err != nil {
				return err
			}
			if err := d.hear(p); err != nil {
				return err
			}
			if needs(contract.CompletePayment)(d) == "" {
				if err := comesBack(d, p); err != nil {
					return err
				}
			}
			nothing(d, p)
			if err := d.world.Advance(d.ctx, time.Minute); err != nil {
				return err
			}
			return paysNow(d, p)
		}},
		Scenario{Name: "declined, then paid", run: func(d *desk) error {
			p, err := d.ended(Declined)
			if err != nil {
				return err
			}
			if err := d.hear(p); err != nil {
				return err
			}
			nothing(d, p)
			if err := d.world.Advance(d.ctx, time.Minute); err != nil {
				return err
			}
			return paysNow(d, p)
		}},
		Scenario{Name: "paid, heard of after its expiry", run: func(d *desk) error {
			p, list, err := announcedPaid(d, 1)
			if err != nil {
				return err
			}
			if err := d.world.Advance(d.ctx, life+time.Minute); err != nil {
				return err
			}
			again, err := d.world.Messages(d.ctx)
			if err != nil {
				return err
			}
			if err := deliverAll(d, append(list, again...)); err != nil {
				return err
			}
			once(d, p...)
			return nil
		}},
	)
}

// paysNow has a payment paid after all. A provider that has ended it refuses;
// then there is nothing to tell.
func paysNow(d *desk, p *attempt) error {
	if d.world.End(d.ctx, p.Payment, Paid) != nil {
		nothing(d, p)
		return nil
	}
	if err := d.hear(p); err != nil {
		return err
	}
	once(d, p)
	return nil
}
