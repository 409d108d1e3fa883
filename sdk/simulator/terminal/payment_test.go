package terminal

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPayment_refused(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	good := payment("100", "SEK", "Normal")
	for name, c := range map[string]struct{ old, new, want string }{
		"amount zero":       {":100}", ":0}", "FailureMessageFormat"},
		"amount negative":   {":100}", ":-1}", "FailureMessageFormat"},
		"amount a text":     {":100}", `:"100"}`, "FailureMessageFormat"},
		"amount too fine":   {":100}", ":100.001}", "FailureMessageFormat"},
		"amount too large":  {":100}", ":100000000}", "FailureMessageFormat"},
		"no amount":         {`,"RequestedAmount":100`, ``, "FailureMessageFormat"},
		"no reference":      {`"ck_1"`, `""`, "FailureMessageFormat"},
		"no time":           {`"2026-11-22T09:05:00+01:00"`, `"today"`, "FailureMessageFormat"},
		"other currency":    {"SEK", "USD", "FailureNotAllowed"},
		"other type":        {"Normal", "CashAdvance", "FailureMessageFormat"},
		"item without code": {`},"PaymentData"`, `,"SaleItem":[{"ItemID":1,"ItemAmount":100}]},"PaymentData"`, "FailureMessageFormat"},
		"of another type":   {`"ck_1"`, `7`, "FailureMessageFormat"},
	} {
		if got := s.ask("Payment", strings.Replace(good, c.old, c.new, 1)); got.result() != c.want {
			t.Errorf("%s: got %s, want %s", name, got.body, c.want)
		}
	}
	if n := len(s.sim.Books().Transactions); n != 0 {
		t.Errorf("got %d transactions", n)
	}
}

// The customers of section 10.
func TestPayment_byDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ amount, want, authorized, method, entry string }{
		{"10.13", "FailureRefusal", "", "", ""},
		{"10.17", "FailureCancel", "", "", ""},
		{"10.19", "FailureWrongPIN", "", "", ""},
		{"10.23", "FailureUnreachableHost", "", "", ""},
		{"10.37", "Partial", "5.18", "Bypass", "Contactless"},
		{"10.41", "Success", "10.41", "PaperSignature", "Contactless"},
		{"10.43", "Success", "10.43", "OnlinePIN", "ICC"},
	} {
		s := newTill(t)
		got := s.ask("Payment", payment(c.amount, "SEK", "Normal"))
		if got.result() != c.want {
			t.Errorf("%s: got %s, want %s", c.amount, got.body, c.want)
		}
		if c.authorized == "" {
			continue
		}
		list, _ := got.at("PaymentResult.AuthenticationMethod").([]any)
		entry, _ := got.at("PaymentResult.PaymentInstrumentData.CardData.EntryMode").([]any)
		if !strings.Contains(string(got.body), `"AuthorizedAmount":`+c.authorized) || !slices.Equal(list, []any{c.method}) || !slices.Equal(entry, []any{c.entry}) {
			t.Errorf("%s: got %s", c.amount, got.body)
		}
		if signed := strings.Count(string(got.body), `"RequiredSignatureFlag":true`); (signed == 2) != (c.method == "PaperSignature") {
			t.Errorf("%s: got %d copies to sign", c.amount, signed)
		}
	}
}

func TestPayment_lostAnswer(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	if got := s.askAs("Payment", "P29", payment("10.29", "SEK", "Normal")); len(got.body) != 0 {
		t.Fatalf("got an answer: %s", got.body)
	}
	got := s.ask("TransactionStatus", `{"ReceiptReprintFlag":true,"MessageReference":{"MessageCategory":"Payment","SaleID":"GW1","ServiceID":"P29"}}`)
	if got.result() != "Success" || got.at("RepeatedMessageResponse.MessageHeader.ServiceID") != "P29" ||
		got.at("RepeatedMessageResponse.RepeatedResponseMessageBody.PaymentResponse.Response.Result") != "Success" ||
		got.at("RepeatedMessageResponse.RepeatedResponseMessageBody.PaymentResponse.PaymentReceipt.DocumentQualifier") != "CustomerReceipt" {
		t.Errorf("got %s", got.body)
	}
	if got := s.ask("TransactionStatus", `{}`); strings.Contains(string(got.body), "PaymentReceipt") || got.result() != "Success" {
		t.Errorf("the last one, without receipts: got %s", got.body)
	}
}

