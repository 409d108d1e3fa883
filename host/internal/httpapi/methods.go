package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/view"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// method is a way to pay as a consumer may choose it.
type method struct {
	ID            string        `json:"id"`
	Title         string        `json:"title"`
	ProviderTitle *string       `json:"provider_title"`
	Brand         *string       `json:"brand"`
	LogoURL       *string       `json:"logo_url"`
	Flow          contract.Flow `json:"flow"`
	// Options are the ways within the method; null where it has none.
	Options        []option `json:"options"`
	RequiredFields []string `json:"required_fields"`
	Available      bool     `json:"available"`
	Reason         *string  `json:"reason"`
}

// option is one way within a method: a bank, a wallet.
type option struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Group *string `json:"group"`
	Logo  *string `json:"logo"`
}

// listMethods lists what a consumer may choose, in the order to show it.
func (a *API) listMethods(c *gin.Context) {
	query, ok := a.readMethodsQuery(c)
	if !ok {
		return
	}
	ctx, cancel := reading(c, optionsTimeout)
	defer cancel()
	key := of(c).key
	offers, err := a.API.Methods(ctx, key.Shop, key.Live, query)
	if err != nil {
		a.refuse(c, a.problemOf(c, err))
		return
	}
	items := make([]method, len(offers))
	var wait sync.WaitGroup
	for i, offer := range offers {
		items[i] = a.method(offer, query.Locale)
		if offer.HasOptions && offer.Available {
			wait.Go(func() { a.addOptions(ctx, key, query, &items[i]) })
		}
	}
	wait.Wait()
	a.send(c, a.answer(c, http.StatusOK, list[method]{Items: items}, ""))
}

func (a *API) readMethodsQuery(c *gin.Context) (checkout.MethodsQuery, bool) {
	q := readQuery(c)
	m := checkout.MethodsQuery{
		Amount:  order.Money{Value: q.integer("amount", 1, strict.MaxInteger, 0), Currency: q.text("currency")},
		Country: q.text("country"), Locale: q.text("locale"),
	}
	for _, name := range []string{"amount", "currency"} {
		if q.values.Get(name) == "" {
			q.refuse(name, "is missing: which methods there are depends on it")
		}
	}
	if m.Amount.Currency != "" && !isCurrency(m.Amount.Currency) {
		q.refuse("currency", noCurrency)
	}
	if m.Country != "" && (len(m.Country) != 2 || strings.Trim(m.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		q.refuse("country", "is no country of ISO 3166-1: send two capital letters such as NL")
	}
	if _, err := language.Parse(m.Locale); m.Locale != "" && err != nil {
		q.refuse("locale", "is no locale of BCP 47: send one such as nl-NL")
	}
	return m, q.end(a, c)
}

func (a *API) method(o checkout.MethodOffer, locale string) method {
	m := method{
		ID: o.ID, Title: view.Localize(o.Title, locale), ProviderTitle: orNull(view.Localize(o.ProviderTitle, locale)), Brand: orNull(o.Brand),
		Flow: o.Flow, RequiredFields: append([]string{}, o.RequiredFields...), Available: o.Available, Reason: orNull(o.Reason),
	}
	if o.HasOptions {
		m.Options = []option{}
	}
	if o.Logo != "" {
		m.LogoURL = orNull(a.PublicURL + "/v1/methods/" + url.PathEscape(o.ID) + "/logo.svg?v=" + logoDigest(o.Logo))
	}
	return m
}

// addOptions asks for the ways within a method. Without them it cannot be
// chosen. It runs beside the request, where nobody else catches a panic.
func (a *API) addOptions(ctx context.Context, key checkout.Key, q checkout.MethodsQuery, m *method) {
	defer func() {
		if r := recover(); r != nil {
			a.Logger.ErrorContext(ctx, "options of a method", "method", m.ID, "panic", r, "stack", string(debug.Stack()))
			m.Available, m.Reason = false, orNull("its options cannot be had now")
		}
	}()
	options, err := a.API.Options(ctx, key.Shop, key.Live, m.ID, q)
	if err != nil {
		a.Logger.WarnContext(ctx, "options of a method", "method", m.ID, "shop", key.Shop, "error", err)
		m.Available, m.Reason = false, orNull("its options cannot be had from the provider now")
		return
	}
	for _, o := range options {
		m.Options = append(m.Options, option{o.ID, o.Title, orNull(o.Group), orNull(o.Logo)})
	}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
