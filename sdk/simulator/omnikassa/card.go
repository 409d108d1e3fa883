package omnikassa

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

const (
	cardActive  = "ACTIVE"
	cardDeleted = "DELETED"
	cardMonth   = "2006-01"
	// cardYears is how long a stored card is valid.
	cardYears = 2
)

// card is a stored card of a shopper.
type card struct {
	ID          string `json:"id"`
	Last4Digits string `json:"last4Digits"`
	Brand       string `json:"brand"`
	CardExpiry  string `json:"cardExpiry"`
	TokenExpiry string `json:"tokenExpiry"`
	Status      string `json:"status"`
}

// store keeps the card of a paid transaction if the shop asked for that: with
// enableCardOnFile and shopperRef in the announce. The caller holds s.mu.
func (s *Simulator) store(t *transaction, at time.Time) {
	if !t.brand.card || !t.order.CardOnFile || t.order.ShopperRef == "" {
		return
	}
	expiry := at.AddDate(cardYears, 0, 0).UTC().Format(cardMonth)
	s.cards[t.order.ShopperRef] = append(s.cards[t.order.ShopperRef], &card{ID: uuid.NewString(), Last4Digits: t.brand.last4,
		Brand: t.brand.name, CardExpiry: expiry, TokenExpiry: expiry, Status: cardActive})
}

// listCards lists a shopper's stored cards, deleted ones left out.
func (s *Simulator) listCards(w http.ResponseWriter, r *http.Request) {
	shopper, e := s.shopper(r, callCards)
	if e != nil {
		s.refuse(w, e)
		return
	}
	list := []card{}
	s.mu.Lock()
	for _, c := range s.cards[shopper] {
		if c.Status != cardDeleted {
			list = append(list, *c)
		}
	}
	s.mu.Unlock()
	s.write(w, http.StatusOK, struct {
		Cards []card `json:"cardOnFileList"`
	}{list})
}

// deleteCard forgets a stored card.
func (s *Simulator) deleteCard(w http.ResponseWriter, r *http.Request) {
	shopper, e := s.shopper(r, callDeleteCard)
	if e != nil {
		s.refuse(w, e)
		return
	}
	s.mu.Lock()
	i := slices.IndexFunc(s.cards[shopper], func(c *card) bool { return c.ID == r.PathValue("card") && c.Status != cardDeleted })
	if i >= 0 {
		s.cards[shopper][i].Status = cardDeleted
	}
	s.mu.Unlock()
	if i < 0 {
		s.refuse(w, notFound("the stored card is not known"))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// shopper checks token and shopper reference of the two calls.
func (s *Simulator) shopper(r *http.Request, call string) (string, *apiError) {
	if _, e := s.authorise(r, call, accessToken); e != nil {
		return "", e
	}
	ref := r.URL.Query().Get("shopper-ref")
	if ref == "" {
		return "", &apiError{HTTP: http.StatusUnprocessableEntity, ErrorCode: codeInvalid, ErrorMessage: "shopper-ref is required",
			Title: http.StatusText(http.StatusUnprocessableEntity), Status: http.StatusUnprocessableEntity}
	}
	return ref, nil
}
