package conformance

import "github.com/kassette-pay/kassette/sdk/contract"

func brokenCapture(d *desk, b *breaker) error {
	p, err := d.authorised()
	if err != nil {
		return err
	}
	op := d.capture(p, p.Amount.Value, true)
	d.breaks = b
	if err := d.take(p, op); err != nil {
		return err
	}
	limited(d, b)
	d.want(!b.unread() || op.Status != contract.OperationSucceeded, "the capture was not answered, and has succeeded")
	d.breaks = nil
	d.want(op.Status != contract.OperationFailed || d.world.Books(p.Payment).Captures == 0, "told as failed, and the provider has captured")
	if op.Status != contract.OperationSucceeded { // asked first, then sent again under the same key
		if err := d.hear(p); err != nil {
			return err
		}
		if err := d.ask(p); err != nil {
			return err
		}
	}
	if p.captured().Value == 0 {
		if err := d.takes(p, op); err != nil {
			return err
		}
	}
	books := d.world.Books(p.Payment)
	d.want(p.captured() == p.Amount, "the plugin told that %s of %s was captured", p.captured(), p.Amount)
	d.want(books.Captured == p.Amount && books.Captures == 1, "the provider's books hold %d captures of %s, want one of %s", books.Captures, books.Captured, p.Amount)
	return nil
}

func brokenCancel(d *desk, b *breaker) error {
	p, err := d.authorised()
	if err != nil {
		return err
	}
	d.breaks = b
	status, err := d.giveUp(p)
	if err != nil {
		return err
	}
	limited(d, b)
	d.breaks = nil
	d.want(!b.unread() || status != contract.OperationSucceeded, "giving up was not answered, and has succeeded")
	books := d.world.Books(p.Payment)
	d.want(p.status != contract.UpdateCancelled || books.Authorized.Value == 0, "told as cancelled, and the provider still holds %s", books.Authorized)
	if books.Authorized.Value == 0 {
		return nil
	}
	if _, err := d.giveUp(p); err != nil {
		return err
	}
	books = d.world.Books(p.Payment)
	d.want(books.Authorized.Value == 0, "given up once more, and the provider still holds %s", books.Authorized)
	return nil
}

func brokenRefund(d *desk, b *breaker) error {
	p, err := d.paid()
	if err != nil {
		return err
	}
	op := d.refund(p, p.Amount.Value)
	d.breaks = b
	if err := d.operate(contract.RefundPayment, p, op); err != nil {
		return err
	}
	d.breaks = nil
	limited(d, b)
	d.want(!b.unread() || op.Status != contract.OperationSucceeded, "the refund was not answered, and has succeeded")
	if err := d.settle(p, op); err != nil {
		return err
	}
	if able(contract.FindsLost)(d) != "" && b.unread() && op.Status == contract.OperationPending {
		return nil
	}
	agrees(d, p)
	d.want(!d.has(contract.GetRefund) || op.Status != contract.OperationPending, "the refund is pending for good")
	return nil
}

func brokenGetRefund(d *desk, b *breaker) error {
	p, err := d.paid()
	if err != nil {
		return err
	}
	op := d.refund(p, p.Amount.Value)
	if err := d.operate(contract.RefundPayment, p, op); err != nil {
		return err
	}
	d.breaks = b
	if err := d.operate(contract.GetRefund, p, op); err != nil {
		return err
	}
	d.breaks = nil
	limited(d, b)
	d.want(op.Status != contract.OperationFailed, "a refund that is well was told as failed")
	if err := d.settle(p, op); err != nil {
		return err
	}
	agrees(d, p)
	return nil
}
