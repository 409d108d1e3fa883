package magento

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
	// DemoConsumerKey, DemoConsumerSecret, DemoAccessToken and DemoTokenSecret are
	// the four values of an integration (document, 2.1).
	DemoConsumerKey    = "kassette-demo-magento-consumer"
	DemoConsumerSecret = "kassette-demo-magento-consumer-secret"
	DemoAccessToken    = "kassette-demo-magento-access-token"
	DemoTokenSecret    = "kassette-demo-magento-token-secret"
	// DemoNoticeSecret signs what the shop's module sends.
	DemoNoticeSecret = "whsec_a2Fzc2V0dGUtZGVtby1tYWdlbnRvLXNlY3JldA=="
)

// Resources of the access control list, as webapi.xml of Magento_Sales names them
// (document, 2.1).
const (
	RightView         = "Magento_Sales::actions_view"
	RightInvoice      = "Magento_Sales::invoice"
	RightCreditMemo   = "Magento_Sales::creditmemo"
	RightComment      = "Magento_Sales::comment"
	RightCancel       = "Magento_Sales::cancel"
	RightHold         = "Magento_Sales::hold"
	RightUnhold       = "Magento_Sales::unhold"
	RightEmails       = "Magento_Sales::emails"
	RightInvoices     = "Magento_Sales::sales_invoice"
	RightCreditMemos  = "Magento_Sales::sales_creditmemo"
	RightTransactions = "Magento_Sales::transactions_fetch"
)

// Rights lists all resources that the simulator knows.
func Rights() []string {
	return []string{
		RightView, RightInvoice, RightCreditMemo, RightComment, RightCancel, RightHold, RightUnhold, RightEmails,
		RightInvoices, RightCreditMemos, RightTransactions,
	}
}

// Defaults of a [Config].
const (
	// DefaultCleanAfter is sales/orders/delete_pending_after (document, 1).
	DefaultCleanAfter = 480 * time.Minute
	// DefaultTimeout bounds a message to the gateway.
	DefaultTimeout = 10 * time.Second
)

// Config says which shop the simulator is. The zero value is the demonstration
// shop: one integration with all rights, bearer off, two stores.
type Config struct {
	// PublicURL is the shop's base address, with the path it is mounted below, if
	// any: "http://127.0.0.1:8082/magento". Signatures of OAuth cover it. Empty:
	// taken from each request.
	PublicURL string
	// WebhookURL is the gateway's door for this shop, /v1/shops/{shop}/orders, to
	// which the module's outbox is sent. Empty: the rows stay in the outbox.
	WebhookURL string

	ConsumerKey    string // DemoConsumerKey unless given
	ConsumerSecret string // DemoConsumerSecret unless given
	AccessToken    string // DemoAccessToken unless given
	TokenSecret    string // DemoTokenSecret unless given
	NoticeSecret   string // whsec_…; DemoNoticeSecret unless given

	// Bearer is oauth/consumer/enable_integration_as_bearer (document, 2.1).
	Bearer bool
	// Rights are the integration's resources; all unless given.
	Rights []string
	// Stores are the codes of the store views, the default first: "default" and "nl"
	// unless given.
	Stores []string

	// Admin and Password get an administrator's token, unless TwoFactor blocks it.
	Admin, Password string
	TwoFactor       bool

	CleanAfter time.Duration // DefaultCleanAfter unless given

	// Now is the base of the shop's clock; time.Now unless given. After a jump of
	// its own, MoveClock(ctx, 0) has what fell due happen.
	Now    func() time.Time
	Client *http.Client // sends the outbox; one with DefaultTimeout unless given
	Logger *slog.Logger // gets what happens, without secrets; none unless given
}

func (c Config) withDefaults() (Config, error) {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for name, text := range map[string]string{"PublicURL": c.PublicURL, "WebhookURL": c.WebhookURL} {
		if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return c, fmt.Errorf("%s: %q is not an http or https address", name, text)
		}
	}
	for _, d := range []struct {
		value *string
		unset string
	}{
		{&c.ConsumerKey, DemoConsumerKey}, {&c.ConsumerSecret, DemoConsumerSecret}, {&c.AccessToken, DemoAccessToken},
		{&c.TokenSecret, DemoTokenSecret}, {&c.NoticeSecret, DemoNoticeSecret},
	} {
		if *d.value == "" {
			*d.value = d.unset
		}
	}
	text, prefixed := strings.CutPrefix(c.NoticeSecret, "whsec_")
	if _, err := base64.StdEncoding.DecodeString(text); err != nil || !prefixed {
		return c, fmt.Errorf("NoticeSecret: it is not whsec_ and base64")
	}
	if c.Rights == nil {
		c.Rights = Rights()
	}
	if c.Stores == nil {
		c.Stores = []string{"default", "nl"}
	}
	if len(c.Stores) == 0 || slices.Contains(c.Stores, "") || slices.Contains(c.Stores, "all") {
		return c, fmt.Errorf("stores %q: name at least one, none of them all", c.Stores)
	}
	if c.CleanAfter == 0 {
		c.CleanAfter = DefaultCleanAfter
	}
	if c.CleanAfter < 0 {
		return c, fmt.Errorf("CleanAfter %v: must not be negative", c.CleanAfter)
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: DefaultTimeout}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
