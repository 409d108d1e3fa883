package conformance_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// TellShop reads the order, then writes what it lacks.
func (s stall) TellShop(c *guest.Call, in contract.TellInput) (contract.TellResult, error) {
	var o stallOrder
	key := in.Order.Metadata[contract.MetadataOrderID]
	if _, err := strconv.ParseUint(key, 10, 63); err != nil && !s.anyKey {
		return contract.TellResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "the order's metadata name no order of this shop: " + strconv.Quote(key)}
	}
	path := "/orders/" + key
	if err := s.do(c, "GET", path, nil, &o); err != nil {
		return contract.TellResult{}, err
	}
	t := &stallTelling{s, c, in, path, o}
	return contract.TellResult{Delivered: true, ShopReference: o.Number}, t.event()
}

// stallTelling is one event on its way to the shop.
type stallTelling struct {
	stall
	c    *guest.Call
	in   contract.TellInput
	path string
	o    stallOrder
}

func (t *stallTelling) event() error {
	now := t.in.Order.Status
	switch e := t.in.Event; e.Type {
	case contract.OrderPending, contract.OrderAuthorized:
		held := now == contract.OrderStatusPending || now == contract.OrderStatusAuthorized
		if t.byEvent || held && t.o.Status == "open" {
			return t.put(map[string]string{"status": "waiting"})
		}
	case contract.OrderOpen:
		if now == contract.OrderStatusOpen && t.o.Status == "waiting" {
			return t.put(map[string]string{"status": "open"})
		}
	case contract.OrderCancelled, contract.OrderExpired:
		if t.o.Status == "open" || t.o.Status == "waiting" {
			return t.put(map[string]string{"status": "cancelled"})
		}
	case contract.OrderPaid:
		return t.paid()
	case contract.RefundSucceeded:
		return t.refunded()
	case contract.OrderAttend, contract.OrderOverpaid, contract.ChargebackOpened, contract.CaptureFailed:
		return t.note("Look at this order: " + e.Detail)
	}
	return nil
}

func (t *stallTelling) put(body any) error { return t.do(t.c, "PUT", t.path, body, &t.o) }

// note writes a note, unless it stands there.
func (t *stallTelling) note(text string) error {
	mark := "[" + t.in.Event.ID + "]"
	if slices.ContainsFunc(t.o.Notes, func(n string) bool { return strings.Contains(n, mark) }) {
		return nil
	}
	return t.do(t.c, "POST", t.path+"/notes", map[string]string{"text": text + " " + mark}, &t.o)
}

func (t *stallTelling) paid() error {
	transaction := ""
	for _, p := range t.in.Order.Payments {
		if t.newest || transaction == "" && p.Amounts.Captured.Value > 0 {
			transaction = p.ProviderReference
		}
	}
	amount, err := t.money(t.o.Total, t.o.Currency)
	if err != nil {
		return err
	}
	if came := t.in.Order.Captured; came.Value < t.in.Order.Amount.Value && !t.quiet {
		if err := t.note("Only " + came.String() + " came, as " + transaction); err != nil {
			return err
		}
	}
	switch {
	case t.o.Status == "cancelled" && !t.reopens:
		return t.note("Paid after it was cancelled, as " + transaction)
	case t.o.Transaction == transaction:
		return nil
	case t.o.Transaction != "" && !t.overwrites:
		return t.note("Paid a second time, as " + transaction)
	case amount != t.in.Order.Amount && !t.anyAmount:
		return t.note("Paid " + t.in.Order.Amount.String() + ", which is not what it costs, as " + transaction)
	}
	if err := t.put(map[string]string{"status": "paid", "transaction": transaction}); err != nil || t.o.Status == "paid" || t.reopens {
		return err
	}
	return t.note("Paid, and the order is " + t.o.Status + " meanwhile, as " + transaction)
}

// refunded records a refund under a mark of its own.
func (t *stallTelling) refunded() error {
	e := t.in.Event
	mark := e.Operation
	if mark == "" {
		mark = e.ID
	}
	if t.mark != nil {
		mark = t.mark(e)
	}
	if slices.ContainsFunc(t.o.Refunds, func(r stallRefund) bool { return r.Mark == mark }) {
		return nil
	}
	own := t.own
	body := map[string]any{"amount": e.Amount.Decimal(), "mark": mark, "own": own}
	if t.markLate {
		if slices.ContainsFunc(t.o.Notes, func(n string) bool { return strings.Contains(n, mark) }) {
			return nil
		}
		body["mark"] = ""
	}
	if e.Amount.Currency != t.o.Currency {
		return t.unrecorded(&contract.Failure{Code: contract.InvalidRequest, Message: "the shop's order is in another currency: record the refund by hand"})
	}
	err := t.do(t.c, "POST", t.path+"/refunds", body, &t.o)
	if f, ok := err.(*contract.Failure); ok && f.ProviderCode == "refund_amount" { //nolint:errorlint // it is as it was made
		return t.unrecorded(f)
	}
	if err == nil && t.markLate {
		return t.do(t.c, "POST", t.path+"/notes", map[string]string{"text": "Refunded: " + mark}, &t.o)
	}
	return err
}

// unrecorded leaves a note and fails for good.
func (t *stallTelling) unrecorded(f *contract.Failure) error {
	if err := t.note("A refund of " + t.in.Event.Amount.String() + " is not recorded here"); err != nil {
		return err
	}
	return f
}

// SyncShop fetches a page of what changed, after a look at whether the shop
// still sends.
func (s stall) SyncShop(c *guest.Call, in contract.SyncInput) (contract.SyncResult, error) {
	var out contract.SyncResult
	var sender struct{ Enabled bool }
	if err := s.do(c, "GET", "/sender", nil, &sender); err != nil {
		return out, err
	}
	if !sender.Enabled && !s.deaf {
		if err := s.do(c, "PUT", "/sender", map[string]bool{"enabled": true}, &sender); err != nil {
			return out, err
		}
		out.Findings = append(out.Findings, contract.Finding{
			Level: contract.FindingWarning, Text: "The shop had ceased to send.", Fix: "It was switched on again: look why the gateway was not reached.",
		})
	}
	var list stallList
	if err := s.do(c, "GET", "/orders?since="+in.Cursor, nil, &list); err != nil {
		return out, err
	}
	for _, o := range list.Orders {
		order, command, err := s.wants(o)
		switch {
		case err != nil:
			return out, err
		case order != nil:
			out.Orders = append(out.Orders, *order)
		case command != nil:
			out.Commands = append(out.Commands, *command)
		}
	}
	out.Next, out.More = strconv.Itoa(list.Last), list.More && !s.firstPage
	return out, nil
}

// CheckSettings asks whether the shop sends.
func (s stall) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	var sender struct{ Enabled bool }
	if err := s.do(c, "GET", "/sender", nil, &sender); err != nil && !s.blind {
		return contract.CheckResult{Findings: []contract.Finding{{
			Level: contract.FindingError, Text: err.Error(), Fix: "Look at the shop's address and at the key.",
		}}}, nil
	}
	return contract.CheckResult{OK: true}, nil
}
