package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/terminal"
	"github.com/kassette-pay/kassette/sdk/contract"
	nexo "github.com/kassette-pay/kassette/sdk/simulator/terminal"
)

func TestFlow_paidWithTipAndReversed(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider, func(t *testing.T, r conformance.Runner) {
		s := newTillOf(t, r)
		u := s.paid(`{"outcome":"success","enter_total":"110.50"}`)
		if u.Amount != money(11050, "SEK") || u.Tip != money(1050, "SEK") || u.Attention != nil || u.Brand != "Visa" || u.NewProviderReference == "" || u.OccurredAt.IsZero() {
			t.Errorf("got %+v", u)
		}
		if f := u.Receipt.Fields; f["tip"] != "10,50 SEK" || f["total"] != "110,50 SEK" || f["pan"] != "************0005" || u.Receipt.SignatureRequired {
			t.Errorf("got receipt %+v", u.Receipt)
		}
		if i := s.last.Interims; len(i) != 1 || i[0].Exclusive != nexo.DemoPOIID || i[0].Action.Type != contract.ActionWait || !i[0].ExpiresAt.After(s.payment.ExpiresAt) || !strings.Contains(s.body("Payment"), stateOf(contract.Payment{State: i[0].State}).Service) {
			t.Errorf("got interims %+v", i)
		}
		if got := s.sent(); got != "Login Payment" {
			t.Errorf("sent %s", got)
		}
		got, failure := s.refund(contract.RefundPayment, "ref_01", 11050)
		if failure != nil || got.Status != contract.OperationSucceeded || got.Updates[0].Receipt == nil || !s.world.Sim.Books().Transactions[0].Reversed {
			t.Errorf("refund: got %+v, %v", got, failure)
		}
		if again, failure := s.refund(contract.GetRefund, "ref_01", 11050); failure != nil || again.Status != got.Status || again.ProviderReference != got.ProviderReference {
			t.Errorf("asked: got %+v, %v, want what was told before: %+v", again, failure, got)
		}
	})
}

// The outcomes of section 6.
func TestFlow_unpaid(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[string]struct {
		update  contract.UpdateType
		code    contract.FailureCode
		receipt bool
	}{
		"failed":      {contract.UpdateFailed, contract.Declined, true},
		"wrong_pin":   {contract.UpdateFailed, contract.Declined, false},
		"cancelled":   {contract.UpdateCancelled, contract.Declined, false},
		"unreachable": {contract.UpdateFailed, contract.ProviderUnavailable, false},
	} {
		s := newTill(t)
		u, failure := s.pay(`{"outcome":"` + outcome + `"}`)
		if failure != nil || u.Type != want.update || u.Failure.Code != want.code || (u.Receipt != nil) != want.receipt || !u.Amount.IsZero() {
			t.Errorf("%s: got %+v, %v", outcome, u, failure)
		}
		if outcome == "failed" && (u.Failure.ProviderMessage != "Insufficient funds" || u.Failure.UserMessage["sv"] == "") {
			t.Errorf("%s: got %+v", outcome, u.Failure)
		}
	}
}

func TestFlow_conditionsTable(t *testing.T) {
	t.Parallel()
	for condition, e := range endings {
		s := newTill(t)
		bodies := make([]string, busyTries)
		for i := range bodies {
			bodies[i] = `{"Response":{"Result":"Failure","ErrorCondition":"` + condition + `"},"PaymentResult":{"AmountsResp":{"AuthorizedAmount":100}}}`
		}
		s.answers("Payment", bodies...)
		u, failure := s.pay("")
		if condition == "LoggedOut" { // told once more after a new login
			s = newTill(t)
			s.fault("log_out", "payment", 2)
			u, failure = s.pay("")
		}
		if failure != nil || u.Type != e.update || u.Failure.Code != e.code || u.Failure.ProviderCode != condition || !u.Amount.IsZero() {
			t.Errorf("%s: got %+v, %v", condition, u, failure)
		}
	}
}

// An unknown word means nothing: the terminal is asked, and its word is told.
func TestTrap_unknownCondition(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]string{
		"condition":         `{"Response":{"Result":"Failure","ErrorCondition":"BatteryLow"}}`,
		"no condition":      `{"Response":{"Result":"Failure"}}`,
		"result":            `{"Response":{"Result":"Maybe"},"PaymentResult":{"AmountsResp":{"AuthorizedAmount":100}}}`,
		"no amount":         `{"Response":{"Result":"Success"}}`,
		"amount a text":     `{"Response":{"Result":"Success"},"PaymentResult":{"AmountsResp":{"AuthorizedAmount":"100"}}}`,
		"amount too fine":   `{"Response":{"Result":"Success"},"PaymentResult":{"AmountsResp":{"AuthorizedAmount":100.001}}}`,
		"amount negative":   `{"Response":{"Result":"Success"},"PaymentResult":{"AmountsResp":{"AuthorizedAmount":-100}}}`,
		"currency unknown":  `{"Response":{"Result":"Success"},"PaymentResult":{"AmountsResp":{"Currency":"XXX","AuthorizedAmount":100}}}`,
		"NotFound, payment": `{"Response":{"Result":"Failure","ErrorCondition":"NotFound"}}`,
	} {
		s := newTill(t)
		s.answers("Payment", response)
		s.pay("")
		if got := s.sent(); got != "Login Payment TransactionStatus TransactionStatus" {
			t.Errorf("%s: sent %s", name, got)
		}
		s = newTill(t)
		s.pay(`{"outcome":"open"}`)
		again := `{"Response":{"Result":"Success"},"RepeatedMessageResponse":{"MessageHeader":{"ServiceID":"` + stateOf(s.payment).Service + `"},"RepeatedResponseMessageBody":{"PaymentResponse":` + response + `}}}`
		s.answers("TransactionStatus", again)
		if u, failure := s.ask(); failure == nil || failure.Code != contract.Internal || !strings.Contains(failure.Message, "ended with") {
			t.Errorf("%s, asked: got %+v, %v", name, u, failure)
		}
	}
}

