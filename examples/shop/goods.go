package shop

import "slices"

// currency is the one the shop sells in.
const currency = "EUR"

// product is one of the goods. Prices are in cents, with tax.
type product struct {
	ID      string
	Price   int64
	TaxRate int64 // a percentage
}

// Picture is where the drawing of a product is.
func (p product) Picture() string { return "/assets/" + p.ID + ".svg" }

// goods are all that is for sale.
var goods = []product{
	{ID: "stroopwafels", Price: 695, TaxRate: 9},
	{ID: "coffee", Price: 1395, TaxRate: 9},
	{ID: "mug", Price: 1750, TaxRate: 21},
}

// shipping costs this much, nothing from freeFrom on.
const (
	shippingPrice = 395
	shippingTax   = 21
	freeFrom      = 3500
)

func productOf(id string) (product, bool) {
	i := slices.IndexFunc(goods, func(p product) bool { return p.ID == id })
	if i < 0 {
		return product{}, false
	}
	return goods[i], true
}

// taxIn is the tax within an amount, rounded to a cent.
func taxIn(amount, rate int64) int64 {
	whole := 100 + rate
	return (amount*rate + whole/2) / whole
}
