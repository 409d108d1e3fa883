package main

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// roundTrip is a shop of a test's own.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answers is a shop that answers everything so.
func answers(status int, body string, header ...string) roundTrip {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// maxModule is what the module may weigh, so that a host of many plugins stays
// small. It has more to say than a plugin for payments, most of it texts.
const maxModule = 4<<20 + 64<<10

func TestModule_size(t *testing.T) {
	t.Parallel()
	n := len(plugintest.Build(t, "."))
	if t.Logf("%d bytes", n); n >= maxModule {
		t.Errorf("got a module of %d bytes, want less than %d", n, maxModule)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	m, err := conformance.Describe(t.Context(), guesttest.New(provider{}))
	if err != nil {
		t.Fatal(err)
	}
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil || m.Kind != contract.KindShop || m.Provider != "woocommerce" || !slices.Equal(m.Operations, contract.Exports(contract.KindShop)) || len(m.Lacks) > 0 {
		t.Errorf("got %+v, %v", m, err)
	}
	if !slices.Equal(info.Hosts, []string{"url"}) || !slices.Equal(info.Secrets["webhook_secret"], []string{"mac:sha256"}) || !slices.Equal(info.Secrets["consumer_key"], []string{"basic", "oauth1"}) {
		t.Errorf("got %+v", info)
	}
	for name, label := range info.Labels {
		for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
			if label[locale] == "" || m.Title[locale] == "" {
				t.Errorf("%s lacks %s", name, locale)
			}
		}
	}
}

// A host proves each export by its canned input, without settings or secrets.
func TestCanned_sameBytes(t *testing.T) {
	t.Parallel()
	wasm, native := plugintest.New(t, plugintest.Build(t, ".")), guesttest.New(provider{})
	host := conformance.Host{
		Call: func(contract.HostFunction, []byte) ([]byte, error) { return []byte(`{"error":"not set"}`), nil },
		Log:  func(string, string) {},
	}
	for _, e := range append(contract.Exports(contract.KindShop), contract.Describe) {
		a, err := native.Round(t.Context(), e, contract.Canned(e), host)
		if err != nil {
			t.Fatal(err)
		}
		b, err := wasm.Round(t.Context(), e, contract.Canned(e), host)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s\nnative: %s\nWasm:   %s", e, a, b)
		}
		if answer, err := contract.DecodeAnswer(e, b); e != contract.Describe && (err != nil || answer.Failure == nil) {
			t.Errorf("%s: got %s, %v; want a failure", e, b, err)
		}
	}
	t.Logf("describe and failures use at most %d of fuel", wasm.Fuel())
}

