package call

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// maxCall is the longest that a call can take: all its rounds with the
// longest waits. It bounds calls that no longer hang on their caller.
const maxCall = contract.MaxRounds * (contract.MaxAfter + contract.MaxInterimTimeout + time.Minute)

// process is one call under way.
type process struct {
	*Runner
	call    checkout.Call
	frozen  frozen
	module  Module
	hosts   hosts
	secrets *secrets
	sums    *sums
	ledger  *ledger
	// done are the rounds that are answered.
	done [][]exchanged
	// held is what an interim of this call holds exclusively.
	held string
	// partial says that an answer of an earlier run is known by its digest alone.
	partial bool
	logged  int
}

// begin prepares a call's first round.
func (r *Runner) begin(ctx context.Context, c checkout.Call) (*process, error) {
	p, err := r.equip(ctx, c)
	if err != nil {
		return nil, err
	}
	p.secrets.load(ctx, r.tokens.known(c.Account))
	p.frozen = frozen{
		Call:     c,
		Now:      c.Now.UTC().Truncate(time.Millisecond),
		Entropy:  make([]byte, 32),
		Settings: p.secrets.account.Settings,
		Secrets:  p.secrets.names(),
	}
	if len(p.frozen.Settings) == 0 {
		p.frozen.Settings = []byte("{}")
	}
	_, _ = rand.Read(p.frozen.Entropy) // never fails
	p.ledger.next.Begin = &p.frozen
	return p, nil
}

// equip finds what a call needs: its plugin's bytes and its account.
func (r *Runner) equip(ctx context.Context, c checkout.Call) (*process, error) {
	account, err := r.Accounts.Account(c.Account)
	if err != nil {
		return nil, fmt.Errorf("account %q: %w", c.Account, err)
	}
	m, err := r.Modules.Module(ctx, c.Plugin.Digest)
	if err != nil {
		return nil, fmt.Errorf("plugin bytes %s: %w", c.Plugin.Digest, err)
	}
	info, err := contract.ReadSettings(m.Version.Manifest.SettingsSchema)
	if err != nil {
		m.Done()
		return nil, fmt.Errorf("settings schema: %w", err)
	}
	s := &secrets{vault: r.Vault, logger: r.Logger, account: account, uses: grantedSecrets(info, m.Grant), kept: map[string]string{}}
	return &process{
		Runner:  r,
		call:    c,
		module:  m,
		hosts:   grantedHosts(m.Grant, info, account),
		secrets: s,
		sums:    &sums{secrets: s, known: map[string]sum{}},
		ledger:  r.newLedger(c.ID),
	}, nil
}

// newLedger begins a journal under a name that no other run of the call has.
func (r *Runner) newLedger(id string) *ledger {
	return &ledger{journal: r.Journal, call: id, owner: r.Node + "/" + rand.Text(), left: maxJournal}
}

// toEnd runs rounds until the plugin has a result or a failure, or breaks its contract.
func (p *process) toEnd(ctx context.Context, began time.Time) (checkout.Ended, error) {
	var result []byte
	var err error
	failure := p.permitted()
	if failure == nil {
		result, failure, err = p.rounds(ctx)
	}
	var broken *breach
	var refused *refusal
	switch {
	case errors.As(err, &broken):
		failure = &contract.Failure{Code: contract.Internal, Message: broken.Error()}
		p.Logger.ErrorContext(ctx, "plugin broke its contract", p.attributes("error", broken.Error())...)
	case errors.As(err, &refused):
		failure = &refused.failure
	case err != nil:
		if p.held != "" && !p.ledger.begun() {
			p.release(ctx)
		}
		return checkout.Ended{}, naming(p.call, err)
	}
	if p.Trapped != nil && (errors.Is(err, ErrRound) || failure != nil && failure.Panicked) {
		p.Trapped(context.WithoutCancel(ctx), Trap{Plugin: p.call.Plugin, About: p.about()})
	}
	if p.ledger.begun() && !p.now().Before(p.ledger.until.Add(-leaving)) {
		return checkout.Ended{}, naming(p.call, fmt.Errorf("it took too long: %w", ErrElsewhere))
	}
	e, err := p.end(result, failure)
	if err != nil {
		return checkout.Ended{}, naming(p.call, err)
	}
	p.letGo(ctx, e)
	p.Observer.Finished(p.call, e, p.now().Sub(began))
	return e, nil
}

// about tells apart for what a trap counts: for the payment, where the host
// began the operation, and for the message, where its signature held. The rest
// anybody can bring about.
func (p *process) about() string {
	switch p.call.Export {
	case contract.CreatePayment, contract.CapturePayment, contract.RefundPayment:
		return p.call.Payment
	}
	if !p.sums.verified() {
		return ""
	}
	if p.call.Payment != "" {
		return p.call.Payment
	}
	sum := sha256.Sum256(p.call.Input)
	return hex.EncodeToString(sum[:])
}

// permitted says why the operation cannot run at all.
func (p *process) permitted() *contract.Failure {
	e := p.call.Export
	switch {
	case !slices.Contains(p.module.Version.Manifest.Operations, e):
		return &contract.Failure{Code: contract.Unsupported, Message: fmt.Sprintf("%s@%s has no %s", p.call.Plugin.Name, p.call.Plugin.Version, e)}
	case !slices.Contains(p.module.Grant.Operations, e):
		return &contract.Failure{Code: contract.Unsupported, Message: fmt.Sprintf("%s is not granted to %s", e, p.call.Plugin.Name)}
	}
	return nil
}

// rounds runs the plugin and has its requests sent, in turn.
func (p *process) rounds(ctx context.Context) ([]byte, *contract.Failure, error) {
	if p.partial {
		return nil, nil, p.breach(ErrReplay, "the call cannot go on from its journal")
	}
	detached := false
	for {
		number := p.nextRound()
		answer, err := p.round(ctx, number)
		if err != nil {
			return nil, nil, err
		}
		if answer.Need == nil {
			return answer.Result, answer.Failure, p.checkActions(answer.Result)
		}
		if number >= contract.MaxRounds {
			return nil, nil, p.breach(ErrRounds, "after %d rounds it asks for more", number)
		}
		if !detached && (p.ledger.begun() || leavesTrace(*answer.Need)) {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), maxCall)
			defer cancel()
			detached = true
		}
		if err := p.exchange(ctx, number, *answer.Need); err != nil {
			return nil, nil, err
		}
	}
}

// leavesTrace says whether a round begins something that must be seen to its
// end, whoever asked for it.
func leavesTrace(n contract.Need) bool {
	return n.Interim != nil || slices.ContainsFunc(n.Requests, journaled)
}

// journaled says whether a request needs an intent: all but a plain read do.
func journaled(r contract.Request) bool {
	return r.Effective() != contract.Read || r.Consumes
}

func (p *process) nextRound() int { return len(p.done) + 1 }

// attributes are those of a log line about the call.
func (p *process) attributes(more ...any) []any {
	return append([]any{"plugin", p.call.Plugin.Name, "version", p.call.Plugin.Version, "operation", string(p.call.Export), "call", p.call.ID}, more...)
}
