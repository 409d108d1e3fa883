package host

import (
	"fmt"
	"net/url"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/directory"
	"github.com/kassette-pay/kassette/host/internal/probe"
	"github.com/kassette-pay/kassette/host/internal/seal"
)

// ringOf makes the state keys of the configuration. The embedded state needs
// none: it is lost with the process.
func ringOf(c Config) (*seal.Ring, error) {
	texts := c.StateKeyTexts()
	if len(texts) == 0 && c.Redis.URL.Text() == "" {
		return seal.NewRing(seal.NewKey())
	}
	var keys []seal.Key
	for i, text := range texts {
		k, err := seal.ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("state key %d: %w", i+1, err)
		}
		keys = append(keys, k)
	}
	ring, err := seal.NewRing(keys...)
	if err != nil {
		return nil, fmt.Errorf("state keys: %w; set KASSETTE_STATE_KEY", err)
	}
	return ring, nil
}

// shops is what operators do with shops.
type shops struct {
	*directory.Directory
	*probe.Prober
}

// hidden says which shops want methods that cannot be used left out.
func hidden(d checkout.Directory) func(shop string) bool {
	return func(id string) bool {
		s, err := d.Shop(id)
		return err == nil && s.HideUnavailable
	}
}

// secretsOf are the values of a configuration that no log line may hold.
func secretsOf(c Config) []string {
	values := []string{c.AdminKey.Text(), c.Redis.URL.Text()}
	if u, err := url.Parse(c.Redis.URL.Text()); err == nil {
		if password, ok := u.User.Password(); ok {
			values = append(values, password)
		}
	}
	values = append(values, c.StateKeyTexts()...)
	for _, s := range c.Shops {
		for _, k := range s.Keys {
			values = append(values, k.Key.Text())
		}
		for _, v := range s.NoticeSecrets {
			values = append(values, v.Text())
		}
		for _, k := range s.FormKeys {
			values = append(values, k.Secret.Text())
		}
	}
	for _, a := range c.Accounts {
		for _, v := range a.Secrets {
			values = append(values, v.Text())
		}
	}
	return values
}
