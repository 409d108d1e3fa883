package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in minor units of an ISO 4217 currency: 4999 EUR is
// 49.99 euro, 4999 JPY is 4999 yen. The zero value is no amount at all.
//
// In JSON it is {"value": 4999, "currency": "EUR", "decimal": "49.99"}. A
// plugin may answer with decimal and currency alone; digits that do not fit
// the currency are an error, as is a value that differs from the decimal.
type Money struct {
	Value    int64
	Currency string
}

type moneyJSON struct {
	Value    *int64 `json:"value,omitempty"`
	Currency string `json:"currency"`
	Decimal  string `json:"decimal,omitempty"`
}

// Errors of amounts.
var (
	ErrCurrency = errors.New("unknown currency: use an ISO 4217 code such as EUR")
	ErrDecimal  = errors.New("not an amount in this currency")
)

// IsZero says whether there is no amount: neither value nor currency.
func (m Money) IsZero() bool { return m == Money{} }

// Decimal writes the value with the currency's number of decimals: "49.99",
// "4999", "-0.500". An unknown currency has none.
func (m Money) Decimal() string {
	exp, ok := Exponent(m.Currency)
	if !ok || exp == 0 {
		return strconv.FormatInt(m.Value, 10)
	}
	sign, digits := "", strconv.FormatInt(m.Value, 10)
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= exp {
		digits = strings.Repeat("0", exp-len(digits)+1) + digits
	}
	return sign + digits[:len(digits)-exp] + "." + digits[len(digits)-exp:]
}

// String writes "49.99 EUR".
func (m Money) String() string { return m.Decimal() + " " + m.Currency }

// ParseDecimal reads an amount such as "49.99" of a currency. Fewer decimals
// than the currency has are fine, more are only when they are zeros; there is
// no exponent, no grouping, no plus sign and no white space.
func ParseDecimal(decimal, currency string) (Money, error) {
	exp, ok := Exponent(currency)
	if !ok {
		return Money{}, fmt.Errorf("currency %q: %w", currency, ErrCurrency)
	}
	bad := func(why string) (Money, error) {
		return Money{}, fmt.Errorf("amount %q %s: %w: %s", decimal, currency, ErrDecimal, why)
	}
	digits, negative := strings.CutPrefix(decimal, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || (point && fraction == "") {
		return bad("digits are missing")
	}
	for _, c := range whole + fraction {
		if c < '0' || c > '9' {
			return bad("only digits and one point")
		}
	}
	if len(fraction) > exp {
		if strings.Trim(fraction[exp:], "0") != "" {
			return bad(fmt.Sprintf("it has %d decimals", exp))
		}
		fraction = fraction[:exp]
	}
	fraction += strings.Repeat("0", exp-len(fraction))
	var v uint64
	for _, c := range whole + fraction {
		if v > (math.MaxInt64-9)/10 {
			return bad("too large")
		}
		v = v*10 + uint64(c-'0')
	}
	m := Money{int64(v), currency}
	if negative {
		m.Value = -m.Value
	}
	return m, nil
}

// MarshalJSON writes value, currency and decimal. It does so by hand: news of a
// hundred orders hold hundreds of amounts, each dear to encoding/json in Wasm.
func (m Money) MarshalJSON() ([]byte, error) {
	currency, err := json.Marshal(m.Currency)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 80)
	b = strconv.AppendInt(append(b, `{"value":`...), m.Value, 10)
	b = append(append(b, `,"currency":`...), currency...)
	if d := m.Decimal(); d != "" {
		b = append(append(append(b, `,"decimal":"`...), d...), '"')
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads value and currency, decimal and currency, or all three
// where they agree.
func (m *Money) UnmarshalJSON(b []byte) error {
	var j moneyJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	if j.Decimal == "" {
		if j.Value == nil {
			return fmt.Errorf("amount %s: value or decimal is needed", b)
		}
		*m = Money{*j.Value, j.Currency}
		return nil
	}
	if j.Currency == "" && j.Value != nil && *j.Value == 0 { // the zero value, as written above
		*m = Money{}
		return nil
	}
	d, err := ParseDecimal(j.Decimal, j.Currency)
	if err != nil {
		return err
	}
	if j.Value != nil && *j.Value != d.Value {
		return fmt.Errorf("amount %s: %w: value and decimal differ", b, ErrDecimal)
	}
	*m = d
	return nil
}
