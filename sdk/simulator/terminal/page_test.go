package terminal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestDisplay_nothing(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	got := s.get("/?result=1")
	if html := string(got.body); got.status != 200 || !strings.Contains(html, "No payment is in progress") ||
		!strings.Contains(html, `http-equiv="refresh"`) || strings.Contains(html, "<form") || strings.Contains(html, "<script") {
		t.Errorf("got %d %s", got.status, html)
	}
}

// A page that is opened a moment before the payment arrives shows it.
func TestDisplay_waitsForPayment(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	page := make(chan answer, 1)
	go func() { page <- s.get("/") }()
	ch := s.waiting("P1", "110.5")
	got := <-page
	for _, want := range []string{"110.50 SEK", `name="total"`, `value="success"`, `value="cancelled"`, `value="failed"`, `value="open"`, "ck_1"} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("the display lacks %s: %s", want, got.body)
		}
	}
	done := s.press(got, "success", "")
	if done.status != 303 || done.header["Location"][0] != "./?result=1" {
		t.Errorf("got %d %v", done.status, done.header)
	}
	if got := <-ch; got.result() != "Success" {
		t.Errorf("got %s", got.body)
	}
	if got := s.get("/?result=1"); !strings.Contains(string(got.body), "Approved: 110.50 SEK") {
		t.Errorf("got %s", got.body)
	}
}

func TestDisplay_buttons(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[string]string{
		"success": "Success", "cancelled": "FailureCancel", "expired": "FailureCancel", "failed": "FailureRefusal", "wrong_pin": "FailureWrongPIN", "signature": "Success", "lost": "",
	} {
		s := newTill(t)
		ch := s.waiting("P1", "100")
		s.press(s.get("/"), outcome, "")
		if got := <-ch; got.result() != want {
			t.Errorf("%s: got %s, want %s", outcome, got.body, want)
		}
	}
}

func TestDisplay_openStaysThere(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	ch := s.waiting("P1", "100")
	s.press(s.get("/"), "open", "")
	if got := <-ch; len(got.body) != 0 {
		t.Errorf("got an answer %s", got.body)
	}
	if got := s.ask("TransactionStatus", `{}`); got.result() != "FailureInProgress" {
		t.Errorf("got %s", got.body)
	}
	s.press(s.get("/"), "success", "120")
	if got := s.ask("TransactionStatus", `{}`); got.result() != "Success" || s.sim.Books().Transactions[0].Tip != 2000 {
		t.Errorf("got %s", got.body)
	}
}

func TestDisplay_totalRefused(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	ch := s.waiting("P1", "100")
	page := s.get("/")
	for total, says := range map[string]string{"90": "below", "250": "maximum", "lots": "like 110.50"} {
		if got := s.press(page, "success", total); got.status != 422 || !strings.Contains(string(got.body), says) {
			t.Errorf("%s: got %d %s", total, got.status, got.body)
		}
	}
	s.press(page, "success", "110.50")
	if got := <-ch; !strings.Contains(string(got.body), `"TipAmount":10.5`) {
		t.Errorf("got %s", got.body)
	}
}

// A page of an earlier payment does nothing to a later one.
func TestDisplay_overtaken(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	first := s.waiting("P1", "100")
	page := s.get("/")
	s.press(page, "cancelled", "")
	<-first
	second := s.waiting("P2", "100")
	s.press(page, "success", "")
	if got := s.sim.Books().Transactions[1].Outcome; got != "" {
		t.Errorf("the second payment ended as %s", got)
	}
	s.press(s.get("/"), "failed", "")
	<-second
	for form, want := range map[string]int{"outcome=jackpot": 400, "outcome=success&terminal=x": 303, "%": 400} {
		if got := s.post(t.Context(), "/", "application/x-www-form-urlencoded", form); got.status != want {
			t.Errorf("%s: got %d, want %d", form, got.status, want)
		}
	}
}

