package woocommerce

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What a demonstration's shop is reached with. A [Config] without keys has these;
// they are worth nothing outside the simulator.
const (
	// DemoKey is the consumer key: ck_ and 40 characters (1.1).
	DemoKey = "ck_6b617373657474652d64656d6f2d776f6f2d6b65"
	// DemoSecret is the consumer secret: cs_ and 40 characters (1.1).
	DemoSecret = "cs_6b617373657474652d64656d6f2d736563726574"
	// DemoWebhookSecret is what webhooks of the demonstration are signed with.
	DemoWebhookSecret = "kassette-demo-woocommerce-webhook-secret"
	// DemoURL is the shop's address where none is given.
	DemoURL = "https://shop.example"
)

// The permissions of a key (1.1).
const (
	Reads  = "read"
	Writes = "write"
	Both   = "read_write"
)

// Gateway is a payment gateway of the shop.
type Gateway struct {
	ID    string
	Title string
	// Refunds says that it supports automatic refunds (1.5).
	Refunds bool
	// Settings are those that have a title and a type: anybody who may read sees
	// their values, passwords among them (1.5).
	Settings map[string]string
}

// Config says which shop the simulator is. The zero value is the demonstration's
// shop, in euro and on TLS.
type Config struct {
	// PublicURL is the shop's address, below which its paths begin. DemoURL unless
	// given. If it is https the shop believes that it is on TLS.
	PublicURL string
	// Unaware is for a shop whose TLS ends before it: WordPress believes that it is
	// on plain HTTP (1.1).
	Unaware bool

	Key        string // DemoKey unless given
	Secret     string // DemoSecret unless given
	Permission string // of the key; Both unless given
	// DropsAuthorization is for set-ups whose server drops that header (1.1).
	DropsAuthorization bool

	Currency string // EUR unless given
	Decimals *int   // of the shop's amounts; those of the order's currency unless given, for the few that the simulator knows
	Offset   time.Duration
	Version  string // of WooCommerce; 10.5.0 unless given
	FirstID  int    // of the first order; 101 unless given
	Gateways []Gateway

	// Loose lets webhooks go to loopback, private addresses and any port, which
	// WordPress refuses but for the shop's own host (2, trap 6).
	Loose bool

	// Now is the base of the shop's clock; time.Now unless given.
	Now    func() time.Time
	Client *http.Client // sends webhooks; one with the timeout of 60 s (2) unless given
	Logger *slog.Logger // gets what happens, without secrets; none unless given
}

// deliveryTimeout is how long the shop waits for an answer (2, trap 5).
const deliveryTimeout = 60 * time.Second

// decimals of currencies that have other than two.
var decimals = map[string]int{"JPY": 0, "KRW": 0, "ISK": 0, "TND": 3, "KWD": 3, "BHD": 3}

func (c Config) withDefaults() (Config, error) {
	for _, d := range []struct {
		value *string
		unset string
	}{
		{&c.PublicURL, DemoURL}, {&c.Key, DemoKey}, {&c.Secret, DemoSecret}, {&c.Permission, Both}, {&c.Currency, "EUR"}, {&c.Version, "10.5.0"},
	} {
		if *d.value == "" {
			*d.value = d.unset
		}
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return c, fmt.Errorf("PublicURL: %q is not an http or https address", c.PublicURL)
	}
	if c.Permission != Reads && c.Permission != Writes && c.Permission != Both {
		return c, fmt.Errorf("permission %q: use %s, %s or %s", c.Permission, Reads, Writes, Both)
	}
	if c.Decimals != nil && (*c.Decimals < 0 || *c.Decimals > 8) {
		return c, fmt.Errorf("decimals %d: use 0 to 8", *c.Decimals)
	}
	if c.FirstID == 0 {
		c.FirstID = 101
	}
	if c.Gateways == nil {
		c.Gateways = []Gateway{{ID: "bacs", Title: "Direct bank transfer"}}
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: deliveryTimeout}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// gateway finds one by its id.
func (c Config) gateway(id string) (Gateway, bool) {
	for _, g := range c.Gateways {
		if g.ID == id {
			return g, true
		}
	}
	return Gateway{}, false
}
