package contract

import (
	"encoding/json"
	"slices"
	"time"
)

// Canned gives a valid input of an export, the same bytes every time: what a
// host warms a plugin with and proves it by. A failure is a fair answer to it.
// Describe takes none, so it has none; an unknown export has none either.
//
// The settings are empty and no secret is set, as they depend on the plugin.
// The payment is one that was paid, captured in part and refunded in part; it
// uses every member that the contract has.
func Canned(e Export) []byte {
	input, ok := cannedInputs()[e]
	if !ok {
		return nil
	}
	b, err := json.Marshal(CannedEnvelope(input))
	if err != nil {
		return nil // fixed data, held by a test
	}
	return b
}

// CannedEnvelope is the envelope of the canned inputs around an operation's input.
func CannedEnvelope(input any) Envelope {
	raw, err := json.Marshal(input)
	if err != nil {
		raw = json.RawMessage("null")
	}
	return Envelope{
		Contract: Version,
		Call:     "call_01KJPXW5M0C4NNEDC4NNEDC4NN",
		Now:      cannedTime(0),
		Entropy:  []byte("thirty-two bytes of fixed canned"),
		Settings: json.RawMessage("{}"),
		Secrets:  []string{},
		Input:    raw,
	}
}

// CannedExports lists the exports that have a canned input, of every kind.
func CannedExports() []Export {
	var all []Export
	for _, kind := range []Kind{KindPayment, KindShop} {
		for _, e := range Exports(kind) {
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

func cannedInputs() map[Export]any {
	payment := CannedPayment()
	message := cannedMessage()
	return map[Export]any{
		CreatePayment:   PaymentInput{payment},
		CompletePayment: CompleteInput{Payment: payment, Message: &message},
		GetPayment:      PaymentInput{payment},
		ReceiveWebhook:  WebhookInput{Message: message, Cursor: "page=2"},
		CapturePayment:  CaptureInput{Payment: payment, Capture: payment.Captures[1]},
		CancelPayment:   PaymentInput{payment},
		RefundPayment:   RefundInput{Payment: payment, Refund: payment.Refunds[1]},
		GetRefund:       RefundInput{Payment: payment, Refund: payment.Refunds[0]},
		ListOptions:     OptionsInput{Method: payment.Method, Amount: payment.Amount, Country: "NL", Locale: "nl-NL"},
		CheckSettings:   CheckInput{},
		ReadOrder:       ReadOrderInput{message},
		TellShop:        cannedTelling(),
		SyncShop:        SyncInput{Cursor: "2026-03-02T09:00:00Z"},
	}
}

// cannedTelling says that the canned payment's order was paid.
func cannedTelling() TellInput {
	paid, none := Money{Value: 4999, Currency: "EUR"}, Money{Currency: "EUR"}
	p := CannedPayment()
	return TellInput{
		Event: Event{
			ID: "ord_01KJPXW5M0C4NNEDC4NNEDC4NN.3", Number: 3, Type: OrderPaid, At: cannedTime(1), Payment: p.ID,
			OrderStatus: OrderStatusPaid, RefundStatus: "none", PaymentStatus: "captured",
		},
		Order: Order{
			ID: "ord_01KJPXW5M0C4NNEDC4NNEDC4NN", Reference: p.OrderReference, Status: OrderStatusPaid, RefundStatus: "none",
			Amount: paid, Due: none, Captured: paid, Refunded: none, Released: none, ChargedBack: none, Tip: none, Surcharge: none,
			Payments: []OrderPayment{{
				ID: p.ID, Method: p.Method, Status: "captured", ProviderReference: "canned-reference",
				Amounts: OrderAmounts{Authorized: paid, Captured: paid, Refunded: none, ChargedBack: none},
			}},
			CheckoutURL: "https://pay.example/pay/ord_01KJPXW5M0C4NNEDC4NNEDC4NN.canned", Locale: "nl-NL", Version: 3,
			ExpiresAt: cannedTime(60), CreatedAt: cannedTime(0), UpdatedAt: cannedTime(1),
			Metadata: map[string]string{MetadataPlatform: "canned", MetadataOrderID: "1001", MetadataOrderNumber: "1001"},
		},
	}
}

// cannedTime is so many minutes after the canned calls' beginning.
func cannedTime(minutes int) time.Time {
	return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

func cannedMessage() Message {
	return Message{
		Method: "POST", Path: "/webhooks/acc_canned", Query: "order_id=C4NNED00000000000000REF1&status=COMPLETED",
		Headers: map[string][]string{
			"content-type": {"application/json"}, "user-agent": {"canned/1.0"},
			"x-signature": {"00112233445566778899aabbccddeeff"},
		},
		Body:     `{"event":"canned","reference":"C4NNED00000000000000REF1","amount":4999}`,
		RemoteIP: "192.0.2.7",
	}
}
