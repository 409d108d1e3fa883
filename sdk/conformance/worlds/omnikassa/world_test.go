package omnikassa_test

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// The test's own signature of a notification is that of the manual's example key.
func TestSign(t *testing.T) {
	t.Parallel()
	a, b := world.Sign(omnikassa.DemoSigningKey, "token,2026-03-02,event,5000"), world.Sign("YW5vdGhlcg==", "token,2026-03-02,event,5000")
	if len(a) != 128 || strings.Trim(a, "0123456789abcdef") != "" || a == b {
		t.Errorf("got %q and %q, want two signatures of SHA-512 in hex", a, b)
	}
}

// Every forgery changes a message, and only what it says.
func TestForge(t *testing.T) {
	t.Parallel()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	good := contract.Message{Method: "GET", Query: "order_id=A1&status=CANCELLED&signature=" + world.Sign(omnikassa.DemoSigningKey, "A1,CANCELLED")}
	for _, f := range conformance.Forgeries() {
		bad := w.Forge(good, f)
		if bad.Query == good.Query {
			t.Errorf("%s changes nothing", f)
		}
		if got := strings.Contains(bad.Query, "status=COMPLETED"); got != (f == conformance.ForgedContent) {
			t.Errorf("%s: %s", f, bad.Query)
		}
	}
}
