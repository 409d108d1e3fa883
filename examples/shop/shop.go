// Package shop is a small web shop that takes payments through Kassette: three
// products, a basket and one button. It is for demos and as an example of a
// shop's side of the API.
//
// It speaks only the public REST interface: it creates an order with
// POST /v1/orders, sends the consumer to its checkout_url, hears of the result
// by signed notices, and asks GET /v1/orders/{id} where it wants to be sure.
// The consumer's return is never proof of a payment. What it knows is kept in
// memory, within bounds, and lost at exit.
package shop

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Config is what a shop is made of.
type Config struct {
	// Name is the shop's name.
	Name string
	// PublicURL is where consumers reach the shop: one of its registered origins.
	PublicURL string
	// GatewayURL is where the gateway is, and Key the shop's API key there.
	GatewayURL, Key string
	// NoticeSecret verifies notices and returns: whsec_ and base64.
	NoticeSecret string
	// StoryURL, where there is one, shows an order's story as ?order=ID.
	StoryURL string
	// Client sends the requests to the gateway; nil: one with a timeout.
	Client *http.Client
}

// timeout bounds a request to the gateway.
const timeout = 20 * time.Second

type shop struct {
	Config
	secret    []byte // decoded
	webhook   *standardwebhooks.Webhook
	gateway   gateway
	book      *book
	words     *lexicon
	templates *template.Template
	policy    string
	seed      [32]byte // makes order numbers
	now       func() time.Time
}

// New opens a shop. The error says which setting is wrong.
func New(c Config) (http.Handler, error) {
	s, err := open(c)
	if err != nil {
		return nil, err
	}
	return s.routes(), nil
}

func open(c Config) (*shop, error) {
	c.PublicURL, c.GatewayURL = strings.TrimRight(c.PublicURL, "/"), strings.TrimRight(c.GatewayURL, "/")
	if c.Client == nil {
		c.Client = &http.Client{Timeout: timeout}
	}
	if c.Name == "" || c.Key == "" {
		return nil, errors.New("shop: give it a name and an API key")
	}
	for _, u := range []string{c.PublicURL, c.GatewayURL} {
		if p, err := url.Parse(u); err != nil || p.Host == "" {
			return nil, fmt.Errorf("shop: %q is no absolute URL", u)
		}
	}
	encoded, ok := strings.CutPrefix(c.NoticeSecret, "whsec_")
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(secret) < 16 {
		return nil, errors.New("shop: the notice secret must be whsec_ and at least 16 bytes in base64")
	}
	s := &shop{Config: c, secret: secret, gateway: gateway{c.GatewayURL, c.Key, c.Client}, book: newBook(), now: time.Now}
	if s.webhook, err = standardwebhooks.NewWebhookRaw(secret); err != nil {
		return nil, fmt.Errorf("shop: notice secret: %w", err)
	}
	if s.words, err = readWords(); err != nil {
		return nil, err
	}
	if s.templates, err = template.ParseFS(templateFiles, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("shop: read templates: %w", err)
	}
	// Browsers hold a form's redirect to form-action too: the order form leads to the gateway.
	s.policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + origin(c.GatewayURL)
	_, _ = rand.Read(s.seed[:]) // never fails
	return s, nil
}

// origin is the scheme and host of a URL that was checked before.
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("POST /basket", s.changeBasket)
	mux.HandleFunc("POST /checkout", s.checkout)
	mux.HandleFunc("GET /thanks", s.thanks)
	mux.HandleFunc("GET /orders/{reference}", s.order)
	mux.HandleFunc("GET /orders/{reference}/status", s.status)
	mux.HandleFunc("GET /terms", s.terms)
	mux.HandleFunc("POST /notices", s.notices)
	mux.Handle("GET /assets/", assets())
	mux.HandleFunc("/", s.missing)
	return http.NewCrossOriginProtection().Handler(mux)
}
