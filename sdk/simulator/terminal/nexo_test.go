package terminal

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// The statuses of section 2, worst first.
func TestNexo_transport(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	good := envelope("Diagnosis", "D1", DemoPOIID, `{"HostDiagnosisFlag":false}`)
	for name, c := range map[string]struct {
		path, kind, body string
		status           int
	}{
		"no JSON":          {"/nexo", "application/json", `{`, 400},
		"empty":            {"/nexo", "application/json", ``, 400},
		"no envelope":      {"/nexo", "application/json", `{"MessageHeader":{}}`, 400},
		"a response":       {"/nexo", "application/json", strings.ReplaceAll(good, "SaleToPOIRequest", "SaleToPOIResponse"), 400},
		"two members":      {"/nexo", "application/json", strings.TrimSuffix(good, "}") + `,"x":{}}`, 400},
		"header a text":    {"/nexo", "application/json", `{"SaleToPOIRequest":{"MessageHeader":"x"}}`, 400},
		"header missing":   {"/nexo", "application/json", `{"SaleToPOIRequest":{"PaymentRequest":{}}}`, 400},
		"other type":       {"/nexo", "text/plain", good, 415},
		"no type":          {"/nexo", "", good, 415},
		"too large":        {"/nexo", "application/json", good + strings.Repeat(" ", 64<<10), 413},
		"other path":       {"/EPASSaleToPOI/3.1", "application/json", good, 404},
		"below":            {"/nexo/x", "application/json", good, 404},
		"two slashes":      {"//nexo//", "application/json", strings.Replace(good, "D1", "D3", 1), 200},
		"slash at the end": {"/nexo/", "application/json; charset=utf-8", strings.Replace(good, "D1", "D2", 1), 200},
		"good":             {"/nexo", "application/json", good, 200},
	} {
		if got := s.post(t.Context(), c.path, c.kind, c.body); got.status != c.status {
			t.Errorf("%s: got %d %s, want %d", name, got.status, got.body, c.status)
		}
	}
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, httptest.NewRequest("GET", "http://sim.test/nexo", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: got %d %v", w.Code, w.Header())
	}
}

func TestNexo_header(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	good := envelope("Diagnosis", "D1", DemoPOIID, `{}`)
	for name, c := range map[string]struct{ old, new, want, says string }{
		"another terminal":     {DemoPOIID, "80000099", "FailureUnavailableDevice", ""},
		"no version":           {`"ProtocolVersion":"3.1",`, ``, "FailureMessageFormat", "ProtocolVersion"},
		"class Device":         {`"Service"`, `"Device"`, "FailureMessageFormat", "MessageClass"},
		"no till":              {`"GW1"`, `""`, "FailureMessageFormat", "SaleID"},
		"ServiceID too long":   {`"D1"`, `"D1234567890"`, "FailureMessageFormat", "ServiceID"},
		"ServiceID with signs": {`"D1"`, `"D-1"`, "FailureMessageFormat", "ServiceID"},
		"no body":              {`"DiagnosisRequest"`, `"AdminRequest"`, "FailureMessageFormat", "DiagnosisRequest"},
		"not logged in":        {`"GW1"`, `"GW2"`, "FailureLoggedOut", ""},
		"unknown category":     {`Diagnosis`, `Sound`, "FailureUnavailableService", ""},
	} {
		got := s.post(t.Context(), "/nexo", "application/json", strings.ReplaceAll(good, c.old, c.new))
		says, _ := got.at("Response.AdditionalResponse").(string)
		if got.status != 200 || got.result() != c.want || !strings.Contains(says, c.says) || (c.says != "") != strings.HasPrefix(says, "errors=At%20") {
			t.Errorf("%s: got %d %s, want %s with %q", name, got.status, got.body, c.want, c.says)
		}
	}
}

