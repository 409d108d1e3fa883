package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// maxWarm is how often each export is called at most before the image is taken.
const maxWarm = 3

// proof is what a module has to show at load for its sandboxes to be used again.
type proof struct {
	l     *loaded
	ctx   context.Context
	calls []Call // one of each kind
	made  []*run // to close, or to go on with
}

// prove makes the image of a module: its state after it has started up and
// been called in each way that the contract knows, so that what a guest sets up
// once, and the memory it needs, are there. Where that does not do, because its
// answers show what it was called with before, or because calls from there need
// more memory still, it is the state after start-up. The error says why there is
// no image: what it is that would leak from a call to the next, or differs from
// sandbox to sandbox.
func (l *loaded) prove(ctx context.Context) (m *image, err error) {
	if l.lasting != "" && l.engine.slack&slackTables == 0 {
		return nil, fmt.Errorf("it %s", l.lasting)
	}
	p := &proof{l: l, ctx: ctx, calls: l.cannedCalls()}
	defer func() {
		for _, r := range p.made { // one is kept for the first call
			if err == nil && len(l.pool) == 0 {
				l.rest(m, r)
			} else {
				l.discard(r)
			}
		}
	}()
	first, err := p.start()
	if err != nil {
		return nil, err
	}
	born, err := first.capture()
	if err != nil {
		return nil, err
	}
	second, err := p.start()
	if err != nil {
		return nil, err
	}
	if err := born.compare(second); err != nil {
		return nil, fmt.Errorf("start-up: %w between two sandboxes", err)
	}
	if m, err = p.warm(first); err != nil {
		return nil, err
	}
	if p.alike(born, m) == nil && p.repeat(m) == nil {
		return m, nil
	}
	if err := p.repeat(born); err != nil {
		return nil, err
	}
	return born, nil
}

func (p *proof) start() (*run, error) {
	r, err := p.l.start(p.ctx)
	if err == nil {
		p.made = append(p.made, r)
	}
	return r, err
}

func (p *proof) clone(m *image) (*run, error) {
	r, err := p.l.clone(p.ctx, m)
	if err == nil {
		p.made = append(p.made, r)
	}
	return r, err
}

// warm calls each export, then goes on until memory grows, since that is when
// there is most room for a call, and gives the image.
func (p *proof) warm(r *run) (*image, error) {
	for i := range maxWarm * len(p.calls) {
		size := len(r.guest().b)
		c := &p.calls[i%len(p.calls)]
		err := r.turn(p.ctx, c)
		if err == nil {
			err = r.enter(c.Export)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Export, err)
		}
		if i >= len(p.calls) && len(r.guest().b) > size {
			break
		}
	}
	return r.capture()
}

// alike tells whether calls that were not made while the module warmed up are
// answered as by one that only started up. If they are not, something of the
// warm calls would be in every answer.
func (p *proof) alike(born, warm *image) (err error) {
	var sandboxes [2]*run
	for _, c := range p.calls {
		c.Now, c.Entropy[0] = c.Now.Add(time.Hour), c.Entropy[0]+1
		c.Input = bytes.ReplaceAll(c.Input, []byte("C4NN"), []byte("W4RM")) // in the ids
		var outputs [2][]byte
		for i, m := range []*image{born, warm} {
			if sandboxes[i] == nil || !m.fits(sandboxes[i]) {
				if sandboxes[i], err = p.clone(m); err != nil {
					return err
				}
			}
			got, err := p.call(m, sandboxes[i], &c)
			if err != nil {
				return err
			}
			outputs[i] = got.Output
		}
		if !bytes.Equal(outputs[0], outputs[1]) {
			return fmt.Errorf("%s: the output after warm calls %w", c.Export, errDiffers)
		}
	}
	return nil
}

// repeat makes the same call twice in one sandbox and once in another: each
// must give the same output for the same fuel, and leave the same behind.
func (p *proof) repeat(m *image) error {
	one, err := p.clone(m)
	if err != nil {
		return err
	}
	other, err := p.clone(m)
	if err != nil {
		return err
	}
	for i := range p.calls {
		c := &p.calls[i]
		first, err := p.call(m, one, c)
		if err != nil {
			return err
		}
		left, err := one.capture()
		if err != nil {
			return err
		}
		for _, r := range []*run{one, other} {
			if err := p.same(m, r, c, first, left); err != nil {
				return fmt.Errorf("%s: %w", c.Export, err)
			}
		}
	}
	return nil
}

// same makes a call that was made before.
func (p *proof) same(m *image, r *run, c *Call, first Result, left *image) error {
	got, err := p.call(m, r, c)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(got.Output, first.Output):
		return fmt.Errorf("the output of the same call %w", errDiffers)
	case got.Fuel != first.Fuel:
		return fmt.Errorf("the fuel of the same call %w", errDiffers)
	}
	if err := left.compare(r); err != nil {
		return fmt.Errorf("after the same call %w", err)
	}
	return nil
}

// call makes one call from an image.
func (p *proof) call(m *image, r *run, c *Call) (Result, error) {
	if !m.fits(r) {
		return Result{}, fmt.Errorf("%s: memory grows with each call", c.Export)
	}
	err := m.again(p.ctx, r, c)
	if err == nil {
		err = r.enter(c.Export)
	}
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.Export, err)
	}
	return Result{Output: r.result, Fuel: r.used()}, p.ctx.Err()
}

// cannedCalls are describe and each operation that the module has, with the
// contract's canned inputs.
func (l *loaded) cannedCalls() []Call {
	canned := contract.CannedEnvelope(nil)
	refuse := func(context.Context, contract.HostFunction, []byte) ([]byte, error) {
		return json.Marshal(contract.SumResult{Error: "no secrets while a module is loaded"})
	}
	var all []Call
	for _, e := range slices.Concat([]contract.Export{contract.Describe}, contract.CannedExports()) {
		if l.exports[string(e)] == callable {
			all = append(all, Call{
				Export: string(e), Input: contract.Canned(e), Now: canned.Now, Entropy: [32]byte(canned.Entropy),
				Host: refuse, Fuel: contract.RoundFuel,
			})
		}
	}
	return all
}
