package omnikassa

import (
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

const (
	maxItems           = 99
	maxItemID          = 25
	maxItemName        = 50
	maxItemDescription = 100
)

// Item is an order item as the bank keeps it.
type Item struct {
	ID          string `json:"id,omitempty"` // at most 25 characters
	Name        string `json:"name"`         // at most 50, counted with HTML entities
	Description string `json:"description,omitempty"`
	Quantity    int64  `json:"quantity"` // 1 to 2147483647
	Amount      int64  `json:"amount"`   // cents a piece including VAT; negative for a discount
	Tax         int64  `json:"tax,omitempty"`
	Category    string `json:"category"`              // PHYSICAL or DIGITAL
	VATCategory string `json:"vatCategory,omitempty"` // 1 high, 2 low, 3 zero, 4 none
}

// readItems reads the order items. If their sum is not the order amount they are
// dropped, and the announce goes on without them.
func (a *Announcement) readItems(f fields) *apiError {
	if f.empty("orderItems") {
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(f["orderItems"], &list); err != nil {
		return invalid("orderItems should be a list")
	}
	if len(list) > maxItems {
		return invalid("there are too many order items, maximum number is [99]")
	}
	sum := new(big.Int)
	for _, raw := range list {
		f, ok := readFields(raw)
		if !ok {
			return invalid("an order item should be an object")
		}
		it, e := readItem(f)
		if e != nil {
			return e
		}
		a.Items = append(a.Items, it)
		sum.Add(sum, new(big.Int).Mul(big.NewInt(it.Amount), big.NewInt(it.Quantity)))
	}
	if sum.Cmp(big.NewInt(a.Amount)) != 0 {
		a.Items, a.ItemsDropped = nil, true
	}
	return nil
}

func readItem(f fields) (it Item, e *apiError) {
	if it.ID, e = f.cut("id", maxItemID); e != nil {
		return it, e
	}
	if it.Description, e = f.cut("description", maxItemDescription); e != nil {
		return it, e
	}
	if it.Name, e = readItemName(f); e != nil {
		return it, e
	}
	var ok bool
	if it.Quantity, ok = readWhole(f["quantity"]); !ok || it.Quantity < 1 || it.Quantity > math.MaxInt32 {
		return it, invalid("the item quantity should be between 1 and 2147483647")
	}
	if it.Amount, e = f.money("amount", "the item amount"); e != nil {
		return it, e
	}
	if !f.empty("tax") {
		if it.Tax, e = f.money("tax", "the item tax"); e != nil {
			return it, e
		}
	}
	return it, it.readCategories(f)
}

// readCategories takes any unknown category as PHYSICAL, as the bank does.
func (it *Item) readCategories(f fields) (e *apiError) {
	if it.Category, e = f.text("category"); e != nil {
		return e
	}
	if it.Category == "" {
		return invalid("the item category is required")
	}
	if it.Category != "DIGITAL" {
		it.Category = "PHYSICAL"
	}
	if f.empty("vatCategory") {
		return nil
	}
	if it.VATCategory = strings.Trim(string(f["vatCategory"]), `"`); !slices.Contains([]string{"1", "2", "3", "4"}, it.VATCategory) {
		return invalid("the item vatCategory should be one of: [1, 2, 3, 4]")
	}
	return nil
}

var (
	htmlTag = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)
	// The bank counts these as the HTML entities it stores, full-width forms alike.
	entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "＆", "&amp;", "＜", "&lt;", "＞", "&gt;")
)

// readItemName refuses a name that is too long instead of cutting it.
func readItemName(f fields) (string, *apiError) {
	name, e := f.text("name")
	switch {
	case e != nil:
		return "", e
	case name == "":
		return "", invalid("the item name is required")
	case htmlTag.MatchString(name):
		return "", invalid("the item name should not contain HTML tags")
	case cutText(entities.Replace(name), maxItemName) != entities.Replace(name):
		return "", invalid("the item name is too long, maximum length is [50]")
	}
	return name, nil
}
