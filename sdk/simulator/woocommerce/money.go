package woocommerce

import (
	"fmt"
	"strconv"
	"strings"
)

// Amounts are counted in units of the shop's last decimal and written as decimal
// strings in the shop's number of decimals (1.2).

// text writes an amount.
func (s *Simulator) text(units int64) string {
	n, sign := *s.cfg.Decimals, ""
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

// units reads an amount. Decimals beyond the shop's are refused, which is this
// simulator's choice: PHP would round them.
func (s *Simulator) units(text string) (int64, error) {
	whole, part, _ := strings.Cut(text, ".")
	part = strings.TrimRight(part, "0")
	if len(part) > *s.cfg.Decimals {
		return 0, fmt.Errorf("amount %q has more than %d decimals", text, *s.cfg.Decimals)
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", *s.cfg.Decimals-len(part)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("amount %q is no decimal: %w", text, err)
	}
	return n, nil
}
