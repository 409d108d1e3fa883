package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/magento"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/oauth1"
	"github.com/kassette-pay/kassette/sdk/simulator/control"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// between does something right before a request is carried out.
type between struct {
	to   http.RoundTripper
	path string
	do   func()
}

// RoundTrip implements [http.RoundTripper].
func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.do != nil && strings.HasSuffix(r.URL.Path, b.path) {
		b.do()
		b.do = nil
	}
	return b.to.RoundTrip(r)
}

// script has the shop's next answer of a call be another.
func script(s *rig, call string, status int, body string) {
	s.Helper()
	if err := s.world.Sim.Script().Add(control.Answer{Call: call, Status: status, Body: body}); err != nil {
		s.Fatal(err)
	}
}

// drivePost calls the shop as somebody else with the integration's values.
func drivePost(s *rig, path, body string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, world.Public+"/rest/V1/"+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	err = oauth1.Signer{
		Method: contract.OAuthSHA256, In: contract.OAuthHeader, ConsumerKey: magento.DemoConsumerKey, ConsumerSecret: magento.DemoConsumerSecret,
		Token: magento.DemoAccessToken, TokenSecret: magento.DemoTokenSecret, Nonce: "somebody-else", Now: s.world.Now(),
	}.Sign(r, []byte(body))
	if err != nil {
		s.Fatal(err)
	}
	resp, err := s.world.RoundTrip(r)
	if err != nil {
		s.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.Fatalf("%s: got %d", path, resp.StatusCode)
	}
}

func TestErrors_byStatus(t *testing.T) {
	t.Parallel()
	const template = `{"message":"Order %id is %1.","parameters":{"id":7,"1":"x"}}`
	for _, c := range []struct {
		status int
		body   string
		code   contract.FailureCode
		says   string
	}{
		{400, template, contract.InvalidRequest, "Order 7 is x."}, {400, `{"message":"%1 %2 %10","parameters":["a",2,"c","d","e","f","g","h","i","j"]}`, contract.InvalidRequest, "a 2 j"},
		{400, `{"message":"%1","parameters":[{}]}`, contract.InvalidRequest, "the shop answered 400"}, {400, `{"message":"%1","parameters":"x"}`, contract.InvalidRequest, "%1"},
		{401, `{"message":"The signature is invalid. Verify and try again."}`, contract.Unauthorized, "Compare the four values"},
		{403, "<html>", contract.ProviderUnavailable, "firewall"}, {404, `{"message":"The entity that was requested doesn't exist."}`, contract.NotFound, "doesn't exist"},
		{404, `{"message":"Request does not match any route."}`, contract.ProviderUnavailable, "look at url and store"}, {404, "<html>", contract.ProviderUnavailable, "look at url and store"},
		{405, "", contract.InvalidSettings, "405"}, {301, "", contract.ProviderUnavailable, "sends elsewhere"}, {302, "", contract.ProviderUnavailable, "sends elsewhere"},
		{429, "", contract.RateLimited, "429"}, {500, `{"message":"Internal Error. Details are available in Magento log file."}`, contract.ProviderUnavailable, "log file"},
		{502, "<html>", contract.ProviderUnavailable, "502"}, {503, "", contract.ProviderUnavailable, "503"}, {504, "", contract.ProviderUnavailable, "504"},
		{408, "", contract.ProviderUnavailable, "408"}, {200, "<html>", contract.ProviderUnavailable, "page for visitors"}, {200, "", contract.ProviderUnavailable, "page for visitors"},
		{200, `[]`, contract.ProviderUnavailable, "is not its order"}, {200, `"x"`, contract.ProviderUnavailable, "is not its order"}, {200, `null`, contract.ProviderUnavailable, "is not its order"},
	} {
		s := newRig(t, magento.Draft{})
		e := s.pays(4999)
		script(s, "order", c.status, c.body)
		s.fails(e, c.code, c.says)
		if w := s.via.writes(); len(w) > 0 {
			t.Errorf("%d: got %v", c.status, w)
		}
		s.told(e)
		s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
	}
}

