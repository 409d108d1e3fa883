package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// refund asks for a refund, or for the same one again.
func (d *desk) refund(p *attempt, value int64) *contract.Operation {
	op := &contract.Operation{
		ID: fmt.Sprintf("ref_%d", len(p.refunds)+1), Amount: contract.Money{Value: value, Currency: p.Amount.Currency}, Reason: "sent back",
		IdempotencyKey: uuid(2, 100*len(d.payments)+len(p.refunds)), Status: contract.OperationPending, CreatedAt: d.world.Now().UTC().Truncate(time.Millisecond),
	}
	p.refunds = append(p.refunds, op)
	return op
}

// operate runs refund_payment or get_refund and books what came of it. It
// gives the host's word: whether the refund may still come true.
func (d *desk) operate(e contract.Export, p *attempt, op *contract.Operation) (open bool, err error) {
	p.Refunds = nil
	for _, one := range p.refunds {
		if one != op && one.Status != contract.OperationFailed {
			p.Refunds = append(p.Refunds, *one)
		}
	}
	p.Refunds = append(slices.Clip(p.Refunds), *op)
	r, t, failure, err := result[contract.OperationResult](d, e, contract.RefundInput{Payment: p.Payment, Refund: *op})
	if err != nil {
		return true, err
	}
	if r.ProviderReference != "" {
		op.ProviderReference = r.ProviderReference
	}
	switch {
	case failure != nil && (e == contract.GetRefund || unknown(t)):
		return true, nil
	case failure != nil:
		r.Status = contract.OperationFailed
	case unknown(t) && r.Status == contract.OperationFailed:
		return true, nil
	}
	d.want(r.Status != contract.OperationSucceeded || r.Amount.IsZero() || r.Amount == op.Amount,
		"%s: %s of a refund of %s succeeded", e, r.Amount, op.Amount)
	op.Status = r.Status
	return op.Status == contract.OperationPending, nil
}

// settle asks about a refund until it has ended.
func (d *desk) settle(p *attempt, op *contract.Operation) error {
	const questions = 4
	for range questions {
		if op.Status != contract.OperationPending || needs(contract.GetRefund)(d) != "" {
			return nil
		}
		if err := d.world.Advance(d.ctx, time.Minute); err != nil {
			return err
		}
		if _, err := d.operate(contract.GetRefund, p, op); err != nil {
			return err
		}
	}
	return nil
}

// unknown is the host's word on the writes of a call: one left and got no
// answer, and no later read was answered; or nobody read what was answered.
func unknown(t Transcript) bool {
	left, lost := false, false
	for _, x := range t.Exchanges {
		switch {
		case x.Request.Effective() == contract.Write && (x.Response != nil || x.Error.Sent != contract.SentNo):
			left, lost = true, lost || x.Response == nil
		case x.Request.Effective() == contract.Read && x.Response != nil && x.Response.OK() && len(x.Request.Keep) == 0:
			lost = false
		}
	}
	f := t.Answer.Failure
	return lost || left && f != nil && f.Code == contract.Internal
}

// uuid is the same for the same numbers.
func uuid(kind, n int) string {
	return fmt.Sprintf("c0f0%04d-0000-4000-8000-%012d", kind, n)
}
