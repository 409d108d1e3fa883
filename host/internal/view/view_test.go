package view_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/httpapi"
	"github.com/kassette-pay/kassette/host/internal/httpapi/openapitest"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/view"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var update = flag.Bool("update", false, "write the golden files anew")

const secret = "k3v7q2m5n4p6r7s2t3u4v5w6x7y2z3a4"

var (
	began = time.Date(2026, 11, 22, 14, 30, 0, 123_456_789, time.UTC)
	maker = view.Maker{PublicURL: "https://pay.example"}
	eur   = func(v int64) order.Money { return order.Money{Value: v, Currency: "EUR"} }
)

// story is an order with all that happened to it.
type story struct {
	t      *testing.T
	order  order.Order
	events []order.Event
	at     time.Time
}

func begin(t *testing.T, change func(*order.Spec)) *story {
	t.Helper()
	s := order.Spec{
		ID: "ord_7f01KAN1D9YZ4Q0V6N8B2M3C4X5Z", Secret: secret, Shop: "bar", Reference: "bar-1001", Amount: eur(4999),
		Locale: "nl-NL", ReturnURL: "https://shop.example/", Metadata: map[string]string{"till": "4"},
	}
	if change != nil {
		change(&s)
	}
	o, events, err := order.New(s, began)
	if err != nil {
		t.Fatal(err)
	}
	return &story{t, o, events, began}
}

func (s *story) then(changes ...order.Change) *story {
	s.t.Helper()
	for _, c := range changes {
		s.at = s.at.Add(time.Minute)
		o, events, err := order.Apply(s.order, c, s.at)
		if err != nil {
			s.t.Fatalf("%T: %v", c, err)
		}
		s.order, s.events = o, append(s.events, events...)
	}
	return s
}

const payment = "pay_01KAN1D9YZ4Q0V6N8B2M3C4X5Z"

func reserve() order.Reserve {
	return order.Reserve{
		Payment: payment, Reference: "7FABCDEFGHIJKLMNOPQRSTUV", Method: "transfer", Account: "acc", IdempotencyKey: "hidden-key", Seen: -1,
		Plugin: order.Plugin{Name: "transfer", Version: "1.2.0", Digest: strings.Repeat("0a", 32)},
		Rules: contract.Rules{
			Capture: &contract.CaptureRule{Automatic: true, Manual: true, Partial: true},
			Refund:  &contract.RefundRule{Full: true, Partial: true, Multiple: true},
		},
	}
}

func created(a contract.Action) order.Created {
	return order.Created{Payment: payment, At: began, Result: contract.CreateResult{ProviderReference: "T-881", Action: a, State: json.RawMessage(`{"hidden":"state"}`)}}
}

func reported(updates ...contract.Update) order.Reported {
	for i := range updates {
		updates[i].Payment, updates[i].Trust = contract.PaymentKey{ID: payment}, contract.Verified
		updates[i].OccurredAt = began.Add(time.Hour)
	}
	return order.Reported{Payment: payment, Updates: updates, Source: contract.ReceiveWebhook, At: began.Add(time.Hour)}
}