// What a message lacks comes before what the terminal knows of its sender
// (section 10).
func TestNexo_lacksMember_beforeLogin(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.ask("Logout", `{}`)
	for name, c := range map[string]struct{ category, body, want string }{
		"login without a time":      {"Login", `{}`, "FailureMessageFormat"},
		"status of another type":    {"TransactionStatus", `{"ReceiptReprintFlag":7}`, "FailureMessageFormat"},
		"payment without an amount": {"Payment", `{"SaleData":{}}`, "FailureMessageFormat"},
		"payment of another type":   {"Payment", `{"PaymentData":7}`, "FailureMessageFormat"},
		"reversal without a reason": {"Reversal", `{}`, "FailureMessageFormat"},
		"payment":                   {"Payment", payment("1", "SEK", "Normal"), "FailureLoggedOut"},
	} {
		if got := s.ask(c.category, c.body); got.result() != c.want {
			t.Errorf("%s: got %s, want %s", name, got.body, c.want)
		}
	}
}

func TestNexo_echoesHeader(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	got := s.askAs("Diagnosis", "D7", `{}`)
	for path, want := range map[string]string{"MessageType": "Response", "MessageCategory": "Diagnosis", "ServiceID": "D7", "SaleID": "GW1", "POIID": DemoPOIID} {
		if v := got.at("MessageHeader." + path); v != want {
			t.Errorf("%s: got %v, want %s", path, v, want)
		}
	}
}

func TestService(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	for name, c := range map[string]struct{ category, body, want string }{
		"login without language":   {"Login", strings.Replace(loginBody, `"sv"`, `""`, 1), "FailureMessageFormat"},
		"login without software":   {"Login", `{"DateTime":"x","OperatorLanguage":"sv"}`, "FailureMessageFormat"},
		"login of another type":    {"Login", strings.Replace(loginBody, `"sv"`, `7`, 1), "FailureMessageFormat"},
		"login of version 3.0":     {"Login", strings.Replace(loginBody, "ProviderIdentification", "ManufacturerID", 1), "Success"},
		"admin, unknown":           {"Admin", `{"ServiceIdentification":"Explode"}`, "FailureUnavailableService"},
		"admin, update parameters": {"Admin", `{"ServiceIdentification":"UpdateParameters"}`, "Success"},
		"admin, host login":        {"Admin", `{"ServiceIdentification":"HostLogin"}`, "Success"},
		"diagnosis":                {"Diagnosis", `{"HostDiagnosisFlag":true}`, "Success"},
		"status of nothing":        {"TransactionStatus", `{}`, "FailureNotFound"},
	} {
		if got := s.ask(c.category, c.body); got.result() != c.want {
			t.Errorf("%s: got %s, want %s", name, got.body, c.want)
		}
	}
	if got := s.ask("Login", loginBody).at("POISystemData.POIStatus.GlobalStatus"); got != "OK" {
		t.Errorf("got status %v", got)
	}
	s.ask("Logout", `{"MaintenanceAllowed":true}`)
	if got := s.ask("Diagnosis", `{}`); got.result() != "FailureLoggedOut" {
		t.Errorf("after logout: got %s", got.body)
	}
	s.control("PUT", "/sandbox/terminals/"+DemoPOIID, `{"login":"none"}`)
	if got := s.ask("Diagnosis", `{}`); got.result() != "Success" {
		t.Errorf("login none: got %s", got.body)
	}
}

