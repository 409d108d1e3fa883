package omnikassa

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// scalar is a string, number or boolean as text, the way signatures cover it:
// strings as decoded from JSON, numbers as they came, null and missing as
// nothing. The bank sends some members now as strings, now as numbers; none
// goes through a float.
type scalar string

var errScalar = errors.New("a text, a number or a boolean is expected")

func (s *scalar) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		*s = scalar(text)
	case '{', '[':
		return errScalar
	case 'n':
		*s = ""
	default:
		*s = scalar(b)
	}
	return nil
}

// money is the bank's amount, in cents.
type money struct {
	Currency scalar `json:"currency"`
	Amount   scalar `json:"amount"`
}

// moneyOf writes an amount for the bank.
func moneyOf(m contract.Money) *sentMoney { return &sentMoney{m.Currency, m.Value} }

type sentMoney struct {
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

// value reads an amount in minor units. OmniKassa's amounts are cents, which
// are the minor units of the euro, its only currency; an amount in any other
// never counts for an order in euro.
func (m money) value() (contract.Money, error) {
	n, err := strconv.ParseInt(string(m.Amount), 10, 64)
	_, known := contract.Exponent(string(m.Currency))
	if err != nil || n < 0 || !known {
		return contract.Money{}, internal(strconv.Quote(string(m.Amount)) + " " + strconv.Quote(string(m.Currency)) + " is no amount")
	}
	return contract.Money{Value: n, Currency: string(m.Currency)}, nil
}

// layouts of the bank's date-times: with and without a colon in the offset;
// fractions are read by either.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05-0700"}

// when reads a date-time; what is none is the zero time: a result counts all
// the same.
func when(s scalar) time.Time {
	for _, l := range layouts {
		if t, err := time.Parse(l, string(s)); err == nil && t.Year() > 1 && t.Year() < 9999 {
			return t.UTC()
		}
	}
	return time.Time{}
}

const (
	digits  = "0123456789"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	letters = lower + upper
)

// within says whether s is made of 1 to most characters of the alphabet.
func within(s, alphabet string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, alphabet) == ""
}

// isID says whether an id of the bank may stand in a path.
func isID(id string) bool { return within(id, letters+digits+"-", 64) }

func internal(message string) error {
	return &contract.Failure{Code: contract.Internal, Message: message}
}
