package woocommerce

import (
	"fmt"
	"strconv"
	"strings"
)

// Amounts are counted in units of the last decimal and written as decimal strings
// in the shop's number of decimals (1.2).

// places are the decimals of orders in a currency: the shop's, or the currency's own
// in a shop of many currencies.
func (s *Simulator) places(currency string) int {
	if s.cfg.Decimals != nil {
		return *s.cfg.Decimals
	}
	if n, ok := decimals[currency]; ok {
		return n
	}
	return 2
}

// text writes an amount with n decimals.
func text(units int64, n int) string {
	sign := ""
	digits := strconv.FormatInt(units, 10)
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= n {
		digits = strings.Repeat("0", n-len(digits)+1) + digits
	}
	if n == 0 {
		return sign + digits
	}
	return sign + digits[:len(digits)-n] + "." + digits[len(digits)-n:]
}

// units reads an amount of n decimals. More are refused, which is this simulator's
// choice: PHP would round them.
func units(text string, places int) (int64, error) {
	whole, part, _ := strings.Cut(text, ".")
	part = strings.TrimRight(part, "0")
	if len(part) > places {
		return 0, fmt.Errorf("amount %q has more than %d decimals", text, places)
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("amount %q is no decimal: %w", text, err)
	}
	return n, nil
}