// FuzzReadMessage: whatever comes in, it is an error or a message.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte(envelope("Payment", "P1", DemoPOIID, payment("100", "SEK", "Normal"))))
	f.Add([]byte(`{"SaleToPOIRequest":{"MessageHeader":null}}`))
	f.Add([]byte(`{"SaleToPOIRequest":{"MessageHeader":{"MessageCategory":"x"},"xRequest":[ ]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := readMessage(text)
		if path, _ := m.wrong(); err == nil && path == "" && len(m.body) == 0 {
			t.Errorf("%q: a message without a body", text)
		}
	})
}

// Every response is remembered by its ServiceID for 48 hours (section 10), and
// a terminal does nothing twice; TransactionStatus tells of transactions alone.
func TestNexo_everyResponse_remembered(t *testing.T) {
	t.Parallel()
	const reversal = `{"ReversalReason":"MerchantCancel","OriginalPOITransaction":{"POITransactionID":{"TransactionID":"1","TimeStamp":"x"}}}`
	for name, c := range map[string]struct {
		category, body, other, want string
		before                      func(s *till)
	}{
		"login":              {"Login", loginBody, strings.Replace(loginBody, `"sv"`, `"da"`, 1), "Success", nil},
		"logout":             {"Logout", `{}`, `{"MaintenanceAllowed":true}`, "Success", nil},
		"diagnosis":          {"Diagnosis", `{}`, `{"HostDiagnosisFlag":true}`, "Success", nil},
		"admin":              {"Admin", `{"ServiceIdentification":"HostLogin"}`, `{"ServiceIdentification":"UpdateParameters"}`, "Success", nil},
		"status":             {"TransactionStatus", `{}`, `{"ReceiptReprintFlag":true}`, "FailureNotFound", nil},
		"reversal":           {"Reversal", reversal, strings.Replace(reversal, `"1"`, `"2"`, 1), "FailureNotFound", nil},
		"unknown service":    {"Sound", `{}`, `{"x":1}`, "FailureUnavailableService", nil},
		"payment, no amount": {"Payment", payment("0", "SEK", "Normal"), payment("1.43", "SEK", "Normal"), "FailureMessageFormat", nil},
		"payment, currency":  {"Payment", payment("1.43", "USD", "Normal"), payment("1.43", "SEK", "Normal"), "FailureNotAllowed", nil},
		"payment, logged out": {"Payment", payment("1.43", "SEK", "Normal"), payment("2.43", "SEK", "Normal"), "FailureLoggedOut", func(s *till) {
			s.ask("Logout", `{}`)
		}},
		"payment, busy": {"Payment", payment("1.43", "SEK", "Normal"), payment("2.43", "SEK", "Normal"), "FailureBusy", func(s *till) {
			s.waiting("P1", "100")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTill(t)
			if c.before != nil {
				c.before(s)
			}
			first := s.askAs(c.category, "S1", c.body)
			if first.result() != c.want {
				t.Fatalf("got %s, want %s", first.body, c.want)
			}
			s.ask("Login", loginBody) // what was so may have changed
			if s.sim.Books().Terminals[0].Busy {
				s.press(s.get("/"), "cancelled", "")
			}
			s.advance(remembered)
			if again := s.askAs(c.category, "S1", c.body); string(again.body) != string(first.body) {
				t.Errorf("the same again: got %s, want %s", again.body, first.body)
			}
			if got := s.askAs(c.category, "S1", c.other); got.result() != "FailureMessageFormat" {
				t.Errorf("another body: got %s", got.body)
			}
			if got := s.ask("TransactionStatus", `{"MessageReference":{"ServiceID":"S1"}}`); (got.result() == "Success") != (c.category == "Reversal") {
				t.Errorf("asked about: got %s", got.body)
			}
			s.advance(1)
			if got := s.askAs("Diagnosis", "S1", `{"x":1}`); got.result() != "Success" {
				t.Errorf("after 48 h: got %s", got.body)
			}
		})
	}
}

// An Abort is remembered as well, though it has no response.
func TestNexo_abort_remembered(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	abort := func(of string) answer {
		return s.askAs("Abort", "A1", `{"AbortReason":"MerchantAbort","MessageReference":{"ServiceID":"`+of+`"}}`)
	}
	if got := abort("P1"); got.status != 204 || len(got.body) != 0 {
		t.Errorf("of nothing: got %d %s", got.status, got.body)
	}
	ch := s.waiting("P1", "100")
	if got := abort("P1"); got.status != 204 || len(got.body) != 0 || s.sim.Books().Transactions[0].Outcome != "" {
		t.Errorf("the same again: got %d %s, the payment is %q", got.status, got.body, s.sim.Books().Transactions[0].Outcome)
	}
	if got := abort("P2"); got.result() != "FailureMessageFormat" {
		t.Errorf("another body: got %d %s", got.status, got.body)
	}
	s.press(s.get("/"), "success", "")
	if got := <-ch; got.result() != "Success" {
		t.Errorf("got %s", got.body)
	}
}
