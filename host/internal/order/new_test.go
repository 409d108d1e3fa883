package order

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func goodSpec(currency string) Spec {
	m := func(v int64) Money { return Money{Value: v, Currency: currency} }
	return Spec{
		ID: "ord_1", Secret: "s", Shop: "shop", Reference: "2026/17 ä", Amount: m(4500), Description: "Two\nlines",
		Lines: []contract.Line{
			{ID: "1", Name: "Cheese", Kind: contract.LinePhysical, Quantity: "2.5", UnitPrice: m(2000), Amount: m(5000), TaxRate: "9", TaxAmount: m(413), Codes: map[string]string{"gtin": "1"}},
			{Name: "Third of a kilo", Kind: contract.LinePhysical, Quantity: "0.333", UnitPrice: m(1000), Amount: m(333)},
			{Name: "Rounded", Kind: contract.LineService, Quantity: "0.3335", UnitPrice: m(500), Amount: m(167)},
			{Name: "Voucher", Kind: contract.LineDiscount, Quantity: "1", UnitPrice: m(-1000), Amount: m(-1000), TaxRate: "21", TaxAmount: m(-174)},
		},
		Customer: contract.Customer{Name: "Zoë", Email: "zoe@example.com", IP: "2001:db8::1"}, BillingAddress: contract.Address{City: "Sofia", Country: "BG"},
		Locale: "zh-Hant-TW", Country: "NL", Methods: []string{"ideal"}, Capture: contract.CaptureManual,
		ReturnURL: "https://shop.example/r", CancelURL: "https://shop.example/c", NotifyURL: "http://127.0.0.1:1/n",
		ExpiresAt: start.Add(MaxLife), Metadata: map[string]string{"cart": "1"},
	}
}

func TestNew_takesAGoodOrder(t *testing.T) {
	t.Parallel()
	for _, c := range currencies {
		o, events, err := New(goodSpec(c), start.In(time.FixedZone("", 3600)))
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		if err := Check(o, events); err != nil {
			t.Errorf("%s: %v", c, err)
		}
		if o.Status() != Open || o.Due() != o.Amount || o.Schema != Schema || o.CreatedAt.Location() != time.UTC {
			t.Errorf("%s: order %+v", c, o)
		}
	}
}

func TestNew_defaults(t *testing.T) {
	t.Parallel()
	s := Spec{ID: "ord_1", Secret: "s", Shop: "shop", Reference: "1", Amount: Money{Value: MaxAmount, Currency: "TND"}}
	o, _, err := New(s, start)
	if err != nil {
		t.Fatal(err)
	}
	if o.Capture != contract.CaptureAutomatic || !o.ExpiresAt.Equal(start.Add(time.Hour)) {
		t.Errorf("capture %s, expires %s", o.Capture, o.ExpiresAt)
	}
}

func TestNew_withoutTheHostsPart_isAnError(t *testing.T) {
	t.Parallel()
	for _, spoil := range []func(*Spec){func(s *Spec) { s.ID = "" }, func(s *Spec) { s.Secret = "" }, func(s *Spec) { s.Shop = "" }} {
		s := goodSpec("EUR")
		spoil(&s)
		var invalid *InvalidError
		if _, _, err := New(s, start); err == nil || errors.As(err, &invalid) {
			t.Errorf("got %v, want an error that is not the shop's", err)
		}
	}
}

