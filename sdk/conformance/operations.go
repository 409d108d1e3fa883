package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// capture asks for a capture; final gives the rest of the authorisation back.
func (d *desk) capture(p *attempt, value int64, final bool) *contract.Operation {
	op := d.operation(p, "cap", 3, len(p.captures), value)
	op.Final = final
	p.captures = append(p.captures, op)
	return op
}

// refund asks for a refund.
func (d *desk) refund(p *attempt, value int64) *contract.Operation {
	op := d.operation(p, "ref", 2, len(p.refunds), value)
	op.Reason = "sent back"
	p.refunds = append(p.refunds, op)
	return op
}

func (d *desk) operation(p *attempt, prefix string, kind, n int, value int64) *contract.Operation {
	return &contract.Operation{
		ID: fmt.Sprintf("%s_%s_%d", prefix, p.ID[len(p.ID)-4:], n+1), Amount: contract.Money{Value: value, Currency: p.Amount.Currency},
		IdempotencyKey: uuid(kind, 100*len(d.payments)+n), Status: contract.OperationPending, CreatedAt: d.now(),
	}
}

// known are the operations as the payment shows them: this one, and those
// that have not failed.
func known(ops []*contract.Operation, op *contract.Operation) []contract.Operation {
	var list []contract.Operation
	for _, one := range ops {
		if one != op && one.Status != contract.OperationFailed {
			list = append(list, *one)
		}
	}
	return append(slices.Clip(list), *op)
}

// operate runs refund_payment or get_refund and books what came of it.
func (d *desk) operate(e contract.Export, p *attempt, op *contract.Operation) error {
	p.Refunds = known(p.refunds, op)
	r, t, failure, err := result[contract.OperationResult](d, p, e, contract.RefundInput{Payment: p.Payment, Refund: *op})
	if err != nil {
		return err
	}
	d.ends(e, op, t, r, failure)
	d.book(t, r.Updates, p)
	p.sum()
	return nil
}

// take runs capture_payment and books what came of it.
func (d *desk) take(p *attempt, op *contract.Operation) error {
	p.Captures = known(p.captures, op)
	r, t, failure, err := result[contract.OperationResult](d, p, contract.CapturePayment, contract.CaptureInput{Payment: p.Payment, Capture: *op})
	if err != nil {
		return err
	}
	d.ends(contract.CapturePayment, op, t, r, failure)
	if op.Status == contract.OperationSucceeded {
		key := op.ProviderReference
		if key == "" {
			key = op.ID
		}
		p.items[key] = op.Amount
		p.status, p.at = contract.UpdateCaptured, d.now()
	}
	d.book(t, r.Updates, p)
	p.sum()
	return nil
}

// ends gives an operation the end that a call tells. One that may still come
// true, by the host's word, stays pending.
func (d *desk) ends(e contract.Export, op *contract.Operation, t Transcript, r contract.OperationResult, failure *contract.Failure) {
	if r.ProviderReference != "" {
		op.ProviderReference = r.ProviderReference
	}
	switch {
	case failure != nil && (e == contract.GetRefund || unknown(t)):
		return
	case failure != nil:
		r.Status = contract.OperationFailed
	case unknown(t) && r.Status == contract.OperationFailed:
		return
	}
	d.want(r.Status != contract.OperationSucceeded || r.Amount.IsZero() || op.Amount.IsZero() || r.Amount == op.Amount,
		"%s: %s of %s succeeded", e, r.Amount, op.Amount)
	op.Status = r.Status
}

// takes captures and waits for the capture's end.
func (d *desk) takes(p *attempt, op *contract.Operation) error {
	if err := d.take(p, op); err != nil {
		return err
	}
	return d.until(p, op, func() error { return d.ask(p) })
}

// settle asks about a refund until it has ended.
func (d *desk) settle(p *attempt, op *contract.Operation) error {
	return d.until(p, op, func() error {
		if !d.has(contract.GetRefund) {
			return nil
		}
		return d.operate(contract.GetRefund, p, op)
	})
}

// until lets time pass and asks, until an operation has ended.
func (d *desk) until(p *attempt, op *contract.Operation, ask func() error) error {
	const questions = 4
	for range questions {
		if op.Status != contract.OperationPending {
			return nil
		}
		if err := d.world.Advance(d.ctx, time.Minute); err != nil {
			return err
		}
		if d.has(contract.ReceiveWebhook) {
			if err := d.hear(p); err != nil {
				return err
			}
		}
		if err := ask(); err != nil {
			return err
		}
	}
	return nil
}

// giveUp runs cancel_payment and books what came of it.
func (d *desk) giveUp(p *attempt) (contract.OperationStatus, error) {
	r, t, failure, err := result[contract.OperationResult](d, p, contract.CancelPayment, contract.PaymentInput{Payment: p.Payment})
	op := contract.Operation{Status: contract.OperationPending}
	if err != nil {
		return op.Status, err
	}
	d.ends(contract.CancelPayment, &op, t, r, failure)
	d.book(t, r.Updates, p)
	if op.Status == contract.OperationSucceeded && p.captured().Value == 0 {
		p.status, p.at = contract.UpdateCancelled, d.now()
	}
	return op.Status, nil
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
