package call

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// checkNeed looks at what a round asks for, beyond what the contract package
// checks in the output by itself.
func (p *process) checkNeed(n contract.Need) error {
	for _, r := range n.Requests {
		for name := range r.Keep {
			if _, taken := p.secrets.account.Secrets[name]; taken || p.secrets.uses[name] != nil {
				return p.breach(ErrToken, "%q", name)
			}
		}
		if err := p.checkCircle(r); err != nil {
			return err
		}
	}
	if n.Interim == nil {
		return nil
	}
	if p.call.OnInterim == nil {
		return p.breach(ErrInterim, "%s answers once", p.call.Export)
	}
	if n.Interim.Exclusive != "" && p.call.Payment == "" {
		return p.breach(ErrInterim, "exclusive %q belongs to no payment", n.Interim.Exclusive)
	}
	return p.checkAction(&n.Interim.Action)
}

// checkCircle stops a plugin that does not read its exchanges. On later rounds
// the requests of earlier rounds must come out the same, which the guest
// compares with its exchanges; it asks only for what has no answer yet. What is
// no read and comes out once more, byte for byte, is either answered well
// already, or may have arrived and may not be repeated.
func (p *process) checkCircle(r contract.Request) error {
	if r.Effective() == contract.Read {
		return nil
	}
	again, err := json.Marshal(r)
	if err != nil {
		return p.breach(ErrAnswer, "%v", err)
	}
	for _, x := range p.exchanges() {
		before, err := json.Marshal(x.Request)
		switch {
		case err != nil || !bytes.Equal(again, before):
		case x.Response != nil && x.Response.OK():
			return p.breach(ErrCircle, "%s is asked for again though its answer is there", line(r))
		case x.Response == nil && x.Error.Sent != contract.SentNo && !r.Repeatable():
			return p.breach(ErrCircle, "%s may have arrived and may not be repeated", line(r))
		}
	}
	return nil
}

const (
	leaseExclusive = "exclusive:"
	// exclusiveLife is how long an exclusive lease lasts where the interim does
	// not say when the payment ends, and what is added where it does.
	exclusiveLife  = time.Hour
	exclusiveExtra = 5 * time.Minute
	// operationLife is the same for a capture or refund: its longest request, the
	// time after which another node takes the call over, and a margin. One that is
	// pending longer is asked about without keeping a terminal from its customers.
	operationLife = contract.MaxInterimTimeout + intentLife + grace + time.Minute
)

// hold is how long what an interim wants exclusively is held, unless the
// payment, capture or refund that asks for it is final before.
func (p *process) hold(expires time.Time) time.Duration {
	switch {
	case !expires.IsZero():
		return max(expires.Sub(p.now()), 0) + exclusiveExtra
	case p.call.Operation != "":
		return operationLife
	}
	return exclusiveLife
}

// interim takes what the round wants exclusively and commits the consumer's answer.
func (p *process) interim(ctx context.Context, i contract.Interim) error {
	if i.Exclusive != "" {
		ours, err := p.Vault.Lease(ctx, p.call.Account, leaseExclusive+i.Exclusive, p.call.Payment, p.hold(i.ExpiresAt))
		if err != nil {
			return fmt.Errorf("take %q: %w", i.Exclusive, err)
		}
		if !ours {
			return &refusal{contract.Failure{Code: contract.Conflict, Message: fmt.Sprintf("%q is in use by another payment", i.Exclusive)}}
		}
		p.held = i.Exclusive
	}
	if err := p.call.OnInterim(ctx, i); err != nil {
		return fmt.Errorf("commit the interim answer: %w", err)
	}
	return nil
}

// line names a request without its query, which may hold the payment's data.
func line(r contract.Request) string {
	url := r.URL
	for i := range len(url) {
		if url[i] == '?' {
			url = url[:i] + "?…"
			break
		}
	}
	return r.Method + " " + url
}