// A repeated response has the copies of its receipt that DocumentQualifier names
// (section 9.3).
func TestStatus_documentQualifier(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.ask("Payment", payment("10.41", "SEK", "Normal"))
	for name, c := range map[string]struct{ body, want, copies string }{
		"no such document":      {`{"ReceiptReprintFlag":true,"DocumentQualifier":["Poster"]}`, "FailureMessageFormat", ""},
		"a text, no list":       {`{"ReceiptReprintFlag":true,"DocumentQualifier":"CustomerReceipt"}`, "FailureMessageFormat", ""},
		"not asked for":         {`{"DocumentQualifier":["CustomerReceipt"]}`, "Success", ""},
		"one that there is not": {`{"ReceiptReprintFlag":true,"DocumentQualifier":["SaleReceipt"]}`, "Success", ""},
		"the customer's":        {`{"ReceiptReprintFlag":true,"DocumentQualifier":["CustomerReceipt"]}`, "Success", "CustomerReceipt"},
		"the shop's":            {`{"ReceiptReprintFlag":true,"DocumentQualifier":["CashierReceipt"]}`, "Success", "CashierReceipt"},
		"both":                  {`{"ReceiptReprintFlag":true,"DocumentQualifier":["CashierReceipt","CustomerReceipt"]}`, "Success", "CustomerReceipt CashierReceipt"},
		"none named":            {`{"ReceiptReprintFlag":true}`, "Success", "CustomerReceipt CashierReceipt"},
	} {
		got := s.ask("TransactionStatus", c.body)
		list, _ := got.at("RepeatedMessageResponse.RepeatedResponseMessageBody.PaymentResponse.PaymentReceipt").([]any)
		var copies []string
		for _, r := range list {
			qualifier, _ := r.(map[string]any)["DocumentQualifier"].(string)
			copies = append(copies, qualifier)
		}
		if got.result() != c.want || strings.Join(copies, " ") != c.copies || strings.Contains(string(got.body), "PaymentReceipt") != (c.copies != "") {
			t.Errorf("%s: got %s, want %s with %q", name, got.body, c.want, c.copies)
		}
	}
}

func TestPayment_sameServiceID(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	body := payment("10.43", "SEK", "Normal")
	first := s.askAs("Payment", "P1", body)
	if again := s.askAs("Payment", "P1", body); string(again.body) != string(first.body) {
		t.Errorf("the same again: got %s, want %s", again.body, first.body)
	}
	for name, got := range map[string]answer{
		"another body":     s.askAs("Payment", "P1", payment("20.43", "SEK", "Normal")),
		"another category": s.askAs("Diagnosis", "P1", `{}`),
	} {
		if got.result() != "FailureMessageFormat" {
			t.Errorf("%s: got %s", name, got.body)
		}
	}
	if n := len(s.sim.Books().Transactions); n != 1 {
		t.Errorf("charged %d times", n)
	}
	s.advance(remembered + time.Minute)
	if got := s.askAs("Diagnosis", "P1", `{}`); got.result() != "Success" {
		t.Errorf("after 48 h: got %s", got.body)
	}
}

func TestPayment_oneAtATime(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	ch := s.waiting("P1", "100")
	if got := s.ask("Payment", payment("5.43", "SEK", "Normal")); got.result() != "FailureBusy" {
		t.Errorf("a second payment: got %s", got.body)
	}
	if got := s.ask("Reversal", `{"ReversalReason":"MerchantCancel","OriginalPOITransaction":{"POITransactionID":{"TransactionID":"1","TimeStamp":"x"}}}`); got.result() != "FailureBusy" {
		t.Errorf("a reversal: got %s", got.body)
	}
	if got := s.ask("Login", loginBody); got.result() != "Success" || got.at("POISystemData.POIStatus.GlobalStatus") != "Busy" {
		t.Errorf("a login may overtake: got %s", got.body)
	}
	if got := s.ask("TransactionStatus", `{}`); got.result() != "FailureInProgress" {
		t.Errorf("a question may overtake: got %s", got.body)
	}
	abort := func(service string) answer {
		return s.ask("Abort", `{"AbortReason":"MerchantAbort","MessageReference":{"MessageCategory":"Payment","SaleID":"GW1","ServiceID":"`+service+`","POIID":"80000091"}}`)
	}
	if got := abort("P2"); got.status != http.StatusNoContent || s.sim.Books().Transactions[0].Outcome != "" {
		t.Errorf("an abort of another: got %d %s", got.status, got.body)
	}
	if got := abort("P1"); got.status != http.StatusNoContent || len(got.body) != 0 {
		t.Errorf("abort: got %d %s", got.status, got.body)
	}
	if got := <-ch; got.result() != "FailureAborted" {
		t.Errorf("the payment: got %s", got.body)
	}
	if got := abort("P1"); got.status != http.StatusNoContent {
		t.Errorf("too late: got %d", got.status)
	}
}

