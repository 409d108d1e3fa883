package order

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// fact is what the news say of one operation of the shop.
type fact struct {
	done, failed bool
	amount       int64 // of what was done, in minor units
	at           time.Time
}

// failing gives the update type that says an operation of this type failed.
func failing(done contract.UpdateType) contract.UpdateType {
	if done == contract.UpdateCaptured {
		return contract.UpdateCaptureFailed
	}
	return contract.UpdateRefundFailed
}

// facts reads the news of an operation: by its id, and by the references that
// are tied to it.
func (p Payment) facts(op Operation, done contract.UpdateType) fact {
	var f fact
	if i, ok := p.News.Own[done][op.ID]; ok {
		f = fact{done: true, amount: i.Amount, at: i.At}
	}
	var byReference int64
	for ref, i := range p.News.Items[done] {
		if i.ID == op.ID || ref == op.ProviderReference {
			f.done = true
			byReference += i.Amount
			if i.At.After(f.at) {
				f.at = i.At
			}
		}
	}
	if _, ok := p.News.Own[done][op.ID]; !ok {
		f.amount = byReference
	}
	_, f.failed = p.News.Own[failing(done)][op.ID]
	for ref, i := range p.News.Items[failing(done)] {
		f.failed = f.failed || i.ID == op.ID || ref == op.ProviderReference
	}
	return f
}

// derive brings a list of operations to what the news say: statuses of the
// shop's own, and one entry with origin provider for each reference that is
// not tied to one of them. A success is believed over a failure. A total that
// covers everything that was asked for, and everything made at the provider,
// ends what is pending.
func (p Payment) derive(ops []Operation, done contract.UpdateType, now time.Time) []Operation {
	var own, foreign []Operation
	for _, op := range ops {
		if op.Origin == OriginProvider {
			foreign = append(foreign, op)
		} else {
			own = append(own, op)
		}
	}
	made := p.made(own, foreign, done, now)
	var asked int64
	for _, op := range made {
		asked += op.Amount.Value
	}
	facts := make([]fact, len(own))
	for i, op := range own {
		facts[i] = p.facts(op, done)
		switch {
		case facts[i].done:
			asked += facts[i].amount
		case !facts[i].failed:
			asked += op.Amount.Value
		}
	}
	covered := p.News.Totals[done] > 0 && p.News.Totals[done] >= asked
	for i, f := range facts {
		op := &own[i]
		was := op.Status
		switch {
		case f.done, !f.failed && covered:
			op.Status, op.Outcome, op.Failure = contract.OperationSucceeded, OutcomeKnown, nil
		case f.failed:
			op.Status = contract.OperationFailed
			if op.Outcome == OutcomeUnknown {
				op.Outcome = OutcomeKnown
			}
		default:
			op.Status = contract.OperationPending
		}
		if op.Status != was {
			op.EndedAt = time.Time{}
			if op.Status != contract.OperationPending {
				op.EndedAt = now
			}
		}
	}
	return append(own, made...)
}

// made lists what was done at the provider without the shop's asking, by
// reference. Ids are derived, so that the same reference has the same id.
func (p Payment) made(own, before []Operation, done contract.UpdateType, now time.Time) []Operation {
	var made []Operation
	for ref, i := range p.News.Items[done] {
		if slices.ContainsFunc(own, func(op Operation) bool { return op.ID == i.ID || op.ProviderReference == ref }) {
			continue
		}
		op := Operation{
			ID: derivedID(p.ID, done, ref), Amount: Money{Value: i.Amount, Currency: p.Amount.Currency}, ProviderReference: ref,
			Status: contract.OperationSucceeded, Outcome: OutcomeKnown, Origin: OriginProvider, CreatedAt: now, EndedAt: now,
		}
		if at := find(before, op.ID); at >= 0 {
			op.CreatedAt, op.EndedAt = before[at].CreatedAt, before[at].EndedAt
		}
		made = append(made, op)
	}
	slices.SortFunc(made, func(a, b Operation) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		if a.ProviderReference < b.ProviderReference {
			return -1
		}
		return 1
	})
	return made
}

// derivedID makes the id of an operation that was made at the provider.
func derivedID(payment string, done contract.UpdateType, reference string) string {
	prefix := "cap_"
	if done == contract.UpdateRefunded {
		prefix = "ref_"
	}
	sum := sha256.Sum256([]byte(payment + "\n" + string(done) + "\n" + reference))
	return prefix + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])[:26]
}

// conclude brings the payment to what its news say. It is applied at the end
// of every change, so that the order of changes does not matter.
func (p *Payment) conclude(now time.Time) {
	p.Captures = p.derive(p.Captures, contract.UpdateCaptured, now)
	p.Refunds = p.derive(p.Refunds, contract.UpdateRefunded, now)
	if p.Outcome == OutcomeUnknown && p.moot(p.UnknownCall) {
		p.know()
	}
}

// moot says that the outcome of a call no longer matters, since verified news
// has told how the payment stands.
func (p *Payment) moot(e contract.Export) bool {
	switch p.Status() {
	case PaymentCaptured, PaymentFailed, PaymentCancelled, PaymentExpired:
		return true
	case PaymentAuthorized:
		return e != contract.CancelPayment
	}
	return false
}

// know ends an unknown outcome.
func (p *Payment) know() {
	p.Outcome, p.UnknownCall, p.NotFound = OutcomeKnown, "", nil
}
