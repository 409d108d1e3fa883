package magento

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// units are amounts and quantities as the shop's database keeps them: with four
// decimals, whatever the currency has.
type units int64

// one is 1.0000.
const one units = 10_000

// decimals are those that the database keeps.
const decimals = 4

// parseUnits reads a decimal text of at most four decimals.
func parseUnits(text string) (units, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if len(part) > decimals || len(whole) > 9 || whole == "" || strings.Trim(whole+part, "0123456789") != "" {
		return 0, fmt.Errorf("%q is no decimal below 1,000,000,000 with at most four decimals", text)
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", decimals-len(part)), 10, 64)
	if negative {
		n = -n
	}
	return units(n), err
}

// orZero reads a decimal text; none is 0.
func orZero(text string) (units, error) {
	if text == "" {
		return 0, nil
	}
	return parseUnits(text)
}

// String writes all four decimals, as the database does.
func (u units) String() string {
	sign := ""
	if u < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d.%04d", sign, u/one, u%one)
}

// MarshalJSON writes a number without zeros at its end, as the REST API does.
func (u units) MarshalJSON() ([]byte, error) {
	return []byte(strings.TrimSuffix(strings.TrimRight(u.String(), "0"), ".")), nil
}

// UnmarshalJSON reads a number, or a text that reads as one.
func (u *units) UnmarshalJSON(b []byte) error {
	n, err := parseUnits(string(bytes.Trim(b, `"`)))
	*u = n
	return err
}

// times is u multiplied by v, rounded to four decimals.
func (u units) times(v units) units { return share(u, v, one) }

// cents rounds to two decimals, as the shop rounds prices in any currency.
func (u units) cents() units { return share(u, 1, 100) * 100 }

// share is u·part/whole, half rounded away from zero. The caller sees to it that
// u·part fits, and that whole is above zero.
func share(u, part, whole units) units {
	n := u * part
	if n < 0 {
		return -((-n + whole/2) / whole)
	}
	return (n + whole/2) / whole
}