func TestFlow_signature(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	u := s.paid(`{"outcome":"signature"}`)
	if !u.Receipt.SignatureRequired || len(u.Receipt.Lines) < 20 || strings.Contains(linesOf(u.Receipt), "400262") {
		t.Errorf("got %+v", u.Receipt)
	}
}

func TestFlow_partialApproval(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	u, failure := s.pay(`{"outcome":"partial"}`)
	if failure != nil || u.Type != contract.UpdateFailed || u.Failure.ProviderCode != "partial" || !s.world.Sim.Books().Transactions[0].Reversed || !strings.Contains(s.body("Reversal"), "Unable2Compl") {
		t.Errorf("got %+v, %v", u, failure)
	}
	if u, failure = s.ask(); failure != nil || u.Type != contract.UpdateFailed {
		t.Errorf("asked: got %+v, %v", u, failure)
	}

	s = newTill(t, "allow_partial", true)
	if u = s.paid(`{"outcome":"partial"}`); u.Amount != money(5000, "SEK") || u.Attention == nil || u.Attention.Code != amountMismatch {
		t.Errorf("allowed: got %+v", u)
	}

	s = newTill(t) // it does not reverse
	s.answers("Reversal", `{"Response":{"Result":"Failure","ErrorCondition":"NotAllowed"}}`)
	if u = s.paid(`{"outcome":"partial"}`); u.Amount != money(5000, "SEK") || u.Attention == nil || u.Attention.Code != attentionPartial {
		t.Errorf("not reversed: got %+v", u)
	}
	if u, failure = s.ask(); failure != nil || u.Type != contract.UpdateCaptured || u.Attention.Code != attentionPartial {
		t.Errorf("not reversed, asked: got %+v, %v", u, failure)
	}
}

// A tip or an amount that nobody can explain is told, never changed.
func TestFlow_flags(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.fault("wrong_amount", "", 1)
	if u := s.paid(`{"outcome":"success","enter_total":"110.50"}`); u.Amount != money(11051, "SEK") || u.Attention == nil || u.Attention.Code != amountMismatch {
		t.Errorf("got %+v", u)
	}
	s = newTill(t, "max_tip_percent", 5)
	if u := s.paid(`{"outcome":"success","enter_total":"110.50"}`); u.Tip != money(1050, "SEK") || u.Attention == nil || u.Attention.Code != tipUnusual {
		t.Errorf("got %+v", u)
	}
}

// What is sent for each setting.
func TestFlow_settings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings  []any
		has, lack string
	}{
		"defaults":      {nil, `"ProtocolVersion":"3.1"`, "SaleToAcquirerData"},
		"no items":      {nil, `"RequestedAmount":100`, "SaleItem"},
		"tip asked":     {[]any{"tip", "ask"}, `"SaleToAcquirerData":"tenderOption=AskGratuity"`, "DisableTip"},
		"tip off":       {[]any{"tip", "off"}, `"TransactionConditions":{"DisableTip":true}`, "AskGratuity"},
		"off elsewhere": {[]any{"tip", "off", "vendor", "other"}, `"PaymentType":"Normal"`, "DisableTip"},
		"items":         {[]any{"send_items", true}, `"SaleItem":[{"ItemAmount":100,"ItemID":1,"ProductCode":"sku-7","ProductLabel":"Mugg","Quantity":2,"UnitOfMeasure":"Other","UnitPrice":50}]`, "DisableTip"},
		"version 3.0":   {[]any{"protocol_version", "3.0"}, `"ProtocolVersion":"3.0"`, `"3.1"`},
	} {
		s := newTill(t, c.settings...)
		s.paid("")
		if body := s.body("Payment"); !strings.Contains(body, c.has) || strings.Contains(body, c.lack) {
			t.Errorf("%s: sent %s", name, body)
		}
		maker := map[bool]string{true: "ManufacturerID", false: "ProviderIdentification"}[name == "version 3.0"]
		if body := s.body("Login"); !strings.Contains(body, maker) || !strings.Contains(body, `"OperatorLanguage":"sv"`) || !strings.Contains(body, `"SaleCapabilities":["PrinterReceipt"]`) {
			t.Errorf("%s: sent %s", name, body)
		}
	}
	s := newTill(t, "send_items", true)
	s.payment.Lines = append(s.payment.Lines, contract.Line{Name: "Rabatt", Amount: money(-100, "SEK")})
	s.paid("")
	if strings.Contains(s.body("Payment"), "SaleItem") {
		t.Error("a discount was sent as an item")
	}
	s = newTill(t, "login", "none", "base_url", world.Address+"/nexo/")
	s.set(`{"login":"none"}`)
	s.paid("")
	if got := s.sent(); got != "Payment" {
		t.Errorf("login none: sent %s", got)
	}
}

