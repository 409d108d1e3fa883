package pages

import (
	"strings"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// before lists the languages that write the currency in front of the amount,
// with what stands between (CLDR, standard currency pattern). All others
// write it behind, after a no-break space.
var before = map[string]string{"en": "", "nl": "\u00a0"}

// own are the signs that people of a language use for their currency.
var own = map[string]string{"BGN bg": "лв.", "SEK sv": "kr", "RUB ru": "₽"}

// ungrouped lists the languages that write four digits without a gap (CLDR,
// minimumGroupingDigits 2).
var ungrouped = map[string]bool{"bg": true}

// amount writes an amount as people of the language do: "€ 49,99", "49,99 лв.".
// The number of decimals is ISO 4217's.
func amount(m order.Money, tag language.Tag) string {
	number := localNumber(m, tag)
	sign, ok := own[m.Currency+" "+base(tag)]
	if !ok {
		sign = m.Currency
		if unit, err := currency.ParseISO(m.Currency); err == nil {
			sign = strings.TrimSpace(message.NewPrinter(tag).Sprint(currency.NarrowSymbol(unit)))
		}
	}
	if gap, ok := before[base(tag)]; ok {
		if len([]rune(sign)) > 1 {
			gap = "\u00a0"
		}
		if rest, negative := strings.CutPrefix(number, "-"); negative {
			return "-" + sign + gap + rest
		}
		return sign + gap + number
	}
	return number + "\u00a0" + sign
}

// localNumber writes the digits with the language's marks.
func localNumber(m order.Money, tag language.Tag) string {
	p := message.NewPrinter(tag)
	exponent, _ := contract.Exponent(m.Currency)
	digits, negative := strings.CutPrefix(m.Decimal(), "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	var n int64
	for _, c := range whole {
		n = n*10 + int64(c-'0')
	}
	out := p.Sprintf("%d", n)
	if n < 10_000 && ungrouped[base(tag)] {
		out = whole
	}
	if exponent > 0 {
		mark := strings.Trim(p.Sprintf("%.1f", 0.5), "05")
		out += mark + fraction
	}
	if negative {
		out = "-" + out
	}
	return out
}
