package bambora

import "strings"

// kind is a payment type that the merchant has (document, 10: ids are the
// simulator's).
type kind struct {
	id, group int
	name      string
	title     string
}

var (
	visa       = kind{3, 2, "visa", "Visa"}
	mastercard = kind{4, 3, "mastercard", "MasterCard"}
	amex       = kind{9, 6, "americanexpress", "American Express"}
)

var kinds = []kind{visa, mastercard, amex}

// card is a card as the window takes it.
type card struct {
	number string
	kind   kind
	eci    string
	// declined, late and costly are outcomes of test cards: refused by the issuer;
	// approved, and the callback comes after the browser; with a surcharge of 1 %.
	declined, late, costly bool
}

// The test cards (document, 4).
const (
	cardApproved   = "4002620000000005"
	cardMasterCard = "5125860000000006"
	cardNo3D       = "4154210000000001"
	cardDeclined   = "4002770000000008"
	cardLate       = "5206830000000001"
	cardCostly     = "5156230000000004"
)

var testCards = map[string]card{
	cardNo3D:     {eci: "07"},
	cardDeclined: {declined: true},
	cardLate:     {late: true},
	cardCostly:   {costly: true},
}

// readCard knows a card by its number; spaces do not count. False: the number
// does not add up (Luhn), or is not 12 to 19 digits.
func readCard(number string) (card, bool) {
	number = strings.NewReplacer(" ", "", "-", "").Replace(number)
	if len(number) < 12 || len(number) > 19 || strings.Trim(number, "0123456789") != "" || !luhn(number) {
		return card{}, false
	}
	c := testCards[number]
	c.number = number
	switch number[0] {
	case '3':
		c.kind = amex
	case '4':
		c.kind = visa
	default:
		c.kind = mastercard
	}
	if c.eci == "" {
		c.eci = "05"
		if c.kind == mastercard {
			c.eci = "02"
		}
	}
	return c, true
}

func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// surcharge is 1 % of the amount, rounded half up, of the card that costs it.
func (c card) surcharge(amount int64) int64 {
	if !c.costly {
		return 0
	}
	return (amount + 50) / 100
}

// masked shows the first six digits and the last four.
func (c card) masked() string {
	return c.number[:6] + "XXXXXX" + c.number[len(c.number)-4:]
}
