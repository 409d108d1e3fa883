package contract

import "encoding/json"

// CannedPayment is the payment of the canned inputs. Tests change what they need.
func CannedPayment() Payment {
	eur := func(v int64) Money { return Money{v, "EUR"} }
	lines := cannedLines()
	return Payment{
		ID: "pay_01KJPXW5M0C4NNEDC4NNEDC4NN", Reference: "C4NNED00000000000000REF1", Number: 100_001, OrderReference: "1001",
		Status: "captured", CreatedAt: cannedTime(-10), Amount: eur(4999), Description: "Order 1001",
		Method: "canned", MethodOptions: map[string]string{"option": "BANKNL2A"},
		Capture: CaptureManual, Locale: "nl-NL",
		Customer: Customer{ID: "cus_7", Name: "Jan de Vries", Email: "jan@example.com", Phone: "+31612345678", IP: "192.0.2.7"},
		BillingAddress: Address{
			FirstName: "Jan", MiddleName: "de", LastName: "Vries", Company: "Vries & Zn.", Street: "Kerkstraat",
			HouseNumber: "12", HouseNumberAddition: "bis", PostalCode: "1234 AB", City: "Utrecht", Region: "UT", Country: "NL",
		},
		ShippingAddress: Address{FirstName: "Zoë", LastName: "Müller", Street: "Hauptstraße", HouseNumber: "1", PostalCode: "10115", City: "Berlin", Country: "DE"},
		Lines:           lines,
		ReturnURL:       "https://pay.example/pay/ord_1.token/return/pay_01KJPXW5M0C4NNEDC4NNEDC4NN",
		CancelURL:       "https://pay.example/pay/ord_1.token?cancelled=1",
		WebhookURL:      "https://pay.example/webhooks/acc_canned",
		ExpiresAt:       cannedTime(50), IdempotencyKey: "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a01",
		ProviderReference: "prov-4711",
		Totals:            Totals{Authorized: eur(4999), Captured: eur(2500), Refunded: eur(500), Tip: eur(0), Surcharge: eur(0)},
		Captures: []Operation{
			{
				ID: "cap_1", Amount: eur(2500), Lines: lines[:1], IdempotencyKey: "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a02",
				ProviderReference: "prov-cap-1", Status: OperationSucceeded, CreatedAt: cannedTime(-5),
			},
			{
				ID: "cap_2", Amount: eur(2499), Final: true, IdempotencyKey: "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a03",
				Status: OperationPending, CreatedAt: cannedTime(0),
			},
		},
		Refunds: []Operation{
			{
				ID: "ref_1", Amount: eur(500), Reason: "broken", IdempotencyKey: "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a04",
				ProviderReference: "prov-ref-1", Status: OperationPending, CreatedAt: cannedTime(-2),
			},
			{ID: "ref_2", Amount: eur(100), IdempotencyKey: "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a05", Status: OperationPending, CreatedAt: cannedTime(0)},
		},
		Transactions: []Transaction{{ID: "tx-1", Type: "PAYMENT", Status: "SUCCESS", Brand: "IDEAL", Amount: eur(4999), OccurredAt: cannedTime(-8)}},
		State:        json.RawMessage(`{}`),
	}
}

func cannedLines() []Line {
	eur := func(v int64) Money { return Money{v, "EUR"} }
	return []Line{
		{
			ID: "1", SKU: "BOOK-1", Name: "A book", Description: "Hard cover", Kind: LinePhysical, Quantity: "2", Unit: "piece",
			UnitPrice: eur(2000), Amount: eur(4000), TaxRate: "9", TaxAmount: eur(330), TaxCode: "low", Codes: map[string]string{"gtin": "9789000000000"},
		},
		{ID: "2", Name: "Shipping", Kind: LineShipping, Quantity: "1", UnitPrice: eur(999), Amount: eur(999), TaxRate: "21", TaxAmount: eur(173)},
	}
}
