package main

import (
	"github.com/kassette-pay/kassette/host/plugintest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// After a lost answer the terminal is asked, and the payment is never sent again.
func TestTrap_lostAnswer(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider, func(t *testing.T, r conformance.Runner) {
		s := newTillOf(t, r)
		u := s.paid(`{"outcome":"lost","enter_total":"110.50"}`)
		if got := s.sent(); got != "Login Payment TransactionStatus" || u.Tip != money(1050, "SEK") || u.Receipt == nil {
			t.Errorf("sent %s, got %+v", got, u)
		}
		if n := len(s.world.Sim.Books().Transactions); n != 1 {
			t.Errorf("%d transactions", n)
		}
	})
}

// A payment by signature whose answer is lost is still to be signed: the terminal
// is asked for the shop's copy too.
func TestTrap_lostAnswer_signature(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider, func(t *testing.T, r conformance.Runner) {
		s := newTillOf(t, r)
		s.loses("Payment", true)
		u := s.paid(`{"outcome":"signature"}`)
		if got := s.sent(); got != "Login Payment TransactionStatus" || u.Receipt == nil || !u.Receipt.SignatureRequired || len(u.Receipt.Lines) < 20 {
			t.Errorf("sent %s, got %+v", got, u.Receipt)
		}
		if got := s.body("TransactionStatus"); !strings.Contains(got, `"DocumentQualifier":["CustomerReceipt","CashierReceipt"],`) {
			t.Errorf("sent %s", got)
		}
	})
}

// While the customer decides the payment stays pending, and get_payment tells the end.
func TestTrap_lineBreaksWhileWaiting(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	u, failure := s.pay(`{"outcome":"open"}`)
	if failure != nil || u.Type != contract.UpdatePending || u.Attention != nil {
		t.Fatalf("got %+v, %v", u, failure)
	}
	if got := s.sent(); got != "Login Payment"+strings.Repeat(" TransactionStatus", contract.MaxRounds-3) {
		t.Errorf("sent %s", got)
	}
	if u, failure = s.ask(); failure != nil || u.Type != contract.UpdatePending {
		t.Errorf("got %+v, %v", u, failure)
	}
	if err := s.world.Sim.Settle(s.payment.Reference, "success", "120"); err != nil {
		t.Fatal(err)
	}
	if u, failure = s.ask(); failure != nil || u.Type != contract.UpdateCaptured || u.Tip != money(2000, "SEK") {
		t.Errorf("got %+v, %v", u, failure)
	}
}

// A payment that never came may be tried anew; that is believed when heard twice.
func TestTrap_neverArrived(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.loses("Payment", false)
	_, failure := s.pay("")
	if failure == nil || failure.Code != contract.ProviderUnavailable || s.sent() != "Login Payment TransactionStatus TransactionStatus" {
		t.Errorf("sent %s, got %v", s.sent(), failure)
	}
	if x := s.last.Exchanges; x[2].Request.AfterMS != 0 || x[3].Request.AfterMS != pause {
		t.Errorf("asked after %d and %d ms", x[2].Request.AfterMS, x[3].Request.AfterMS)
	}
	if _, failure = s.ask(); failure == nil || failure.Code != contract.NotFound {
		t.Errorf("asked: got %v", failure)
	}
	s.payment.State = nil
	s.paid("")
}

// One that arrives late is found by the second question.
func TestTrap_arrivesLate(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.loses("Payment", true)
	missing := `{"Response":{"Result":"Failure","ErrorCondition":"NotFound"}}`
	lose := s.world.Meddle
	s.answers("TransactionStatus", missing)
	late := s.world.Meddle
	s.world.Meddle = lose
	// loses clears itself; the question after it meets the answer that came too early.
	s.world.After = late
	if u := s.paid(""); u.Amount != money(10000, "SEK") {
		t.Errorf("got %+v", u)
	}
}

func TestTrap_connectionRefused(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.fault("unavailable", "login", 1)
	if _, failure := s.pay(""); failure == nil || failure.Code != contract.ProviderUnavailable || s.sent() != "Login" {
		t.Errorf("sent %s, got %v", s.sent(), failure)
	}
}

