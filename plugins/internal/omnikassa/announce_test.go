package omnikassa

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// The order as it is on the wire: amounts are numbers in cents, the shop's
// number is in what the consumer and the bank statement read, and nothing is
// signed or left empty.
func TestAnnounce_onTheWire(t *testing.T) {
	t.Parallel()
	b := newBank(t).on("/v2/order", reply{201, `{"redirectUrl":"https://pay.rabobank.nl/x","omnikassaOrderId":"1d0a95f4-2589-439b-9562-c50aa19f9caf"}`})
	p := payment()
	p.OrderReference, p.Description = "Å-10/01 & more than fits a bank statement", "Three books"
	if _, err := drive[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: p}); err != nil {
		t.Fatal(err)
	}
	sent := b.asked[len(b.asked)-1]
	var got map[string]json.RawMessage
	if err := json.Unmarshal([]byte(sent.body), &got); err != nil || sent.path != "/omnikassa-api/order/server/api/v2/order" || sent.authorization != "Bearer access-1" {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	for name, want := range map[string]string{
		"timestamp": `"2026-03-02T09:30:00.000Z"`, "merchantOrderId": `"` + p.Reference + `"`, "amount": `{"currency":"EUR","amount":4999}`,
		"merchantReturnURL": `"` + p.ReturnURL + `"`, "language": `"NL"`, "paymentBrand": `"IDEAL"`, "shopperBankstatementReference": `"1001morethanfitsabanksta"`,
		"description": `"Å-10/01 \u0026 more than fits a bank sta"`,
	} {
		if string(got[name]) != want {
			t.Errorf("%s: got %s, want %s", name, got[name], want)
		}
	}
	for name, v := range got {
		if name == "signature" || string(v) == "null" || string(v) == `""` || string(v) == "[]" {
			t.Errorf("%s is %s: what is empty is left out, and nothing is signed", name, v)
		}
	}
}

func TestDescription_carriesTheShopsNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ reference, text, want string }{
		{"1001", "", "1001"},
		{"1001", "Order 1001", "Order 1001"},
		{"1001", "Three books", "1001 Three books"},
		{"1001", strings.Repeat("é", 40) + "1001", "1001 " + strings.Repeat("é", 30)},
		{strings.Repeat("9", 40), "x", strings.Repeat("9", 35)},
	} {
		if got := description(contract.Payment{OrderReference: c.reference, Description: c.text}); got != c.want {
			t.Errorf("%q of %q: got %q, want %q", c.text, c.reference, got, c.want)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"nl-NL": "NL", "nl": "NL", "de-AT": "DE", "fr-BE": "FR", "en": "EN", "bg-BG": "EN", "": "EN", "nlx": "EN"} {
		if got := language(locale); got != want {
			t.Errorf("%q: got %s, want %s", locale, got, want)
		}
	}
}

