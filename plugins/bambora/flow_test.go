package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/bambora"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/browser"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
)

// shopper walks one payment through the whole of it.
type shopper struct {
	*testing.T
	runner  conformance.Runner
	world   *world.World
	account *conformance.Account
	payment contract.Payment
	via     http.RoundTripper // the world, or what a test puts in between
}

func newShopper(t *testing.T, r conformance.Runner, capture contract.CaptureMode) *shopper {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := contract.CannedPayment()
	p.Method, p.MethodOptions, p.Transactions, p.ProviderReference, p.Captures, p.Refunds = "card", nil, nil, "", nil, nil
	p.Capture, p.Locale = capture, "sv-SE"
	return &shopper{T: t, runner: r, world: w, account: world.Account(), payment: p, via: w}
}

func (s *shopper) eur(value int64) contract.Money {
	return contract.Money{Value: value, Currency: "EUR"}
}

func answer[T any](s *shopper, e contract.Export, input any) (T, error) {
	s.Helper()
	tr, err := conformance.Drive(s.Context(), s.runner, conformance.Call{Export: e, Input: input, Account: s.account, World: s.via, Now: s.world.Now()})
	if err != nil {
		s.Fatal(err)
	}
	return conformance.Result[T](tr)
}

func drive[T any](s *shopper, e contract.Export, input any) T {
	s.Helper()
	v, err := answer[T](s, e, input)
	if err != nil {
		s.Fatalf("%s: %v", e, err)
	}
	return v
}

// open creates the payment.
func (s *shopper) open() contract.CreateResult {
	s.Helper()
	r := drive[contract.CreateResult](s, contract.CreatePayment, contract.PaymentInput{Payment: s.payment})
	if r.Action.Type != contract.ActionRedirect || !strings.HasPrefix(r.Action.URL, world.Public+"/") || len(r.Updates) > 0 {
		s.Fatalf("got %+v, want a redirect and nothing made up", r)
	}
	s.payment.ProviderReference = r.ProviderReference
	return r
}

// pays has the payment paid by a card, and hears of it by callback.
func (s *shopper) pays(card string) []contract.Update {
	s.Helper()
	s.open()
	if err := s.world.Sim.Settle(orderID(s.payment.Reference), bambora.Plan{Outcome: bambora.Success, Card: card}); err != nil {
		s.Fatal(err)
	}
	list, err := s.world.Messages(s.Context())
	if err != nil || len(list) != 1 {
		s.Fatalf("got %d callbacks, %v, want one", len(list), err)
	}
	r := drive[contract.WebhookResult](s, contract.ReceiveWebhook, contract.WebhookInput{Message: list[0]})
	if r.Response.Status != 200 || len(r.Updates) == 0 || r.Updates[0].Payment != (contract.PaymentKey{Reference: s.payment.Reference}) {
		s.Fatalf("got %+v", r)
	}
	s.payment.ProviderReference = r.Updates[0].NewProviderReference
	return r.Updates
}

// operation is a capture or a refund that is asked for now.
func (s *shopper) operation(id string, value int64) contract.Operation {
	return contract.Operation{ID: id, Amount: s.eur(value), IdempotencyKey: "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a02", Status: contract.OperationPending, CreatedAt: s.world.Now()}
}

// takes captures, and notes how it ended as a host does.
func (s *shopper) takes(id string, value int64) (contract.OperationResult, error) {
	s.Helper()
	op := s.operation(id, value)
	r, err := answer[contract.OperationResult](s, contract.CapturePayment, contract.CaptureInput{Payment: s.payment, Capture: op})
	op.ProviderReference, op.Status = r.ProviderReference, r.Status
	if err == nil {
		s.payment.Captures = append(s.payment.Captures, op)
	}
	return r, err
}

func (s *shopper) gives(op contract.Operation) (contract.OperationResult, error) {
	s.Helper()
	return answer[contract.OperationResult](s, contract.RefundPayment, contract.RefundInput{Payment: s.payment, Refund: op})
}

