package view_test

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/view"
)

func TestCells_noFormulas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠A": "'＠A",
		"": "", "1001": "1001", "a=b": "a=b", "Bar-1": "Bar-1", "é": "é", "'quoted": "'quoted",
	} {
		l := view.Maker{}.StatementLine(order.BookLine{Reference: text, Method: text, Brand: text, ProviderReference: text, Amount: order.Money{Value: 1, Currency: "EUR"}})
		cells := l.Cells()
		if len(cells) != len(view.StatementColumns) {
			t.Fatalf("%d cells for %d columns", len(cells), len(view.StatementColumns))
		}
		for i, name := range view.StatementColumns {
			switch name {
			case "reference", "method", "brand", "provider_reference":
				if cells[i] != want {
					t.Errorf("%s %q: got %q, want %q", name, text, cells[i], want)
				}
			}
		}
	}
}

// TestCells_amounts have the decimals of their currency, tips and fees too.
func TestCells_amounts(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{"EUR": "55.00 EUR 5.00 0.29", "JPY": "5500 JPY 500 29", "TND": "5.500 TND 0.500 0.029"} {
		of := func(v int64) order.Money { return order.Money{Value: v, Currency: currency} }
		cells := view.Maker{}.StatementLine(order.BookLine{Amount: of(5500), Tip: of(500), Fee: of(29)}).Cells()
		if got := strings.Join(cells[3:7], " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		none := view.Maker{}.StatementLine(order.BookLine{Amount: of(1)}).Cells()
		if none[5] != (order.Money{Currency: currency}).Decimal() || none[6] != "" {
			t.Errorf("without tip and fee: got %q", none)
		}
	}
}
