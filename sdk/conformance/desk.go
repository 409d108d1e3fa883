package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// desk is a host in small for one scenario: it keeps payments, books news on
// them as a gateway must, and notes what a plugin does wrong.
type desk struct {
	caller
	method  contract.Method
	fixture Fixture
	world   World

	payments []*attempt
	orphans  []contract.Update
	// manual has payments reserved and captured later.
	manual bool
	// worth is what payments are of; zero leaves it to the kit and the fixture.
	worth contract.Money
	// order is the shop's order number of all payments; "" gives each its own.
	order string
	// said is what the provider was made to say of the next money.
	said contract.Money
	// held are the names that interims asked to have for themselves.
	held map[string]*attempt
}

func newDesk(ctx context.Context, r Runner, m contract.Manifest, f Fixture) (*desk, error) {
	d := &desk{caller: caller{ctx: ctx, runner: r, scaffold: f.Scaffold, manifest: m}, fixture: f, held: map[string]*attempt{}}
	if len(m.Methods) > 0 {
		d.method = m.Methods[0]
	}
	if f.Method == "" {
		return d, nil
	}
	i := slices.IndexFunc(m.Methods, func(one contract.Method) bool { return one.ID == f.Method })
	if i < 0 {
		return nil, fmt.Errorf("the manifest has no method %q", f.Method)
	}
	d.method = m.Methods[i]
	return d, nil
}

// open starts the world.
func (d *desk) open() error {
	var err error
	if d.world, err = d.fixture.World(); err != nil {
		return fmt.Errorf("start world: %w", err)
	}
	d.account, d.reached, d.clock = d.fixture.Account(), d.world, d.world.Now
	return nil
}

func (d *desk) rules() contract.Rules { return d.method.Over(d.manifest.Rules) }

// call drives one call of the plugin; p is the payment that it is about, or nil.
func (d *desk) call(p *attempt, e contract.Export, input any) (Transcript, error) {
	t, err := d.run(e, input, func(i contract.Interim) error { return d.interim(p, i) })
	if err == nil && p != nil {
		d.release(p, t)
	}
	return t, err
}

// interim commits what goes with a request.
func (d *desk) interim(p *attempt, i contract.Interim) error {
	if p == nil {
		return nil
	}
	if i.Exclusive != "" {
		if by := d.held[i.Exclusive]; by != nil && by != p {
			return fmt.Errorf("%q is taken by payment %s", i.Exclusive, by.ID)
		}
		d.held[i.Exclusive] = p
	}
	if len(i.State) > 0 {
		p.State = i.State
	}
	return d.follow(p, i.Action)
}

// release lets go of what a payment holds when a call ends with a final word.
func (d *desk) release(p *attempt, t Transcript) {
	var r struct {
		Status  contract.OperationStatus
		Updates []contract.Update
	}
	f := t.Answer.Failure
	_ = json.Unmarshal(t.Answer.Result, &r) // an answer of another shape has none of the two
	final := f != nil && !unknown(t) || r.Status == contract.OperationSucceeded || r.Status == contract.OperationFailed
	for _, u := range r.Updates {
		final = final || u.Trust == contract.Verified && u.Type != contract.UpdatePending
	}
	for name, by := range d.held {
		if final && by == p {
			delete(d.held, name)
		}
	}
}

// follow sends the consumer on, where the world must see it.
func (d *desk) follow(p *attempt, a contract.Action) error {
	p.actions = append(p.actions, a)
	f, ok := d.world.(Follower)
	if !ok {
		return nil
	}
	if err := f.Follow(d.ctx, p.Payment, a); err != nil {
		return fmt.Errorf("follow %s %s: %w", a.Type, a.URL, err)
	}
	return nil
}

// result drives a call and reads its result; a failure is given back beside.
func result[T any](d *desk, p *attempt, e contract.Export, input any) (T, Transcript, *contract.Failure, error) {
	var v T
	t, err := d.call(p, e, input)
	if err != nil || t.Answer.Failure != nil {
		return v, t, t.Answer.Failure, err
	}
	if err := json.Unmarshal(t.Answer.Result, &v); err != nil {
		return v, t, nil, fmt.Errorf("result of %s: %w", e, err)
	}
	return v, t, nil, nil
}

// expecter is the world in which the consumer pays while create_payment runs.
func (d *desk) expecter() (Expecter, error) {
	x, ok := d.world.(Expecter)
	if !ok {
		return nil, errors.New("the manifest's flow is terminal, and the world is no Expecter")
	}
	return x, nil
}

// terminal says whether the consumer pays while create_payment runs.
func (d *desk) terminal() bool { return d.method.Flow == contract.FlowTerminal }
