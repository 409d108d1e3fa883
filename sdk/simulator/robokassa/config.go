package robokassa

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed" // the demonstration's key pair
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The credentials of the demonstration shop. A [Config] without credentials has
// these; they are worth nothing outside the simulator.
const (
	DemoLogin         = "kassette-demo"
	DemoPassword1     = "kassette-demo-robokassa-one"
	DemoPassword2     = "kassette-demo-robokassa-two"
	DemoPassword3     = "kassette-demo-robokassa-three"
	DemoTestPassword1 = "kassette-demo-robokassa-test-one"
	DemoTestPassword2 = "kassette-demo-robokassa-test-two"
	DemoHash          = "sha256"
)

//go:embed demo_key.pem
var demoKey []byte

//go:embed demo_cert.pem
var demoCertificate []byte

// DemoResultKey is the public key (PEM) of the pair that signs notifications
// to ResultUrl2; /jwtsign.cer serves its certificate.
//
//go:embed demo_public.pem
var DemoResultKey string

// Defaults of a [Config].
const (
	DefaultMinute         = time.Minute
	DefaultRefundAfter    = 10 * time.Second
	DefaultWebhookTimeout = 10 * time.Second
)

// Config says which shop the simulator serves and how. The zero value is the
// demonstration shop without addresses.
type Config struct {
	// PublicURL is the base under which browsers reach the simulator, with the path
	// it is mounted below, if any. Only addresses of invoices need it.
	PublicURL string
	// ResultURL, SuccessURL and FailURL are the shop's fixed addresses. Where only
	// the first is given and lies below /webhooks/, as a gateway's does, the others
	// are the same below /return/.
	ResultURL, SuccessURL, FailURL string
	// ResultMethod, SuccessMethod and FailMethod are GET or POST; ResultURL is
	// posted, the others opened by GET unless given.
	ResultMethod, SuccessMethod, FailMethod string

	Login                        string // DemoLogin unless given
	Password1, Password2         string // Demo… unless given
	Password3                    string // signs refunds
	TestPassword1, TestPassword2 string // for payments with IsTest=1
	Hash                         string // md5, ripemd160, sha1, sha256, sha384 or sha512; DemoHash unless given
	Currency                     string // of the shop: RUB unless given, or KZT
	NoHolds                      bool   // holds are by agreement: error 64 without one
	BuyerFee                     int64  // percent of the sum that the buyer pays above it

	// OutcomeByAmount has the amount decide; see [OutcomeOf].
	OutcomeByAmount bool

	Minute      time.Duration // between two tries of a notification; DefaultMinute unless given
	RefundAfter time.Duration // from processing to finished; DefaultRefundAfter unless given

	// Now is the base of the provider's clock; time.Now unless given.
	Now    func() time.Time
	Client *http.Client // sends notifications; one with DefaultWebhookTimeout unless given
	Logger *slog.Logger // gets what happens, without secrets; none unless given
}

func orElse[T comparable](value *T, unset T) {
	var zero T
	if *value == zero {
		*value = unset
	}
}

// withDefaults fills in and checks.
func (c Config) withDefaults() (Config, *rsa.PrivateKey, error) {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if before, after, ok := strings.Cut(c.ResultURL, "/webhooks/"); ok {
		orElse(&c.SuccessURL, before+"/return/"+after)
		orElse(&c.FailURL, before+"/return/"+after)
	}
	for name, text := range map[string]string{"PublicURL": c.PublicURL, "ResultURL": c.ResultURL, "SuccessURL": c.SuccessURL, "FailURL": c.FailURL} {
		if err := checkURL(text); err != nil {
			return c, nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, d := range []struct {
		value *string
		unset string
	}{
		{&c.Login, DemoLogin}, {&c.Password1, DemoPassword1}, {&c.Password2, DemoPassword2}, {&c.Password3, DemoPassword3},
		{&c.TestPassword1, DemoTestPassword1}, {&c.TestPassword2, DemoTestPassword2}, {&c.Hash, DemoHash}, {&c.Currency, currencyRUB},
		{&c.ResultMethod, http.MethodPost}, {&c.SuccessMethod, http.MethodGet}, {&c.FailMethod, http.MethodGet},
	} {
		orElse(d.value, d.unset)
	}
	orElse(&c.Minute, DefaultMinute)
	orElse(&c.RefundAfter, DefaultRefundAfter)
	if c.Client == nil {
		c.Client = &http.Client{Timeout: DefaultWebhookTimeout}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case hashes[c.Hash] == nil:
		return c, nil, fmt.Errorf("hash %q is none of md5, ripemd160, sha1, sha256, sha384, sha512", c.Hash)
	case c.Currency != currencyRUB && c.Currency != currencyKZT:
		return c, nil, fmt.Errorf("currency %q: a shop is in RUB or KZT", c.Currency)
	case c.Minute < 0 || c.RefundAfter < 0 || c.BuyerFee < 0:
		return c, nil, errors.New("durations and the buyer's fee must not be negative")
	}
	for _, m := range []string{c.ResultMethod, c.SuccessMethod, c.FailMethod} {
		if !isMethod(m) {
			return c, nil, fmt.Errorf("method %q: the provider knows GET and POST", m)
		}
	}
	key, err := signingKey()
	return c, key, err
}

func isMethod(m string) bool { return m == http.MethodGet || m == http.MethodPost }

// signingKey reads the key that signs ResultUrl2.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(demoKey)
	if block == nil {
		return nil, errors.New("demo_key.pem is no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read demo_key.pem: %w", err)
	}
	k, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("demo_key.pem is no RSA key")
	}
	return k, nil
})

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