func TestNew_problems(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 256)
	many := map[string]string{}
	for _, r := range strings.Repeat("a", 51) {
		many[string(r)+strings.Repeat("b", len(many)%40)+strings.Repeat("c", len(many)/40)] = ""
	}
	for pointer, spoils := range map[string][]func(*Spec){
		"/reference":                   {func(s *Spec) { s.Reference = "" }, func(s *Spec) { s.Reference = long }, func(s *Spec) { s.Reference = "a\nb" }, func(s *Spec) { s.Reference = "\xff" }},
		"/amount/value":                {func(s *Spec) { s.Amount.Value, s.Lines = 0, nil }, func(s *Spec) { s.Amount.Value, s.Lines = -1, nil }, func(s *Spec) { s.Amount.Value, s.Lines = MaxAmount+1, nil }},
		"/amount/currency":             {func(s *Spec) { s.Amount.Currency, s.Lines = "XXX", nil }, func(s *Spec) { s.Amount.Currency, s.Lines = "eur", nil }},
		"/description":                 {func(s *Spec) { s.Description = strings.Repeat("x", 1001) }},
		"/locale":                      {func(s *Spec) { s.Locale = "nl_NL" }, func(s *Spec) { s.Locale = "n" }},
		"/country":                     {func(s *Spec) { s.Country = "nl" }, func(s *Spec) { s.Country = "NLD" }},
		"/capture":                     {func(s *Spec) { s.Capture = "later" }},
		"/return_url":                  {func(s *Spec) { s.ReturnURL = "/back" }, func(s *Spec) { s.ReturnURL = "javascript:alert(1)" }, func(s *Spec) { s.ReturnURL = "https://u:p@a.example" }},
		"/cancel_url":                  {func(s *Spec) { s.CancelURL = "ftp://a" }},
		"/notify_url":                  {func(s *Spec) { s.NotifyURL = "https://" + long + long + strings.Repeat("x", 2048) }},
		"/expires_at":                  {func(s *Spec) { s.ExpiresAt = start }, func(s *Spec) { s.ExpiresAt = start.Add(MaxLife + 1) }},
		"/methods/1":                   {func(s *Spec) { s.Methods = []string{"ideal", "No!"} }},
		"/methods":                     {func(s *Spec) { s.Methods = make([]string, 101) }},
		"/metadata":                    {func(s *Spec) { s.Metadata = many }},
		"/metadata/a~1b~0":             {func(s *Spec) { s.Metadata = map[string]string{"a/b~": strings.Repeat("x", 501)} }},
		"/metadata/":                   {func(s *Spec) { s.Metadata = map[string]string{"": ""} }},
		"/customer/name":               {func(s *Spec) { s.Customer.Name = "a\x00" }},
		"/customer/email":              {func(s *Spec) { s.Customer.Email = "zoe" }, func(s *Spec) { s.Customer.Email = "a b@c" }, func(s *Spec) { s.Customer.Email = "a@" }},
		"/customer/ip":                 {func(s *Spec) { s.Customer.IP = "1.2.3" }},
		"/billing_address/city":        {func(s *Spec) { s.BillingAddress.City = long }},
		"/shipping_address/country":    {func(s *Spec) { s.ShippingAddress.Country = "x" }},
		"/lines":                       {func(s *Spec) { s.Lines[1].Amount.Value, s.Lines[1].UnitPrice = 334, Money{} }, func(s *Spec) { s.Lines = make([]contract.Line, 501) }},
		"/lines/0/name":                {func(s *Spec) { s.Lines[0].Name = "" }},
		"/lines/0/kind":                {func(s *Spec) { s.Lines[0].Kind = "gift" }},
		"/lines/0/quantity":            {func(s *Spec) { s.Lines[0].Quantity = "" }, func(s *Spec) { s.Lines[0].Quantity = "1e3" }, func(s *Spec) { s.Lines[0].Quantity = "0.0" }, func(s *Spec) { s.Lines[0].Quantity = "-1" }},
		"/lines/0/amount/value":        {func(s *Spec) { s.Lines[0].UnitPrice.Value = 2001 }, func(s *Spec) { s.Lines[0].Kind = contract.LineDiscount }, func(s *Spec) { s.Lines[0].Amount.Value = MaxAmount + 1 }},
		"/lines/3/amount/value":        {func(s *Spec) { s.Lines[3].Kind = contract.LineFee }},
		"/lines/0/amount/currency":     {func(s *Spec) { s.Lines[0].Amount.Currency = "USD" }},
		"/lines/0/unit_price/currency": {func(s *Spec) { s.Lines[0].UnitPrice.Currency = "USD" }},
		"/lines/0/tax_rate":            {func(s *Spec) { s.Lines[0].TaxRate = "101" }, func(s *Spec) { s.Lines[0].TaxRate = "21%" }},
		"/lines/0/tax_amount/value":    {func(s *Spec) { s.Lines[0].TaxAmount.Value = 5001 }, func(s *Spec) { s.Lines[0].TaxAmount.Value = -1 }, func(s *Spec) { s.Lines[0].TaxRate = "0" }},
		"/lines/3/tax_amount/value":    {func(s *Spec) { s.Lines[3].TaxAmount.Value = 1 }},
		"/lines/0/tax_amount/currency": {func(s *Spec) { s.Lines[0].TaxAmount.Currency = "USD" }},
		"/lines/0/codes":               {func(s *Spec) { s.Lines[0].Codes = many }},
		"/lines/0/codes/x":             {func(s *Spec) { s.Lines[0].Codes = map[string]string{"x": long} }},
	} {
		for i, spoil := range spoils {
			s := goodSpec("EUR")
			spoil(&s)
			_, _, err := New(s, start)
			var invalid *InvalidError
			if !errors.As(err, &invalid) {
				t.Errorf("%s %d: got %v, want *InvalidError", pointer, i, err)
				continue
			}
			found := false
			for _, p := range invalid.Problems {
				found = found || p.Pointer == pointer && p.Message != ""
			}
			if !found {
				t.Errorf("%s %d: got %v", pointer, i, err)
			}
		}
	}
}

func TestNew_collectsEveryProblem(t *testing.T) {
	t.Parallel()
	s := goodSpec("EUR")
	s.Reference, s.Country, s.ReturnURL = "", "x", "x"
	_, _, err := New(s, start)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 3 || !strings.Contains(err.Error(), "/return_url") {
		t.Errorf("got %v, want three problems", err)
	}
}

func TestNew_keepsNothingOfItsArgument(t *testing.T) {
	t.Parallel()
	s, same := goodSpec("EUR"), goodSpec("EUR")
	o, _, err := New(s, start)
	if err != nil {
		t.Fatal(err)
	}
	s.Lines[0].Codes["gtin"], s.Lines[1].Name, s.Methods[0], s.Metadata["cart"] = "x", "x", "x", "x"
	if !reflect.DeepEqual(o.Lines, same.Lines) || !reflect.DeepEqual(o.Methods, same.Methods) || !reflect.DeepEqual(o.Metadata, same.Metadata) {
		t.Errorf("the order changed with its spec: %+v", o)
	}
}

// An order that its shop did not ask for by itself is told of at once.
func TestNew_announced(t *testing.T) {
	s := Spec{ID: "ord_1", Secret: "s", Shop: "shop", Reference: "1", Amount: Money{Value: 4500, Currency: "EUR"}, Announce: true}
	o, events, err := New(s, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 || events[0].Type != OrderCreated || events[1].Type != OrderOpen || events[1].Number != 2 || o.LastEvent != 2 {
		t.Errorf("got %+v", events)
	}
	if err := Check(o, events); err != nil {
		t.Error(err)
	}
}
