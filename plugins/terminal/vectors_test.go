package main

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func money(value int64, currency string) contract.Money {
	return contract.Money{Value: value, Currency: currency}
}

// The amounts of section 12.
func TestAmount_vectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount       contract.Money
		send         string
		read, refuse []string
	}{
		{money(10000, "SEK"), "100", []string{"100.0", "100.00", "1e2", "1.00E+2"}, []string{"100.001", `"100"`, "-100"}},
		{money(11050, "SEK"), "110.5", []string{"110.50", "110.500"}, []string{"110.505"}},
		{money(5, "SEK"), "0.05", []string{"5e-2"}, []string{".05", "5e-3"}},
		{money(100, "JPY"), "100", []string{"100.0"}, []string{"100.5"}},
		{money(1234567890, "SEK"), "12345678.9", []string{"12345678.90"}, []string{"123456789", "1e8", "1e99", "1e999999999999"}},
		{money(1, "KWD"), "0.001", []string{"0.0010"}, []string{"0.0005"}},
		{money(0, "SEK"), "0", []string{"0.00", "0e99", "0e-99"}, []string{"", ".", "1.", "e2", "1e", "1e1.5", "1ee2", "١", "1 ", "NaN", "null", "true"}},
		{money(9999999999, "SEK"), "99999999.99", nil, []string{"99999999.991"}},
	} {
		if got := number(c.amount); string(got) != c.send {
			t.Errorf("%v: got %s, want %s", c.amount, got, c.send)
		}
		for _, text := range append(c.read, c.send) {
			if got, ok := parse(text, c.amount.Currency); !ok || got != c.amount {
				t.Errorf("%s: got %v, %v, want %v", text, got, ok, c.amount)
			}
		}
		for _, text := range c.refuse {
			if got, ok := parse(text, c.amount.Currency); ok {
				t.Errorf("%q %s: got %v, want it refused", text, c.amount.Currency, got)
			}
		}
	}
	if _, ok := parse("1", "XXX"); ok {
		t.Error("an unknown currency is taken")
	}
}

// FuzzParse: what is read and written again is the same amount.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"100.00", "1e2", "1.00E+2", "5e-2", "-1", "99999999.99", "0e99"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := parse(text, "SEK")
		if !ok {
			return
		}
		if again, ok := parse(string(number(m)), "SEK"); !ok || again != m || m.Value < 0 || !json.Valid([]byte(number(m))) {
			t.Errorf("%q: got %v, again %v", text, m, again)
		}
	})
}

// The tips of section 12, and its rules.
func TestTip_vectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		response string
		tip      int64
		flag     string
	}{
		{`{"AuthorizedAmount":110.5,"TipAmount":10.5}`, 1050, ""},
		{`{"AuthorizedAmount":110.5}`, 1050, ""},
		{`{"AuthorizedAmount":100}`, 0, ""},
		{`{"AuthorizedAmount":100,"TipAmount":0}`, 0, ""},
		{`{"AuthorizedAmount":110.5,"TipAmount":10}`, 1000, amountMismatch},
		{`{"AuthorizedAmount":90}`, 0, amountMismatch},
		{`{"AuthorizedAmount":250,"TipAmount":150}`, 15000, tipUnusual},
		{`{"AuthorizedAmount":200,"TipAmount":100}`, 10000, ""},
		{`{"AuthorizedAmount":112.5,"TipAmount":10,"TotalFeesAmount":3,"TotalRebatesAmount":0.5}`, 1000, ""},
		{`{"AuthorizedAmount":150,"CashBackAmount":50}`, 0, amountMismatch},
		{`{"AuthorizedAmount":110,"CashBackAmount":0}`, 1000, ""},
		{`{"AuthorizedAmount":110,"TipAmount":null}`, 0, amountMismatch},
		{`{"AuthorizedAmount":110,"TipAmount":"10"}`, 0, amountMismatch},
		{`{"AuthorizedAmount":100,"TipAmount":300}`, 10000, amountMismatch},
		{`{"AuthorizedAmount":110,"Currency":"EUR"}`, 0, amountMismatch},
	} {
		var a amounts
		if err := json.Unmarshal([]byte(c.response), &a); err != nil {
			t.Fatal(err)
		}
		asked := money(10000, "SEK")
		charged, ok := a.charged(asked)
		if !ok {
			t.Errorf("%s: not read", c.response)
		}
		if tip, flag := a.tip(asked, charged, 100); tip != c.tip || flag != c.flag {
			t.Errorf("%s: got %d %q, want %d %q", c.response, tip, flag, c.tip, c.flag)
		}
	}
}

