package call

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const (
	// intentLife is how long an intent's owner may begin to send.
	intentLife = 5 * time.Second
	// grace is what is granted beyond all timeouts before a call is taken over.
	grace = 30 * time.Second
	// leaving is how long before that its node stops by itself.
	leaving = 10 * time.Second
)

// job is one request of a round on its way.
type job struct {
	exchanged
	// settled says that the answer is there and nothing is to be sent.
	settled bool
	// fetches are the kept tokens for which this job holds the lease.
	fetches []string
	kept    map[string]egress.Kept
	// found are tokens that another call fetched meanwhile.
	found map[string]string
	took  time.Duration
}

// exchange has the requests of a round answered.
func (p *process) exchange(ctx context.Context, round int, need contract.Need) error {
	if err := p.checkNeed(need); err != nil {
		return err
	}
	if need.Interim != nil {
		if err := p.interim(ctx, *need.Interim); err != nil {
			return err
		}
	}
	jobs := make([]*job, len(need.Requests))
	for i, r := range need.Requests {
		jobs[i] = &job{exchanged: exchanged{Exchange: contract.Exchange{Request: r}}}
	}
	defer p.giveBack(ctx, jobs)
	if err := p.each(jobs, func(j *job) error { return p.prepare(ctx, j) }); err != nil {
		return err
	}
	if !slices.ContainsFunc(jobs, func(j *job) bool { return !j.settled && journaled(j.Request) }) {
		if err := p.stay(ctx, jobs); err != nil {
			return err
		}
		return p.send(ctx, round, jobs, nil)
	}
	i := p.newIntent(need.Requests)
	if err := p.intend(ctx, i, need.Requests); err != nil {
		return err
	}
	return p.send(ctx, round, jobs, &i)
}

// newIntent is one of this process, from now on.
func (p *process) newIntent(requests []contract.Request) intent {
	return intent{NotAfter: p.now().Add(intentLife), Requests: requests, Exclusive: p.held}
}

// intend writes an intent, or ends this run of the call.
func (p *process) intend(ctx context.Context, i intent, requests []contract.Request) error {
	p.ledger.intend(i)
	return p.commit(ctx, i.NotAfter.Add(longest(requests)+grace))
}

// stay makes sure that nobody takes the call over while plain reads are under way.
func (p *process) stay(ctx context.Context, jobs []*job) error {
	if !p.ledger.begun() {
		return nil
	}
	var requests []contract.Request
	for _, j := range jobs {
		requests = append(requests, j.Request)
	}
	until := p.now().Add(longest(requests) + grace)
	if !until.After(p.ledger.until) {
		return nil
	}
	return p.commit(ctx, until)
}

// commit writes the next step of the journal, or ends this run of the call.
// The alarm of an order's call is the order's.
func (p *process) commit(ctx context.Context, until time.Time) error {
	alarm := until
	if p.call.Order != "" {
		alarm = time.Time{}
	}
	won, err := p.ledger.commit(ctx, until, alarm)
	if err == nil && !won {
		err = ErrElsewhere
	}
	return err
}

// send sends what is not settled, all at once, and books the answers. What is
// no plain read is journaled before anything else happens.
func (p *process) send(ctx context.Context, round int, jobs []*job, i *intent) error {
	var notAfter time.Time
	if i != nil {
		notAfter = i.NotAfter
	}
	room := contract.MaxAnswers - p.answerBytes()
	err := p.each(jobs, func(j *job) error {
		if !j.settled {
			p.sendOne(ctx, j, notAfter, room)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := unfinished(ctx, jobs, i); err != nil {
		return err
	}
	answers := make([]exchanged, len(jobs))
	for n, j := range jobs {
		room = j.bound(room)
		p.keep(ctx, j)
		answers[n] = j.exchanged
	}
	p.ledger.answer(answers, i != nil)
	if i != nil {
		if err := p.commit(ctx, p.now().Add(contract.MaxTimeout+intentLife+grace)); err != nil {
			return err
		}
	}
	p.done = append(p.done, answers)
	for _, j := range jobs {
		p.Observer.Exchanged(p.call, Exchanged{Round: round, Exchange: j.Exchange, Cached: j.Cached, Attempts: j.Attempts, Took: j.took})
	}
	return nil
}

// unfinished says why the answers of a round are not to be used: the caller is
// gone and nothing hangs on them, or this node is stopping and another may
// send the requests again.
func unfinished(ctx context.Context, jobs []*job, i *intent) error {
	if i == nil {
		return ctx.Err()
	}
	for _, j := range jobs {
		if !j.settled && j.Error != nil && j.Error.Kind == contract.ErrorLost && j.Request.Repeatable() {
			return fmt.Errorf("%s: %w", line(j.Request), j.Error)
		}
	}
	return nil
}

func (p *process) sendOne(ctx context.Context, j *job, notAfter time.Time, room int) {
	limit := contract.MaxAnswer
	if j.Request.Consumes {
		limit = contract.MaxConsumedAnswer
	}
	if room <= 0 || j.Request.Consumes && room < contract.MaxAnswer {
		j.fail(p.now(), contract.ErrorTooLarge, contract.SentNo, "the answers of this call leave no room for another")
		return
	}
	wait := timeout(j.Request)
	ctx, cancel := context.WithTimeout(ctx, wait+intentLife)
	defer cancel()
	began := p.now()
	a := p.Sender.Send(ctx, egress.Outbound{
		Request:  j.Request,
		Hosts:    p.hosts,
		Secrets:  p.secrets,
		NotAfter: notAfter,
		Timeout:  wait,
		MaxBody:  int64(min(limit, room)),
		Breaker:  p.call.Account,
	})
	j.Response, j.Error, j.At, j.Attempts, j.kept = a.Response, a.Error, a.At.UTC(), a.Attempts, a.Kept
	if a.At.IsZero() {
		j.At = p.now()
	}
	j.took = p.now().Sub(began)
	if j.Response == nil && j.Error == nil {
		j.fail(j.At, contract.ErrorReset, contract.SentMaybe, "there is neither an answer nor an error")
	}
}

// bound holds all answers of a call to their bound: an answer for which there
// is no room is too large, never cut.
func (j *job) bound(room int) int {
	if j.Response == nil {
		return room
	}
	n := len(j.Response.Bytes())
	if n > room {
		j.fail(j.At, contract.ErrorTooLarge, contract.SentYes, fmt.Sprintf("all answers of a call are bound to %d bytes", contract.MaxAnswers))
		return room
	}
	return room - n
}

func (j *job) fail(at time.Time, kind contract.ErrorKind, sent contract.Sent, message string) {
	j.Response, j.kept = nil, nil
	j.At, j.Error = at, &contract.ExchangeError{Kind: kind, Sent: sent, Message: message}
}

// each runs f for all jobs at once and gives the first error in their order.
func (p *process) each(jobs []*job, f func(*job) error) error {
	errs := make([]error, len(jobs))
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() { errs[i] = f(j) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// answerBytes is what the answers so far take of their bound.
func (p *process) answerBytes() int {
	n := 0
	for _, x := range p.exchanges() {
		if x.Response != nil {
			n += len(x.Response.Bytes())
		}
	}
	return n
}

// longest is how long requests that are sent at once may take.
func longest(requests []contract.Request) time.Duration {
	var d time.Duration
	for _, r := range requests {
		d = max(d, timeout(r))
	}
	return d
}

func timeout(r contract.Request) time.Duration {
	if r.TimeoutMS == 0 {
		return contract.DefaultTimeout
	}
	return time.Duration(r.TimeoutMS) * time.Millisecond
}

// pause waits before a request leaves, as the plugin asked.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
