package contract_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/Rhymond/go-money"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestParseDecimal_refuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		decimal, currency string
		want              error
	}{
		{"", "EUR", contract.ErrDecimal},
		{".", "EUR", contract.ErrDecimal},
		{"1.", "EUR", contract.ErrDecimal},
		{".5", "EUR", contract.ErrDecimal},
		{"-", "EUR", contract.ErrDecimal},
		{"--1", "EUR", contract.ErrDecimal},
		{"+1", "EUR", contract.ErrDecimal},
		{" 1", "EUR", contract.ErrDecimal},
		{"1,50", "EUR", contract.ErrDecimal},
		{"1.2.3", "EUR", contract.ErrDecimal},
		{"1e3", "EUR", contract.ErrDecimal},
		{"0x10", "EUR", contract.ErrDecimal},
		{"١", "EUR", contract.ErrDecimal},
		{"1.001", "EUR", contract.ErrDecimal},
		{"1.5", "JPY", contract.ErrDecimal},
		{"1.0001", "TND", contract.ErrDecimal},
		{"92233720368547758.08", "EUR", contract.ErrDecimal},
		{strings.Repeat("9", 400), "JPY", contract.ErrDecimal},
		{"1", "", contract.ErrCurrency},
		{"1", "eur", contract.ErrCurrency},
		{"1", "XAU", contract.ErrCurrency},
	}
	for _, tt := range tests {
		if got, err := contract.ParseDecimal(tt.decimal, tt.currency); !errors.Is(err, tt.want) {
			t.Errorf("ParseDecimal(%q, %q): got %v, %v; want %v", tt.decimal, tt.currency, got, err, tt.want)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		decimal, currency string
		want              int64
		canonical         string
	}{
		{"49.99", "EUR", 4999, "49.99"},
		{"49.9", "EUR", 4990, "49.90"},
		{"49", "EUR", 4900, "49.00"},
		{"0.05", "EUR", 5, "0.05"},
		{"-0.05", "EUR", -5, "-0.05"},
		{"-0", "EUR", 0, "0.00"},
		{"007.00", "EUR", 700, "7.00"},
		{"1.000", "EUR", 100, "1.00"},
		{"4999", "JPY", 4999, "4999"},
		{"4999.00", "JPY", 4999, "4999"},
		{"1.5", "TND", 1500, "1.500"},
		{"-0.001", "TND", -1, "-0.001"},
		{"0.0001", "CLF", 1, "0.0001"},
		{"92233720368547757.99", "EUR", 9223372036854775799, "92233720368547757.99"},
	}
	for _, tt := range tests {
		got, err := contract.ParseDecimal(tt.decimal, tt.currency)
		if err != nil || got.Value != tt.want || got.Decimal() != tt.canonical {
			t.Errorf("ParseDecimal(%q, %q): got %d %q, %v; want %d %q", tt.decimal, tt.currency, got.Value, got.Decimal(), err, tt.want, tt.canonical)
		}
	}
}

func TestMoney_UnmarshalJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       contract.Money
		fails      bool
	}{
		{"neither", `{"currency":"EUR"}`, contract.Money{}, true},
		{"they differ", `{"value":4999,"currency":"EUR","decimal":"49.98"}`, contract.Money{}, true},
		{"a fraction", `{"value":49.99,"currency":"EUR"}`, contract.Money{}, true},
		{"text", `"49.99"`, contract.Money{}, true},
		{"digits that do not fit", `{"currency":"JPY","decimal":"1.5"}`, contract.Money{}, true},
		{"too large", `{"value":9223372036854775808,"currency":"EUR"}`, contract.Money{}, true},
		{"value", `{"value":4999,"currency":"EUR"}`, contract.Money{Value: 4999, Currency: "EUR"}, false},
		{"decimal", `{"currency":"TND","decimal":"4.999"}`, contract.Money{Value: 4999, Currency: "TND"}, false},
		{"both", `{"value":4999,"currency":"JPY","decimal":"4999"}`, contract.Money{Value: 4999, Currency: "JPY"}, false},
		{"no amount", `{"value":0,"currency":"","decimal":"0"}`, contract.Money{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got contract.Money
			err := json.Unmarshal([]byte(tt.text), &got)
			if (err != nil) != tt.fails || (err == nil && got != tt.want) {
				t.Errorf("%s: got %v, %v; want %v, an error: %t", tt.text, got, err, tt.want, tt.fails)
			}
		})
	}
}

func TestExponent_agreesWithGoMoney(t *testing.T) {
	t.Parallel()
	// Codes of ISO 4217 that go-money lacks.
	missing := map[string]bool{"UYI": true, "UYW": true, "VED": true, "ZWG": true}
	seen := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				code := string([]rune{a, b, c})
				exp, ok := contract.Exponent(code)
				if !ok {
					continue
				}
				seen++
				other := money.GetCurrency(code)
				if missing[code] {
					continue
				}
				if other == nil || other.Fraction != exp {
					t.Errorf("%s: got %d decimals, go-money has %+v", code, exp, other)
				}
			}
		}
	}
	if seen < 150 {
		t.Errorf("got %d currencies, want at least 150", seen)
	}
}

func FuzzMoney(f *testing.F) {
	for _, s := range []string{"49.99", "-0.001", "4999", "1.", "1e9", "99999999999999999999"} {
		for _, c := range []string{"EUR", "JPY", "TND"} {
			f.Add(s, c)
		}
	}
	f.Fuzz(func(t *testing.T, decimal, currency string) {
		m, err := contract.ParseDecimal(decimal, currency)
		if err != nil {
			return
		}
		again, err := contract.ParseDecimal(m.Decimal(), currency)
		if err != nil || again != m {
			t.Fatalf("%q %s: got %v, then %v, %v", decimal, currency, m, again, err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back contract.Money
		if err := json.Unmarshal(b, &back); err != nil || back != m {
			t.Fatalf("%s: got %v, %v; want %v", b, back, err, m)
		}
	})
}
