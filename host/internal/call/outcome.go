package call

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// end says how the call ended. An account's call that failed before it asked
// for anything leaves no journal.
func (p *process) end(result json.RawMessage, failure *contract.Failure) (checkout.Ended, error) {
	e := checkout.Ended{Result: result, Failure: failure, Outcome: outcome(p.exchanges(), result, failure), Verified: p.sums.verified(), At: p.now()}
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
// got no answer is unknown, until a later read was answered; so is one whose
// answer may be a proxy's, if the plugin says that it failed and has no news
// of it. A failure that nobody meant, after a write had left, is unknown too,
// since nobody read what was answered.
func outcome(all []exchanged, result json.RawMessage, failure *contract.Failure) order.Outcome {
	left, lost := false, false
	failed := failure != nil || failedWithoutNews(result)
	for _, x := range all {
		switch {
		case x.Cached: // nothing left for it
		case x.Request.Effective() == contract.Write && (x.Response != nil || x.Error.Sent != contract.SentNo):
			left = true
			lost = lost || x.Response == nil || failed && doubtful(x.Response.Status)
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

// doubtful says whether an answer may come from a proxy that has lost the
// provider's: the provider may have done what it was asked.
func doubtful(status int) bool { return status >= 500 || status == http.StatusRequestTimeout }

// failedWithoutNews says whether the result of an operation is that it failed,
// with nothing that the provider said of it.
func failedWithoutNews(result json.RawMessage) bool {
	var r ending
	return json.Unmarshal(result, &r) == nil && r.Status == contract.OperationFailed && len(r.Updates) == 0
}

// ending is what a result tells of an operation's end.
type ending struct {
	Status  contract.OperationStatus `json:"status"`
	Updates []contract.Update        `json:"updates"`
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
	var r ending
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