// 1.5, acceptance 5: 500 is final where WooCommerce says why, and passes otherwise.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		shop roundTrip
		code contract.FailureCode
		says string
	}{
		"final 500":              {answers(500, `{"code":"woocommerce_rest_cannot_create_order_refund","message":"Invalid refund amount.","data":{"status":500}}`), contract.Declined, "by hand"},
		"500 of WordPress":       {answers(500, `{"code":"internal_server_error","message":"There has been a critical error."}`), contract.ProviderUnavailable, "500"},
		"500 of a page":          {answers(500, `<html>`), contract.ProviderUnavailable, "500"},
		"502":                    {answers(502, ""), contract.ProviderUnavailable, "502"},
		"503 maintenance":        {answers(503, `<html>`), contract.ProviderUnavailable, "503"},
		"429":                    {answers(429, "", "Retry-After", "7"), contract.RateLimited, "429"},
		"200 of a page":          {answers(200, `<html>`), contract.ProviderUnavailable, "maintenance"},
		"200 of another order":   {answers(200, `{"id":9,"order_key":"wc_order_x"}`), contract.ProviderUnavailable, "not order"},
		"200 of a list":          {answers(200, `[]`), contract.ProviderUnavailable, "not order"},
		"404 unknown order":      {answers(404, `{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID."}`), contract.NotFound, "trash"},
		"404 no route":           {answers(404, `{"code":"rest_no_route"}`), contract.ProviderUnavailable, "plain_permalinks"},
		"404 of a page":          {answers(404, `<html>`), contract.ProviderUnavailable, "check url"},
		"301":                    {answers(301, "", "Location", "https://www.shop.example/"), contract.ProviderUnavailable, "redirects"},
		"400":                    {answers(400, `{"code":"rest_invalid_param"}`), contract.InvalidRequest, "extensions"},
		"403 of a firewall":      {answers(403, `<html>`), contract.ProviderUnavailable, "security plugin"},
		"401 key not seen":       {answers(401, `{"code":"woocommerce_rest_cannot_view"}`), contract.Unauthorized, "TLS ends at a proxy"},
		"401 may not write":      {answers(401, `{"code":"woocommerce_rest_authentication_error"}`), contract.Unauthorized, "read and write"},
		"418":                    {answers(418, ""), contract.InvalidRequest, "418"},
		"a Retry-After of years": {answers(429, "", "Retry-After", "99999999999"), contract.RateLimited, "429"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			o := with(d.order(d.place(woocommerce.Cart{})), contract.OrderStatusPaid, "captured")
			d.via = c.shop
			_, err := d.tell(o, 2, contract.OrderPaid)
			f := failure(t, err)
			if f.Code != c.code || !strings.Contains(f.Message, c.says) || f.RetryAfterMS > 24*3600*1000 || f.Code == contract.RateLimited && f.RetryAfterMS == 0 {
				t.Errorf("got %+v, want %s that says %q", f, c.code, c.says)
			}
			if len(d.writes()) > 0 {
				t.Errorf("it wrote %v", d.writes())
			}
		})
	}
}

// 1.1, acceptance 1: OAuth where the shop is on plain HTTP, Basic over TLS; what
// goes wrong says why.
func TestAuthentication(t *testing.T) {
	t.Parallel()
	plain := func(c *woocommerce.Config) { c.PublicURL = "http://shop.example" }
	for name, c := range map[string]struct {
		shop func(*woocommerce.Config)
		set  map[string]any
		says string // what the failure says; "" for none
	}{
		"TLS":                          {func(*woocommerce.Config) {}, nil, ""},
		"plain HTTP":                   {plain, nil, ""},
		"plain permalinks":             {plain, map[string]any{"plain_permalinks": true}, ""},
		"plain permalinks over TLS":    {func(*woocommerce.Config) {}, map[string]any{"plain_permalinks": true}, ""},
		"in a folder":                  {func(c *woocommerce.Config) { c.PublicURL = "http://shop.example/winkel" }, nil, ""},
		"Basic over plain HTTP":        {plain, map[string]any{"auth": "basic"}, "over plain HTTP WooCommerce does not look at Basic"},
		"TLS ends before WordPress":    {func(c *woocommerce.Config) { c.Unaware = true }, nil, "TLS ends at a proxy"},
		"the header is dropped":        {func(c *woocommerce.Config) { c.DropsAuthorization = true }, nil, "set auth to oauth1"},
		"the header is dropped, OAuth": {func(c *woocommerce.Config) { c.DropsAuthorization = true }, map[string]any{"auth": "oauth1"}, ""},
		"a key that may only read":     {func(c *woocommerce.Config) { c.Permission = woocommerce.Reads }, nil, "read and write"},
		"another secret":               {func(c *woocommerce.Config) { c.Secret = "cs_other" }, nil, "does not take the key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, c.shop)
			for k, v := range c.set {
				d.set(k, v)
			}
			rec, err := d.sim.Place(woocommerce.Cart{})
			if err != nil {
				t.Fatal(err)
			}
			o := with(orderOf(rec), contract.OrderStatusPaid, "captured")
			r, err := d.tell(o, 2, contract.OrderPaid)
			if c.says == "" {
				if d.delivered(r, err); d.shop(rec.ID).Status != woocommerce.Processing {
					t.Errorf("got %+v", d.shop(rec.ID))
				}
				return
			}
			if f := failure(t, err); f.Code != contract.Unauthorized || !strings.Contains(f.Message, c.says) {
				t.Errorf("got %+v, want it to say %q", f, c.says)
			}
		})
	}
}