func stories(t *testing.T) map[string]*story {
	redirect := contract.Action{Type: contract.ActionRedirect, URL: "https://psp.example/start?a=1&b=<2>"}
	return map[string]*story{
		"open":     begin(t, nil),
		"yen":      begin(t, func(s *order.Spec) { s.Amount, s.Metadata = order.Money{Value: 4999, Currency: "JPY"}, nil }),
		"dinar":    begin(t, func(s *order.Spec) { s.Amount.Currency = "TND" }),
		"redirect": begin(t, nil).then(reserve(), created(redirect)),
		"form": begin(t, nil).then(reserve(), created(contract.Action{
			Type: contract.ActionForm, URL: "https://psp.example/form", Fields: [][2]string{{"b", "2"}, {"a", "1"}},
		})),
		"wait": begin(t, nil).then(reserve(), created(contract.Action{Type: contract.ActionWait, Text: contract.Text{"en": "Look at the terminal.", "nl": "Kijk op de terminal."}})),
		"failed": begin(t, nil).then(reserve(), order.CallFailed{
			Payment: payment, Export: contract.CreatePayment, At: began, Outcome: order.OutcomeKnown,
			Failure: contract.Failure{Code: contract.Declined, Message: "hidden message", ProviderMessage: "hidden words", UserMessage: contract.Text{"en": "Your bank said no.", "nl": "Uw bank weigerde."}},
		}),
		"unknown": begin(t, nil).then(reserve(), order.CallFailed{
			Payment: payment, Export: contract.CreatePayment, At: began, Outcome: order.OutcomeUnknown, Failure: contract.Failure{Code: contract.ProviderUnavailable},
		}),
		"paid": begin(t, nil).then(reserve(), created(redirect), reported(contract.Update{
			Type: contract.UpdateCaptured, Amount: eur(5599), Tip: eur(500), Surcharge: eur(100), Fee: eur(29), Brand: "MAESTRO",
			Receipt: &contract.Receipt{Lines: []contract.ReceiptLine{{Text: "KOPIE", Style: "bold"}, {Text: "Totaal 55,99"}}, Fields: map[string]string{"aid": "A0000000043060"}, SignatureRequired: true},
		}), order.SetControlReference{Reference: "CU-0007731"}),
		"refunded": begin(t, nil).then(reserve(), created(redirect), reported(contract.Update{Type: contract.UpdateCaptured, Amount: eur(4999)}),
			order.RequestRefund{ID: "ref_a", Amount: eur(1000), Reason: "broken", IdempotencyKey: "hidden-key"},
			order.OperationEnded{Payment: payment, Export: contract.RefundPayment, Operation: "ref_a", At: began.Add(2 * time.Hour), Result: contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "R-1", Updates: []contract.Update{{
				Type: contract.UpdateRefunded, Trust: contract.Verified, Amount: eur(1000), Item: &contract.Item{ID: "ref_a"}, Receipt: &contract.Receipt{Lines: []contract.ReceiptLine{{Text: "TERUG 10,00"}}}}}}},
			order.RequestRefund{ID: "ref_b", Amount: eur(500), IdempotencyKey: "hidden-key"}),
		"captured_in_part": begin(t, func(s *order.Spec) { s.Capture = contract.CaptureManual }).then(reserve(), created(redirect),
			reported(contract.Update{Type: contract.UpdateAuthorized, Amount: eur(4999)}),
			order.RequestCapture{ID: "cap_a", Payment: payment, Amount: eur(4000), Final: true, IdempotencyKey: "hidden-key"},
			order.OperationEnded{Payment: payment, Export: contract.CapturePayment, Operation: "cap_a", At: began.Add(2 * time.Hour), Result: contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "C-1"}}),
		"refund_elsewhere": begin(t, nil).then(func() order.Reserve {
			r := reserve()
			r.Rules.Refund = &contract.RefundRule{Elsewhere: contract.Text{"en": "Refund it in the provider's account.", "nl": "Betaal het terug in het account bij de provider."}}
			return r
		}(), created(redirect), reported(contract.Update{Type: contract.UpdateCaptured, Amount: eur(4999)})),
		"cancelled": begin(t, nil).then(order.Cancel{}),
	}
}

