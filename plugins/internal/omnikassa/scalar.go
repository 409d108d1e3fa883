package omnikassa

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// scalar is a string, integer or boolean as text, the way signatures cover
// it: strings as decoded from JSON, integers in plain decimal, null and
// missing as nothing. The bank sends some members now as strings, now as
// numbers; none goes through a float.
type scalar string

var errScalar = errors.New("a text, an integer or a boolean is expected")

func (s *scalar) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*s = ""
	case string(b) == "true", string(b) == "false":
		*s = scalar(b)
	case b[0] == '"':
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		*s = scalar(text)
	default:
		n, err := strconv.ParseInt(string(b), 10, 64)
		if err != nil {
			return errScalar
		}
		*s = scalar(strconv.FormatInt(n, 10))
	}
	return nil
}

// money is the bank's amount, in euro cents.
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
// are the minor units of the euro, its only currency.
func (m money) value() (contract.Money, error) {
	n, err := strconv.ParseInt(string(m.Amount), 10, 64)
	if err != nil {
		return contract.Money{}, internal("the amount " + strconv.Quote(string(m.Amount)) + " is no integer")
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
		if t, err := time.Parse(l, string(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func internal(message string) error {
	return &contract.Failure{Code: contract.Internal, Message: message}
}
