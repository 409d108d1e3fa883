package omnikassa

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The credentials of the demonstration shop. A [Config] without credentials has
// these; they are worth nothing outside the simulator.
const (
	// DemoRefreshToken is the refresh token of the demonstration shop.
	DemoRefreshToken = "kassette-demo-omnikassa-refresh-token"
	// DemoSigningKey is its signing key, base64 as the dashboard shows it.
	DemoSigningKey = "a2Fzc2V0dGUtZGVtby1vbW5pa2Fzc2Etc2lnbmluZyE="
	// DemoPOIID is its number at the bank.
	DemoPOIID = 5000
)

// Defaults of a [Config].
const (
	DefaultOrderLife             = 30 * time.Minute
	DefaultAccessTokenLife       = time.Hour
	DefaultNotificationTokenLife = 10 * time.Minute
	DefaultMinute                = time.Minute
	DefaultRefundAfter           = 10 * time.Second
	DefaultWebhookTimeout        = 10 * time.Second
)

// Config says which shop the simulator serves and how. The zero value is the
// demonstration shop without a webhook.
type Config struct {
	// PublicURL is the base under which browsers and shops reach the simulator,
	// with the path it is mounted below, if any: "http://127.0.0.1:8082/omnikassa".
	// Empty: taken from each announce's Host header, for a simulator at the root.
	PublicURL string
	// WebhookURL is the shop's webhook; see also [Simulator.SetWebhookURL].
	// Without one nothing is sent, and results wait to be pulled.
	WebhookURL string

	RefreshToken string   // the one refresh token; DemoRefreshToken unless given
	SigningKeys  []string // active signing keys, base64, padded or not; the first signs the return; DemoSigningKey unless given
	POIID        int64    // the shop's number at the bank; DemoPOIID unless given
	Brands       []Brand  // what the shop offers; DefaultBrands unless given

	// OutcomeByAmount has the amount decide as in the bank's sandbox; see [OutcomeOf].
	// For an amount in the bank's table the page of a brand then has a single
	// button, pay, and that leads to the table's outcome whatever the consumer
	// wants. Any other amount, 4999 say, is decided by the outcome buttons as always.
	OutcomeByAmount bool
	// Silent sends one notification for each final state and never repeats it: the
	// developer's manual's reading of the rule, and what is missed is gone.
	Silent bool

	OrderLife             time.Duration // from announce to EXPIRED; DefaultOrderLife unless given
	AccessTokenLife       time.Duration // DefaultAccessTokenLife unless given
	NotificationTokenLife time.Duration // DefaultNotificationTokenLife unless given
	Minute                time.Duration // between two notifications of unpulled results; DefaultMinute unless given
	RefundAfter           time.Duration // from PENDING to SUCCEEDED; DefaultRefundAfter unless given

	// Now is the base of the provider's clock; time.Now unless given. After a jump of
	// its own, MoveClock(ctx, 0) has what fell due happen.
	Now    func() time.Time
	Client *http.Client // sends notifications; one with DefaultWebhookTimeout unless given
	Logger *slog.Logger // gets what happens, without secrets; none unless given
}

// withDefaults fills in and checks; it returns the decoded signing keys beside.
func (c Config) withDefaults() (Config, [][]byte, error) {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for name, text := range map[string]string{"PublicURL": c.PublicURL, "WebhookURL": c.WebhookURL} {
		if err := checkURL(text); err != nil {
			return c, nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if c.RefreshToken == "" {
		c.RefreshToken = DemoRefreshToken
	}
	if len(c.SigningKeys) == 0 {
		c.SigningKeys = []string{DemoSigningKey}
	}
	if c.POIID == 0 {
		c.POIID = DemoPOIID
	}
	if c.Brands == nil {
		c.Brands = DefaultBrands()
	}
	if i := slices.IndexFunc(c.Brands, func(b Brand) bool { return b.Name == brandCards || b.Name == "" }); i >= 0 {
		return c, nil, fmt.Errorf("brand %q cannot be offered; name the brands themselves", c.Brands[i].Name)
	}
	for _, d := range []struct {
		value *time.Duration
		unset time.Duration
	}{
		{&c.OrderLife, DefaultOrderLife}, {&c.AccessTokenLife, DefaultAccessTokenLife},
		{&c.NotificationTokenLife, DefaultNotificationTokenLife}, {&c.Minute, DefaultMinute}, {&c.RefundAfter, DefaultRefundAfter},
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
	keys, err := decodeKeys(c.SigningKeys)
	return c, keys, err
}

// decodeKeys reads signing keys as the dashboard shows them: base64, with or
// without padding, white space around them ignored.
func decodeKeys(texts []string) ([][]byte, error) {
	var keys [][]byte
	for i, text := range texts {
		key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(text), "="))
		if err != nil || len(key) == 0 {
			return nil, fmt.Errorf("signing key %d: not base64; copy it as the dashboard shows it", i+1)
		}
		keys = append(keys, key)
	}
	return keys, nil
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
