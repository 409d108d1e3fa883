package call

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// end says how the call ended. An account's call that failed before it asked
// for anything leaves no journal.
func (p *process) end(result json.RawMessage, failure *contract.Failure) (checkout.Ended, error) {
	e := checkout.Ended{Result: result, Failure: failure, Outcome: outcome(p.exchanges(), failure), Verified: p.sums.verified(), At: p.now()}
	for i, x := range p.exchanges() {
		if i == 0 || x.At.After(e.At) {
			e.At = x.At
		}
		e.Verified = e.Verified || x.Response != nil && x.Response.OK() && !x.Cached
	}
	if failure != nil && p.call.Order == "" && !p.ledger.begun() && len(p.done) == 0 {
		return e, nil
	}
	var err error
	e.Journal, err = p.ledger.end(ended{result, failure, e.Outcome, e.Verified, e.At})
	return e, err
}

func (p *process) exchanges() []exchanged { return slices.Concat(p.done...) }

// outcome is the host's word on the writes of a call. A write that left and
// got no answer is unknown, until a later read was answered; a failure that
// nobody meant, after a write had left, is unknown too, since nobody read what
// was answered.
func outcome(all []exchanged, failure *contract.Failure) order.Outcome {
	left, lost := false, false
	for _, x := range all {
		switch {
		case x.Cached: // nothing left for it
		case x.Request.Effective() == contract.Write && (x.Response != nil || x.Error.Sent != contract.SentNo):
			left = true
			lost = lost || x.Response == nil
		case tells(x):
			lost = false
		}
	}
	switch {
	case !left:
		return order.OutcomeNotAttempted
	case lost, failure != nil && failure.Code == contract.Internal:
		return order.OutcomeUnknown
	}
	return order.OutcomeKnown
}

// tells says whether a read can tell what became of a write before it: a
// fresh answer, and not that of a token's fetch.
func tells(x exchanged) bool {
	return x.Request.Effective() == contract.Read && x.Response != nil && x.Response.OK() && len(x.Request.Keep) == 0
}

// letGo gives back what an interim held, if the payment, capture or refund
// that asked for it is final with this call.
func (p *process) letGo(ctx context.Context, e checkout.Ended) {
	if p.held != "" && final(p.call.Export, e) {
		p.release(ctx)
	}
}

func (p *process) release(ctx context.Context) {
	if err := p.Release(context.WithoutCancel(ctx), p.call.Account, p.held, p.call.Payment); err != nil {
		p.Logger.WarnContext(ctx, "release what was held exclusively", p.attributes("error", err)...)
	}
}

func final(e contract.Export, end checkout.Ended) bool {
	if end.Outcome == order.OutcomeUnknown {
		return false
	}
	if end.Failure != nil {
		return true
	}
	var r struct {
		Status  contract.OperationStatus `json:"status"`
		Updates []contract.Update        `json:"updates"`
	}
	if json.Unmarshal(end.Result, &r) != nil {
		return false
	}
	switch e {
	case contract.CapturePayment, contract.RefundPayment:
		return r.Status == contract.OperationSucceeded || r.Status == contract.OperationFailed
	}
	for _, u := range r.Updates {
		switch u.Type {
		case contract.UpdateCaptured, contract.UpdateFailed, contract.UpdateCancelled, contract.UpdateExpired:
			return u.Trust == contract.Verified
		}
	}
	return false
}