func (s *shopper) books() bambora.TransactionRecord {
	s.Helper()
	t, ok := s.world.Sim.Books().Transaction(orderID(s.payment.Reference))
	if !ok {
		s.Fatal("the provider has no transaction")
	}
	return t
}

func (s *shopper) asked() []contract.Update {
	s.Helper()
	return drive[contract.UpdatesResult](s, contract.GetPayment, contract.PaymentInput{Payment: s.payment}).Updates
}

// words writes updates as type and amount.
func words(updates []contract.Update) string {
	var list []string
	for _, u := range updates {
		text := string(u.Type)
		if !u.Amount.IsZero() {
			text += " " + u.Amount.String()
		}
		if !u.Surcharge.IsZero() {
			text += " with " + u.Surcharge.String()
		}
		if u.Item != nil {
			text += " of " + u.Item.ID
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func isFailure(err error, code contract.FailureCode) bool {
	f, ok := err.(*contract.Failure) //nolint:errorlint // it is given back as it is
	return ok && f.Code == code
}

func TestFlow_automatic(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newShopper(t, r, contract.CaptureAutomatic)
		if got := words(s.pays("")); got != "captured 49.99 EUR" {
			t.Errorf("the callback brings %s", got)
		}
		if s.payment.ProviderReference != s.books().ID {
			t.Errorf("got reference %s, want %s", s.payment.ProviderReference, s.books().ID)
		}
		if got := words(s.asked()); got != "captured 49.99 EUR" {
			t.Errorf("asked, it is %s", got)
		}
	})
}

// What is sent fits the document's section 3.2, and the lines add up.
func TestFlow_session(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	if r := s.open(); r.ProviderReference != "ED00000000000000REF1" {
		t.Errorf("got order number %q, want the last 20 characters", r.ProviderReference)
	}
	book, _ := s.world.Sim.Books().Session("ED00000000000000REF1")
	var got, want any
	if err := json.Unmarshal(book.Request, &got); err != nil {
		t.Fatal(err)
	}
	const text = `{"order":{"id":"ED00000000000000REF1","amount":4999,"currency":"EUR","vatamount":503,
		"lines":[{"id":"BOOK-1","linenumber":"1","text":"A book","description":"Hard cover","quantity":2,"unit":"piece","vat":9,
			"unitprice":1835,"unitpriceinclvat":2000,"unitpricevatamount":165,"totalprice":3670,"totalpriceinclvat":4000,"totalpricevatamount":330},
			{"id":"2","linenumber":"2","text":"Shipping","description":"Shipping","quantity":1,"unit":"pcs.","vat":21,
			"unitprice":826,"unitpriceinclvat":999,"unitpricevatamount":173,"totalprice":826,"totalpriceinclvat":999,"totalpricevatamount":173}],
		"billingaddress":{"att":"Vries & Zn.","firstname":"Jan","lastname":"de Vries","street":"Kerkstraat 12 bis","zip":"1234 AB","city":"Utrecht","country":"NL"},
		"shippingaddress":{"firstname":"Zoë","lastname":"Müller","street":"Hauptstraße 1","zip":"10115","city":"Berlin","country":"DE"}},
		"customer":{"email":"jan@example.com","phonenumber":"+31612345678","phonenumbercountrycode":"NL"},
		"instantcaptureamount":4999,
		"url":{"accept":"https://pay.example/pay/ord_1.token/return/pay_01KJPXW5M0C4NNEDC4NNEDC4NN","cancel":"https://pay.example/pay/ord_1.token?cancelled=1",
			"callbacks":[{"url":"https://pay.example/webhooks/acc_canned?payment=C4NNED00000000000000REF1"}],"immediateredirecttoaccept":1},
		"paymentwindow":{"id":1,"language":"sv-SE","paymentmethods":[{"id":"paymentcard","action":"include"}]}}`
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	a, _ := json.MarshalIndent(got, "", " ")
	b, _ := json.MarshalIndent(want, "", " ")
	if string(a) != string(b) {
		t.Errorf("got %s\nwant %s", a, b)
	}
}

func TestFlow_captureInParts(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newShopper(t, r, contract.CaptureManual)
		if got := words(s.pays("")); got != "authorized 49.99 EUR" {
			t.Errorf("the callback brings %s", got)
		}
		for i, c := range []struct {
			id    string
			value int64
			total string
		}{{"cap_1", 1000, "captured 10.00 EUR"}, {"cap_2", 1000, "captured 20.00 EUR"}, {"cap_3", 2999, "captured 49.99 EUR"}} {
			got, err := s.takes(c.id, c.value)
			if err != nil || got.Status != contract.OperationSucceeded || got.Amount != s.eur(c.value) || words(got.Updates) != c.total || s.books().Count("Capture") != i+1 {
				t.Errorf("%s: got %+v, %v, %d captures", c.id, got, err, s.books().Count("Capture"))
			}
		}
		if _, err := s.takes("cap_4", 1); !isFailure(err, contract.Declined) {
			t.Errorf("one cent more: got %v, want a refusal", err)
		}
		if got := words(s.asked()); got != "captured 49.99 EUR" {
			t.Errorf("asked, it is %s", got)
		}
	})
}

