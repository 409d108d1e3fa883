package paypal

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// money is an amount as the API writes it: never through floating point.
type money struct {
	CurrencyCode string `json:"currency_code"`
	Value        string `json:"value"`
}

// currencies that PayPal takes (developer.paypal.com, currency codes).
var currencies = strings.Fields("AUD BRL CAD CNY CZK DKK EUR HKD HUF ILS JPY MYR MXN TWD NZD NOK PHP PLN GBP SGD SEK CHF THB USD")

// whole are those without decimals, whatever ISO 4217 says.
var whole = []string{"HUF", "JPY", "TWD"}

// valuePattern is that of money.value (openapi).
var valuePattern = regexp.MustCompile(`^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$`)

const (
	maxValueLength = 32
	maxWhole       = 999_999_999_999_999 // of money.value, before the dot
)

// exponent is the number of decimals that PayPal has for a currency.
func exponent(currency string) int {
	if slices.Contains(whole, currency) {
		return 0
	}
	return 2
}

// cents reads an amount in the smallest unit of its currency. The error names
// the field; decimals is the issue of decimals that a currency does not have:
// Orders and Payments call it differently.
func cents(m *money, field, decimals string, zero bool) (int64, *apiError) {
	switch {
	case m.CurrencyCode == "":
		return 0, refuseField("MISSING_REQUIRED_PARAMETER", field+"/currency_code", "")
	case m.Value == "":
		return 0, refuseField("MISSING_REQUIRED_PARAMETER", field+"/value", "")
	case len(m.CurrencyCode) != 3:
		return 0, refuseField("INVALID_STRING_LENGTH", field+"/currency_code", m.CurrencyCode)
	case len(m.Value) > maxValueLength:
		return 0, refuseField("INVALID_STRING_LENGTH", field+"/value", m.Value)
	case !valuePattern.MatchString(m.Value):
		return 0, refuseField("INVALID_PARAMETER_SYNTAX", field+"/value", m.Value)
	case !slices.Contains(currencies, m.CurrencyCode):
		return 0, refuseField("INVALID_CURRENCY_CODE", field+"/currency_code", m.CurrencyCode)
	}
	units, fraction, dot := strings.Cut(m.Value, ".")
	exp := exponent(m.CurrencyCode)
	switch {
	case dot && exp == 0:
		return 0, refuseField(decimals, field+"/value", m.Value)
	case len(fraction) > exp:
		return 0, refuseField("DECIMAL_PRECISION", field+"/value", m.Value)
	}
	fraction += strings.Repeat("0", exp-len(fraction))
	negative := strings.HasPrefix(units, "-")
	units = strings.TrimLeft(strings.TrimPrefix(units, "-"), "0")
	if len(units) > len(strconv.Itoa(maxWhole)) {
		return 0, refuseField("INVALID_PARAMETER_VALUE", field+"/value", m.Value)
	}
	n, err := strconv.ParseInt("0"+units+fraction, 10, 64)
	if err != nil {
		return 0, refuseField("INVALID_PARAMETER_VALUE", field+"/value", m.Value)
	}
	switch {
	case n == 0 && !zero, negative && n > 0 && !zero:
		return 0, refuseField("CANNOT_BE_ZERO_OR_NEGATIVE", field+"/value", m.Value)
	case negative && n > 0:
		return 0, refuseField("CANNOT_BE_NEGATIVE", field+"/value", m.Value)
	}
	return n, nil
}

// amount writes so many of the smallest unit.
func amount(n int64, currency string) *money {
	if exponent(currency) == 0 {
		return &money{currency, strconv.FormatInt(n, 10)}
	}
	return &money{currency, fmt.Sprintf("%d.%02d", n/100, n%100)}
}

// fee is what PayPal keeps of a capture: the simulator's own 2 % and 35 of the smallest unit.
func fee(n int64) int64 { return min(n, n/50+35) }
