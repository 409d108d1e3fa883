package conformance

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// endings are payments that nobody pays.
func endings() []Scenario {
	final := []contract.UpdateType{contract.UpdateCancelled, contract.UpdateFailed, contract.UpdateExpired}
	return family("endings", anyPlugin,
		Scenario{Name: "cancelled", run: unpaid(Cancelled, contract.TellsCancelled, contract.UpdateCancelled, contract.UpdateFailed)},
		Scenario{Name: "expired", run: unpaid(Expired, contract.TellsExpired, contract.UpdateExpired, contract.UpdateFailed, contract.UpdateCancelled)},
		Scenario{Name: "declined", run: unpaid(Declined, "", contract.UpdatePending, contract.UpdateFailed, contract.UpdateCancelled, "")},
		Scenario{Name: "open", lacks: needsPage, run: unpaid(Open, "", contract.UpdatePending, contract.UpdateApproved, "")},
		Scenario{Name: "never begun", lacks: needsPage, run: func(d *desk) error {
			p, err := d.create()
			if err != nil {
				return err
			}
			if err := d.pass(); err != nil {
				return err
			}
			d.leads = true // a provider may have said it many times
			if err := d.hear(p); err != nil {
				return err
			}
			nothing(d, p)
			d.want(p.status == "" || p.status == contract.UpdatePending || slices.Contains(final, p.status), "the payment ended as %q", p.status)
			return nil
		}},
	)
}

// unpaid has a payment end so, and wants one of the types told of it. The
// empty type stands for no news at all, which is all that can be had of a
// provider that lacks the ability to tell.
func unpaid(e Ending, tells contract.Ability, types ...contract.UpdateType) func(d *desk) error {
	return func(d *desk) error {
		if able(tells)(d) != "" {
			types = append(slices.Clip(types), "", contract.UpdatePending)
		}
		p, err := d.ended(e)
		if err != nil {
			return err
		}
		if err := d.hear(p); err != nil {
			return err
		}
		if !slices.Contains(types, p.status) {
			if err := asksLate(d, p); err != nil {
				return err
			}
		}
		nothing(d, p)
		d.want(slices.Contains(types, p.status), "a payment that is %s was told as %q, want one of %q", e, p.status, types)
		if needsPolling(d) != "" {
			return nil
		}
		before := p.status
		if err := d.ask(p); err != nil {
			return err
		}
		nothing(d, p)
		d.want(p.status == before || slices.Contains(types, p.status), "a payment that is %s was told as %q when asked, want one of %q", e, p.status, types)
		return nil
	}
}

// nothing wants no money on a payment of which the provider has none.
func nothing(d *desk, p *attempt) {
	d.want(d.holds(p).Value == 0, "the provider's books hold %s of a payment that nobody paid", d.holds(p))
	d.want(p.told().Value == 0 && p.status != contract.UpdateCaptured && p.status != contract.UpdateAuthorized,
		"nobody paid, and the plugin told %s (%s)", p.status, p.told())
}