func TestPayment_patience(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	ch := s.waiting("P1", "10.31")
	s.advance(DefaultPatience - time.Second)
	if s.sim.Books().Transactions[0].Outcome != "" {
		t.Fatal("it is over too early")
	}
	s.advance(time.Second)
	if got := <-ch; got.result() != "FailureCancel" {
		t.Errorf("got %s", got.body)
	}
}

func TestPayment_unattended(t *testing.T) {
	t.Parallel()
	s := newTillOf(t, Config{Now: func() time.Time { return start }})
	ch := s.waiting("P1", "100")
	s.advance(DefaultUnattended)
	if got := <-ch; got.result() != "Success" {
		t.Errorf("nobody looks: got %s", got.body)
	}
	ch = s.waiting("P2", "100")
	s.get("/")
	s.advance(DefaultUnattended)
	if got := s.sim.Books().Transactions[1]; got.Outcome != "" {
		t.Errorf("somebody looks: got %s", got.Outcome)
	}
	s.press(s.get("/"), "success", "")
	if got := <-ch; got.result() != "Success" {
		t.Errorf("got %s", got.body)
	}
}

// Whoever plays the customer opens the page for the first time once the payment
// has begun, and finds it there; for who cannot wait a script approves at once.
func TestPayment_unattended_pageOpenedAfterwards(t *testing.T) {
	t.Parallel()
	s := newTillOf(t, Config{Now: func() time.Time { return start }})
	s.control("POST", "/next", `{"outcome":"success"}`)
	if got := s.ask("Payment", payment("100", "SEK", "Normal")); got.result() != "Success" {
		t.Errorf("scripted: got %s", got.body)
	}
	ch := s.waiting("P1", "100")
	s.advance(DefaultUnattended - time.Second)
	page := s.get("/")
	if !strings.Contains(string(page.body), `name="outcome"`) {
		t.Fatalf("no payment is in progress: %s", page.body)
	}
	s.advance(time.Minute)
	s.press(page, "cancelled", "")
	if got := <-ch; got.result() != "FailureCancel" {
		t.Errorf("got %s", got.body)
	}
}

// A till that leaves does not end the payment; another connection hears of it.
func TestPayment_tillLeaves(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan answer, 1)
	body := payment("100", "SEK", "Normal")
	s.sim.mu.Lock()
	arrived := s.sim.arrived
	s.sim.mu.Unlock()
	go func() {
		left <- s.post(ctx, "/nexo", "application/json", envelope("Payment", "P1", DemoPOIID, body))
	}()
	<-arrived
	cancel()
	if got := <-left; len(got.body) != 0 {
		t.Errorf("got %s", got.body)
	}
	if err := s.sim.Settle("ck_1", Success, ""); err != nil {
		t.Fatal(err)
	}
	if got := s.askAs("Payment", "P1", body); got.result() != "Success" || len(s.sim.Books().Transactions) != 1 {
		t.Errorf("got %s", got.body)
	}
}

// The worked examples of section 7.
func TestPayment_tip(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set, total string
		charged    int64
		tip        int64
	}{
		"green key":         {`{}`, "", 10000, 0},
		"total entered":     {`{}`, "110.50", 11050, 1050},
		"same total":        {`{}`, "100", 10000, 0},
		"below the amount":  {`{}`, "90", 10000, 0},
		"above the maximum": {`{}`, "250", 10000, 0},
		"at the maximum":    {`{}`, "200", 20000, 10000},
		"no number":         {`{}`, "much", 10000, 0},
		"switched off":      {`{"tip":{"enabled":false,"max_percent":100}}`, "110.50", 10000, 0},
	} {
		s := newTill(t)
		s.control("PUT", "/sandbox/terminals/"+DemoPOIID, c.set)
		if got := s.control("POST", "/sandbox/terminals/"+DemoPOIID+"/next", `{"outcome":"approve","enter_total":"`+c.total+`","entry":"chip"}`); got.status != 200 {
			t.Fatalf("%s: got %d %s", name, got.status, got.body)
		}
		got := s.ask("Payment", payment("100", "SEK", "Normal"))
		b := s.sim.Books().Transactions[0]
		if got.result() != "Success" || b.Charged != c.charged || b.Tip != c.tip || (got.at("PaymentResult.AmountsResp.TipAmount") != nil) != (c.tip > 0) {
			t.Errorf("%s: got %s", name, got.body)
		}
	}
}

