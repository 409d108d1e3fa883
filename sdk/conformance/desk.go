package conformance

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// desk is a host in small for one scenario: it keeps payments, books news on
// them as a gateway must, and notes what a plugin does wrong.
type desk struct {
	ctx      context.Context
	runner   Runner
	manifest contract.Manifest
	method   contract.Method
	fixture  Fixture
	account  *Account
	world    World

	payments []*attempt
	orphans  []contract.Update
	calls    []Transcript
	begun    int
	problems []string
	// leads says that what is called now only leads up to something.
	leads bool
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
	// breaks is put between the plugin and the world for the next call.
	breaks *breaker
}

func newDesk(ctx context.Context, r Runner, m contract.Manifest, f Fixture) (*desk, error) {
	d := &desk{ctx: ctx, runner: r, manifest: m, fixture: f, held: map[string]*attempt{}}
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
	d.account = d.fixture.Account()
	return nil
}

func (d *desk) rules() contract.Rules { return d.method.Over(d.manifest.Rules) }

func (d *desk) now() time.Time { return d.world.Now().UTC().Truncate(time.Millisecond) }

func (d *desk) fail(format string, args ...any) {
	d.problems = append(d.problems, fmt.Sprintf(format, args...))
}

// want notes a problem where ok is false.
func (d *desk) want(ok bool, format string, args ...any) {
	if !ok {
		d.fail(format, args...)
	}
}

// call drives one call of the plugin; p is the payment that it is about, or nil.
func (d *desk) call(p *attempt, e contract.Export, input any) (Transcript, error) {
	d.begun++
	n := d.begun
	entropy := sha256.Sum256(fmt.Appendf(nil, "call %d", n))
	c := Call{
		Export: e, Input: input, Account: d.account, World: d.world, Manifest: &d.manifest, Once: true,
		ID: fmt.Sprintf("call_%026d", n), Now: d.now(), Entropy: entropy[:],
		Interim: func(i contract.Interim) error { return d.interim(p, i) },
	}
	runner := d.runner
	switch {
	case d.breaks != nil:
		c.World, d.breaks = d.breaks, nil
	case d.leads && d.fixture.Scaffold != nil:
		runner = d.fixture.Scaffold
	}
	t, err := Drive(d.ctx, runner, c)
	d.calls = append(d.calls, t)
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

// last is the call that ended last.
func (d *desk) last() Transcript { return d.calls[len(d.calls)-1] }

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

// has says whether the manifest declares an operation.
func (d *desk) has(e contract.Export) bool { return slices.Contains(d.manifest.Operations, e) }
