package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator"
)

// The plugin works with the simulator where it is mounted below a path, and a
// real browser's client comes from its form to the page.
func TestFlow_mounted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String() + "/robokassa"
	sim, err := simulator.New("robokassa", simulator.Options{PublicURL: base, WebhookURL: world.ResultURL})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = simulator.Mount(sim)
	server.Start()
	t.Cleanup(func() { server.Close(); _ = sim.Close() })
	a := world.Account()
	a.Settings["auth_url"], a.Settings["services_url"] = base+"/", base
	p := contract.CannedPayment()
	p.Method, p.MethodOptions, p.Capture, p.ExpiresAt = methodID, map[string]string{"option": "Podeli"}, contract.CaptureAutomatic, time.Now().Add(time.Hour)
	world.Roubles(&p)
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider), conformance.Call{
		Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: p}, Account: a, World: http.DefaultTransport, Now: time.Now().UTC().Truncate(time.Millisecond),
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := conformance.Result[contract.CreateResult](tr)
	if err != nil || r.Action.URL != base+"/Merchant/Index.aspx" {
		t.Fatalf("got %+v, %v", r, err)
	}
	form := url.Values{}
	for _, f := range r.Action.Fields {
		form.Add(f[0], f[1])
	}
	resp, err := http.PostForm(r.Action.URL, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Request.URL.Path, "/robokassa/Merchant/Index/") {
		t.Errorf("the browser is at %s: %d", resp.Request.URL, resp.StatusCode)
	}
}
