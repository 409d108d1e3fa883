package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

func check(s *rig) contract.CheckResult {
	s.Helper()
	return drive[contract.CheckResult](s, contract.CheckSettings, contract.CheckInput{})
}

// found says at which level a finding holds a text, "" for none.
func found(r contract.CheckResult, text string) string {
	i := slices.IndexFunc(r.Findings, func(f contract.Finding) bool { return strings.Contains(f.Text+" "+f.Fix, text) })
	if i < 0 {
		return ""
	}
	return r.Findings[i].Level
}

func TestCheck_allWell(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newRigWith(t, r, magento.Draft{})
		before := s.shop()
		if got := check(s); !got.OK || len(got.Findings) > 0 {
			t.Errorf("got %+v", got)
		}
		if after := s.shop(); after.State != before.State || len(after.Comments) != len(before.Comments) || len(after.Invoices) > 0 {
			t.Errorf("the shop's order changed: %+v", after)
		}
	})
}

// with lets the adapter meet a shop of another configuration.
func with(s *rig, c magento.Config) {
	s.Helper()
	c.Now = s.world.Now
	if c.PublicURL == "" {
		c.PublicURL = "https://shop.example"
	}
	sim, err := magento.New(c)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = sim.Close() })
	s.via.to = conformance.Handler(sim)
}

func TestCheck_findings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *rig)
		text   string
		level  string
	}{
		"no right to read":    {func(s *rig) { with(s, magento.Config{Rights: []string{magento.RightInvoice}}) }, "Magento_Sales::actions_view", contract.FindingError},
		"no right to invoice": {func(s *rig) { with(s, magento.Config{Rights: []string{magento.RightView}}) }, "Magento_Sales::invoice", contract.FindingError},
		"no right to refund":  {func(s *rig) { with(s, magento.Config{Rights: []string{magento.RightView}}) }, "Magento_Sales::creditmemo", contract.FindingError},
		"no right to comment": {func(s *rig) { with(s, magento.Config{Rights: []string{magento.RightView}}) }, "Magento_Sales::comment", contract.FindingError},
		"no right to cancel":  {func(s *rig) { with(s, magento.Config{Rights: []string{magento.RightView}}) }, "Magento_Sales::cancel", contract.FindingError},
		"no right to unhold":  {func(s *rig) { with(s, magento.Config{Rights: []string{magento.RightView}}) }, "Magento_Sales::unhold", contract.FindingWarning},
		"another store":       {func(s *rig) { s.account.Settings["store"] = "de" }, "look at url and store", contract.FindingError},
		"another secret":      {func(s *rig) { s.account.Secrets[tokenSecret] = "another" }, "Compare the four values", contract.FindingError},
		"bearer": {func(s *rig) {
			for _, n := range []string{consumerKey, consumerSecret, tokenSecret} {
				delete(s.account.Secrets, n)
			}
		}, "enable_integration_as_bearer", contract.FindingError},
		"no notice secret": {func(s *rig) { delete(s.account.Secrets, envelope) }, "no notice secret", contract.FindingInfo},
		"a bad one":        {func(s *rig) { s.account.Secrets[envelope] = "whsec_x" }, "Copy what stands behind whsec_", contract.FindingError},
		"no TLS, a test": {func(s *rig) {
			s.account.Settings["url"] = "http://shop.example"
			with(s, magento.Config{PublicURL: "http://shop.example"})
		}, "not https", contract.FindingWarning},
		"no TLS, live": {func(s *rig) {
			s.account.Settings["url"], s.account.Settings["environment"] = "http://shop.example", "live"
			with(s, magento.Config{PublicURL: "http://shop.example"})
		}, "not https", contract.FindingError},
		"a clock": {func(s *rig) { s.via.to = clock{s.via.to} }, "clock is off by 1h0m0s", contract.FindingWarning},
	} {
		s := newRig(t, magento.Draft{})
		c.change(s)
		got := check(s)
		lacks := slices.ContainsFunc(got.Findings, func(f contract.Finding) bool { return f.Level == contract.FindingError })
		if level := found(got, c.text); level != c.level || got.OK == lacks {
			t.Errorf("%s: got %+v, want %s at %s", name, got, c.text, c.level)
		}
	}
}

// clock makes the shop's an hour late.
type clock struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (c clock) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Set("Date", conformance.Start.Add(-time.Hour).Format(http.TimeFormat))
	}
	return resp, err
}

// A shop that does not answer is a finding as well.
func TestCheck_noAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 503, 429} {
		s := newRig(t, magento.Draft{})
		script(s, "orders", status, "")
		if got := check(s); got.OK || found(got, "cannot read the shop's orders") != contract.FindingError {
			t.Errorf("%d: got %+v", status, got)
		}
	}
	s := newRig(t, magento.Draft{})
	s.via.drop = "/comments"
	if got := check(s); got.OK || found(got, "did not answer") != contract.FindingError {
		t.Errorf("got %+v", got)
	}
}
