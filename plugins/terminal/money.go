package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// number writes an amount as nexo has it: a JSON number in major units,
// trailing zeros dropped (section 3.1).
func number(m contract.Money) json.Number {
	text := m.Decimal()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return json.Number(text)
}

// parse reads the text of a JSON number in major units, digit by digit. Not
// taken are texts, negative amounts, more decimals than the currency has unless
// they are zeros, and what is above 99999999.999999.
func parse(text, currency string) (contract.Money, bool) {
	exponent, ok := contract.Exponent(currency)
	mantissa, power, hasPower := strings.Cut(strings.ReplaceAll(text, "E", "e"), "e")
	whole, fraction, hasPoint := strings.Cut(mantissa, ".")
	shift := 0
	if hasPower {
		var err error
		shift, err = strconv.Atoi(power)
		ok = ok && err == nil && shift >= -99 && shift <= 99
	}
	if !ok || !digits(whole) || hasPoint && !digits(fraction) {
		return contract.Money{}, false
	}
	all, point := whole+fraction, len(whole)+shift+exponent
	if point < 0 {
		all, point = strings.Repeat("0", -point)+all, 0
	}
	if point > len(all) {
		all += strings.Repeat("0", point-len(all))
	}
	minor := strings.TrimLeft(all[:point], "0")
	if strings.Trim(all[point:], "0") != "" || len(minor) > len("99999999")+exponent {
		return contract.Money{}, false
	}
	value, err := strconv.ParseInt("0"+minor, 10, 64)
	return contract.Money{Value: value, Currency: currency}, err == nil
}

// digits says whether there is at least one digit and nothing else.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// amounts is AmountsResp. Its numbers are kept as text.
type amounts struct {
	Currency           string
	AuthorizedAmount   json.RawMessage
	TipAmount          json.RawMessage
	CashBackAmount     json.RawMessage
	TotalFeesAmount    json.RawMessage
	TotalRebatesAmount json.RawMessage
}

// charged is everything that was charged, in the currency that the terminal
// names or, where it names none, the one that was asked for.
func (a amounts) charged(asked contract.Money) (contract.Money, bool) {
	currency := a.Currency
	if currency == "" {
		currency = asked.Currency
	}
	return parse(string(a.AuthorizedAmount), currency)
}

// The flags that a person is to look at (section 7).
const (
	amountMismatch = "amount_mismatch"
	tipUnusual     = "tip_unusual"
)

// tip is what of the charged amount is tip, and the flag, or "" (rules 2, 3
// and 6). Another currency than the one asked for has no tip.
func (a amounts) tip(asked, charged contract.Money, maxPercent int64) (int64, string) {
	if charged.Currency != asked.Currency {
		return 0, amountMismatch
	}
	readable := true
	read := func(raw json.RawMessage) int64 {
		if len(raw) == 0 || string(raw) == "null" {
			return 0
		}
		m, ok := parse(string(raw), asked.Currency)
		readable = readable && ok
		return m.Value
	}
	tip, fees, rebates := read(a.TipAmount), read(a.TotalFeesAmount), read(a.TotalRebatesAmount)
	if len(a.TipAmount) == 0 && charged.Value > asked.Value && read(a.CashBackAmount) == 0 {
		tip = charged.Value - asked.Value
	}
	switch {
	case !readable || charged.Value != asked.Value+tip+fees-rebates:
		return min(tip, charged.Value), amountMismatch
	case tip*100 > asked.Value*maxPercent:
		return tip, tipUnusual
	}
	return tip, ""
}
