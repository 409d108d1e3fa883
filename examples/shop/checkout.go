package shop

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the order form.
const (
	maxForm = 16 << 10
	maxName = 100
)

var referenceSyntax = regexp.MustCompile(`^MM-[A-Z2-7]{12}$`)

func isReference(s string) bool { return referenceSyntax.MatchString(s) }

// checkout makes an order of the basket and sends the consumer to pay it. The
// same form pressed twice, or again after going back, leads to the same order.
func (s *shop) checkout(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	wd := s.words.speak(r)
	b := s.basketOf(r)
	if len(b.items) == 0 {
		http.Redirect(w, r, "/?lang="+wd.lang, http.StatusSeeOther)
		return
	}
	who := customer{Name: strings.TrimSpace(r.PostFormValue("name")), Email: strings.TrimSpace(r.PostFormValue("email"))}
	if !plain(who.Name) || !plain(who.Email) || !strings.Contains(strings.Trim(who.Email, "@"), "@") {
		s.homePage(w, r, http.StatusUnprocessableEntity, homeView{Who: who, Wrong: wd.T("who_wrong")})
		return
	}
	b.reference = ""
	reference := s.reference(r.PostFormValue("once"), b.text(), who.Name, who.Email, wd.lang, b.market.Currency)
	s.book.write(purchase{Reference: reference, Lang: wd.lang, Market: b.market, Items: b.items, Shipping: b.shipping(), Total: b.total(), Placed: s.now()})
	created, err := s.gateway.create(r.Context(), "order-"+reference, s.orderOf(reference, b, who, wd))
	if err != nil {
		s.refused(w, r, err)
		return
	}
	s.book.learn(created, s.now())
	b.reference = reference
	b.save(w, s.secure())
	http.Redirect(w, r, created.CheckoutURL, http.StatusSeeOther)
}

// refused shows in kind words why the gateway did not take the order.
func (s *shop) refused(w http.ResponseWriter, r *http.Request, err error) {
	slog.Warn("order not placed", "error", err)
	wd := s.words.speak(r)
	view := noteView{Title: wd.T("not_placed"), Text: wd.T("not_placed_text"), Again: true}
	if p := (*problem)(nil); errors.As(err, &p) && p.Status != 0 {
		view.Said, view.Detail = p.Title, p.Detail
		if p.RequestID != "" {
			view.Small = wd.T("request", "id", p.RequestID)
		}
	}
	s.render(w, http.StatusBadGateway, "note.html", s.pageOf(r, view.Title, view))
}

// plain says whether a text of the form can be sent on.
func plain(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxName && !strings.ContainsFunc(s, unicode.IsControl)
}

// reference is the order's number: the same for the same form and basket, not
// to be guessed by others.
func (s *shop) reference(parts ...string) string {
	mac := hmac.New(sha256.New, s.seed[:])
	for _, p := range parts {
		mac.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return "MM-" + base32.StdEncoding.EncodeToString(mac.Sum(nil))[:12]
}

// once is what tells one showing of the form from another.
func once() string { return rand.Text() }

// orderOf writes the basket as the API wants it: lines that add up, with tax.
func (s *shop) orderOf(reference string, b basket, who customer, wd words) newOrder {
	sum := func(n int64) money { return money{n, b.market.Currency} }
	o := newOrder{
		Reference: reference, Amount: sum(b.total()), Description: wd.T("description", "shop", s.Name, "number", reference),
		Customer: who, Locale: wd.locale(), Country: b.market.Country,
		ReturnURL: s.PublicURL + "/thanks?lang=" + wd.lang, CancelURL: s.PublicURL + "/?lang=" + wd.lang, NotifyURL: s.PublicURL + "/notices",
		Metadata: map[string]string{"channel": "web"},
	}
	for _, i := range b.items {
		o.Lines = append(o.Lines, orderLine{
			ID: i.ID, Name: wd.T(i.ID), Kind: "physical", Quantity: strconv.FormatInt(i.Quantity, 10), UnitPrice: sum(i.Price), Amount: sum(i.Amount()),
			TaxRate: strconv.FormatInt(i.TaxRate, 10), TaxAmount: sum(taxIn(i.Amount(), i.TaxRate)),
		})
	}
	if n := b.shipping(); n > 0 {
		o.Lines = append(o.Lines, orderLine{
			ID: "shipping", Name: wd.T("shipping"), Kind: "shipping", Quantity: "1", UnitPrice: sum(n), Amount: sum(n),
			TaxRate: strconv.FormatInt(b.market.other, 10), TaxAmount: sum(taxIn(n, b.market.other)),
		})
	}
	return o
}
