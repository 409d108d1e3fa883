package host_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// carded has the consumer pay by card in Bambora's window and come back.
func (s *street) carded(reference, capture string) map[string]any {
	s.t.Helper()
	o := s.order(reference, func(spec map[string]any) { spec["capture"] = capture })
	b := s.chosen(o, "card").follow("").press("action", "pay").follow(s.shop.URL)
	if !strings.HasPrefix(b.location, s.shop.URL+"/thanks?") {
		s.t.Fatalf("the return leads to %s (%d): %s", b.location, b.code, b.words())
	}
	return s.get(o["id"].(string))
}

func (s *street) transaction(o map[string]any) bambora.TransactionRecord {
	s.t.Helper()
	ref, _ := payments(o)[0]["provider_reference"].(string)
	for _, tx := range s.bambora.Books().Transactions {
		if tx.ID == ref || tx.Order == ref {
			return tx
		}
	}
	s.t.Fatalf("Bambora knows no transaction %q: %+v", ref, s.bambora.Books().Transactions)
	return bambora.TransactionRecord{}
}

func TestBambora(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "bambora")
	s.run(t, "taken at once", (*street).bamboraInstant)
	s.run(t, "authorised, captured twice, credited", (*street).bamboraCaptures)
	s.run(t, "authorised, deleted", (*street).bamboraDeleted)
	s.run(t, "a forged callback", (*street).bamboraForged)
	s.run(t, "no return, the callback tells", (*street).bamboraCallback)
}

func (s *street) bamboraInstant(t *testing.T) {
	o := s.carded("r-1", "automatic")
	if tx := s.transaction(o); o["status"] != "paid" || !same(o["captured"], 4999, "EUR") || tx.Captured != 4999 {
		t.Errorf("order %v, captured %v, at Bambora %+v", o["status"], o["captured"], tx)
	}
}

func (s *street) bamboraCaptures(t *testing.T) {
	o := s.carded("r-2", "manual")
	if o["status"] != "authorized" {
		t.Fatalf("order %v", o["status"])
	}
	for key, value := range map[string]int64{"c-1": 2000, "c-2": 2999} {
		if a := s.operate(o, "captures", key, map[string]any{"amount": eur(value)}); a.Status != 201 || a.text("status") != "succeeded" {
			t.Errorf("capture %d: %d %s", value, a.Status, a.Raw)
		}
	}
	if a := s.operate(o, "captures", "c-3", map[string]any{"amount": eur(1)}); a.Status != 409 && a.Status != 422 {
		t.Errorf("a capture above what was authorised: %d %s", a.Status, a.Raw)
	}
	if o = s.wait(o["id"].(string), "paid"); !same(o["captured"], 4999, "EUR") {
		t.Errorf("captured %v", o["captured"])
	}
	if a := s.operate(o, "refunds", "f-1", map[string]any{"amount": eur(2500)}); a.Status != 201 || a.text("status") != "succeeded" {
		t.Errorf("credit: %d %s", a.Status, a.Raw)
	}
	if tx := s.transaction(o); tx.Captured != 4999 || tx.Credited != 2500 || tx.Count("Capture") != 2 || tx.Count("Credit") != 1 {
		t.Errorf("Bambora's books: %+v", tx)
	}
}

func (s *street) bamboraDeleted(t *testing.T) {
	o := s.carded("r-3", "manual")
	if a := s.send("POST", "/v1/orders/"+o["id"].(string)+"/cancel", ""); a.Status != 200 || a.Body["status"] != "cancelled" {
		t.Errorf("cancel: %d %s", a.Status, a.Raw)
	}
	if tx := s.transaction(o); !tx.Deleted || tx.Captured != 0 {
		t.Errorf("Bambora's books: %+v", tx)
	}
}

func (s *street) bamboraForged(t *testing.T) {
	o := s.order("r-4", nil)
	b := s.chosen(o, "card").follow("")
	session := s.bambora.Books().Sessions
	order := session[len(session)-1].Order
	if err := s.bambora.Faults().Set(control.Fault{Name: "wrong_hash", Call: "return", Times: 1}, control.Fault{Name: "lost_callback", Times: 1}); err != nil {
		t.Fatal(err)
	}
	b.press("action", "pay").follow(s.shop.URL)
	if b.code != http.StatusBadRequest || b.location != "" {
		t.Errorf("a forged return is answered with %d to %q: %s", b.code, b.location, b.words())
	}
	tx, _ := s.bambora.Books().Transaction(order)
	forged := url.Values{"txnid": {tx.ID}, "orderid": {order}, "amount": {"4999"}, "currency": {"EUR"}, "hash": {strings.Repeat("0", 32)}}
	resp, err := http.Get(s.gateway + "/webhooks/bambora?" + forged.Encode())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a forged callback is answered with %d", resp.StatusCode)
	}
	if got := s.get(o["id"].(string)); got["status"] != "pending" || !same(got["captured"], 0, "EUR") {
		t.Errorf("order %v, captured %v", got["status"], got["captured"])
	}
	if _, err := s.bambora.Notify(t.Context(), order); err != nil { // the true one comes after all
		t.Fatal(err)
	}
	s.wait(o["id"].(string), "paid")
}

func (s *street) bamboraCallback(t *testing.T) {
	o := s.order("r-5", nil)
	s.chosen(o, "card").follow("").press("action", "pay")
	if tx := s.transaction(s.heard(o)); tx.Captured != 4999 {
		t.Errorf("Bambora's books: %+v", tx)
	}
}