// A response to another message is no answer.
func TestTrap_wrongHeader(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.fault("wrong_header", "payment", 1)
	s.paid("")
	if got := s.sent(); got != "Login Payment TransactionStatus" {
		t.Errorf("sent %s", got)
	}
	s = newTill(t)
	s.pay(`{"outcome":"open"}`)
	for name, body := range map[string]string{
		"another ServiceID": `{"Response":{"Result":"Success"},"RepeatedMessageResponse":{"MessageHeader":{"ServiceID":"X"},"RepeatedResponseMessageBody":{"PaymentResponse":{"Response":{"Result":"Success"}}}}}`,
		"no response":       `{"Response":{"Result":"Success"},"RepeatedMessageResponse":{"MessageHeader":{"ServiceID":"` + stateOf(s.payment).Service + `"}}}`,
		"another category":  `{"Response":{"Result":"Success"},"RepeatedMessageResponse":{"MessageHeader":{"ServiceID":"` + stateOf(s.payment).Service + `"},"ReversalResponse":{"Response":{"Result":"Success"}}}}`,
		"unknown condition": `{"Response":{"Result":"Failure","ErrorCondition":"BatteryLow"}}`,
	} {
		s.answers("TransactionStatus", body)
		if u, failure := s.ask(); failure == nil || failure.Code != contract.ProviderUnavailable {
			t.Errorf("%s: got %+v, %v", name, u, failure)
		}
	}
}

// Swedbank Pay's terminals repeat a response one level higher.
func TestTrap_repeatedResponseHigher(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.pay(`{"outcome":"open"}`)
	s.answers("TransactionStatus", `{"Response":{"Result":"Success"},"RepeatedMessageResponse":{"MessageHeader":{"ServiceID":"`+stateOf(s.payment).Service+`"},"PaymentResponse":{"Response":{"Result":"Success"},"PaymentResult":{"AmountsResp":{"AuthorizedAmount":100.00}}}}}`)
	if u, failure := s.ask(); failure != nil || u.Amount != money(10000, "SEK") {
		t.Errorf("got %+v, %v", u, failure)
	}
}

// A terminal without TransactionStatus leaves the payment to a person.
func TestTrap_noTransactionStatus(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.fault("no_status", "", 0)
	u, failure := s.pay(`{"outcome":"lost"}`)
	if failure != nil || u.Type != contract.UpdatePending || u.Attention == nil || u.Attention.Code != attentionMute {
		t.Errorf("got %+v, %v", u, failure)
	}
}

// Nobody knows: the failure is internal, which a host books as unknown.
func TestTrap_terminalGoneAfterPayment(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.fault("unavailable", "transaction_status", 1)
	if _, failure := s.pay(`{"outcome":"lost"}`); failure == nil || failure.Code != contract.Internal {
		t.Errorf("got %v", failure)
	}
	if u, failure := s.ask(); failure != nil || u.Type != contract.UpdateCaptured {
		t.Errorf("asked: got %+v, %v", u, failure)
	}
}

// A terminal that has forgotten its till is told, and a payment it does not know is sent once more.
func TestTrap_loggedOut(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.fault("log_out", "payment", 1)
	s.paid("")
	if got := s.sent(); got != "Login Payment Login TransactionStatus Payment" || len(s.last.Interims) != 2 {
		t.Errorf("sent %s with %d interims", got, len(s.last.Interims))
	}
	s.fault("log_out", "transaction_status", 1)
	if u, failure := s.ask(); failure != nil || u.Type != contract.UpdateCaptured {
		t.Errorf("asked: got %+v, %v", u, failure)
	}
	s = newTill(t) // and does not say what became of it
	s.fault("log_out", "payment", 1)
	s.fault("unavailable", "transaction_status", 1)
	if _, failure := s.pay(""); failure == nil || failure.Code != contract.Internal {
		t.Errorf("got %v", failure)
	}
}

// An occupied terminal is asked again after a pause, then given up.
func TestTrap_busy(t *testing.T) {
	t.Parallel()
	busy := `{"Response":{"Result":"Failure","ErrorCondition":"Busy"}}`
	s := newTill(t)
	s.answers("Payment", busy)
	s.paid("")
	if x := s.last.Exchanges; s.sent() != "Login Payment Payment" || x[2].Request.AfterMS != pause || x[1].Request.Body == x[2].Request.Body {
		t.Errorf("sent %s after %d ms", s.sent(), x[2].Request.AfterMS)
	}
	s = newTill(t)
	s.answers("Payment", busy, busy, busy)
	if u, failure := s.pay(""); failure != nil || u.Type != contract.UpdateFailed || u.Failure.Code != contract.Conflict {
		t.Errorf("got %+v, %v", u, failure)
	}
}

// 204 is no answer to a payment.
func TestTrap_noContent(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.world.Plan(`{"answers":[{"call":"payment","status":204,"processed":true}]}`)
	s.paid("")
	if got := s.sent(); got != "Login Payment TransactionStatus" {
		t.Errorf("sent %s", got)
	}
}

