package host_test

import (
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/control"
	"github.com/kassette-pay/kassette/sdk/simulator/terminal"
)

// display is the terminal's page, with a payment on it.
func (s *street) display() *browser {
	s.t.Helper()
	b := newBrowser(s.t).stays()
	s.until("the terminal shows a payment", func() bool {
		return strings.Contains(b.open("http://"+s.address+"/terminal/").text, `name="service"`)
	})
	return b
}

// counter makes an order and has the consumer choose the terminal: they are at
// the waiting page.
func (s *street) counter(reference string) (map[string]any, *browser) {
	s.t.Helper()
	o := s.order(reference, nil)
	b := s.chosen(o, "terminal").follow("")
	if b.code != http.StatusOK || !strings.Contains(b.at.RawQuery, "wait=") || !strings.Contains(b.words(), "Kijk op de betaalterminal") {
		s.t.Fatalf("no waiting page but %s (%d): %s", b.at, b.code, b.words())
	}
	return o, b
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "terminal")
	s.run(t, "the page waits, a tip, the receipt, refunded", (*street).terminalTip)
	s.run(t, "aborted while it runs", (*street).terminalAborted)
	s.run(t, "the answer is lost", (*street).terminalLost)
}

func (s *street) terminalTip(t *testing.T) {
	o, b := s.counter("r-1")
	id := o["id"].(string)
	if got := s.get(id); got["status"] != "pending" {
		t.Errorf("it waits, and the order is %v", got["status"])
	}
	display := s.display()
	if !strings.Contains(display.words(), "49.99 EUR") {
		t.Errorf("the display: %s", display.words())
	}
	display.fills = map[string]string{"total": "55.00"}
	display.press("outcome", "success")
	o = s.wait(id, "paid")
	if !same(o["captured"], 5500, "EUR") || !same(o["tip"], 501, "EUR") || !same(o["due"], 0, "EUR") || len(o["attention"].([]any)) != 0 {
		t.Errorf("captured %v, tip %v, due %v, attention %v", o["captured"], o["tip"], o["due"], o["attention"])
	}
	if b.open(b.at.String()).follow(s.shop.URL); !strings.Contains(b.location, "status=paid") {
		t.Errorf("the waiting page leads to %s (%d): %s", b.location, b.code, b.words())
	}
	receipt := newBrowser(t).open(o["checkout_url"].(string) + "/receipt/" + payments(o)[0]["id"].(string))
	for _, text := range []string{`class="void"`, "55,00", "5,01", "TEST"} {
		if receipt.code != http.StatusOK || !strings.Contains(receipt.text, text) {
			t.Errorf("the receipt (%d) lacks %q: %s", receipt.code, text, receipt.words())
		}
	}
	a := s.operate(o, "refunds", "f-1", nil)
	s.until("the refund is through", func() bool {
		list := s.get(id)["payments"].([]any)[0].(map[string]any)["refunds"].([]any)
		return len(list) == 1 && list[0].(map[string]any)["status"] == "succeeded"
	})
	if o = s.get(id); a.Status >= 300 || !same(o["refunded"], 5500, "EUR") || o["refund_status"] != "full" {
		t.Errorf("refund: %d %s; refunded %v", a.Status, a.Raw, o["refunded"])
	}
	refund := payments(o)[0]["refunds"].([]any)[0].(map[string]any)
	slip, _ := refund["receipt"].(map[string]any)
	if slip == nil || len(slip["lines"].([]any)) == 0 {
		t.Fatalf("the refund has no receipt: %v", refund)
	}
	last := slip["lines"].([]any)[0].(map[string]any)["text"].(string)
	if receipt = receipt.open(receipt.at.String()); !strings.Contains(receipt.words(), "Teruggestort: € 55,00") || !strings.Contains(receipt.text, html.EscapeString(last)) {
		t.Errorf("the receipt (%d) lacks the refund's: %s", receipt.code, receipt.words())
	}
	if tx := s.terminal.Books().Transactions; len(tx) != 1 || tx[0].Charged != 5500 || tx[0].Tip != 501 || !tx[0].Reversed {
		t.Errorf("the terminal's books: %+v", tx)
	}
}

func (s *street) terminalAborted(t *testing.T) {
	o, b := s.counter("r-2")
	s.display()
	b.press("abort", "yes").follow("")
	o = s.wait(o["id"].(string), "open")
	if p := payments(o)[0]; p["status"] != "cancelled" || !same(o["captured"], 0, "EUR") {
		t.Errorf("payment %v, captured %v", p["status"], o["captured"])
	}
	if b.open(b.at.String()).follow(""); !strings.Contains(b.text, `value="terminal"`) || !strings.Contains(b.words(), "gestopt") {
		t.Errorf("the page (%d): %s", b.code, b.words())
	}
	tx := s.terminal.Books().Transactions
	if last := tx[len(tx)-1]; last.Outcome != terminal.Aborted || last.Charged != 0 {
		t.Errorf("the terminal's books: %+v", last)
	}
}

func (s *street) terminalLost(t *testing.T) {
	o, _ := s.counter("r-3")
	s.display().press("outcome", "lost")
	o = s.wait(o["id"].(string), "paid")
	if p := payments(o)[0]; p["outcome"] != "known" || !same(o["captured"], 4999, "EUR") {
		t.Errorf("outcome %v, captured %v", p["outcome"], o["captured"])
	}
	asked := slices.ContainsFunc(s.terminal.Books().Requests, func(r control.Request) bool { return r.Call == "transaction_status" })
	if !asked {
		t.Error("the terminal was not asked what became of it")
	}
}

// Two tills of two nodes want one terminal: the second is told at once, and
// nothing is sent; when the first is done the terminal is free.
func TestTerminal_twoOrdersAtOnce_secondIsConflict(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	opt := options{redis: redis.URL(), stateKey: seal.NewKey().Secret()}
	first := newStreet(t, opt, "terminal")
	opt.street, opt.bankAs = first, first.house
	second := newStreet(t, opt, "terminal")
	o, _ := first.counter("r-1")
	display := first.display()
	other := second.order("r-2", nil)
	start := func() answer {
		return second.send("POST", "/v1/orders/"+other["id"].(string)+"/payments", `{"method": "terminal"}`)
	}
	if a := start(); a.Status != http.StatusConflict || a.text("attempted") != "no" {
		t.Errorf("a second payment at the terminal: %d %s", a.Status, a.Raw)
	}
	if got := second.get(other["id"].(string)); got["status"] != "open" {
		t.Errorf("the second order is %v", got["status"])
	}
	display.press("outcome", "success")
	first.wait(o["id"].(string), "paid")
	if a := start(); a.Status != http.StatusCreated {
		t.Fatalf("the terminal is free, and a payment is answered with %d %s", a.Status, a.Raw)
	}
	first.display().press("outcome", "success")
	second.wait(other["id"].(string), "paid")
	if tx := first.terminal.Books().Transactions; len(tx) != 2 {
		t.Errorf("the terminal's books: %+v", tx)
	}
}