// A name that is too long is refused, and counted with entities.
func TestItemName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "-", "<>": "-", "tea\n": "tea", "<b>tea</b>": "btea/b",
		strings.Repeat("a", 51):         strings.Repeat("a", 50),
		strings.Repeat("é", 51):         strings.Repeat("é", 50),
		strings.Repeat("&", 11):         strings.Repeat("&", 10),
		strings.Repeat("＆", 11):         strings.Repeat("＆", 10),
		strings.Repeat("a", 46) + "&":   strings.Repeat("a", 46),
		strings.Repeat("a", 45) + "&":   strings.Repeat("a", 45) + "&",
		"a" + strings.Repeat("<", 60):   "a",
		strings.Repeat("＜", 60) + "tea": "tea",
	} {
		if got := itemName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// The bank drops all items in silence where they do not add up, so that they
// are left out; what has no price in whole cents is one piece.
func TestItems(t *testing.T) {
	t.Parallel()
	eur := func(v int64) contract.Money { return contract.Money{Value: v, Currency: "EUR"} }
	line := func(quantity string, amount int64) contract.Line {
		return contract.Line{Name: "x", Quantity: quantity, Amount: eur(amount), TaxRate: "21.0", TaxAmount: eur(amount / 10)}
	}
	for name, c := range map[string]struct {
		lines []contract.Line
		total int64
		want  []int64 // quantity and price of each
	}{
		"none":                    {nil, 100, nil},
		"do not add up":           {[]contract.Line{line("1", 99)}, 100, nil},
		"a discount":              {[]contract.Line{line("1", 150), line("1", -50)}, 100, []int64{1, 150, 1, -50}},
		"several pieces":          {[]contract.Line{line("4", 100)}, 100, []int64{4, 25}},
		"thirds of a cent":        {[]contract.Line{line("3", 100)}, 100, []int64{1, 100}},
		"by weight":               {[]contract.Line{line("0.5", 100)}, 100, []int64{1, 100}},
		"no quantity":             {[]contract.Line{line("0", 100)}, 100, []int64{1, 100}},
		"beyond 32 bits":          {[]contract.Line{line("2147483648", 2147483648)}, 2147483648, []int64{1, 2147483648}},
		"more than the bank's 99": {make([]contract.Line, 100), 0, nil},
	} {
		got := items(c.lines, eur(c.total))
		if len(got) != len(c.want)/2 {
			t.Errorf("%s: got %+v, want %d items", name, got, len(c.want)/2)
			continue
		}
		for i, item := range got {
			if item.Quantity != c.want[2*i] || item.Amount.Amount != c.want[2*i+1] || item.Category != "PHYSICAL" || item.VATCategory != "1" {
				t.Errorf("%s: got %+v at %d of %d", name, item, item.Amount.Amount, item.Quantity)
			}
		}
	}
}

// A missing part is refused by the bank: then the whole address is left out.
func TestAddress(t *testing.T) {
	t.Parallel()
	good := contract.Address{FirstName: "Jan", LastName: "Vries", Street: "Kerkstraat", PostalCode: "1234 ab", City: "Utrecht", Country: "NL"}
	for name, c := range map[string]struct {
		change func(*contract.Address)
		code   string // "": left out
	}{
		"as it is":              {func(*contract.Address) {}, "1234AB"},
		"no last name":          {func(a *contract.Address) { a.LastName = "" }, ""},
		"no street":             {func(a *contract.Address) { a.Street = "" }, ""},
		"no city":               {func(a *contract.Address) { a.City = "" }, ""},
		"no country":            {func(a *contract.Address) { a.Country = "" }, ""},
		"a Dutch code too long": {func(a *contract.Address) { a.PostalCode = "1234 ABC" }, ""},
		"a Belgian code":        {func(a *contract.Address) { a.Country, a.PostalCode = "BE", "1000" }, "1000"},
		"no Belgian code":       {func(a *contract.Address) { a.Country = "BE" }, ""},
		"a German code":         {func(a *contract.Address) { a.Country, a.PostalCode = "DE", "10115" }, "10115"},
		"another country's":     {func(a *contract.Address) { a.Country, a.PostalCode = "GB", "SW1A 1AA" }, "SW1A 1AA"},
		"longer than any":       {func(a *contract.Address) { a.Country, a.PostalCode = "GB", "SW1A 1AA 12" }, ""},
	} {
		a := good
		c.change(&a)
		got := addressOf(a)
		if (got == nil) != (c.code == "") || got != nil && got.PostalCode != c.code {
			t.Errorf("%s: got %+v, want code %q", name, got, c.code)
		}
	}
	long := good
	long.City, long.HouseNumberAddition = strings.Repeat("é", 60), "1234567"
	if got := addressOf(long); got == nil || len([]rune(got.City)) != 40 || got.HouseNumberAddition != "123456" {
		t.Errorf("too long is cut: got %+v", got)
	}
}

// Half an address of mail is none.
func TestCustomer(t *testing.T) {
	t.Parallel()
	got := customerOf(contract.Customer{Name: strings.Repeat("n", 200), Email: strings.Repeat("e", 40) + "@a.example", Phone: strings.Repeat("1", 32)})
	if got == nil || got.Email != "" || got.Telephone != "" || len(got.FullName) != 128 {
		t.Errorf("got %+v", got)
	}
	if got := customerOf(contract.Customer{ID: "cus_1", IP: "192.0.2.1"}); got != nil {
		t.Errorf("got %+v, want none", got)
	}
}

func TestCreate_refusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*contract.Payment)
		want   contract.FailureCode
	}{
		"another method":      {func(p *contract.Payment) { p.Method = "other" }, contract.Unsupported},
		"too long a way back": {func(p *contract.Payment) { p.ReturnURL = "https://pay.example/" + strings.Repeat("a", 1024) }, contract.InvalidRequest},
	} {
		p, b := payment(), newBank(t)
		c.change(&p)
		_, err := drive[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: p})
		if failed(err) != c.want || len(b.asked) != 0 {
			t.Errorf("%s: got %v after %+v, want %q and nothing sent", name, err, b.asked, c.want)
		}
	}
}
