package call

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Resume goes on with a call whose node is gone. Errors: checkout.ErrNoJournal
// if nothing of it that matters left; [ErrElsewhere] if its node may still be
// at it or another took it over, so that it is to be tried again later.
//
// Requests without an answer that may be repeated are sent again, once this
// node has claimed them; the others are lost. A call that has ended gives its
// end again, without a journal to close.
func (r *Runner) Resume(ctx context.Context, id string, onInterim func(context.Context, contract.Interim) error) (checkout.Call, checkout.Ended, error) {
	began := r.now()
	fields, err := r.Journal.Read(ctx, id)
	if err != nil {
		return checkout.Call{}, checkout.Ended{}, fmt.Errorf("resume call %s: %w", id, err)
	}
	rec, err := readRecord(fields)
	if err != nil {
		return checkout.Call{}, checkout.Ended{}, fmt.Errorf("resume call %s: %w", id, err)
	}
	c := rec.frozen.Call
	c.OnInterim = onInterim
	if rec.ended != nil {
		e := rec.ended
		if e.Result == nil && e.Failure == nil {
			return c, checkout.Ended{}, naming(c, fmt.Errorf("it has ended: %w", ErrReplay))
		}
		return c, checkout.Ended{Result: e.Result, Failure: e.Failure, Outcome: e.Outcome, Verified: e.Verified, At: e.At}, nil
	}
	p, err := r.equip(ctx, c)
	if err != nil {
		return c, checkout.Ended{}, naming(c, err)
	}
	defer p.module.Done()
	p.adopt(ctx, rec)
	if err := p.settle(ctx, rec); err != nil {
		return c, checkout.Ended{}, naming(c, err)
	}
	e, err := p.toEnd(ctx, began)
	return c, e, err
}

// adopt takes over what the journal knows.
func (p *process) adopt(ctx context.Context, rec record) {
	p.frozen, p.done, p.held = rec.frozen, rec.done, rec.held
	p.partial = rec.partial
	p.sums.known = rec.sums
	p.ledger.steps = rec.steps
	p.ledger.left = max(0, maxJournal-rec.size)
	names := rec.frozen.Secrets
	for _, x := range p.exchanges() {
		for name := range x.Request.Keep {
			names = append(names[:len(names):len(names)], name)
		}
	}
	p.secrets.load(ctx, p.secrets.tokensAmong(names))
}

// settle answers the requests of the round that was under way.
func (p *process) settle(ctx context.Context, rec record) error {
	if rec.open == nil {
		return nil
	}
	if now := p.now(); !now.After(rec.open.Until) {
		return fmt.Errorf("until %s: %w", rec.open.Until.Format(time.RFC3339), ErrElsewhere)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxCall)
	defer cancel()
	again, err := p.holdAgain(ctx)
	if err != nil {
		return err
	}
	again = again && !rec.open.Partial
	repeats := func(r contract.Request) bool { return again && r.Repeatable() }
	var notAfter time.Time
	if slices.ContainsFunc(rec.open.Requests, repeats) {
		i := p.newIntent(rec.open.Requests)
		notAfter, i.Requests = i.NotAfter, nil
		if err := p.intend(ctx, i); err != nil {
			return err
		}
	}
	jobs := make([]*job, len(rec.open.Requests))
	for i, r := range rec.open.Requests {
		jobs[i] = &job{exchanged: exchanged{Exchange: contract.Exchange{Request: r}}, settled: !repeats(r)}
		if jobs[i].settled {
			jobs[i].fail(p.now(), contract.ErrorLost, contract.SentMaybe, "the host went down while the answer was awaited")
		}
	}
	return p.send(ctx, p.nextRound(), jobs, notAfter, true)
}

// holdAgain renews what the call holds exclusively. It is false if that went to
// another payment meanwhile.
func (p *process) holdAgain(ctx context.Context) (bool, error) {
	if p.held == "" {
		return true, nil
	}
	return p.Vault.Lease(ctx, p.call.Account, leaseExclusive+p.held, p.call.Payment, exclusiveLife)
}

// record is a journal as it was read.
type record struct {
	frozen frozen
	steps  int
	done   [][]exchanged
	sums   map[string]sum
	ended  *ended
	// open is the intent of the round that has no answers yet.
	open *intent
	held string
	// partial says that some request or answer is there by its digest alone.
	partial bool
	size    int
}

func readRecord(fields map[string][]byte) (record, error) {
	rec := record{sums: map[string]sum{}}
	for ; fields[fieldStep(rec.steps)] != nil; rec.steps++ {
		if err := rec.step(fieldStep(rec.steps), fields[fieldStep(rec.steps)]); err != nil {
			return rec, err
		}
	}
	if b := fields[fieldEnd]; b != nil {
		if err := rec.step(fieldEnd, b); err != nil {
			return rec, err
		}
	}
	if len(rec.frozen.Entropy) != 32 {
		return rec, errors.New("the journal has no beginning")
	}
	return rec, nil
}

// step takes in one entry.
func (rec *record) step(field string, b []byte) error {
	var e entry
	if err := json.Unmarshal(b, &e); err != nil {
		return fmt.Errorf("journal %s: %w", field, err)
	}
	rec.size += len(b)
	if e.Begin != nil {
		rec.frozen, rec.size = *e.Begin, 0 // what is frozen has its own bound
	}
	maps.Copy(rec.sums, e.Sums)
	for i, round := range e.Rounds {
		if i == len(e.Rounds)-1 && rec.open != nil { // the answers to the intent before
			if len(round) != len(rec.open.Requests) {
				return fmt.Errorf("journal %s: %d answers to %d requests", field, len(round), len(rec.open.Requests))
			}
			for n := range round {
				round[n].Request = rec.open.Requests[n]
			}
			rec.partial = rec.partial || rec.open.Partial
			rec.open = nil
		}
		for _, x := range round {
			if (x.Response == nil) == (x.Error == nil) {
				return fmt.Errorf("journal %s: an exchange needs either a response or an error", field)
			}
			rec.partial = rec.partial || x.Omitted != ""
		}
		rec.done = append(rec.done, round)
	}
	if i := e.Intent; i != nil {
		if rec.open != nil { // taken over
			i.Requests, i.Partial = rec.open.Requests, rec.open.Partial
		}
		rec.open, rec.held = i, i.Exclusive
	}
	if e.End != nil {
		rec.ended = e.End
	}
	return nil
}
