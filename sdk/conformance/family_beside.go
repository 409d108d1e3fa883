package conformance

import (
	"errors"
	"net/http"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// beside is what happens while create_payment waits for a consumer at a
// terminal: it is given up and asked about, and another payment wants the
// terminal too. What runs beside only asks; the running call's result decides.
func beside() []Scenario {
	return family("beside", needsTerminal,
		Scenario{Name: "what is committed before", run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			t := d.calls[0]
			d.want(len(t.Interims) == 1, "%d interims were committed, want one", len(t.Interims))
			for _, i := range t.Interims {
				d.want(i.Exclusive != "", "the interim holds no terminal exclusively")
				d.want(len(i.State) > 0, "the interim has no state, by which a lost answer could be asked for")
			}
			d.want(len(d.held) == 0, "the payment is over and still holds %v", p.ID)
			return nil
		}},
		Scenario{Name: "given up", lacks: needs(contract.CancelPayment), run: func(d *desk) error {
			p, err := during(d, Waits, func(p *attempt) error {
				return aborts(d, p)
			})
			if err != nil {
				return err
			}
			nothing(d, p)
			d.want(p.status != contract.UpdatePending && p.status != "", "a payment that was given up ended as %q", p.status)
			return nil
		}},
		Scenario{Name: "given up before it began", lacks: needs(contract.CancelPayment), run: func(d *desk) error {
			x, err := d.expecter()
			if err != nil {
				return err
			}
			if err := x.Expect(Paid); err != nil {
				return err
			}
			p := d.attempted()
			d.breaks = &breaker{world: d.world, before: func() {
				if err := aborts(d, p); err != nil {
					d.fail("%v", err)
				}
			}, only: func(r *http.Request) bool { return sent(r).interim }}
			failure, err := d.start(p)
			d.want(failure == nil, "a payment that was made was told as %v", failure)
			return err
		}},
		Scenario{Name: "asked about", lacks: needs(contract.GetPayment, contract.CancelPayment), run: func(d *desk) error {
			p, err := during(d, Waits, func(p *attempt) error {
				if err := d.ask(p); err != nil {
					return err
				}
				d.want(p.status == "" || p.status == contract.UpdatePending, "a payment under way was told as %q", p.status)
				return aborts(d, p)
			})
			if err != nil {
				return err
			}
			nothing(d, p)
			return nil
		}},
		Scenario{Name: "another payment", lacks: needs(contract.CancelPayment), run: func(d *desk) error {
			var other *attempt
			p, err := during(d, Waits, func(p *attempt) error {
				other = d.attempted()
				failure, err := d.start(other)
				d.want(failure != nil && failure.Code == contract.Conflict, "a second payment at the terminal ended with %v, want a conflict", failure)
				if err != nil {
					return err
				}
				return aborts(d, p)
			})
			if err != nil {
				return err
			}
			nothing(d, p)
			nothing(d, other)
			return nil
		}},
	)
}

// during creates a payment of a consumer who does this, and runs something
// while the terminal waits. That it fails is no error: it was given up.
func during(d *desk, e Ending, run func(p *attempt) error) (*attempt, error) {
	x, err := d.expecter()
	if err != nil {
		return nil, err
	}
	if err := x.Expect(e); err != nil {
		return nil, err
	}
	p, ran := d.attempted(), false
	var inner error
	d.breaks = &breaker{world: d.world, beside: func() {
		ran = true
		inner = run(p)
	}}
	failure, err := d.start(p)
	switch {
	case err != nil:
		return p, err
	case inner != nil:
		return p, inner
	case !ran:
		return p, errors.New("the payment was over before the terminal was at work on it")
	case failure != nil && !unknown(d.last()):
		p.status = contract.UpdateFailed
	}
	return p, nil
}

// aborts runs cancel_payment beside a call. It never decides.
func aborts(d *desk, p *attempt) error {
	before := p.status
	status, err := d.giveUp(p)
	d.want(status != contract.OperationSucceeded, "cancel_payment beside a running call has succeeded: that is for the running call to say")
	p.status = before
	return err
}
