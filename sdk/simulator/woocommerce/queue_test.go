package woocommerce

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

const receiverURL = "https://pay.example/v1/shops/woo/orders"

// hooked is a shop with a webhook for changed orders, whose ping was taken.
func hooked(t *testing.T, change ...func(*Config)) (*client, string) {
	c := newClient(t, change...)
	a := c.api("POST", "/webhooks", `{"name":"Kassette","topic":"order.updated","delivery_url":"`+receiverURL+`","secret":"s3cret"}`)
	a.want(t, 201, "status=active", "resource=order", "event=updated", "delivery_url="+receiverURL)
	if strings.Contains(a.text, "s3cret") {
		t.Error("the secret is shown")
	}
	return c, "/webhooks/" + a.get("id")
}

func Test2_firstContact_isAnUnsignedPing(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	c.sim.RunQueue(t.Context())
	got := c.hook.seen()
	if len(got) != 1 || got[0].body != "webhook_id=1" || got[0].header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Fatalf("got %+v", got)
	}
	for name := range got[0].header {
		if strings.HasPrefix(name, "X-Wc-") {
			t.Errorf("the ping has %s", name)
		}
	}
	if id, err := c.sim.AddHook(t.Context(), Hook{Topic: "order.created", URL: receiverURL}); err != nil || id != 2 || len(c.hook.seen()) != 1 {
		t.Errorf("got %d, %v, want a ping at once", id, err)
	}
}