func TestFlow_refundInParts(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.pays("")
	for i, want := range []string{"refunded 10.00 EUR", "refunded 20.00 EUR"} {
		op := s.operation("ref_"+string(rune('1'+i)), 1000)
		r, err := s.gives(op)
		if err != nil || r.Status != contract.OperationSucceeded || words(r.Updates) != want {
			t.Fatalf("got %+v, %v", r, err)
		}
		op.ProviderReference, op.Status = r.ProviderReference, r.Status
		s.payment.Refunds = append(s.payment.Refunds, op)
	}
	if got := words(s.asked()); got != "captured 49.99 EUR, refunded 20.00 EUR" {
		t.Errorf("asked, it is %s", got)
	}
}

func TestFlow_cancel(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newShopper(t, r, contract.CaptureManual)
		s.open()
		cancel := func() (contract.OperationResult, error) {
			return answer[contract.OperationResult](s, contract.CancelPayment, contract.PaymentInput{Payment: s.payment})
		}
		if _, err := cancel(); !isFailure(err, contract.Unsupported) {
			t.Errorf("before anybody paid: got %v, want that it cannot be", err)
		}
		s.pays("")
		for range 2 { // the second finds it deleted, and sends nothing
			if got, err := cancel(); err != nil || got.Status != contract.OperationSucceeded || s.books().Count("Delete") != 1 {
				t.Errorf("got %+v, %v, %d deletes", got, err, s.books().Count("Delete"))
			}
		}
		if got := words(s.asked()); got != "authorized 49.99 EUR, cancelled" {
			t.Errorf("asked, it is %s", got)
		}
		if _, err := s.takes("cap_1", 100); !isFailure(err, contract.Declined) {
			t.Errorf("a capture afterwards: got %v", err)
		}
	})
}

func TestFlow_cancelAfterCapture_isRefused(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
	s.pays("")
	if _, err := s.takes("cap_1", 100); err != nil {
		t.Fatal(err)
	}
	_, err := answer[contract.OperationResult](s, contract.CancelPayment, contract.PaymentInput{Payment: s.payment})
	if !isFailure(err, contract.Declined) || s.books().Deleted {
		t.Errorf("got %v, deleted %v", err, s.books().Deleted)
	}
}

// The surcharge is the consumer's, on top of the order's amount (12).
func TestFlow_surcharge(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
	if got := words(s.pays("5156230000000004")); got != "authorized 50.49 EUR with 0.50 EUR" {
		t.Errorf("the callback brings %s", got)
	}
	for _, c := range []struct {
		value int64
		want  string
	}{{3000, "authorized 50.49 EUR, captured 30.00 EUR"}, {2020, "authorized 50.49 EUR with 0.21 EUR, captured 50.20 EUR with 0.21 EUR"}, {29, "captured 50.49 EUR with 0.50 EUR"}} {
		if _, err := s.takes("cap_"+c.want, c.value); err != nil {
			t.Fatal(err)
		}
		if got := words(s.asked()); got != c.want {
			t.Errorf("after %d more it is %s, want %s", c.value, got, c.want)
		}
	}
}