// The card numbers of section 12, and where they may hide.
func TestMask_vectors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"400262******0005":                  "************0005",
		"**** **** **** 3511":               "**** **** **** 3511",
		"4002620000000005":                  "************0005",
		"4002 6200 0000 0005":               "**** **** **** 0005",
		"4002-6200-0000-0005":               "****-****-****-0005",
		"400262XXXXXX0005":                  "************0005",
		"400262xxxxxx0005 ok":               "************0005 ok",
		"400262••••••0005":                  "************0005",
		"000009103009":                      "000009103009", // 12 digits are a reference
		"556036-0793":                       "556036-0793",  // an organisation number
		"4002620000000006":                  "4002620000000006",
		"400262000000****":                  "400262000000****", // not its end
		"Card: 400262******0005 Ref 12345":  "Card: ************0005 Ref 12345",
		"123456 400262******0005":           "123456 ************0005",
		"400262******0005 123456":           "************0005 123456",
		"2026-11-22 09:05":                  "2026-11-22 09:05",
		"12345678901234567890123":           "12345678901234567890123",
		"":                                  "",
		"x":                                 "x",
		"4002620000000005 4002620000000005": "************0005 ************0005",
	} {
		if got := mask(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzMask: a mask changes digits and mask signs alone, to asterisks, and never
// the last four of a text.
func FuzzMask(f *testing.F) {
	f.Add("400262******0005")
	f.Add("Ref 12 4002 6200 0000 0005 x")
	f.Fuzz(func(t *testing.T, text string) {
		before, after := []rune(text), []rune(mask(text))
		if len(before) != len(after) {
			t.Fatalf("%q: got %q", text, string(after))
		}
		for i, r := range before {
			if r != after[i] && (!isSign(r) || after[i] != '*' || i >= len(before)-4) {
				t.Errorf("%q: got %q", text, string(after))
			}
		}
	})
}

// The keyed lines of section 12.
func TestKeyed_vectors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		line   string
		fields map[string]string
	}{
		"name=Total&value=110%2c50%20SEK&key=totalAmount": {"Total 110,50 SEK", map[string]string{"total": "110,50 SEK"}},
		"key=filler":                                 {"", nil},
		"name=AID&value=A0000000041010&key=aid":      {"AID A0000000041010", map[string]string{"aid": "A0000000041010"}},
		"name=Butiken%20AB&key=header1":              {"Butiken AB", nil},
		"value=400262%2A%2A%2A%2A%2A%2A0005&key=pan": {"400262******0005", map[string]string{"pan": "************0005"}},
		"name=%C3%85l&key=x":                         {"Ål", nil},
		"name=100%25&key=x":                          {"100%", nil},
		"name=50%&key=x":                             {"50%", nil},
		"name=%FF&key=x":                             {"?", nil},
		"Total 110,50 SEK":                           {"Total 110,50 SEK", nil},
		"monkey=yes & no":                            {"monkey=yes & no", nil},
	} {
		fields := map[string]string{}
		if line := keyed(text, fields); line != want.line || !maps.Equal(fields, want.fields) {
			t.Errorf("%s: got %q %v, want %q %v", text, line, fields, want.line, want.fields)
		}
	}
}

func copyOf(qualifier string, sign bool, texts ...string) receiptCopy {
	c := receiptCopy{DocumentQualifier: qualifier, RequiredSignatureFlag: sign}
	for _, text := range texts {
		c.OutputContent.OutputText = append(c.OutputContent.OutputText, outputText{Text: text})
	}
	return c
}

func linesOf(r *contract.Receipt) string {
	var list []string
	for _, l := range r.Lines {
		list = append(list, l.Text)
	}
	return strings.Join(list, "|")
}

