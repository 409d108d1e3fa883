package bambora

import (
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
	// DemoAccessToken is the access token of the demonstration's API user.
	DemoAccessToken = "kassette-demo-bambora-access"
	// DemoMerchantNumber is the merchant number; T makes it a test number.
	DemoMerchantNumber = "T123456789"
	// DemoSecretToken is the secret token of the API user.
	DemoSecretToken = "kassette-demo-bambora-secret-token"
	// DemoMD5Key is the key of the callbacks' hash.
	DemoMD5Key = "kassette-demo-bambora-md5-key"
)

// Defaults of a [Config].
const (
	DefaultSessionLife     = 60 * time.Minute
	DefaultHour            = time.Hour
	DefaultCallbackDelay   = 5 * time.Second
	DefaultCallbackTimeout = 10 * time.Second
)

// Config says which merchant the simulator serves and how. The zero value is the
// demonstration merchant.
type Config struct {
	// PublicURL is the base under which browsers and shops reach the simulator,
	// with the path it is mounted below, if any: "http://127.0.0.1:8082/bambora".
	// Empty: taken from each session's Host header, for a simulator at the root.
	PublicURL string
	// WebhookURL is called for sessions that name no callback of their own.
	WebhookURL string

	AccessToken    string // DemoAccessToken unless given
	MerchantNumber string // DemoMerchantNumber unless given
	SecretToken    string // DemoSecretToken unless given
	MD5Key         string // DemoMD5Key unless given

	SessionLife   time.Duration // from the session to 410; DefaultSessionLife unless given
	Hour          time.Duration // between two tries of a callback; DefaultHour unless given
	CallbackDelay time.Duration // of the card whose callback is late; DefaultCallbackDelay unless given

	// Now is the base of the provider's clock; time.Now unless given. After a jump
	// of its own, MoveClock(ctx, 0) has what fell due happen.
	Now    func() time.Time
	Client *http.Client // calls the callbacks; one with DefaultCallbackTimeout unless given
	Logger *slog.Logger // gets what happens, without secrets; none unless given
}

func (c Config) withDefaults() (Config, error) {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for name, text := range map[string]string{"PublicURL": c.PublicURL, "WebhookURL": c.WebhookURL} {
		if text != "" && !isAddress(text) {
			return c, fmt.Errorf("%s: %q is not an http or https address", name, text)
		}
	}
	for _, d := range []struct {
		value *string
		unset string
	}{
		{&c.AccessToken, DemoAccessToken}, {&c.MerchantNumber, DemoMerchantNumber},
		{&c.SecretToken, DemoSecretToken}, {&c.MD5Key, DemoMD5Key},
	} {
		if *d.value == "" {
			*d.value = d.unset
		}
	}
	for _, d := range []struct {
		value *time.Duration
		unset time.Duration
	}{{&c.SessionLife, DefaultSessionLife}, {&c.Hour, DefaultHour}, {&c.CallbackDelay, DefaultCallbackDelay}} {
		if *d.value < 0 {
			return c, fmt.Errorf("duration %v: must not be negative", *d.value)
		}
		if *d.value == 0 {
			*d.value = d.unset
		}
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: DefaultCallbackTimeout}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// isAddress takes an absolute http or https address.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
