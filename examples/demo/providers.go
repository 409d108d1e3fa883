package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
	"github.com/kassette-pay/kassette/sdk/simulator/hello"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
	"github.com/kassette-pay/kassette/sdk/simulator/terminal"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// credentials are those of the demo's accounts at the simulated providers.
type credentials struct {
	Rabo      struct{ RefreshToken, SigningKey string }
	PayPal    struct{ ClientID, ClientSecret, WebhookID, Root string }
	Robokassa struct{ Login, Password1, Password2, Password3, Hash, ResultKey string }
	Bambora   struct{ MerchantNumber, AccessToken, SecretToken, MD5Key string }
	Terminal  struct{ POIID, SaleID string }
	Hello     struct{ APIKey, SigningKey string }
	Woo       struct{ Key, Secret, WebhookSecret string }
	Magento   struct{ ConsumerKey, ConsumerSecret, AccessToken, TokenSecret, EnvelopeSecret string }
}

func demoCredentials() (c credentials) {
	c.Rabo.RefreshToken, c.Rabo.SigningKey = omnikassa.DemoRefreshToken, omnikassa.DemoSigningKey
	c.PayPal.ClientID, c.PayPal.ClientSecret = paypal.DemoClientID, paypal.DemoClientSecret
	c.PayPal.WebhookID, c.PayPal.Root = paypal.DemoWebhookID, paypal.DemoRoot
	c.Robokassa.Login, c.Robokassa.Hash, c.Robokassa.ResultKey = robokassa.DemoLogin, robokassa.DemoHash, robokassa.DemoResultKey
	c.Robokassa.Password1, c.Robokassa.Password2, c.Robokassa.Password3 = robokassa.DemoPassword1, robokassa.DemoPassword2, robokassa.DemoPassword3
	c.Bambora.MerchantNumber, c.Bambora.MD5Key = bambora.DemoMerchantNumber, bambora.DemoMD5Key
	c.Bambora.AccessToken, c.Bambora.SecretToken = bambora.DemoAccessToken, bambora.DemoSecretToken
	c.Terminal.POIID, c.Terminal.SaleID = terminal.DemoPOIID, terminal.DemoSaleID
	c.Hello.APIKey, c.Hello.SigningKey = hello.DemoAPIKey, hello.DemoSigningKey
	c.Woo.Key, c.Woo.Secret, c.Woo.WebhookSecret = woocommerce.DemoKey, woocommerce.DemoSecret, woocommerce.DemoWebhookSecret
	c.Magento.ConsumerKey, c.Magento.ConsumerSecret = magento.DemoConsumerKey, magento.DemoConsumerSecret
	c.Magento.AccessToken, c.Magento.TokenSecret = magento.DemoAccessToken, magento.DemoTokenSecret
	c.Magento.EnvelopeSecret = strings.TrimPrefix(magento.DemoNoticeSecret, "whsec_")
	return c
}

// accounts name the account that each provider notifies.
var accounts = map[string]string{
	omnikassa.Name: "rabo", paypal.Name: "paypal", robokassa.Name: "robokassa", bambora.Name: "bambora", terminal.Name: "till",
}

// providers starts every simulator. close ends them all.
func (s settings) providers(log *slog.Logger) (list []simulator.Provider, closeAll func() error, err error) {
	closeAll = func() error {
		var errs []error
		for _, p := range list {
			errs = append(errs, p.Close())
		}
		return errors.Join(errs...)
	}
	for _, name := range simulator.All() {
		p, err := simulator.New(name, simulator.Options{
			PublicURL: "http://" + s.Simulator + "/" + name, WebhookURL: "http://" + s.Gateway + "/webhooks/" + accounts[name], Logger: log,
		})
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("start the simulator of %s: %w", name, err), closeAll())
		}
		list = append(list, p)
	}
	return list, closeAll, nil
}

// simulators serves them all, the shops among them, and Hello, the tutorial's
// provider, whose plugin is not there before somebody installs it.
func (s settings) simulators(providers []simulator.Provider, shops *platforms) http.Handler {
	mounted := simulator.Mount(providers...)
	made := http.StripPrefix("/hello", hello.New("http://"+s.Simulator+"/hello", &http.Client{Timeout: 10 * time.Second}, time.Now))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/hello/") {
			made.ServeHTTP(w, r)
			return
		}
		if !shops.serve(w, r) {
			mounted.ServeHTTP(w, r)
		}
	})
}
