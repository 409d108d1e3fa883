package omnikassa

import (
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// money is the bank's amount, in cents.
type money struct{ Currency, Amount string }

// money reads an amount; null and missing is none.
func (n *node) money(name string) money {
	m := n.get(name)
	return money{Currency: m.scalar("currency"), Amount: m.scalar("amount")}
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
	n, err := strconv.ParseInt(m.Amount, 10, 64)
	_, known := contract.Exponent(m.Currency)
	if err != nil || n < 0 || !known {
		return contract.Money{}, internal(strconv.Quote(m.Amount) + " " + strconv.Quote(m.Currency) + " is no amount")
	}
	return contract.Money{Value: n, Currency: m.Currency}, nil
}

// layouts of the bank's date-times: with and without a colon in the offset;
// fractions are read by either.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05-0700"}

// when reads a date-time; what is none is the zero time: a result counts all
// the same.
func when(s string) time.Time {
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil && t.Year() > 1 && t.Year() < 9999 {
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