func TestRefundAndReversal(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	id := func(a answer) string {
		v, _ := a.at("POIData.POITransactionID.TransactionID").(string)
		return v
	}
	at := stamp(start)
	reverse := func(id, at, more string) string {
		return s.ask("Reversal", `{"ReversalReason":"MerchantCancel","OriginalPOITransaction":{"SaleID":"GW1","POIID":"80000091","POITransactionID":{"TransactionID":"`+id+`","TimeStamp":"`+at+`"}}`+more+`}`).result()
	}
	declined := id(s.ask("Payment", payment("10.13", "SEK", "Normal")))
	first := id(s.ask("Payment", payment("10.43", "SEK", "Normal")))
	second := id(s.ask("Payment", payment("20.43", "SEK", "Normal")))
	for _, c := range []struct{ name, got, want string }{
		{"nothing named", s.ask("Reversal", `{"ReversalReason":"MerchantCancel"}`).result(), "FailureMessageFormat"},
		{"no reason", s.ask("Reversal", `{}`).result(), "FailureMessageFormat"},
		{"unknown", reverse("000000000000", at, ""), "FailureNotFound"},
		{"another time", reverse(second, "2026-11-22T09:05:01+01:00", ""), "FailureNotFound"},
		{"declined", reverse(declined, at, ""), "FailureNotFound"},
		{"not the last", reverse(first, at, ""), "FailureNotAllowed"},
		{"a part", reverse(second, at, `,"ReversedAmount":20`), "FailureNotAllowed"},
		{"the last", reverse(second, at, ""), "Success"},
		{"once more", reverse(second, at, ""), "FailureNotAllowed"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, c.want)
		}
	}
	if got := s.ask("Payment", payment("5", "SEK", "Refund")); got.result() != "Success" || got.at("PaymentResult.PaymentType") != "Refund" {
		t.Errorf("refund: got %s", got.body)
	}
	b := s.sim.Books().Of("ck_1")
	if len(b) != 4 || !b[2].Reversed || b[1].Reversed || b[3].Type != "Refund" || b[3].Charged != 500 {
		t.Errorf("got %+v", b)
	}
}

func TestReceipts_shapes(t *testing.T) {
	t.Parallel()
	for shape, want := range map[string]string{
		"keyed": `name=Total\u0026value=10%2C43%20SEK\u0026key=totalAmount`, "plain": `"Total 10,43 SEK"`, "base64": `"Text":"eyJDYXJkaG9sZGVy`,
	} {
		s := newTill(t)
		s.control("PUT", "/sandbox/terminals/"+DemoPOIID, `{"receipt_shape":"`+shape+`"}`)
		got := s.ask("Payment", payment("10.43", "SEK", "Normal"))
		if !strings.Contains(string(got.body), want) {
			t.Errorf("%s: got %s", shape, got.body)
		}
		customer, _, _ := strings.Cut(string(got.body), "CashierReceipt")
		_, customer, _ = strings.Cut(customer, "CustomerReceipt")
		if strings.Contains(customer, "400262") {
			t.Errorf("%s: the customer's copy shows more than 4 digits: %s", shape, customer)
		}
	}
}

func TestCallback(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var heard []string
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		_ = r.Write(&b)
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, b.String())
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(h.Close)
	s := newTill(t)
	s.post(t.Context(), "/nexo", "application/json", envelope("Payment", "P1", DemoPOIID, payment("10.43", "SEK", "Normal")), "X-Callback-Url", h.URL)
	s.advance(0)
	mu.Lock()
	defer mu.Unlock()
	if len(heard) != 2 || !strings.Contains(heard[0], `"DisplayRequest"`) || !strings.Contains(heard[1], `"EventNotification"`) || !strings.Contains(heard[1], `"SaleID":"GW1"`) {
		t.Errorf("got %q", heard)
	}
	if b := s.sim.Books().Callbacks; len(b) != 2 || b[1].Status != 204 {
		t.Errorf("got %+v", b)
	}
}
