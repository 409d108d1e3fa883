package omnikassa

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"
)

// currencyEUR is the one currency the bank takes.
const currencyEUR = "EUR"

// currencies is the list in the bank's error text, although only EUR works.
const currencies = "[AUD, CAD, CHF, DKK, EUR, GBP, JPY, NOK, SEK, USD]"

// maxAmount is the largest order amount in cents: 99,999.99.
const maxAmount = 9_999_999

// moneyText is an amount as real pull answers carry it: cents as text.
type moneyText struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

// moneyNumber is an amount as the other answers carry it: cents as a number.
type moneyNumber struct {
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

func centsText(cents int64) moneyText {
	return moneyText{Currency: currencyEUR, Amount: strconv.FormatInt(cents, 10)}
}

func centsNumber(cents int64) moneyNumber {
	return moneyNumber{Currency: currencyEUR, Amount: cents}
}

var wholeNumber = regexp.MustCompile(`^-?[0-9]{1,15}$`)

// readWhole reads a whole number that JSON writes as a number or as text.
// Fractions, exponents and signs other than a minus are refused.
func readWhole(raw json.RawMessage) (int64, bool) {
	text := string(raw)
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return 0, false
		}
	}
	if !wholeNumber.MatchString(text) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// The forms in which the bank writes times.
const (
	resultTime = "2006-01-02T15:04:05.000-07:00" // pull results and notifications
	tokenTime  = "2006-01-02T15:04:05.000-0700"  // validUntil of an access token: no colon in the offset
	recordTime = time.RFC3339                    // order by id and refunds
)

// bankZone is where the bank's clocks hang; without a time zone database it is
// winter there all year.
var bankZone = func() *time.Location {
	if zone, err := time.LoadLocation("Europe/Amsterdam"); err == nil {
		return zone
	}
	return time.FixedZone("CET", int(time.Hour/time.Second))
}()

func writeResultTime(t time.Time) string { return t.In(bankZone).Format(resultTime) }
func writeTokenTime(t time.Time) string  { return t.UTC().Format(tokenTime) }
func writeRecordTime(t time.Time) string { return t.UTC().Format(recordTime) }

// readTime reads ISO 8601 with an offset in the forms that clients send: with and
// without fractions and seconds, the offset as Z, +02:00 or +0200.
func readTime(text string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999Z07", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
