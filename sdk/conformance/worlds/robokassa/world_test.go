package robokassa_test

import (
	"net/url"
	"reflect"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

// Every forgery changes a message that is signed, and leaves it as it was; what
// has no signature of its own stays as it is.
func TestForge(t *testing.T) {
	t.Parallel()
	w, err := world.New(robokassa.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	good := contract.Message{Method: "POST", Body: world.Sign(url.Values{"OutSum": {"49.990000"}, "InvId": {"7"}}, robokassa.DemoPassword2).Encode()}
	bare := contract.Message{Method: "GET", Path: "/return", Query: "a=1"}
	seen := map[string]conformance.Forgery{}
	for _, f := range conformance.Forgeries() {
		bad := w.Forge(good, f)
		if reflect.DeepEqual(bad, good) {
			t.Errorf("%s changes nothing", f)
		}
		key := bad.Query + bad.Body + bad.Header("hello-signature") + bad.Header("paypal-transmission-sig")
		if twin, ok := seen[key]; ok {
			t.Errorf("%s and %s are the same", f, twin)
		}
		seen[key] = f
		if got := w.Forge(bare, f); !reflect.DeepEqual(got, bare) {
			t.Errorf("%s changes what is not signed: %+v", f, got)
		}
	}
}