func checker(t *testing.T) *openapitest.Checker {
	t.Helper()
	document, err := httpapi.Document("https://pay.example")
	if err != nil {
		t.Fatal(err)
	}
	c, err := openapitest.New(document)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOrder shows each story as a shop sees it; the timeline only has to fit the document.
func TestOrder(t *testing.T) {
	c := checker(t)
	for name, s := range stories(t) {
		t.Run(name, func(t *testing.T) {
			o := s.order
			o.LastEvent = 7 // how many events a story has is for the domain to say
			shown, err := view.JSON(maker.Order(o, s.at))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Validate("Order", shown); err != nil {
				t.Errorf("%s: %v", shown, err)
			}
			golden(t, name, indent(t, shown))
			text := string(indent(t, shown))
			for _, e := range s.events {
				line, err := view.JSON(maker.Event(s.order.ID, e))
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Validate("Event", line); err != nil {
					t.Errorf("%s: %v", line, err)
				}
				text += string(line)
			}
			if strings.Count(text, secret) != 1 || !strings.Contains(text, `"checkout_url": "https://pay.example/pay/`+s.order.ID+"."+secret+`"`) {
				t.Error("the pay link's secret is not in checkout_url alone")
			}
			for _, hidden := range []string{"hidden", `\u0026`, `"decimal"`, "0001-01-01"} {
				if strings.Contains(text, hidden) {
					t.Errorf("it shows %q", hidden)
				}
			}
		})
	}
}

func indent(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and read the diff:\n%s", path, got)
	}
}

func TestEvent(t *testing.T) {
	snapshot := order.Snapshot{Status: order.Paid, RefundStatus: order.RefundPartial}
	tests := []struct {
		event order.Event
		want  string
	}{
		{order.Event{Number: 1, Type: order.OrderCreated, At: began, Order: order.Snapshot{Status: order.Open, RefundStatus: order.RefundNone}},
			`{"id":"ord_1.1","order":"ord_1","number":1,"type":"order.created","at":"2026-11-22T14:30:00.123Z","payment":null,"operation":null,"amount":null,"detail":null,"order_status":"open","refund_status":"none","payment_status":null}`},
		{order.Event{Number: 12, Type: order.RefundSucceeded, At: began.In(time.FixedZone("", 3600)), Payment: payment, Operation: "ref_a", Amount: eur(1000), Detail: "a & b", Order: snapshot, Of: &order.PaymentSnapshot{Status: order.PaymentCaptured}},
			`{"id":"ord_1.12","order":"ord_1","number":12,"type":"refund.succeeded","at":"2026-11-22T14:30:00.123Z","payment":"` + payment + `","operation":"ref_a","amount":{"value":1000,"currency":"EUR"},"detail":"a & b","order_status":"paid","refund_status":"partial","payment_status":"captured"}`},
	}
	for _, tt := range tests {
		if got, err := view.JSON(maker.Event("ord_1", tt.event)); err != nil || string(got) != tt.want+"\n" {
			t.Errorf("got %s (%v), want %s", got, err, tt.want)
		}
	}
}

func TestOrder_sameBytesForTheSameOrder(t *testing.T) {
	s := stories(t)["paid"]
	first, err := view.JSON(maker.Order(s.order, s.at))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := view.JSON(maker.Order(s.order, s.at)); err != nil || !bytes.Equal(first, again) {
			t.Fatalf("got %s, then %s (%v)", first, again, err)
		}
	}
}

func TestOrder_doesNotShareItsMaps(t *testing.T) {
	s := begin(t, nil)
	maker.Order(s.order, s.at).Metadata["till"] = "changed"
	if s.order.Metadata["till"] != "4" {
		t.Error("the view changed the order")
	}
}

func TestLocalize(t *testing.T) {
	text := contract.Text{"en": "Paid", "nl": "Betaald", "de-AT": "Bezahlt", "pt-BR": "Pago"}
	tests := []struct {
		text         contract.Text
		locale, want string
	}{
		{text, "nl", "Betaald"},
		{text, "nl-BE", "Betaald"},
		{text, "nl-NL", "Betaald"},
		{text, "de", "Bezahlt"},
		{text, "de-CH", "Bezahlt"},
		{text, "pt", "Pago"},
		{text, "fi", "Paid"},
		{text, "", "Paid"},
		{text, "no such!", "Paid"},
		{contract.Text{"sv": "Betald", "bg": "Платено"}, "fi", "Платено"},
		{contract.Text{"!": "x"}, "nl", ""},
		{nil, "nl", ""},
	}
	for _, tt := range tests {
		if got := view.Localize(tt.text, tt.locale); got != tt.want {
			t.Errorf("%v in %q: got %q, want %q", tt.text, tt.locale, got, tt.want)
		}
	}
}
