package shop

import (
	"net/http"
	"slices"
)

// market is a currency that the shop sells in, with its own prices: none is
// converted. Amounts are in minor units, with tax.
type market struct {
	Currency string
	Country  string // where the shop thinks the consumer is: ISO 3166-1
	exponent int    // minor units: ISO 4217
	sign     string
	prices   map[string]int64
	// Shipping costs this much, nothing from freeFrom on.
	shipping, freeFrom int64
	// tax rates, in percent, on food and on everything else.
	food, other int64
}

// markets are all of them, the first where no other was chosen.
var markets = []market{
	{"EUR", "NL", 2, "€", map[string]int64{"stroopwafels": 695, "coffee": 1395, "mug": 1750}, 395, 3500, 9, 21},
	{"SEK", "SE", 2, "kr", map[string]int64{"stroopwafels": 7900, "coffee": 15900, "mug": 19900}, 4500, 39900, 12, 25},
	{"RUB", "RU", 2, "₽", map[string]int64{"stroopwafels": 69000, "coffee": 139000, "mug": 175000}, 39000, 350000, 10, 22},
	{"JPY", "JP", 0, "¥", map[string]int64{"stroopwafels": 1100, "coffee": 2200, "mug": 2800}, 650, 5500, 8, 10},
}

const marketCookie = "currency"

func marketNamed(currency string) (market, bool) {
	i := slices.IndexFunc(markets, func(m market) bool { return m.Currency == currency })
	if i < 0 {
		return markets[0], false
	}
	return markets[i], true
}

// marketOf is the market of the link, else the one that the browser kept.
func marketOf(r *http.Request) market {
	if m, ok := marketNamed(r.URL.Query().Get(marketCookie)); ok {
		return m
	}
	c, err := r.Cookie(marketCookie)
	if err != nil {
		return markets[0]
	}
	m, _ := marketNamed(c.Value)
	return m
}

// keepMarket has the browser remember a market that a link chose.
func (s *shop) keepMarket(w http.ResponseWriter, r *http.Request) {
	if m, ok := marketNamed(r.URL.Query().Get(marketCookie)); ok {
		http.SetCookie(w, &http.Cookie{
			Name: marketCookie, Value: m.Currency, Path: "/", MaxAge: 30 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(),
		})
	}
}

// product is one of the goods, at the market's price.
type product struct {
	ID      string
	Price   int64
	TaxRate int64 // a percentage
}

// Picture is where the drawing of a product is.
func (p product) Picture() string { return "/assets/" + p.ID + ".svg" }

// goods are all that is for sale; those that are food.
var (
	goods = []string{"stroopwafels", "coffee", "mug"}
	food  = []string{"stroopwafels", "coffee"}
)

func (m market) goods() []product {
	list := make([]product, len(goods))
	for i, id := range goods {
		list[i], _ = m.product(id)
	}
	return list
}

func (m market) product(id string) (product, bool) {
	price, ok := m.prices[id]
	rate := m.other
	if slices.Contains(food, id) {
		rate = m.food
	}
	return product{id, price, rate}, ok
}

// taxIn is the tax within an amount, rounded to a minor unit.
func taxIn(amount, rate int64) int64 {
	whole := 100 + rate
	return (amount*rate + whole/2) / whole
}