func TestSettings_invalid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]any{"base_url": "terminal.example", "poi_id": "", "sale_id": "", "send_items": "yes"} {
		s := newTill(t, name, c)
		if _, failure := drive[contract.CheckResult](s, contract.CheckSettings, contract.CheckInput{}); failure == nil || failure.Code != contract.InvalidSettings {
			t.Errorf("%s: got %v", name, failure)
		}
	}
	for name, settings := range map[string][]any{"login": nil, "no login": {"login", "none"}} {
		s := newTill(t, settings...)
		s.set(`{"login":"none"}`)
		if r, failure := drive[contract.CheckResult](s, contract.CheckSettings, contract.CheckInput{}); failure != nil || !r.OK || len(r.Findings) != 0 {
			t.Errorf("%s: got %+v, %v", name, r, failure)
		}
	}
	s := newTill(t, "poi_id", "80000099")
	if _, failure := drive[contract.CheckResult](s, contract.CheckSettings, contract.CheckInput{}); failure == nil || failure.ProviderCode != "UnavailableDevice" {
		t.Errorf("another terminal: got %v", failure)
	}
	s = newTill(t)
	s.answers("Login", `{"Response":{"Result":"Success"},"POISystemData":{"POIStatus":{"GlobalStatus":"Maintenance","PrinterStatus":"NoPaper"}}}`)
	if r, failure := drive[contract.CheckResult](s, contract.CheckSettings, contract.CheckInput{}); failure != nil || !r.OK || len(r.Findings) != 2 {
		t.Errorf("out of paper: got %+v, %v", r, failure)
	}
}

// A cancel calls the terminal off; whatever it answers, the payment's own word decides.
func TestFlow_cancel(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	if u, failure := s.pay(`{"outcome":"open"}`); failure != nil || u.Type != contract.UpdatePending {
		t.Fatalf("got %+v, %v", u, failure)
	}
	r, failure := drive[contract.OperationResult](s, contract.CancelPayment, contract.PaymentInput{Payment: s.payment})
	if failure != nil || r.Status != contract.OperationPending {
		t.Errorf("got %+v, %v", r, failure)
	}
	if u, failure := s.ask(); failure != nil || u.Type != contract.UpdateCancelled || u.Failure.ProviderCode != "Aborted" {
		t.Errorf("asked: got %+v, %v", u, failure)
	}
	s = newTill(t)
	s.paid("")
	if _, failure := drive[contract.OperationResult](s, contract.CancelPayment, contract.PaymentInput{Payment: s.payment}); failure == nil || failure.Code != contract.Declined {
		t.Errorf("paid: got %v", failure)
	}
	s = newTill(t)
	if _, failure := drive[contract.OperationResult](s, contract.CancelPayment, contract.PaymentInput{Payment: s.payment}); failure == nil || failure.Code != contract.NotFound {
		t.Errorf("not sent: got %v", failure)
	}
}

// A payment goes on at the terminal at which it began.
func TestTrap_terminalChanged(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.paid("")
	s.account.Settings["sale_id"] = "GW2"
	if u, failure := s.ask(); failure != nil || u.Type != contract.UpdateCaptured {
		t.Errorf("another till: got %+v, %v", u, failure)
	}
	s.account.Settings["poi_id"] = nexo.DemoOtherPOIID
	if _, failure := s.ask(); failure == nil || failure.Code != contract.InvalidSettings {
		t.Errorf("another terminal: got %v", failure)
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.paid("")
	var st state
	if err := json.Unmarshal(s.payment.State, &st); err != nil || st.ID == "" || st.At == "" || st.Means != "Card" || len(s.payment.State) > contract.MaxState {
		t.Errorf("got %s, %v", s.payment.State, err)
	}
	for now, want := range map[string]bool{"2026-11-22T23:30:00Z": false, "2026-11-22T22:30:00Z": true, "2026-11-21T22:59:00Z": false, "2026-11-21T23:00:00Z": true, "2027-11-22T12:00:00Z": false} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := (state{At: "2026-11-22T09:05:21+01:00"}).sameDay(at); got != want {
			t.Errorf("%s: got %v", now, got)
		}
	}
	if (state{At: "yesterday"}).sameDay(time.Now()) {
		t.Error("a time that cannot be read is today")
	}
}
