package host_test

import (
	"testing"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// atBank pays an order by a method of the bank's page, and never comes back.
func (s *street) atBank(o map[string]any, method string) {
	s.t.Helper()
	s.chosen(o, method).follow("").press("outcome", "success")
}

func TestOmniKassa(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "ideal", "card", "bancontact")
	s.run(t, "Bancontact is given back by hand", (*street).bancontactRefund)
	s.run(t, "one pull brings the news of two methods", (*street).onePull)
}

func (s *street) bancontactRefund(t *testing.T) {
	o := s.order("r-1", nil)
	s.atBank(o, "bancontact")
	o = s.heard(o)
	const (
		where = "Bancontact betaal je zelf terug, met een overboeking. Vraag de klant om het IBAN." // in the order's language
		told  = "Give Bancontact payments back by bank transfer. Ask the customer for the IBAN."    // in that of all errors
	)
	a := s.operate(o, "refunds", "f-1", map[string]any{"amount": eur(1000)})
	if a.Status != 409 || a.text("reason") != "refund_elsewhere" || a.text("detail") != told || a.text("attempted") != "no" {
		t.Errorf("refund: %d %s", a.Status, a.Raw)
	}
	found := false
	for _, x := range o["available_actions"].([]any) {
		offer := x.(map[string]any)
		found = found || offer["action"] == "refund" && offer["reason"] == "refund_elsewhere" && offer["detail"] == where
	}
	if !found {
		t.Errorf("the order does not say where to give it back: %v", o["available_actions"])
	}
	if n := len(s.bank.Books().Refunds); n != 0 {
		t.Errorf("the bank has %d refunds", n)
	}
}

func (s *street) onePull(t *testing.T) {
	before := len(s.bank.Books().Pulls)
	if err := s.bank.Faults().Set(control.Fault{Name: "lost_notification", Times: 1}); err != nil {
		t.Fatal(err)
	}
	first, second := s.order("r-2", nil), s.order("r-3", nil)
	s.atBank(first, "ideal") // of this nobody hears
	s.atBank(second, "visa")
	both := []map[string]any{s.wait(first["id"].(string), "paid"), s.wait(second["id"].(string), "paid")}
	pulls := s.bank.Books().Pulls[before:]
	if len(pulls) != 1 || len(pulls[0].Orders) != 2 {
		t.Errorf("pulls %+v, want one with both", pulls)
	}
	for i, method := range []string{"ideal", "visa"} {
		p := payments(both[i])[0]
		if p["method"] != method || !same(both[i]["captured"], 4999, "EUR") || len(payments(both[i])) != 1 {
			t.Errorf("%s: paid by %v, captured %v", method, p["method"], both[i]["captured"])
		}
	}
}
