package paypal

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed" // the demonstration certificates
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The credentials of the demonstration merchant. A [Config] without credentials
// has these; they are worth nothing outside the simulator.
const (
	// DemoClientID is the REST application's client id.
	DemoClientID = "AUkassette-demo-paypal-client-id"
	// DemoClientSecret is its secret.
	DemoClientSecret = "EUkassette-demo-paypal-client-secret"
	// DemoWebhookID is the id of the webhook of [Config].WebhookURL.
	DemoWebhookID = "4KD81532BW724625T"
	// DemoMerchantID is the account that gets the money.
	DemoMerchantID = "KASSETTEDEM01"
)

// DemoRoot is the certificate authority of the demonstration certificate that
// signs webhooks, in PEM: what a merchant's gateway must trust for this account.
//
//go:embed demo/ca.pem
var DemoRoot string

var (
	//go:embed demo/cert.pem
	demoCertificate string
	//go:embed demo/key.pem
	demoKey string
)

// Defaults of a [Config].
const (
	DefaultTokenLife      = 9 * time.Hour
	DefaultOrderLife      = 3 * time.Hour // of an approval link (openapi, orders)
	DefaultHonorPeriod    = 3 * 24 * time.Hour
	DefaultAuthorizedLife = 29 * 24 * time.Hour
	DefaultRefundWindow   = 180 * 24 * time.Hour
	DefaultRetry          = time.Minute
	DefaultWebhookTimeout = 10 * time.Second
)

// Config says which merchant the simulator serves and how. The zero value is
// the demonstration merchant without a webhook.
type Config struct {
	// PublicURL is the base under which browsers and shops reach the simulator,
	// with the path it is mounted below, if any: "http://127.0.0.1:8082/paypal".
	// Empty: taken from each request's Host header, for a simulator at the root.
	PublicURL string
	// WebhookURL is the listener of all events, under WebhookID. More can be
	// made by POST /v1/notifications/webhooks.
	WebhookURL string

	ClientID     string // DemoClientID unless given
	ClientSecret string // DemoClientSecret unless given
	WebhookID    string // DemoWebhookID unless given
	// CertificatePEM and KeyPEM sign webhooks: the demonstration certificate,
	// which leads to DemoRoot, unless given. The key is RSA.
	CertificatePEM, KeyPEM string

	// UniqueInvoices refuses an invoice_id that was paid before, as an account
	// does whose owner says so.
	UniqueInvoices bool

	TokenLife      time.Duration // DefaultTokenLife unless given
	OrderLife      time.Duration // from create until an order that is not carried out is gone; DefaultOrderLife unless given
	HonorPeriod    time.Duration // before which nothing is reauthorized; DefaultHonorPeriod unless given
	AuthorizedLife time.Duration // from authorize to the end; DefaultAuthorizedLife unless given
	RefundWindow   time.Duration // from capture; DefaultRefundWindow unless given
	Retry          time.Duration // before the first redelivery of a webhook; each next pause is twice as long; DefaultRetry unless given

	// Now is the base of the provider's clock; time.Now unless given. After a jump
	// of its own, MoveClock(ctx, 0) has what fell due happen.
	Now    func() time.Time
	Client *http.Client // delivers webhooks; one with DefaultWebhookTimeout unless given
	Logger *slog.Logger // gets what happens, without secrets; none unless given
}

// withDefaults fills in and checks; it returns the webhooks' key beside.
func (c Config) withDefaults() (Config, *rsa.PrivateKey, error) {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for name, text := range map[string]string{"PublicURL": c.PublicURL, "WebhookURL": c.WebhookURL} {
		if err := checkURL(text); err != nil {
			return c, nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, t := range []struct {
		value *string
		unset string
	}{{&c.ClientID, DemoClientID}, {&c.ClientSecret, DemoClientSecret}, {&c.WebhookID, DemoWebhookID}} {
		if *t.value == "" {
			*t.value = t.unset
		}
	}
	for _, d := range []struct {
		value *time.Duration
		unset time.Duration
	}{
		{&c.TokenLife, DefaultTokenLife}, {&c.OrderLife, DefaultOrderLife}, {&c.HonorPeriod, DefaultHonorPeriod},
		{&c.AuthorizedLife, DefaultAuthorizedLife}, {&c.RefundWindow, DefaultRefundWindow}, {&c.Retry, DefaultRetry},
	} {
		if *d.value < 0 {
			return c, nil, fmt.Errorf("duration %v: must not be negative", *d.value)
		}
		if *d.value == 0 {
			*d.value = d.unset
		}
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: DefaultWebhookTimeout}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.CertificatePEM == "" && c.KeyPEM == "" {
		c.CertificatePEM, c.KeyPEM = demoCertificate, demoKey
	}
	key, err := readKey(c.KeyPEM)
	return c, key, err
}

func readKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("KeyPEM is not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read KeyPEM: %w", err)
	}
	k, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("KeyPEM holds no RSA key: PayPal signs with SHA256withRSA")
	}
	return k, nil
}

func checkURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%q is not an http or https address", text)
	}
	return nil
}