func Test2_delivery_isTheOrderSigned(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	c.sim.RunQueue(t.Context())
	c.hook.seen()
	path, id := c.place(Cart{})
	if err := c.sim.Cancel(id); err != nil {
		t.Fatal(err)
	}
	c.sim.RunQueue(t.Context())
	got := c.hook.seen()
	if len(got) != 1 {
		t.Fatalf("got %d deliveries", len(got))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "WooCommerce/10.5.0 Hookshot (WordPress/6.9.1)", "X-WC-Webhook-Source": DemoURL + "/",
		"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Resource": "order", "X-WC-Webhook-Event": "updated", "X-WC-Webhook-ID": "1",
	} {
		if v := got[0].header.Get(name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
	m := hmac.New(sha256.New, []byte("s3cret"))
	m.Write([]byte(got[0].body))
	if got[0].header.Get("X-WC-Webhook-Signature") != base64.StdEncoding.EncodeToString(m.Sum(nil)) {
		t.Error("the signature is not that of the body")
	}
	if id := got[0].header.Get("X-WC-Webhook-Delivery-ID"); !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
		t.Errorf("the delivery's id is %q", id)
	}
	if want := c.api("GET", path, "").text; got[0].body != want {
		t.Errorf("got %s, want %s", got[0].body, want)
	}
}

func Test2_deliveryID_isConstantWithinASecond(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	ids := map[string]int{}
	change := func() {
		for range 2 {
			_, id := c.place(Cart{})
			_ = c.sim.Cancel(id)
		}
		for _, d := range c.sim.RunQueue(t.Context()) {
			if d.Order != 0 {
				ids[d.Delivery]++
			}
		}
	}
	change()
	if err := c.sim.MoveClock(time.Second); err != nil {
		t.Fatal(err)
	}
	change()
	if len(ids) != 2 {
		t.Errorf("got %v, want two ids of two orders each", ids)
	}
}

func Test2_deliveriesAreCoalescedSnapshots(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	c.sim.RunQueue(t.Context())
	c.hook.seen()
	for range 3 {
		path, _ := c.place(Cart{})
		for _, status := range []string{OnHold, Processing, Completed, Cancelled} {
			c.api("PUT", path, `{"status":"`+status+`"}`)
		}
	}
	c.sim.RunQueue(t.Context())
	got := c.hook.seen()
	if len(got) != 3 {
		t.Fatalf("got %d deliveries of 12 changes, want 3", len(got))
	}
	for _, d := range got {
		if (answer{text: d.body}).get("status") != Cancelled {
			t.Errorf("got %s, want the last state", d.body)
		}
	}
}

func Test2_nothingIsSentUnlessTheQueueRuns(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	_, id := c.place(Cart{})
	_ = c.sim.Cancel(id)
	if got := c.hook.seen(); len(got) != 0 || c.sim.Waiting() != 2 {
		t.Errorf("got %+v, %d wait", got, c.sim.Waiting())
	}
}

func Test2_updated_hearsOfRefunds(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	_, id := c.place(Cart{})
	c.sim.RunQueue(t.Context())
	if err := c.sim.Refund(id, "2.50", "", false); err != nil {
		t.Fatal(err)
	}
	if got := c.sim.RunQueue(t.Context()); len(got) != 1 || got[0].Order != id {
		t.Errorf("got %+v", got)
	}
}

func Test2_failures_areNotRepeated_andTheSeventhDisables(t *testing.T) {
	t.Parallel()
	c, hook := hooked(t)
	c.sim.RunQueue(t.Context())
	_, id := c.place(Cart{})
	c.hook.status = 503
	for i := range 7 {
		c.api("GET", hook, "").want(t, 200, "status=active")
		_ = c.sim.SetStatus(id, []string{OnHold, Pending}[i%2])
		if got := c.sim.RunQueue(t.Context()); len(got) != 1 || len(c.sim.RunQueue(t.Context())) != 0 {
			t.Fatalf("failure %d: got %+v and more, want one try", i+1, got)
		}
	}
	c.api("GET", hook, "").want(t, 200, "status=disabled")
	if w := c.sim.Books().Webhooks[0]; w.Failures != 6 {
		t.Errorf("got %+v, want the counter at 6", w)
	}
	c.hook.status = 200
	_ = c.sim.Cancel(id)
	if got := c.sim.RunQueue(t.Context()); len(got) != 0 {
		t.Errorf("a disabled webhook was sent: %+v", got)
	}
	c.api("GET", "/webhooks?status=disabled", "").want(t, 200, "0.id=1")
	c.api("PUT", hook, `{"status":"active"}`).want(t, 200, "status=active")
	c.api("PUT", hook, `{"status":"well"}`).want(t, 400)
	_ = c.sim.Complete(id)
	if got := c.sim.RunQueue(t.Context()); len(got) != 1 || c.sim.Books().Webhooks[0].Failures != 0 {
		t.Errorf("got %+v, want it sent and the counter at 0", got)
	}
}

func Test2_redirectsCountAsTaken_andAreNotFollowed(t *testing.T) {
	t.Parallel()
	for status, failures := range map[int]int{200: 0, 204: 0, 301: 0, 302: 0, 303: 1, 307: 1, 404: 1, 500: 1} {
		c, _ := hooked(t)
		c.sim.RunQueue(t.Context())
		c.hook.seen()
		c.hook.status = status
		_, id := c.place(Cart{})
		_ = c.sim.Cancel(id)
		c.sim.RunQueue(t.Context())
		if got := c.sim.Books().Webhooks[0].Failures; got != failures || len(c.hook.seen()) != 1 {
			t.Errorf("%d: got %d failures, want %d", status, got, failures)
		}
	}
}

func Test2_addressesThatAreNeverReached_areTaken(t *testing.T) {
	t.Parallel()
	for address, reached := range map[string]bool{
		"http://127.0.0.1:8080/x": false, "http://10.0.0.7/x": false, "http://localhost/x": false, "https://pay.example:8443/x": false,
		"https://pay.example/x": true, "http://pay.example:8080/x": true, "http://shop.example:9999/x": true,
	} {
		c := newClient(t)
		c.api("POST", "/webhooks", `{"topic":"order.created","delivery_url":"`+address+`"}`).want(t, 201)
		got := c.sim.RunQueue(t.Context())
		if len(got) != 1 || (got[0].Status == 200) != reached {
			t.Errorf("%s: got %+v, want it reached: %v", address, got, reached)
		}
	}
	c := newClient(t, func(c *Config) { c.Loose = true })
	c.api("POST", "/webhooks", `{"topic":"order.created","delivery_url":"http://127.0.0.1:4711/x"}`).want(t, 201)
	if got := c.sim.RunQueue(t.Context()); got[0].Status != 200 {
		t.Errorf("loose: got %+v", got)
	}
}

func Test2_topics(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, topic := range topics {
		c.api("POST", "/webhooks", `{"topic":"`+topic+`","delivery_url":"`+receiverURL+`"}`).want(t, 201, "topic="+topic)
	}
	c.api("POST", "/webhooks", `{"topic":"order.painted","delivery_url":"`+receiverURL+`"}`).want(t, 400)
	c.api("POST", "/webhooks", `{"topic":"order.created","delivery_url":"ftp://x"}`).want(t, 400)
	c.api("GET", "/webhooks/9", "").want(t, 404)
	c.sim.RunQueue(t.Context())
	c.hook.seen()
	_, id := c.place(Cart{})
	_, _ = c.sim.Throw(id), c.sim.Restore(id)
	c.sim.RunQueue(t.Context())
	var said []string
	for _, d := range c.hook.seen() {
		said = append(said, d.header.Get("X-WC-Webhook-Topic"))
	}
	if got := strings.Join(said, " "); got != "order.created order.updated order.deleted order.restored" {
		t.Errorf("got %s", got)
	}
	c.api("GET", "/webhooks", "").want(t, 200, "0.id=4")
}

func TestControl(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	got, err := c.sim.controlNext(t.Context(), []byte(`{"place":{"Number":"7"},"answers":[{"call":"order","status":503}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(got)
	answer{text: string(b)}.want(t, 0, "order.number=7", "answers=1")
	c.api("GET", "/orders/101", "").want(t, 503)
	if _, err := c.sim.controlNext(t.Context(), []byte(`{"order":101,"status":"completed","refund":"1.00"}`)); err != nil {
		t.Fatal(err)
	}
	if o := c.order(101); o.Status != Completed || len(o.Refunds) != 1 {
		t.Errorf("got %+v", o)
	}
	for _, bad := range []string{`{}`, `{"order":9,"status":"pending"}`, `{"colour":1}`, `{"answers":[{"call":"x"}]}`} {
		if _, err := c.sim.controlNext(t.Context(), []byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if _, err := c.sim.controlClock(t.Context(), []byte(`{"advance":"90s"}`)); err != nil || !c.sim.Now().Equal(start.Add(90*time.Second)) {
		t.Errorf("got %v, %v", c.sim.Now(), err)
	}
	if _, err := c.sim.controlNotify(t.Context(), nil); err != nil || c.sim.Waiting() != 0 {
		t.Errorf("got %v", err)
	}
	if err := c.sim.Faults().Set(control.Fault{Name: faultWrongSignature, Times: 1}, control.Fault{Name: faultLost, Times: 1}, control.Fault{Name: control.ResetAfter, Call: callRefund}); err != nil {
		t.Fatal(err)
	}
	_ = c.sim.Cancel(101)
	if got := c.sim.RunQueue(t.Context()); len(got) != 1 || got[0].Error != "lost by a fault" {
		t.Errorf("got %+v", got)
	}
}

func TestActsOfTheMerchant(t *testing.T) {
	t.Parallel()
	c, _ := hooked(t)
	path, id := c.place(Cart{})
	for _, err := range []error{c.sim.AddFee(id, "Wrapping", "1.00"), c.sim.Remark(id, "ring twice"), c.sim.PayByHand(id, "by-hand")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.api("GET", path, "").want(t, 200, "total=13.50", "customer_note=ring twice", "status=processing", "transaction_id=by-hand", "fee_lines.0.name=Wrapping")
	if o := c.order(id); o.Payments != 1 || o.Paid.IsZero() {
		t.Errorf("got %+v", o)
	}
	if err := c.sim.Delete(id); err != nil {
		t.Fatal(err)
	}
	c.api("GET", path, "").want(t, 404)
	if err := c.sim.Delete(id); err == nil {
		t.Error("it was deleted twice")
	}
}
