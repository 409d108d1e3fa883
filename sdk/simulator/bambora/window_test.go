package bambora

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestWindow_cards(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, card string
		status     int
		eci, brand string
	}{
		{"Visa", "4002 6200 0000 0005", 303, "05", "Visa"},
		{"MasterCard", cardMasterCard, 303, "02", "MasterCard"},
		{"without 3-D Secure", cardNo3D, 303, "07", "Visa"},
		{"any other", "4111111111111111", 303, "05", "Visa"},
		{"declined", cardDeclined, 200, "", ""},
		{"does not add up", "4002620000000006", 200, "", ""},
		{"too short", "42", 200, "", ""},
		{"letters", "4002x20000000005", 200, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			token := s.opened(nil)
			a := s.submit(token, withCard(tt.card))
			txs := s.sim.Books().Transactions
			if a.status != tt.status || (len(txs) == 1) != (tt.eci != "") {
				t.Fatalf("got %d with %d transactions", a.status, len(txs))
			}
			if tt.eci == "" {
				if !strings.Contains(a.text, `role="alert"`) {
					t.Errorf("nothing is said: %s", a.text)
				}
				if a := s.submit(token, withCard(cardApproved)); a.status != 303 {
					t.Errorf("another try: got %d, want that the window stays open", a.status)
				}
				return
			}
			got := s.api("GET", "/transactions/"+txs[0].ID, "")
			if got.get("transaction.information.ecis.value") != tt.eci || got.get("transaction.information.paymenttypes.displayname") != tt.brand {
				t.Errorf("got %s", got.text)
			}
		})
	}
}

func TestWindow_badForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	token := s.opened(nil)
	for name, change := range map[string][2]string{
		"past": {"expyear", "26"}, "no month": {"expmonth", "13"}, "no year": {"expyear", "x"}, "code of two": {"cvc", "12"}, "code of letters": {"cvc", "abc"},
	} {
		form := withCard(cardApproved)
		form.Set(change[0], change[1])
		if a := s.submit(token, form); a.status != 200 || !strings.Contains(a.text, `role="alert"`) {
			t.Errorf("%s: got %d", name, a.status)
		}
	}
	if n := len(s.sim.Books().Transactions); n != 0 {
		t.Errorf("%d transactions were made", n)
	}
}

func TestWindow_outcomes(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[string]struct {
		status int
		to     string
	}{
		"success": {303, "https://gw.example/return/ck_1?x=1&txnid="}, "cancelled": {303, "https://gw.example/cancel/ck_1"},
		"failed": {200, ""}, "expired": {200, ""}, "open": {200, ""}, "other": {200, ""},
	} {
		s := newShop(t)
		token := s.opened(nil)
		if button := strings.Contains(s.show(token).text, `name="outcome" value="`+outcome+`"`); button != (outcome != "other") {
			t.Errorf("there is a button %s: %v", outcome, button)
		}
		a := s.submit(token, url.Values{"outcome": {outcome}})
		if a.status != want.status || !strings.HasPrefix(a.header.Get("Location"), want.to) {
			t.Errorf("%s: got %d to %s, want %d to %s", outcome, a.status, a.header.Get("Location"), want.status, want.to)
		}
		after := s.show(token)
		if gone := outcome == "expired"; (after.status == 410) != gone {
			t.Errorf("after %s the window answers %d", outcome, after.status)
		}
		if open := strings.Contains(after.text, `name="cardno"`); open != (outcome != "success" && outcome != "expired") {
			t.Errorf("after %s the window is open: %v", outcome, open)
		}
	}
	s := newShop(t)
	if a := s.submit(s.opened(nil), url.Values{"action": {"cancel"}}); a.header.Get("Location") != "https://gw.example/cancel/ck_1" {
		t.Errorf("cancel leads to %s", a.header.Get("Location"))
	}
}

func TestWindow_timeIsOver(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	token := s.opened(nil)
	if err := s.sim.MoveClock(t.Context(), time.Hour-time.Second); err != nil {
		t.Fatal(err)
	}
	if a := s.show(token); a.status != 200 || !strings.Contains(a.text, "195.00 SEK") || !strings.Contains(a.text, "A1001") || !strings.Contains(a.text, "Betala") {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if err := s.sim.MoveClock(t.Context(), time.Second); err != nil {
		t.Fatal(err)
	}
	if a := s.submit(token, withCard(cardApproved)); a.status != http.StatusGone || len(s.sim.Books().Transactions) != 0 {
		t.Errorf("got %d, want 410 and nothing paid", a.status)
	}
	if a := s.show(strings.Repeat("0", 32)); a.status != 404 {
		t.Errorf("an unknown token is answered %d", a.status)
	}
}

func TestWindow_filters(t *testing.T) {
	t.Parallel()
	entry := func(id any, action string) []any { return []any{map[string]any{"id": id, "action": action}} }
	for name, c := range map[string]struct {
		kind  string
		list  []any
		there bool
	}{
		"cards": {"paymentmethods", entry("paymentcard", "include"), true}, "invoices alone": {"paymentmethods", entry("invoice", "include"), false},
		"no cards": {"paymentmethods", entry("paymentcard", "exclude"), false}, "Visa by number": {"paymentgroups", entry(2, "include"), true},
		"Visa by text": {"paymenttypes", entry("3", "include"), true}, "not Visa": {"paymenttypes", entry(3, "exclude"), false},
	} {
		s := newShop(t)
		a := s.show(s.opened(map[string]any{"paymentwindow." + c.kind: c.list}))
		if got := strings.Contains(a.text, "<span>Visa</span>"); got != c.there {
			t.Errorf("%s: Visa is offered: %v, want %v", name, got, c.there)
		}
	}
}

func TestWindow_receiptFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	token := s.opened(map[string]any{"url.immediateredirecttoaccept": 0})
	a := s.submit(token, withCard(cardApproved))
	if a.status != 200 || !strings.Contains(a.text, `href="https://gw.example/return/ck_1?x=1&amp;txnid=`) {
		t.Errorf("got %d %s, want a receipt with the way back", a.status, a.text)
	}
	if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("got policy %q", csp)
	}
}
