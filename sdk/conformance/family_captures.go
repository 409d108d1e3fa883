package conformance

import (
	"sync"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// captures are captures of a part, of the rest, and of more than there is.
func captures() []Scenario {
	return family("captures", needsManual(false, false),
		Scenario{Name: "a part, and no more", lacks: needsManual(true, false), run: func(d *desk) error {
			p, err := d.authorised()
			if err != nil {
				return err
			}
			part := p.Amount.Value / 3
			if err := d.takes(p, d.capture(p, part, true)); err != nil {
				return err
			}
			took(d, p, 1, part)
			b := d.world.Books(p.Payment)
			d.want(b.Authorized.Value == 0 || able(contract.ReleasesRest)(d) != "", "a last capture was made, and the provider still holds %s", b.Authorized)
			return nil
		}},
		Scenario{Name: "in parts", lacks: needsManual(true, true), run: func(d *desk) error {
			p, err := d.authorised()
			if err != nil {
				return err
			}
			first := p.Amount.Value / 3
			for i, part := range []int64{first, first, p.Amount.Value - 2*first} {
				if err := d.takes(p, d.capture(p, part, i == 2)); err != nil {
					return err
				}
			}
			took(d, p, 3, p.Amount.Value)
			return nil
		}},
		Scenario{Name: "more than was reserved", run: func(d *desk) error {
			p, err := d.authorised()
			if err != nil {
				return err
			}
			op := d.capture(p, p.Amount.Value+1, true)
			if err := d.take(p, op); err != nil {
				return err
			}
			d.want(op.Status == contract.OperationFailed, "a capture of more than was reserved is %s", op.Status)
			took(d, p, 0, 0)
			return nil
		}},
		Scenario{Name: "the whole, twice", run: func(d *desk) error {
			p, err := d.authorised()
			if err != nil {
				return err
			}
			for range 2 {
				if err := d.takes(p, d.capture(p, p.Amount.Value, true)); err != nil {
					return err
				}
			}
			d.want(p.captures[1].Status == contract.OperationFailed, "a second capture of the whole is %s", p.captures[1].Status)
			took(d, p, 1, p.Amount.Value)
			return nil
		}},
		Scenario{Name: "the same twice", run: func(d *desk) error {
			p, err := d.authorised()
			if err != nil {
				return err
			}
			op := d.capture(p, p.Amount.Value, true)
			for range 2 {
				if err := d.takes(p, op); err != nil {
					return err
				}
				op.Status = contract.OperationPending
			}
			took(d, p, 1, p.Amount.Value)
			return nil
		}},
		Scenario{Name: "two at once", lacks: needsManual(true, true), run: func(d *desk) error {
			p, err := d.authorised()
			if err != nil {
				return err
			}
			part := p.Amount.Value*6/10 + 1
			first, second := d.capture(p, part, false), d.capture(p, part, false)
			other := *p
			other.captures = []*contract.Operation{second}
			var inner error
			d.breaks = &breaker{world: d.world, only: noRead, before: sync.OnceFunc(func() { inner = d.take(&other, second) })}
			if err := d.take(p, first); err != nil {
				return err
			}
			if inner != nil {
				return inner
			}
			d.want(first.Status == contract.OperationFailed || second.Status == contract.OperationFailed,
				"two captures of six tenths are %s and %s", first.Status, second.Status)
			took(d, p, 1, part)
			return nil
		}},
	)
}

// voids are authorisations that are given up.
func voids() []Scenario {
	return family("voids", both(needsManual(false, false), needs(contract.CancelPayment)),
		Scenario{Name: "the whole", run: func(d *desk) error {
			p, err := given(d)
			if err != nil {
				return err
			}
			d.want(p.status == contract.UpdateCancelled, "an authorisation that was given up ended as %q", p.status)
			took(d, p, 0, 0)
			return nil
		}},
		Scenario{Name: "twice", run: func(d *desk) error {
			p, err := given(d)
			if err != nil {
				return err
			}
			if _, err := d.giveUp(p); err != nil {
				return err
			}
			took(d, p, 0, 0)
			return nil
		}},
		Scenario{Name: "after the capture", run: func(d *desk) error {
			d.manual = true
			p, err := d.paid()
			if err != nil {
				return err
			}
			status, err := d.giveUp(p)
			if err != nil {
				return err
			}
			d.want(status != contract.OperationSucceeded, "what was captured was given up, and that has succeeded")
			took(d, p, 1, p.Amount.Value)
			return nil
		}},
		Scenario{Name: "captured after it", run: func(d *desk) error {
			p, err := given(d)
			if err != nil {
				return err
			}
			op := d.capture(p, p.Amount.Value, true)
			if err := d.take(p, op); err != nil {
				return err
			}
			d.want(op.Status == contract.OperationFailed, "a capture of what was given up is %s", op.Status)
			took(d, p, 0, 0)
			return nil
		}},
	)
}

// authorised is a payment of which the money is reserved.
func (d *desk) authorised() (*attempt, error) {
	d.manual = true
	return d.led()
}

// given is an authorisation that was given up.
func given(d *desk) (*attempt, error) {
	p, err := d.authorised()
	if err != nil {
		return p, err
	}
	status, err := d.giveUp(p)
	if err != nil {
		return p, err
	}
	d.want(status != contract.OperationFailed, "giving up an authorisation has failed: %v", d.last().Answer.Failure)
	if err := d.hear(p); err != nil {
		return p, err
	}
	b := d.world.Books(p.Payment)
	d.want(b.Authorized.Value == 0 && b.Captured.Value == 0, "given up, and the provider holds %s and has captured %s", b.Authorized, b.Captured)
	return p, nil
}

// took wants so many captures of so much in all, by the plugin and the books.
func took(d *desk, p *attempt, n int, value int64) {
	b := d.world.Books(p.Payment)
	d.want(p.captured().Value == value, "the plugin told that %s was captured, want %d", p.captured(), value)
	d.want(b.Captured.Value == value && b.Captures == n, "the provider's books hold %d captures of %s, want %d of %d", b.Captures, b.Captured, n, value)
}
