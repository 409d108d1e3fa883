package woocommerce

import (
	"reflect"
	"testing"
)

func Test15_notes(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, id := c.place(Cart{})
	c.api("POST", path+"/notes", `{"note":"Held.","customer_note":false}`).want(t, 201, "author=WooCommerce", "note=Held.", "customer_note=false")
	c.api("POST", path+"/notes", `{"note":"By hand.","added_by_user":true}`).want(t, 201, "author=the key's owner")
	if mails := c.sim.Books().Mails; len(mails) != 0 {
		t.Errorf("a private note was mailed: %+v", mails)
	}
	c.api("POST", path+"/notes", `{"note":"Pay here.","customer_note":true}`).want(t, 201, "customer_note=true")
	if mails := c.sim.Books().Mails; len(mails) != 1 || mails[0].To != "jan@example.org" || mails[0].Order != id {
		t.Errorf("got %+v", mails)
	}
	c.api("GET", path+"/notes", "").want(t, 200, "0.note=Pay here.", "2.note=Held.")
	c.api("POST", path+"/notes", `{}`).want(t, 400, "code=rest_missing_callback_param")
}

// withRefunds is a shop whose kassette gateway refunds by itself.
func withRefunds(c *Config) {
	c.Gateways = []Gateway{{ID: "bacs", Title: "Transfer"}, {ID: "kassette", Title: "Kassette", Refunds: true, Settings: map[string]string{"password": "open to all"}}}
}

func Test15_refund_recordedAlone(t *testing.T) {
	t.Parallel()
	c := newClient(t, withRefunds)
	path, id := c.place(Cart{Gateway: "kassette"})
	c.api("POST", path+"/refunds", `{"amount":"2.50","reason":"broken","api_refund":false,"meta_data":[{"key":"_m","value":"1"}]}`).
		want(t, 201, "refunded_payment=false", "amount=2.50", "reason=broken", "meta_data.0.key=_m")
	if len(c.sim.Books().Payouts) != 0 {
		t.Error("the gateway was called")
	}
	c.api("GET", path, "").want(t, 200, "refunds.0.total=-2.50", "refunds.0.reason=broken", "status=pending")
	c.api("GET", path+"/refunds", "").want(t, 200, "0.amount=2.50", "0.meta_data.0.value=1")
	if got := c.order(id).Refunds; len(got) != 1 || got[0].Paid {
		t.Errorf("got %+v", got)
	}
}

func Test15_apiRefund_isTrueWhereItIsMissing(t *testing.T) {
	t.Parallel()
	c := newClient(t, withRefunds)
	path, id := c.place(Cart{Gateway: "kassette"})
	c.api("POST", path+"/refunds", `{"amount":"2.50"}`).want(t, 201, "refunded_payment=true")
	if got, want := c.sim.Books().Payouts, []PayoutRecord{{id, "kassette", "2.50"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v: money went out", got, want)
	}
}

func Test15_errorsOfRefunds_are500AndFinal(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, id := c.place(Cart{})
	for body, says := range map[string]string{
		`{"amount":"2.50"}`:                     "The payment gateway for this order does not support automatic refunds.",
		`{"amount":"12.51","api_refund":false}`: "Invalid refund amount.",
		`{"amount":"x","api_refund":false}`:     "Invalid refund amount.",
		`{"amount":"-1.00","api_refund":false}`: "Invalid refund amount.",
	} {
		c.api("POST", path+"/refunds", body).want(t, 500, "code=woocommerce_rest_cannot_create_order_refund", "message="+says, "data.status=500")
	}
	if got := c.order(id).Refunds; len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func Test15_refundsThatReachTheTotal_moveTheOrder(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, _ := c.place(Cart{Status: Processing})
	c.api("POST", path+"/refunds", `{"amount":"10.00","api_refund":false}`).want(t, 201)
	c.api("GET", path, "").want(t, 200, "status=processing")
	c.api("POST", path+"/refunds", `{"amount":"2.50","api_refund":false}`).want(t, 201)
	c.api("GET", path, "").want(t, 200, "status=refunded", "refunds.1.total=-2.50")
}

func Test15_thereIsNoIdempotencyKey(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, id := c.place(Cart{})
	for range 2 {
		c.api("POST", path+"/refunds", `{"amount":"2.50","reason":"same","api_refund":false}`).want(t, 201)
	}
	if got := c.order(id).Refunds; len(got) != 2 {
		t.Errorf("got %+v, want both", got)
	}
}

func Test15_paymentGateway_showsItsSettings(t *testing.T) {
	t.Parallel()
	c := newClient(t, withRefunds)
	c.api("GET", "/payment_gateways/kassette", "").want(t, 200, "enabled=true", "title=Kassette", `method_supports=["products","refunds"]`, "settings.password.value=open to all", "needs_setup=false")
	c.api("GET", "/payment_gateways/gold", "").want(t, 404)
}
