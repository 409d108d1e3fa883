package conformance

import (
	"sync"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// refunds are refunds up to and over what is left.
func refunds() []Scenario {
	return family("refunds", needsRefunds(true, false),
		Scenario{Name: "in parts", lacks: needsRefunds(true, true), run: func(d *desk) error {
			p, err := d.paid()
			if err != nil {
				return err
			}
			first := p.Amount.Value / 3
			for _, part := range []int64{first, first, p.Amount.Value - 2*first} {
				if _, err := refunded(d, p, part); err != nil {
					return err
				}
			}
			agrees(d, p)
			b := d.world.Books(p.Payment)
			d.want(b.Refunded == p.Amount && b.Refunds == 3, "the provider's books hold %d refunds of %s, want 3 of %s", b.Refunds, b.Refunded, p.Amount)
			return nil
		}},
		Scenario{Name: "more than was paid", run: func(d *desk) error { return over(d, 0) }},
		Scenario{Name: "more than is left", lacks: needsRefunds(true, true), run: func(d *desk) error { return over(d, 1000) }},
		Scenario{Name: "the same twice", run: func(d *desk) error {
			p, err := d.paid()
			if err != nil {
				return err
			}
			op := d.refund(p, 1000)
			for range 2 { // its end was heard of, or not
				if err := d.operate(contract.RefundPayment, p, op); err != nil {
					return err
				}
			}
			if err := d.settle(p, op); err != nil {
				return err
			}
			agrees(d, p)
			b := d.world.Books(p.Payment)
			d.want(b.Refunds == 1, "one refund asked for twice is %d in the provider's books", b.Refunds)
			return nil
		}},
		Scenario{Name: "two at once", lacks: needsRefunds(true, true), run: twoAtOnce},
	)
}

// refunded asks for a refund and waits for its end.
func refunded(d *desk, p *attempt, value int64) (*contract.Operation, error) {
	op := d.refund(p, value)
	if err := d.operate(contract.RefundPayment, p, op); err != nil {
		return op, err
	}
	return op, d.settle(p, op)
}

// over refunds a first part and then more than is left.
func over(d *desk, first int64) error {
	p, err := d.paid()
	if err != nil {
		return err
	}
	if first > 0 {
		if _, err := refunded(d, p, first); err != nil {
			return err
		}
	}
	op, err := refunded(d, p, p.Amount.Value-first+1)
	if err != nil {
		return err
	}
	d.want(op.Status == contract.OperationFailed, "a refund of more than is left is %s", op.Status)
	agrees(d, p)
	return nil
}

// agrees wants the refunds that did not fail to be those of the provider's books.
func agrees(d *desk, p *attempt) {
	var sum int64
	for _, op := range p.refunds {
		if op.Status != contract.OperationFailed {
			sum += op.Amount.Value
		}
	}
	b := d.world.Books(p.Payment)
	d.want(b.Refunded.Value == sum, "by the plugin %d was refunded, by the provider's books %s", sum, b.Refunded)
	d.want(b.Refunded.Value <= b.Captured.Value, "%s was refunded of %s", b.Refunded, b.Captured)
}

// twoAtOnce lets a second refund run just before the first one's write leaves.
func twoAtOnce(d *desk) error {
	p, err := d.paid()
	if err != nil {
		return err
	}
	part := p.Amount.Value*6/10 + 1
	first, second := d.refund(p, part), d.refund(p, part)
	other := *p
	other.refunds = []*contract.Operation{second}
	var inner error
	d.breaks = &breaker{world: d.world, before: sync.OnceFunc(func() {
		inner = d.operate(contract.RefundPayment, &other, second)
	}), only: noRead}
	if err := d.operate(contract.RefundPayment, p, first); err != nil {
		return err
	}
	if inner != nil {
		return inner
	}
	for _, op := range p.refunds {
		if err := d.settle(p, op); err != nil {
			return err
		}
	}
	agrees(d, p)
	d.want(first.Status == contract.OperationFailed || second.Status == contract.OperationFailed, "two refunds of six tenths are %s and %s", first.Status, second.Status)
	return nil
}
