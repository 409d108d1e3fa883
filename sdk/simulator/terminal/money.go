package terminal

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// exponents of the currencies that terminals here can be set up for.
var exponents = map[string]int{"SEK": 2, "NOK": 2, "DKK": 2, "EUR": 2, "GBP": 2, "USD": 2, "PLN": 2, "JPY": 0, "ISK": 0, "KWD": 3}

// maxWhole is the number of digits before the decimal point (section 3.1).
const maxWhole = 8

var numbers = regexp.MustCompile(`^(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,2}))?$`)

var errAmount = errors.New("no amount: it must be a JSON number from 0 to 99999999.999999 with the currency's decimals")

// parseAmount reads an amount in major units as minor units, digit by digit.
func parseAmount(text, currency string) (int64, error) {
	m := numbers.FindStringSubmatch(text)
	exponent, known := exponents[currency]
	if m == nil || !known {
		return 0, errAmount
	}
	shift, _ := strconv.Atoi(m[3]) // the pattern holds digits alone; none is 0
	digits, point := m[1]+m[2], len(m[1])+shift+exponent
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	if strings.Trim(digits[point:], "0") != "" {
		return 0, errAmount
	}
	whole := strings.TrimLeft(digits[:point], "0")
	if len(whole) > maxWhole+exponent {
		return 0, errAmount
	}
	if whole == "" {
		return 0, nil
	}
	return strconv.ParseInt(whole, 10, 64)
}

// number writes minor units as terminals do: major units, trailing zeros
// dropped (Westpay's format is 0.##).
func number(minor int64, currency string) json.Number {
	text := decimal(minor, currency, ".")
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return json.Number(text)
}

// decimal writes minor units with all of the currency's decimals.
func decimal(minor int64, currency, point string) string {
	exponent := exponents[currency]
	digits := strconv.FormatInt(minor, 10)
	if exponent == 0 {
		return digits
	}
	if len(digits) <= exponent {
		digits = strings.Repeat("0", exponent-len(digits)+1) + digits
	}
	return digits[:len(digits)-exponent] + point + digits[len(digits)-exponent:]
}