// A refused write is final, and said where the shop's people look; a status that
// moved is not.
func TestErrors_ofWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		call   string
		status int
		body   string
		code   contract.FailureCode
		says   string
	}{
		{"invoice", 400, `{"message":"The store is closed on %1.","parameters":["Sundays"]}`, contract.InvalidRequest, "closed on Sundays"},
		{"invoice", 401, `{"message":"x"}`, contract.Unauthorized, "401"}, {"invoice", 500, "", contract.ProviderUnavailable, "500"},
		{"invoice", 200, `"7"`, contract.Internal, "not paid"}, {"invoice", 200, `<html>`, contract.ProviderUnavailable, "page for visitors"},
		{"comment", 400, `{"message":"Unable to add comment"}`, contract.Internal, "Unable"}, {"comment", 401, `{}`, contract.Unauthorized, "401"},
	} {
		s := newRig(t, magento.Draft{})
		e := s.pays(4999)
		script(s, c.call, c.status, c.body)
		s.fails(e, c.code, c.says)
		if c.call == "invoice" && c.status == 400 && s.says("The shop refuses the invoice: The store is closed on Sundays.") != 1 {
			t.Errorf("got %+v", s.shop().Comments)
		}
		s.told(e)
		s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
	}
}

// A bearer token alone is refused by default, and the failure says what to do (2.1).
func TestErrors_bearer(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		s := newRig(t, magento.Draft{})
		if on {
			sim, err := magento.New(magento.Config{PublicURL: "https://shop.example", Bearer: true, Now: s.world.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = sim.Close() })
			if _, err := sim.Place(magento.Draft{}); err != nil {
				t.Fatal(err)
			}
			s.via.to = conformance.Handler(sim)
		}
		for _, name := range []string{consumerKey, consumerSecret, tokenSecret} {
			delete(s.account.Secrets, name)
		}
		if e := s.pays(4999); on {
			s.told(e)
		} else {
			s.fails(e, contract.Unauthorized, "Magento_Sales::actions_view")
			s.fails(e, contract.Unauthorized, "enable_integration_as_bearer and flush the cache")
			s.fails(e, contract.Unauthorized, "all four values")
		}
	}
}

func TestErrors_settings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *rig)
		says   string
	}{
		"no url":          {func(s *rig) { delete(s.account.Settings, "url") }, "url is missing"},
		"no token":        {func(s *rig) { delete(s.account.Secrets, accessToken) }, "access_token is missing"},
		"three of four":   {func(s *rig) { delete(s.account.Secrets, tokenSecret) }, "go together"},
		"methods no list": {func(s *rig) { s.account.Settings["methods"] = "x" }, "read settings"},
	} {
		s := newRig(t, magento.Draft{})
		c.change(s)
		s.fails(s.pays(4999), contract.InvalidSettings, c.says)
		for _, e := range []contract.Export{contract.SyncShop, contract.CheckSettings} {
			if _, err := answer[contract.CheckResult](s, e, contract.SyncInput{}); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, %s: got %v", name, e, err)
			}
		}
		if len(s.via.seen) > 0 {
			t.Errorf("%s: the shop was asked", name)
		}
	}
}

func TestMinor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		decimal, currency string
		want              int64
		bad               bool
	}{
		{"49.99", "EUR", 4999, false}, {"49.9900", "EUR", 4999, false}, {"49.995", "EUR", 5000, false}, {"49.9949", "EUR", 4999, false}, {"0", "EUR", 0, false}, {"", "EUR", 0, false},
		{"-5.25", "EUR", -525, false}, {"1234", "JPY", 1234, false}, {"1234.5", "JPY", 1235, false}, {"1.2345", "TND", 1235, false}, {"123456789", "TND", 123456789000, false},
		{"1e3", "EUR", 0, true}, {"1.", "EUR", 0, true}, {".5", "EUR", 0, true}, {"--1", "EUR", 0, true}, {"1,5", "EUR", 0, true}, {"NaN", "EUR", 0, true}, {"1", "XXX", 0, true},
		{"", "", 0, true}, {"12345678901234", "EUR", 0, true}, {"+1", "EUR", 0, true},
	} {
		got, err := minor(c.decimal, c.currency)
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%q %s: got %d, %v", c.decimal, c.currency, got, err)
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]int64{{1000, 1, 3, 333}, {1000, 2, 3, 667}, {5, 1, 2, 3}, {7, 7, 7, 7}, {1 << 62, 1 << 61, 1 << 62, 1 << 61}, {9, 1, 0, 9}, {0, 1, 2, 0}} {
		if got := share(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%v: got %d", c, got)
		}
	}
}

func FuzzMinor(f *testing.F) {
	f.Add("49.99", "EUR")
	f.Add("-0.0005", "TND")
	f.Fuzz(func(t *testing.T, decimal, currency string) {
		n, err := minor(decimal, currency)
		if err != nil || decimal == "" {
			return
		}
		m := contract.Money{Value: n, Currency: currency}
		if again, err := minor(m.Decimal(), currency); err != nil || again != n {
			t.Errorf("%q %s: got %d, and of %s %d, %v", decimal, currency, n, m, again, err)
		}
	})
}
