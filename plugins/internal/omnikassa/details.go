package omnikassa

import (
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// item is a line of the announced order (manual, order items). Amount and tax
// are per piece.
type item struct {
	ID          string     `json:"id,omitempty"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Quantity    int64      `json:"quantity"`
	Amount      *sentMoney `json:"amount"`
	Tax         *sentMoney `json:"tax,omitempty"`
	Category    string     `json:"category"`
	VATCategory string     `json:"vatCategory,omitempty"`
}

// Bounds of an order item.
const (
	maxItems           = 99
	maxItemID          = 25
	maxItemName        = 50
	maxItemDescription = 100
	maxQuantity        = 2147483647
)

// vat is the bank's digit for a Dutch rate of VAT.
var vat = map[string]string{"21": "1", "9": "2", "0": "3"}

// vatOf takes rates such as 21 and 21.00.
func vatOf(rate string) string {
	if whole, fraction, ok := strings.Cut(rate, "."); ok && strings.Trim(fraction, "0") == "" {
		rate = whole
	}
	return vat[rate]
}

// items writes the lines, or none where their sum is not the amount: the bank
// drops them all in silence then. What cannot be told per piece is one piece.
func items(lines []contract.Line, total contract.Money) []item {
	if len(lines) > maxItems {
		return nil
	}
	var list []item
	var sum int64
	for _, l := range lines {
		quantity, err := strconv.ParseInt(l.Quantity, 10, 64)
		if err != nil || quantity < 1 || quantity > maxQuantity || l.Amount.Value%quantity != 0 {
			quantity = 1
		}
		i := item{
			ID: cut(l.ID, maxItemID), Name: itemName(l.Name), Description: cut(l.Description, maxItemDescription),
			Quantity: quantity, Amount: moneyOf(contract.Money{Value: l.Amount.Value / quantity, Currency: l.Amount.Currency}),
			Category: "PHYSICAL", VATCategory: vatOf(l.TaxRate),
		}
		if l.Kind == contract.LineDigital {
			i.Category = "DIGITAL"
		}
		if !l.TaxAmount.IsZero() && l.TaxAmount.Value%quantity == 0 {
			i.Tax = moneyOf(contract.Money{Value: l.TaxAmount.Value / quantity, Currency: l.TaxAmount.Currency})
		}
		sum += l.Amount.Value
		list = append(list, i)
	}
	if sum != total.Value {
		return nil
	}
	return list
}

// entities is how many characters of a name the bank counts for one that it
// writes as an HTML entity, the full-width cousin included.
var entities = map[rune]int{'&': 5, '＆': 5}

// itemName keeps a name within the bank's 50: too long a name is refused, not
// cut. Tags are refused too, so that there are no angle brackets.
func itemName(name string) string {
	name = strings.TrimSpace(without(name, "<>＜＞"))
	length := 0
	for i, r := range name {
		n := max(1, entities[r])
		if length += n; length > maxItemName {
			return name[:i]
		}
	}
	if name == "" {
		return "-"
	}
	return name
}

// without leaves characters out.
func without(s, characters string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(characters, r) {
			return -1
		}
		return r
	}, s)
}

// address of an announcement. Too long is cut by the bank, a missing required
// part is refused: then the address is left out.
type address struct {
	FirstName           string `json:"firstName"`
	MiddleName          string `json:"middleName,omitempty"`
	LastName            string `json:"lastName"`
	Street              string `json:"street"`
	HouseNumber         string `json:"houseNumber,omitempty"`
	HouseNumberAddition string `json:"houseNumberAddition,omitempty"`
	PostalCode          string `json:"postalCode"`
	City                string `json:"city"`
	CountryCode         string `json:"countryCode"`
}

func addressOf(a contract.Address) *address {
	code, ok := postalCode(a.PostalCode, a.Country)
	if !ok || a.FirstName == "" || a.LastName == "" || a.Street == "" || a.City == "" || len(a.Country) != 2 {
		return nil
	}
	return &address{
		FirstName: cut(a.FirstName, 50), MiddleName: cut(a.MiddleName, 20), LastName: cut(a.LastName, 50),
		Street: cut(a.Street, 100), HouseNumber: cut(a.HouseNumber, 100), HouseNumberAddition: cut(a.HouseNumberAddition, 6),
		PostalCode: code, City: cut(a.City, 40), CountryCode: a.Country,
	}
}

// postalCode writes a postal code as its country's rule wants it: NL 1234AB,
// BE four digits, DE five, others at most 10 characters.
func postalCode(code, country string) (string, bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	shape, strict := map[string]string{"NL": "0000AA", "BE": "0000", "DE": "00000"}[country]
	if !strict {
		return code, code != "" && len(code) <= 10
	}
	code = without(code, " ")
	if len(code) != len(shape) {
		return "", false
	}
	for i := range len(shape) {
		alphabet := digits
		if shape[i] == 'A' {
			alphabet = upper
		}
		if strings.IndexByte(alphabet, code[i]) < 0 {
			return "", false
		}
	}
	return code, true
}

type customer struct {
	Email     string `json:"emailAddress,omitempty"`
	Telephone string `json:"telephoneNumber,omitempty"`
	FullName  string `json:"fullName,omitempty"`
}

// customerOf leaves out what does not fit: half an address of mail is none.
func customerOf(c contract.Customer) *customer {
	out := customer{Email: c.Email, Telephone: c.Phone, FullName: cut(c.Name, 128)}
	if len(out.Email) > 45 {
		out.Email = ""
	}
	if len(out.Telephone) > 31 {
		out.Telephone = ""
	}
	if out == (customer{}) {
		return nil
	}
	return &out
}
