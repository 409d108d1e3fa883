package shop

import (
	"net/http"
	"strconv"
	"strings"
)

const (
	cookieName  = "basket"
	maxCookie   = 512
	maxQuantity = 20
)

// basket is what a consumer wants to buy, and the number of the order that was
// made of it, if one was. It lives in the browser.
type basket struct {
	market    market
	items     []item
	reference string
}

// item is some of a product.
type item struct {
	product
	Quantity int64
}

// Amount is what the items cost together.
func (i item) Amount() int64 { return i.Price * i.Quantity }

// readBasket reads the cookie. What makes no sense is left out.
func readBasket(r *http.Request) basket {
	b := basket{market: marketOf(r)}
	c, err := r.Cookie(cookieName)
	if err != nil || len(c.Value) > maxCookie {
		return b
	}
	list, reference, _ := strings.Cut(c.Value, "!")
	if isReference(reference) {
		b.reference = reference
	}
	for part := range strings.SplitSeq(list, "_") {
		id, number, _ := strings.Cut(part, ".")
		p, ok := b.market.product(id)
		n, err := strconv.ParseInt(number, 10, 32)
		if !ok || err != nil || n < 1 {
			continue
		}
		b.set(p, b.quantity(p)+n)
	}
	return b
}

// text writes the basket as the cookie holds it.
func (b basket) text() string {
	parts := make([]string, 0, len(b.items))
	for _, i := range b.items {
		parts = append(parts, i.ID+"."+strconv.FormatInt(i.Quantity, 10))
	}
	text := strings.Join(parts, "_")
	if b.reference != "" {
		text += "!" + b.reference
	}
	return text
}

// save puts the basket into the browser, for a month.
func (b basket) save(w http.ResponseWriter, secure bool) {
	c := &http.Cookie{Name: cookieName, Value: b.text(), Path: "/", MaxAge: 30 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure}
	if len(b.items) == 0 {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (b *basket) quantity(p product) int64 {
	for _, i := range b.items {
		if i.ID == p.ID {
			return i.Quantity
		}
	}
	return 0
}

// set makes the basket hold n of a product, within bounds; none takes it out.
func (b *basket) set(p product, n int64) {
	n = min(max(n, 0), maxQuantity)
	var items []item
	for _, q := range b.market.goods() { // in the shop's order
		have := b.quantity(q)
		if q.ID == p.ID {
			have = n
		}
		if have > 0 {
			items = append(items, item{q, have})
		}
	}
	b.items = items
}

func (b basket) goods() int64 {
	var sum int64
	for _, i := range b.items {
		sum += i.Amount()
	}
	return sum
}

// shipping is what sending the basket costs.
func (b basket) shipping() int64 {
	if sum := b.goods(); sum == 0 || sum >= b.market.freeFrom {
		return 0
	}
	return b.market.shipping
}

func (b basket) total() int64 { return b.goods() + b.shipping() }

func (b basket) count() int64 {
	var n int64
	for _, i := range b.items {
		n += i.Quantity
	}
	return n
}

// changeBasket adds, takes away or removes a product.
func (s *shop) changeBasket(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	b := s.basketOf(r)
	p, ok := b.market.product(r.PostFormValue("product"))
	place := "#" + p.ID
	switch change := r.PostFormValue("change"); {
	case !ok:
		s.problemPage(w, r, http.StatusUnprocessableEntity, "odd_request", "odd_request_text")
		return
	case change == "add":
		b.set(p, b.quantity(p)+1)
	case change == "more":
		b.set(p, b.quantity(p)+1)
		place = "#basket"
	case change == "less":
		b.set(p, b.quantity(p)-1)
		place = "#basket"
	default:
		s.problemPage(w, r, http.StatusUnprocessableEntity, "odd_request", "odd_request_text")
		return
	}
	b.reference = "" // it is another basket now
	b.save(w, s.secure())
	http.Redirect(w, r, "/?lang="+s.words.speak(r).lang+place, http.StatusSeeOther)
}

// basketOf reads the basket; one whose order is paid is empty.
func (s *shop) basketOf(r *http.Request) basket {
	b := readBasket(r)
	if p, ok := s.book.find(b.reference); ok && p.packed() {
		return basket{market: b.market}
	}
	return b
}

func (s *shop) secure() bool { return strings.HasPrefix(s.PublicURL, "https:") }