func TestReceipt_copies(t *testing.T) {
	t.Parallel()
	customer, shop := copyOf("CustomerReceipt", false, "customer"), copyOf("CashierReceipt", false, "shop")
	signed := copyOf("CashierReceipt", true, "shop 400262******0005")
	for name, c := range map[string]struct {
		copies []receiptCopy
		lines  string
		sign   bool
	}{
		"both, one printed":      {[]receiptCopy{shop, customer}, "customer", false},
		"to be signed":           {[]receiptCopy{signed, customer}, "customer|shop ************0005", true},
		"signed, shop copy only": {[]receiptCopy{signed}, "shop ************0005", true},
		"others":                 {[]receiptCopy{copyOf("Journal", false, "x"), customer}, "customer", false},
	} {
		r := receipt(c.copies)
		if r == nil || linesOf(r) != c.lines || r.SignatureRequired != c.sign {
			t.Errorf("%s: got %+v, want %q, %v", name, r, c.lines, c.sign)
		}
	}
	for name, copies := range map[string][]receiptCopy{"none": nil, "the shop's alone": {shop}, "empty": {copyOf("CustomerReceipt", false)}} {
		if r := receipt(copies); r != nil {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

func TestReceipt_base64(t *testing.T) {
	t.Parallel()
	text := base64.StdEncoding.EncodeToString([]byte(`{"Cardholder":{"Mandatory":{"CardDetails":{"CardSchemeName":{"ApplicationLabel":"VISA"},"PrimaryAccountNumber":"4002620000000005"},
		"Payment":{"PaymentAmount":"100,00","TotalAmount":"110,50","TransactionSource":"K"},"Acquirer":{"TerminalID":"80000091"},"Outcome":{"ApprovalCode":"611506"}},
		"Optional":{"ReceiptString":["KÖP","4002 6200 0000 0005","",7]}}}`))
	r := receipt([]receiptCopy{copyOf("CustomerReceipt", false, text)})
	want := map[string]string{"card_name": "VISA", "pan": "************0005", "amount": "100,00", "total": "110,50", "entry_mode": "K", "tid": "80000091", "auth_code": "611506"}
	if r == nil || linesOf(r) != "KÖP|**** **** **** 0005|" || !maps.Equal(r.Fields, want) {
		t.Errorf("got %+v", r)
	}
	for _, other := range []string{`{"Someone":{}}`, `[]`, `{`} {
		plain := base64.StdEncoding.EncodeToString([]byte(other))
		if r := receipt([]receiptCopy{copyOf("CustomerReceipt", false, plain)}); linesOf(r) != plain {
			t.Errorf("%s: got %+v", other, r)
		}
	}
}

func TestReceipt_layout(t *testing.T) {
	t.Parallel()
	no := false
	c := receiptCopy{DocumentQualifier: "CustomerReceipt"}
	c.OutputContent.OutputText = []outputText{
		{Text: "Butik", CharacterStyle: "Bold", Alignment: "Centred"}, {Text: "Stort", CharacterHeight: "DoubleHeight"}, {Text: "mitt", Alignment: "Centred"},
		{Text: "a", EndOfLineFlag: &no}, {Text: "b"}, {Text: "tail\x00\n", EndOfLineFlag: &no},
	}
	r := receipt([]receiptCopy{c})
	got, err := json.Marshal(r.Lines)
	const want = `[{"text":"Butik","style":"bold"},{"text":"Stort","style":"large"},{"text":"mitt","style":"center"},{"text":"ab"},{"text":"tail  "}]`
	if err != nil || string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	long := copyOf("CustomerReceipt", false, strings.Repeat("å", maxLine))
	for range maxLines {
		long.OutputContent.OutputText = append(long.OutputContent.OutputText, outputText{Text: "x"})
	}
	if r := receipt([]receiptCopy{long}); len(r.Lines) != maxLines || r.Lines[0].Text != strings.Repeat("å", maxLine/2) {
		t.Errorf("got %d lines, the first of %d bytes", len(r.Lines), len(r.Lines[0].Text))
	}
}

func TestDerived(t *testing.T) {
	t.Parallel()
	const key = "7f9c24e8-3b2d-4f4a-9c0f-1b2c3d4e5f60"
	a, b := derived(reversalOf, key), derived(refundOf, key)
	if a != derived(reversalOf, strings.ToUpper(key)) || a[1:] != b[1:] || a[0] == b[0] || len(a) != 10 {
		t.Errorf("got %s and %s", a, b)
	}
	if derived(refundOf, key[:35]+"1") == b {
		t.Error("another key gives the same ServiceID")
	}
}