func TestRefund(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings []any
		prepare  func(s *till)
		value    int64
		want     contract.OperationStatus
		sent     string
	}{
		"whole, same day":     {nil, nil, 10000, contract.OperationSucceeded, "Login Reversal"},
		"whole, next day":     {nil, func(s *till) { s.later(24 * time.Hour) }, 10000, contract.OperationSucceeded, "Login Payment"},
		"a part":              {nil, nil, 4000, contract.OperationSucceeded, "Login Payment"},
		"a part, reversible":  {[]any{"partial_reversal", true}, nil, 4000, contract.OperationSucceeded, "Login Reversal Payment"},
		"not the last":        {nil, func(s *till) { s.another() }, 10000, contract.OperationSucceeded, "Login Reversal Payment"},
		"reversal lost, done": {nil, func(s *till) { s.loses("Reversal", true) }, 10000, contract.OperationSucceeded, "Login Reversal TransactionStatus"},
		"refund lost, done":   {nil, func(s *till) { s.loses("Payment", true) }, 4000, contract.OperationSucceeded, "Login Payment TransactionStatus"},
		"reversal refused": {nil, func(s *till) {
			s.answers("Reversal", `{"Response":{"Result":"Failure","ErrorCondition":"UnreachableHost"}}`)
		}, 10000, contract.OperationFailed, "Login Reversal"},
		"card refused":         {nil, func(s *till) { s.answers("Payment", `{"Response":{"Result":"Failure","ErrorCondition":"Refusal"}}`) }, 4000, contract.OperationFailed, "Login Payment"},
		"status not to be had": {nil, func(s *till) { s.fault("reset_after", "payment", 1); s.fault("no_status", "", 0) }, 4000, contract.OperationPending, "Login Payment TransactionStatus"},
	} {
		s := newTill(t, c.settings...)
		s.paid("")
		if c.prepare != nil {
			c.prepare(s)
		}
		s.world.Seen = nil
		r, failure := s.refund(contract.RefundPayment, "ref_01", c.value)
		if failure != nil || r.Status != c.want || s.sent() != c.sent {
			t.Errorf("%s: got %+v, %v, sent %s, want %s by %s", name, r, failure, s.sent(), c.want, c.sent)
		}
		if r.Status == contract.OperationSucceeded && (r.Amount.Value != c.value || r.Updates[0].Item.ID != "ref_01") {
			t.Errorf("%s: got %+v", name, r)
		}
		for _, i := range s.last.Interims {
			if i.Exclusive == "" || len(i.State) > 0 {
				t.Errorf("%s: got interim %+v", name, i)
			}
		}
	}
}

func TestRefund_refused(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.paid("")
	if _, failure := s.refund(contract.RefundPayment, "ref_01", 10001); failure == nil || failure.Code != contract.Declined {
		t.Errorf("more than was charged: got %v", failure)
	}
	if _, failure := s.refund(contract.RefundPayment, "ref_02", 6000); failure != nil {
		t.Fatal(failure)
	}
	if _, failure := s.refund(contract.RefundPayment, "ref_03", 4001); failure == nil || failure.Code != contract.Declined {
		t.Errorf("more than is left: got %v", failure)
	}
	if r, failure := s.refund(contract.RefundPayment, "ref_04", 4000); failure != nil || r.Status != contract.OperationSucceeded {
		t.Errorf("the rest: got %+v, %v", r, failure)
	}
	if _, failure := s.refund(contract.GetRefund, "ref_05", 1); failure == nil || failure.Code != contract.NotFound {
		t.Errorf("asked about none: got %v", failure)
	}
}

// A refund whose answer was lost for good is found by its key alone.
func TestGetRefund_lost(t *testing.T) {
	t.Parallel()
	for _, value := range []int64{10000, 4000} {
		s := newTill(t)
		s.paid("")
		s.fault("reset_after", "", 1)
		s.fault("unavailable", "transaction_status", 1)
		s.world.Meddle = nil
		s.account.Settings["login"] = "none"
		if _, failure := s.refund(contract.RefundPayment, "ref_01", value); failure == nil || failure.Code != contract.Internal {
			t.Fatalf("got %v", failure)
		}
		if r, failure := s.refund(contract.GetRefund, "ref_01", value); failure != nil || r.Status != contract.OperationSucceeded || r.Amount.Value != value {
			t.Errorf("%d: got %+v, %v", value, r, failure)
		}
	}
}

// Money that came by another means than a card goes back to where it came from.
func TestRefund_otherMeans(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.paid("")
	st := stateOf(s.payment)
	st.Means = "Mobile"
	s.payment.State = st.json()
	if _, failure := s.refund(contract.RefundPayment, "ref_01", 4000); failure != nil || !strings.Contains(s.body("Payment"), `"OriginalPOITransaction":{"POIID"`) {
		t.Errorf("got %v, sent %s", failure, s.body("Payment"))
	}
}
