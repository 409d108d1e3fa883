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
	rec, err := r.readJournal(ctx, id)
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

// readJournal reads a call's journal. A call without one is given up for good
// first, in case its node is only slow.
func (r *Runner) readJournal(ctx context.Context, id string) (record, error) {
	fields, err := r.Journal.Read(ctx, id)
	if errors.Is(err, checkout.ErrNoJournal) && !errors.Is(err, checkout.ErrIdentifier) {
		return record{}, r.giveUp(ctx, id)
	}
	if err != nil {
		return record{}, err
	}
	rec, err := readRecord(fields)
	if err == nil && rec.givenUp {
		err = checkout.ErrNoJournal
	}
	return rec, err
}

func (r *Runner) giveUp(ctx context.Context, id string) error {
	l := r.newLedger(id)
	l.next.GivenUp = true
	won, err := l.commit(ctx, time.Time{}, time.Time{})
	if err == nil && !won {
		return ErrElsewhere // it has begun this moment
	}
	if err == nil {
		err = r.Journal.End(ctx, checkout.JournalEnd{Call: id})
	}
	if err != nil {
		return err
	}
	return checkout.ErrNoJournal
}

// adopt takes over what the journal knows.
func (p *process) adopt(ctx context.Context, rec record) {
	p.frozen, p.done, p.held = rec.frozen, rec.done, rec.held
	p.partial = rec.partial
	p.sums.known = rec.sums
	p.ledger.steps, p.ledger.until = rec.steps, rec.until
	p.ledger.left = max(0, maxJournal-rec.size)
	names := rec.frozen.Secrets
	for _, x := range p.exchanges() {
		for name := range x.Request.Keep {
			names = append(names[:len(names):len(names)], name)
		}
	}
	p.secrets.load(ctx, p.secrets.tokensAmong(names))
}

// settle takes the call over and answers the requests of the round that was
// under way, if one was.
func (p *process) settle(ctx context.Context, rec record) error {
	if p.now().Before(rec.until) {
		return fmt.Errorf("until %s: %w", rec.until.Format(time.RFC3339), ErrElsewhere)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxCall)
	defer cancel()
	if rec.open == nil {
		return p.commit(ctx, p.now().Add(contract.MaxTimeout+intentLife+grace))
	}
	again, err := p.holdAgain(ctx)
	if err != nil {
		return err
	}
	repeats := func(r contract.Request) bool { return again && !rec.open.Partial && r.Repeatable() }
	i := p.newIntent(nil)
	if slices.ContainsFunc(rec.open.Requests, repeats) {
		if err := p.intend(ctx, i, rec.open.Requests); err != nil {
			return err
		}
	}
	jobs := make([]*job, len(rec.open.Requests))
	for n, r := range rec.open.Requests {
		jobs[n] = &job{exchanged: exchanged{Exchange: contract.Exchange{Request: r}}, settled: !repeats(r)}
		if jobs[n].settled {
			jobs[n].fail(p.now(), contract.ErrorLost, contract.SentMaybe, "the host went down while the answer was awaited")
		}
	}
	return p.send(ctx, p.nextRound(), jobs, &i)
}

// holdAgain renews what the call holds exclusively. It is false if that went to
// another payment meanwhile.
func (p *process) holdAgain(ctx context.Context) (bool, error) {
	if p.held == "" {
		return true, nil
	}
	return p.Vault.Lease(ctx, p.call.Account, leaseExclusive+p.held, p.call.Payment, p.hold(time.Time{}))
}

// record is a journal as it was read.
type record struct {
	frozen frozen
	steps  int
	done   [][]exchanged
	sums   map[string]sum
	ended  *ended
	// open is the intent of the round that has no answers yet.
	open    *intent
	held    string
	until   time.Time
	givenUp bool
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
	if len(rec.frozen.Entropy) != 32 && !rec.givenUp {
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
	rec.until, rec.givenUp = e.Until, rec.givenUp || e.GivenUp
	if e.Begin != nil {
		rec.frozen = *e.Begin
		begin, err := json.Marshal(e.Begin) // it has bounds of its own
		if err != nil {
			return fmt.Errorf("journal %s: %w", field, err)
		}
		rec.size -= len(begin)
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
