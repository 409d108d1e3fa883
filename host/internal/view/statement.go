package view

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// StatementLine is one capture, refund or chargeback.
type StatementLine struct {
	// ID is the event's that booked it.
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Type string    `json:"type"`
	// Reference is the shop's own order number.
	Reference string  `json:"reference"`
	Order     string  `json:"order"`
	Payment   string  `json:"payment"`
	Method    string  `json:"method"`
	Brand     *string `json:"brand"`
	// Amount is above zero whatever the type; a tip is part of it, a fee is not.
	Amount Money `json:"amount"`
	Tip    Money `json:"tip"`
	// Fee is null where it is not known.
	Fee               *Money  `json:"fee"`
	ProviderReference *string `json:"provider_reference"`
}

// StatementLine shows a line of the book.
func (m Maker) StatementLine(l order.BookLine) StatementLine {
	return StatementLine{
		ID: l.ID, At: at(l.At), Type: l.Type, Reference: l.Reference, Order: l.Order, Payment: l.Payment,
		Method: l.Method, Brand: textOrNull(l.Brand), Amount: money(l.Amount), Tip: moneyIn(l.Tip, l.Amount.Currency),
		Fee: moneyOrNull(l.Fee), ProviderReference: textOrNull(l.ProviderReference),
	}
}

// StatementColumns name the cells of [StatementLine.Cells], in their order.
var StatementColumns = []string{"time", "type", "reference", "amount", "currency", "tip", "fee", "method", "brand", "provider_reference", "order", "payment", "id"}

// Cells are the line as a row of a table for accountants: amounts are decimals
// of the currency, and no text from outside begins as a formula does.
func (l StatementLine) Cells() []string {
	fee := ""
	if l.Fee != nil {
		fee = decimal(*l.Fee)
	}
	return []string{
		l.At.Format(time.RFC3339), l.Type, cell(l.Reference), decimal(l.Amount), l.Amount.Currency, decimal(l.Tip), fee,
		cell(l.Method), cell(text(l.Brand)), cell(text(l.ProviderReference)), l.Order, l.Payment, l.ID,
	}
}

func decimal(m Money) string { return order.Money{Value: m.Value, Currency: m.Currency}.Decimal() }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// cell keeps a spreadsheet from taking a text for a formula, by an apostrophe
// before it.
func cell(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}