// The browser may be back before the callback, after it, and more than once.
func TestFlow_return(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	r := s.open()
	v := browser.Visit(s.world.Sim, strings.TrimPrefix(r.Action.URL, world.Public))
	if err := v.Press("outcome", "success"); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(v.Gone)
	if err != nil || !strings.HasPrefix(v.Gone, s.payment.ReturnURL+"?txnid=") {
		t.Fatalf("the window leads to %q", v.Gone)
	}
	in := contract.CompleteInput{Payment: s.payment, Message: &contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}}
	for range 2 {
		got := drive[contract.UpdatesResult](s, contract.CompletePayment, in).Updates
		if words(got) != "captured 49.99 EUR" || got[0].Trust != contract.Verified || got[0].NewProviderReference != s.books().ID || got[0].Brand != "Visa" {
			t.Errorf("got %+v", got)
		}
	}
	in.Payment.Reference = "C4NNED00000000000000REF2"
	if _, err := answer[contract.UpdatesResult](s, contract.CompletePayment, in); !isFailure(err, contract.BadSignature) {
		t.Errorf("of another payment: got %v", err)
	}
	in.Message = nil
	if got := drive[contract.UpdatesResult](s, contract.CompletePayment, in).Updates; len(got) != 0 {
		t.Errorf("of nothing: got %+v", got)
	}
}

// Both sides change payments: what the back office does is seen when asked.
func TestFlow_backOffice(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
	s.pays("")
	office := func(do string, value int64) {
		t.Helper()
		body, _ := json.Marshal(map[string]any{"amount": value, "currency": "EUR"})
		r := httptest.NewRequest("POST", "https://t.example/transactions/"+s.payment.ProviderReference+"/"+do, strings.NewReader(string(body)))
		r.SetBasicAuth(bambora.DemoAccessToken+"@"+bambora.DemoMerchantNumber, bambora.DemoSecretToken)
		w := httptest.NewRecorder()
		if s.world.Sim.ServeHTTP(w, r); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	office("capture", 2000)
	if got := words(s.asked()); got != "authorized 49.99 EUR, captured 20.00 EUR" {
		t.Errorf("asked, it is %s", got)
	}
	if err := s.world.Advance(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if r, err := s.takes("cap_1", 2000); err != nil || words(r.Updates) != "captured 40.00 EUR" || s.books().Captured != 4000 {
		t.Errorf("got %+v, %v: the back office's capture of an hour ago is not the shop's", r, err)
	}
	office("credit", 500)
	if r, err := s.gives(s.operation("ref_1", 700)); err != nil || words(r.Updates) != "refunded 12.00 EUR" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// The plugin works with the simulator where it is mounted below a path.
func TestFlow_mounted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String() + "/bambora"
	sim, err := simulator.New("bambora", simulator.Options{PublicURL: base})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = simulator.Mount(sim)
	server.Start()
	t.Cleanup(func() { server.Close(); _ = sim.Close() })
	a := world.Account()
	for _, name := range []string{"checkout_url", "window_url", "transaction_url", "merchant_url", "login_url"} {
		a.Settings[name] = base + "/"
	}
	p := contract.CannedPayment()
	p.Method = "card"
	for e, input := range map[contract.Export]any{contract.CreatePayment: contract.PaymentInput{Payment: p}, contract.CheckSettings: contract.CheckInput{}} {
		tr, err := conformance.Drive(t.Context(), guesttest.New(provider{}), conformance.Call{
			Export: e, Input: input, Account: a, World: http.DefaultTransport, Now: time.Now().UTC().Truncate(time.Millisecond),
		})
		if err != nil || tr.Answer.Failure != nil || e == contract.CreatePayment && !strings.Contains(string(tr.Answer.Result), `"url":"`+base+"/") {
			t.Errorf("%s: got %+v, %v", e, tr.Answer, err)
		}
	}
}