func TestControl_refused(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	const sandbox = "/sandbox/terminals/" + DemoPOIID
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"next: nothing":             {"POST", "/next", `{}`, 400, "nothing to do"},
		"next: unknown outcome":     {"POST", "/next", `{"outcome":"jackpot"}`, 400, "success, cancelled"},
		"next: unknown entry":       {"POST", "/next", `{"outcome":"success","entry":"swipe"}`, 400, "contactless or chip"},
		"next: delay":               {"POST", "/next", `{"outcome":"success","delay_ms":-1}`, 400, "delay_ms"},
		"next: unknown terminal":    {"POST", "/next", `{"outcome":"success","poi_id":"1"}`, 404, DemoPOIID},
		"next: no such payment":     {"POST", "/next", `{"outcome":"success","payment":"1"}`, 409, "in progress"},
		"next: unknown call":        {"POST", "/next", `{"answers":[{"call":"x","status":200}]}`, 400, "payment"},
		"faults: unknown":           {"POST", "/faults", `{"faults":[{"name":"fire"}]}`, 400, "wrong_header"},
		"clock: back":               {"POST", "/clock", `{"advance":"-1s"}`, 400, "duration"},
		"notify":                    {"POST", "/notify", `{}`, 409, "tills ask"},
		"sandbox: unknown terminal": {"GET", "/sandbox/terminals/1", ``, 404, DemoPOIID},
		"sandbox: login":            {"PUT", sandbox, `{"login":"maybe"}`, 400, "required"},
		"sandbox: currency":         {"PUT", sandbox, `{"currencies":["XXX"]}`, 400, "XXX"},
		"sandbox: shape":            {"PUT", sandbox, `{"receipt_shape":"song"}`, 400, "keyed"},
		"sandbox: tip":              {"PUT", sandbox, `{"tip":{"enabled":true,"max_percent":-1}}`, 400, "max_percent"},
		"sandbox: next":             {"POST", sandbox + "/next", `{"outcome":"jackpot"}`, 400, "approve"},
	} {
		got := s.control(c.method, c.path, c.body)
		var e struct{ Error string }
		if err := json.Unmarshal(got.body, &e); err != nil || got.status != c.status || !strings.Contains(e.Error, c.says) {
			t.Errorf("%s: got %d %s, want %d with %q", name, got.status, got.body, c.status, c.says)
		}
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.control("POST", "/next", `{"outcome":"cancelled","delay_ms":5000}`)
	ch := s.waiting("P1", "100")
	s.control("POST", "/clock", `{"advance":"5s"}`)
	if got := <-ch; got.result() != "FailureCancel" {
		t.Errorf("planned: got %s", got.body)
	}
	s.control("POST", "/next", `{"outcome_by_amount":false}`)
	ch = s.waiting("P2", "100.13")
	s.control("POST", "/next", `{"payment":"ck_1","outcome":"success","enter_total":"120"}`)
	if got := <-ch; got.result() != "Success" || !strings.Contains(string(got.body), `"TipAmount":19.87`) {
		t.Errorf("settled: got %s", got.body)
	}
	s.control("POST", "/faults", `{"faults":[{"name":"reset_after","call":"payment","times":1}]}`)
	s.sim.mu.Lock()
	s.sim.byAmount = true
	s.sim.mu.Unlock()
	if got := s.ask("Payment", payment("1.43", "SEK", "Normal")); len(got.body) != 0 {
		t.Errorf("a fault: got %s", got.body)
	}
	if b := s.control("GET", "/books", ""); b.status != 200 || !strings.Contains(string(b.body), `"fault": "reset_after"`) {
		t.Errorf("books: got %s", b.body)
	}
	if got := s.control("GET", "/sandbox/terminals/"+DemoPOIID, ""); !strings.Contains(string(got.body), `"login":"required"`) {
		t.Errorf("state: got %s", got.body)
	}
}

// A terminal comes with tips off; nobody but its maker switches them on (section 7).
func TestNew_noTips(t *testing.T) {
	t.Parallel()
	sim, err := New(Config{Unattended: Never, Now: func() time.Time { return start }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	s := &till{T: t, sim: sim}
	s.ask("Login", loginBody)
	if got := s.control("GET", "/sandbox/terminals/"+DemoPOIID, ""); !strings.Contains(string(got.body), `"tip":{"enabled":false,"max_percent":100}`) {
		t.Errorf("state: got %s", got.body)
	}
	s.control("POST", "/sandbox/terminals/"+DemoPOIID+"/next", `{"outcome":"approve","enter_total":"110.50"}`)
	if got := s.ask("Payment", payment("100", "SEK", "Normal")); got.result() != "Success" || strings.Contains(string(got.body), "TipAmount") {
		t.Errorf("got %s", got.body)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	for fault, want := range map[string]string{
		`{"name":"wrong_header","call":"payment","times":1}`:      "Success",
		`{"name":"strange_condition","call":"payment","times":1}`: "FailureBatteryLow",
		`{"name":"log_out","call":"payment","times":1}`:           "FailureLoggedOut",
		`{"name":"wrong_amount","times":1}`:                       "Success",
		`{"name":"text_amount","times":1}`:                        "Success",
	} {
		s.control("POST", "/faults", `{"clear":true,"faults":[`+fault+`]}`)
		got := s.ask("Payment", payment("1.43", "SEK", "Normal"))
		if got.result() != want {
			t.Errorf("%s: got %s", fault, got.body)
		}
		amount := got.at("PaymentResult.AmountsResp.AuthorizedAmount")
		if _, text := amount.(string); text != strings.Contains(fault, "text_amount") || (amount == 1.44) != strings.Contains(fault, "wrong_amount") {
			t.Errorf("%s: got amount %v", fault, amount)
		}
		s.ask("Login", loginBody)
	}
	s.control("POST", "/faults", `{"faults":[{"name":"no_status"}]}`)
	if got := s.ask("TransactionStatus", `{}`); got.result() != "FailureUnavailableService" {
		t.Errorf("got %s", got.body)
	}
}

func TestNew_refused(t *testing.T) {
	t.Parallel()
	for _, ids := range [][]string{{""}, {"1", "1"}, {strings.Repeat("1", 33)}} {
		if _, err := New(Config{POIIDs: ids}); err == nil {
			t.Errorf("%q: taken", ids)
		}
	}
}

// Closing lets every till go.
func TestClose_withTillsWaiting(t *testing.T) {
	t.Parallel()
	s := newTillOf(t, Config{Unattended: Never})
	ch := s.waiting("P1", "100")
	for range 2 {
		if err := s.sim.Close(); err != nil {
			t.Error(err)
		}
	}
	select {
	case got := <-ch:
		if len(got.body) != 0 {
			t.Errorf("got %s", got.body)
		}
	case <-time.After(10 * time.Second):
		t.Error("a till waits for ever")
	}
}
