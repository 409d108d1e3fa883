package main

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/woocommerce"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// good is a shop that is set up well.
func good(t *testing.T, change ...func(*woocommerce.Config)) *desk {
	d := newDesk(t, change...)
	for _, topic := range []string{"order.created", "order.updated"} {
		if _, err := d.sim.AddHook(t.Context(), woocommerce.Hook{Topic: topic, URL: world.Door}); err != nil {
			t.Fatal(err)
		}
	}
	d.place(woocommerce.Cart{})
	return d
}

func (d *desk) check() contract.CheckResult {
	d.Helper()
	r, err := drive[contract.CheckResult](d, contract.CheckSettings, contract.CheckInput{})
	if err != nil {
		d.Fatal(err)
	}
	return r
}

func TestCheckSettings_good(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r conformance.Runner) {
		d := good(t)
		d.runner = r
		before := d.sim.Books().Orders
		if r := d.check(); !r.OK || len(r.Findings) > 0 {
			t.Errorf("got %+v", r)
		}
		if after := d.sim.Books().Orders; len(after) != len(before) || !after[0].Modified.Equal(before[0].Modified) || len(after[0].Notes) > 0 {
			t.Errorf("it changed the shop: %+v", after)
		}
	})
}

func TestCheckSettings_wrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		desk func(t *testing.T) *desk
		says string
		ok   bool // a warning alone
	}{
		"a key that only reads": {func(t *testing.T) *desk {
			return good(t, func(c *woocommerce.Config) { c.Permission = woocommerce.Reads })
		}, "may not write", false},
		"a key that only writes": {func(t *testing.T) *desk {
			return good(t, func(c *woocommerce.Config) { c.Permission = woocommerce.Writes })
		}, "does not let its orders be read", false},
		"plain HTTP, test": {func(t *testing.T) *desk {
			return good(t, func(c *woocommerce.Config) { c.PublicURL = "http://shop.example" })
		}, "without TLS", true},
		"plain HTTP, live": {func(t *testing.T) *desk {
			return good(t, func(c *woocommerce.Config) { c.PublicURL = "http://shop.example" }).set("environment", "live")
		}, "without TLS", false},
		"TLS that ends before it": {func(t *testing.T) *desk { return good(t, func(c *woocommerce.Config) { c.Unaware = true }) }, "TLS ends at a proxy", false},
		"no webhook":              {func(t *testing.T) *desk { return newDesk(t) }, "No webhook for order.updated delivers to /v1/shops/", false},
		"webhooks to others": {func(t *testing.T) *desk {
			return good(t).set("webhook_url", "https://pay.example/v1/shops/other/orders")
		}, "No webhook for order.updated", false},
		"a webhook is disabled": {func(t *testing.T) *desk { d := good(t); d.sim.SetHook(2, "disabled"); return d }, "was disabled", false},
		"a webhook is paused":   {func(t *testing.T) *desk { d := good(t); d.sim.SetHook(2, "paused"); return d }, "is paused", false},
		"no webhook secret":     {func(t *testing.T) *desk { d := good(t); delete(d.account.Secrets, "webhook_secret"); return d }, "no webhook secret", false},
		"a strange currency":    {func(t *testing.T) *desk { d := good(t); d.place(woocommerce.Cart{Currency: "BTC"}); return d }, "no currency of ISO 4217", false},
		"parts of a cent": {func(t *testing.T) *desk {
			n := 3
			d := good(t, func(c *woocommerce.Config) { c.Decimals = &n })
			d.moves(1e9)
			d.place(woocommerce.Cart{Lines: []woocommerce.CartLine{{Name: "A", Total: "1.005"}}})
			return d
		}, "cannot be paid exactly", false},
		"a private address": {func(t *testing.T) *desk {
			d := good(t)
			if _, err := d.sim.AddHook(t.Context(), woocommerce.Hook{Topic: "order.updated", URL: "http://192.168.1.2/v1/shops/woo/orders"}); err != nil {
				t.Fatal(err)
			}
			return d
		}, "refuses private addresses", true},
		"a strange port": {func(t *testing.T) *desk {
			d := good(t)
			if _, err := d.sim.AddHook(t.Context(), woocommerce.Hook{Topic: "order.updated", URL: "https://pay.example:8443/v1/shops/woo/orders"}); err != nil {
				t.Fatal(err)
			}
			return d
		}, "refuses ports", true},
		"unreachable": {func(t *testing.T) *desk { d := good(t); d.via = answers(502, ""); return d }, "could not be asked", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.desk(t).check()
			var said []string
			for _, f := range r.Findings {
				if said = append(said, f.Text); f.Fix == "" {
					t.Errorf("%q has no fix", f.Text)
				}
			}
			if r.OK != c.ok || !strings.Contains(strings.Join(said, "\n"), c.says) {
				t.Errorf("got ok %v, %q, want %q", r.OK, said, c.says)
			}
		})
	}
}

func TestCheckSettings_noAddress(t *testing.T) {
	t.Parallel()
	d := newDesk(t).set("url", "")
	_, err := drive[contract.CheckResult](d, contract.CheckSettings, contract.CheckInput{})
	if f := failure(t, err); f.Code != contract.InvalidSettings {
		t.Errorf("got %+v", f)
	}
}
