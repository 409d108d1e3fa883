package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func roublesOf(v int64) contract.Money { return contract.Money{Value: v, Currency: rub} }

// Vector R3: the parameter is the text that is signed.
func TestReceipt_vector(t *testing.T) {
	t.Parallel()
	s := shop{settings: settings{Receipt: true, Currency: rub, fiscal: fiscal{Sno: "osn", PaymentMethod: "full_payment", PaymentObject: "commodity"}}}
	lines := []contract.Line{{Name: "Чай зелёный", Quantity: "2", Amount: roublesOf(30000), TaxRate: "10.00"}}
	got, err := s.receipt(contract.Payment{}, lines, roublesOf(30000))
	if err != nil || got != teaReceipt {
		t.Errorf("got  %s, %v\nwant %s", got, err, teaReceipt)
	}
	if got, err = (shop{}).receipt(contract.Payment{}, lines, roublesOf(30000)); err != nil || got != "" {
		t.Errorf("a shop without receipts: got %q, %v", got, err)
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	line := func(name, quantity string, amount int64) contract.Line {
		return contract.Line{Name: name, Quantity: quantity, Amount: roublesOf(amount)}
	}
	tests := []struct {
		name  string
		lines []contract.Line
		total int64
		want  string // name quantity sum
	}{
		{"no lines", nil, 500, "Order 1001 1 5.00"},
		{"lines that do not add up", []contract.Line{line("a", "1", 400)}, 500, "Order 1001 1 5.00"},
		{"discount over all", []contract.Line{line("a", "1", 500), line("off", "1", -500)}, 500, "Order 1001 1 5.00"},
		{"plain", []contract.Line{line("a", "2", 400), line("b", "0.5", 100)}, 500, "a 2 4.00|b 0.5 1.00"},
		{"discount is spread by share", []contract.Line{line("a", "1", 300), line("b", "1", 300), line("off", "1", -100)}, 500, "a 1 2.50|b 1 2.50"},
		{"what rounding leaves", []contract.Line{line("a", "1", 333), line("b", "1", 333), line("c", "1", 334), line("off", "1", -100)}, 900, "a 1 2.99|b 1 3.00|c 1 3.01"},
		{"given away", []contract.Line{line("a", "1", 500), line("gift", "1", 0)}, 500, "a 1 5.00"},
		{"odd quantities are one", []contract.Line{line("a", "123456", 100), line("b", "1.2345", 100), line("c", "x", 100), line("d", "0", 100), line("e", "07", 100)}, 500, "a 1 1.00|b 1 1.00|c 1 1.00|d 1 1.00|e 1 1.00"},
		{"sums near the end of int64", []contract.Line{line("a", "1", 9e15), line("off", "1", -4e15)}, 5e15, "a 1 50000000000000.00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, o := range (shop{}).positions(contract.Payment{OrderReference: "1001"}, tt.lines, roublesOf(tt.total)) {
				got = append(got, o.Name+" "+o.Quantity.String()+" "+o.Sum.String())
			}
			if text := strings.Join(got, "|"); text != tt.want {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}

func TestPosition_words(t *testing.T) {
	t.Parallel()
	s := shop{settings: settings{fiscal: fiscal{Tax: "vat20", PaymentMethod: "full_payment"}}}
	tests := []struct {
		name string
		line contract.Line
		want position
	}{
		{"by rate", contract.Line{Name: "a", TaxRate: "22"}, position{Name: "a", Tax: "vat22", PaymentMethod: "full_payment"}},
		{"by code", contract.Line{Name: "a", TaxRate: "22", TaxCode: "vat110"}, position{Name: "a", Tax: "vat110", PaymentMethod: "full_payment"}},
		{"a rate that the law lacks", contract.Line{Name: "a", TaxRate: "21"}, position{Name: "a", Tax: "vat20", PaymentMethod: "full_payment"}},
		{"its own codes", contract.Line{Name: "a", TaxRate: "0", Codes: map[string]string{"payment_method": "advance", "payment_object": "service", "nomenclature_code": "00 00"}},
			position{Name: "a", Tax: "vat0", PaymentMethod: "advance", PaymentObject: "service", Code: "00 00"}},
		{"a long name", contract.Line{Name: strings.Repeat("ё", 200)}, position{Name: strings.Repeat("ё", maxName), Tax: "vat20", PaymentMethod: "full_payment"}},
		{"no name", contract.Line{Name: "\u2063\u0007"}, position{Name: "-", Tax: "vat20", PaymentMethod: "full_payment"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Quantity, tt.want.Sum, tt.want.minor = "1", "1.00", 100
			if got := s.position(tt.line, roublesOf(100)); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// The refund API counts the cost of a piece.
func TestItems_costPerPiece(t *testing.T) {
	t.Parallel()
	s := shop{settings: settings{Receipt: true}}
	lines := []contract.Line{
		{Name: "a", Quantity: "2", Amount: roublesOf(500), TaxRate: "20"},
		{Name: "b", Quantity: "3", Amount: roublesOf(500)},
		{Name: "c", Quantity: "0.5", Amount: roublesOf(100)},
	}
	b, err := json.Marshal(s.items(contract.Payment{}, lines, roublesOf(1100)))
	const want = `[{"Name":"a","Quantity":2,"Cost":2.50,"Tax":"vat20"},{"Name":"b","Quantity":1,"Cost":5.00,"Tax":"none"},{"Name":"c","Quantity":1,"Cost":1.00,"Tax":"none"}]`
	if err != nil || string(b) != want {
		t.Errorf("got  %s, %v\nwant %s", b, err, want)
	}
}

// FuzzSpread holds what is left of lines to their sum, and no line below zero.
func FuzzSpread(f *testing.F) {
	f.Add(int64(333), int64(333), int64(334), int64(-100))
	f.Add(int64(1), int64(0), int64(1), int64(-1))
	f.Fuzz(func(t *testing.T, a, b, c, d int64) {
		const most = int64(1e15)
		var lines []contract.Line
		var sum int64
		for _, v := range []int64{a, b, c, d} {
			v %= most
			lines = append(lines, contract.Line{Amount: roublesOf(v)})
			sum += v
		}
		var got int64
		for i, v := range spread(lines) {
			if v < 0 || v > max(lines[i].Amount.Value, 0) {
				t.Errorf("line %d of %d became %d", i, lines[i].Amount.Value, v)
			}
			got += v
		}
		if got != max(sum, 0) {
			t.Errorf("got %d in all, want %d", got, sum)
		}
	})
}
