package main

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Which of the two currencies is charged.
const (
	inOrder = "order"
	inBase  = "base"
)

// purse reads a document's amounts in one of its currencies.
type purse struct {
	currency string
	base     bool
}

// purse gives the amounts in the currency that is charged.
func (d document) purse(charged string) purse {
	if charged == inBase {
		return purse{d.BaseCurrency, true}
	}
	return purse{d.OrderCurrency, false}
}

// minor reads the one of two amounts that is in the purse's currency.
func (p purse) minor(of pair) (int64, error) {
	if p.base {
		return minor(string(of.base), p.currency)
	}
	return minor(string(of.order), p.currency)
}

// minor reads a decimal digit by digit. The shop keeps four decimals, whatever the
// currency has: half a unit is rounded away from zero, as its module does. None is 0.
func minor(decimal, currency string) (int64, error) {
	places, known := contract.Exponent(currency)
	digits, negative := strings.CutPrefix(decimal, "-")
	var n int64
	whole, seen, up := 0, -1, false // seen counts decimals, from the point on
	for i := range len(digits) {
		c := digits[i]
		switch {
		case c == '.' && seen < 0 && i > 0 && i < len(digits)-1:
			seen = 0
		case c < '0' || c > '9' || whole == maxWhole && seen < 0:
			known = false
		case seen < 0:
			n, whole = n*10+int64(c-'0'), whole+1
		default:
			if seen < places {
				n = n*10 + int64(c-'0')
			} else if seen == places {
				up = c >= '5'
			}
			seen++
		}
	}
	if !known || digits == "" && decimal != "" {
		return 0, internal("the shop's amount " + clean(decimal, 40) + " " + clean(currency, 10) + " is none")
	}
	for seen = max(seen, 0); seen < places; seen++ {
		n *= 10
	}
	if up {
		n++
	}
	if negative {
		n = -n
	}
	return n, nil
}

// maxWhole is how many digits an amount may have before its point.
const maxWhole = 11

// share is amount·part/whole, half rounded up; all are at least 0, and part is at
// most whole.
func share(amount, part, whole int64) int64 {
	if part == whole || whole <= 0 {
		return amount
	}
	high, low := bits.Mul64(uint64(amount), uint64(part))
	low, carry := bits.Add64(low, uint64(whole)/2, 0)
	quotient, _ := bits.Div64(high+carry, low, uint64(whole)) // at most amount, since part is less than whole
	return int64(quotient)
}

// clean makes a text fit: one line, without control characters, of at most so many
// characters.
func clean(s string, most int) string {
	if isPlain(s) && len(s) <= most {
		return s
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > most {
		s = strings.TrimSpace(string([]rune(s)[:most]))
	}
	return s
}

// isPlain says whether a text is printable ASCII with single spaces within.
func isPlain(s string) bool {
	space := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || space && s[i] == ' ' {
			return false
		}
		space = s[i] == ' '
	}
	return s == "" || !space
}
