package order

import (
	"fmt"
	"reflect"
	"slices"
)

// Check holds an order and all its events to the invariants that one order
// can show, and names the first that is broken. The events are those since
// the first, in order.
func Check(o Order, events []Event) error {
	for _, check := range []func(Order, []Event) error{checkShape, checkAmounts, checkPaid, checkEvents, checkAlarm, checkBook} {
		if err := check(o, events); err != nil {
			return fmt.Errorf("order %s: %w", o.ID, err)
		}
	}
	return nil
}

// checkShape: one currency, unique ids, statuses of operations as the news say.
func checkShape(o Order, _ []Event) error {
	if o.Schema > Schema {
		return fmt.Errorf("schema %d is newer than %d", o.Schema, Schema)
	}
	if len(o.Payments) > MaxAttempts {
		return fmt.Errorf("%d payments, at most %d", len(o.Payments), MaxAttempts)
	}
	ids := map[string]bool{}
	for _, p := range o.Payments {
		if p.Amount.Currency != o.Amount.Currency {
			return fmt.Errorf("payment %s is in %s, the order in %s", p.ID, p.Amount.Currency, o.Amount.Currency)
		}
		if p.ExpiresAt.After(o.ExpiresAt) {
			return fmt.Errorf("payment %s expires after its order", p.ID)
		}
		again := p.clone()
		again.conclude(o.UpdatedAt)
		if !reflect.DeepEqual(again.Captures, p.Captures) || !reflect.DeepEqual(again.Refunds, p.Refunds) || again.Outcome != p.Outcome {
			return fmt.Errorf("payment %s: its captures and refunds are not what its news say", p.ID)
		}
		all := []string{p.ID}
		for _, op := range slices.Concat(p.Captures, p.Refunds) {
			all = append(all, op.ID)
		}
		for _, id := range all {
			if ids[id] {
				return fmt.Errorf("id %s stands twice", id)
			}
			ids[id] = true
		}
	}
	return nil
}

// checkAmounts is invariant 1.
func checkAmounts(o Order, _ []Event) error {
	for _, p := range o.Payments {
		a := p.Amounts()
		for _, m := range []Money{a.Authorized, a.Captured, a.Refunded, a.Reserved, a.Released, a.ChargedBack, a.Tip, a.Surcharge, a.Fee} {
			if m.Value < 0 || m.Currency != o.Amount.Currency {
				return fmt.Errorf("payment %s has an amount of %s", p.ID, m)
			}
		}
		if a.Reserved.Value > 0 && a.Refunded.Value+a.Reserved.Value+a.ChargedBack.Value > a.Captured.Value {
			return fmt.Errorf("payment %s: refunded %s, reserved %s and charged back %s exceed captured %s", p.ID, a.Refunded, a.Reserved, a.ChargedBack, a.Captured)
		}
		flagged := slices.ContainsFunc(o.Attention(), func(t Attention) bool { return t.Payment == p.ID && t.Code == AttentionAmountMismatch })
		if a.Refunded.Value+a.ChargedBack.Value > a.Captured.Value && !flagged {
			return fmt.Errorf("payment %s: refunded %s and charged back %s exceed captured %s, without attention", p.ID, a.Refunded, a.ChargedBack, a.Captured)
		}
		if a.Released.Value > 0 && a.Released.Value+p.News.counted() > p.Amount.Value {
			return fmt.Errorf("payment %s: released %s and counted %d exceed %s", p.ID, a.Released, p.News.counted(), p.Amount)
		}
	}
	return nil
}

// checkPaid is invariant 2.
func checkPaid(o Order, events []Event) error {
	ever := o.Due().Value == 0
	for _, e := range events {
		ever = ever || e.Order.Status == Paid
	}
	status := o.Status()
	if status != Cancelled && (status == Paid) != ever {
		return fmt.Errorf("it is %s, with %s of %s due", status, o.Due(), o.Amount)
	}
	if status == Cancelled && slices.ContainsFunc(events, func(e Event) bool { return e.Order.Status == Paid }) {
		return fmt.Errorf("it was paid and is cancelled")
	}
	return nil
}

// checkEvents is invariant 3.
func checkEvents(o Order, events []Event) error {
	if int64(len(events)) != o.LastEvent {
		return fmt.Errorf("%d events, the last is %d", len(events), o.LastEvent)
	}
	order, payments, err := Fold(events)
	if err != nil {
		return err
	}
	if want := o.snapshot(); !reflect.DeepEqual(order, want) {
		return fmt.Errorf("its events come to %+v, the order is %+v", order, want)
	}
	if len(payments) != len(o.Payments) {
		return fmt.Errorf("its events name %d payments, the order has %d", len(payments), len(o.Payments))
	}
	for _, p := range o.Payments {
		if got, want := payments[p.ID], p.snapshot(); got != want {
			return fmt.Errorf("payment %s: its events come to %+v, it is %+v", p.ID, got, want)
		}
	}
	return nil
}

// checkAlarm is what invariant 6 asks of the order itself.
func checkAlarm(o Order, _ []Event) error {
	if due, ok := Next(o); ok == o.Final() || (ok && due.At.IsZero()) {
		return fmt.Errorf("final is %t, and due is %+v", o.Final(), due)
	}
	return nil
}

// checkBook is invariant 7 within one order.
func checkBook(o Order, events []Event) error {
	type key struct{ payment, kind string }
	sums, ids := map[key]int64{}, map[string]bool{}
	for _, e := range events {
		line, ok := Book(o, e)
		if !ok {
			continue
		}
		if ids[line.ID] {
			return fmt.Errorf("line %s is booked twice", line.ID)
		}
		ids[line.ID] = true
		sums[key{line.Payment, line.Type}] += line.Amount.Value
	}
	for _, p := range o.Payments {
		a := p.Amounts()
		for kind, want := range map[string]Money{"capture": a.Captured, "refund": a.Refunded, "chargeback": a.ChargedBack} {
			if got := sums[key{p.ID, kind}]; got != want.Value {
				return fmt.Errorf("payment %s: lines of type %s come to %d, the amount is %s", p.ID, kind, got, want)
			}
		}
	}
	return nil
}
