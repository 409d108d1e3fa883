package paypal

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// P6 of the protocol's notes.
func TestP6_returnURL(t *testing.T) {
	t.Parallel()
	o := &order{id: "5O190127TN364715T", approved: &person{PayerID: "QYR5Z8XDVJNXQ"}}
	for _, c := range [][2]string{
		{"https://shop.example/r?c=9#x", "https://shop.example/r?c=9&token=5O190127TN364715T&PayerID=QYR5Z8XDVJNXQ#x"},
		{"https://shop.example/r", "https://shop.example/r?token=5O190127TN364715T&PayerID=QYR5Z8XDVJNXQ"},
		{"https://shop.example/r?", "https://shop.example/r?token=5O190127TN364715T&PayerID=QYR5Z8XDVJNXQ"},
		{"", ""},
	} {
		o.where.ReturnURL = c[0]
		if got := o.back(Success); got != c[1] {
			t.Errorf("got %s, want %s", got, c[1])
		}
	}
	o.where.CancelURL = "https://shop.example/c"
	if got := o.back(Cancelled); got != "https://shop.example/c?token=5O190127TN364715T" {
		t.Errorf("got %s", got)
	}
}

func (b *bench) page(query string) (int, string) {
	b.Helper()
	w := httptest.NewRecorder()
	b.sim.ServeHTTP(w, httptest.NewRequest("GET", pagePath+"?"+query, nil))
	return w.Code, w.Body.String() + w.Header().Get("Location")
}

func TestPage(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order := b.order(intentCapture, `{"description":"drie <b>wafels</b>","amount":{"currency_code":"EUR","value":"49.99"}}`)
	if code, text := b.page("token=NOBODY"); code != 404 || strings.Contains(text, "outcome") {
		t.Errorf("unknown order: got %d %s", code, text)
	}
	code, text := b.page("token=" + order)
	if code != 200 || !strings.Contains(text, `lang="nl"`) || !strings.Contains(text, "49.99\u00a0EUR") || strings.Contains(text, "<b>") {
		t.Errorf("got %d %s", code, text)
	}
	for _, o := range outcomes {
		if !strings.Contains(text, fmt.Sprintf(`name="outcome" value="%s"`, o)) {
			t.Errorf("there is no button %s", o)
		}
	}
	for _, lang := range languages {
		if _, text := b.page("token=" + order + "&lang=" + lang); !strings.Contains(text, texts[lang].Title) || len(texts[lang].Outcomes) != len(outcomes) {
			t.Errorf("%s: got %s", lang, text)
		}
	}
	if got := b.approve(order, Cancelled); got != "https://shop.example/c?token="+order || b.send("GET", ordersPath+order, "").str("status") != "PAYER_ACTION_REQUIRED" {
		t.Errorf("cancelled: led to %s", got)
	}
	back := b.approve(order, Success)
	if !strings.HasPrefix(back, "https://shop.example/r?c=9&token="+order+"&PayerID=") || b.send("GET", ordersPath+order, "").str("status") != "APPROVED" {
		t.Errorf("approved: led to %s", back)
	}
	b.send("POST", ordersPath+order+"/capture", "")
	if code, text := b.page("token=" + order); code != 303 || text != back {
		t.Errorf("carried out: got %d %s, want the way back", code, text)
	}
}

func TestPage_declinedThenPaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order := b.order(intentCapture, simpleUnit)
	b.approve(order, Failed)
	b.wants(b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "c"), 422, "INSTRUMENT_DECLINED")
	if _, text := b.page("token=" + order); !strings.Contains(text, texts["nl"].Declined) {
		t.Errorf("got %s", text)
	}
	b.wants(b.send("POST", ordersPath+order+"/capture", ""), 422, "ORDER_NOT_APPROVED")
	b.approve(order, Success)
	b.wants(b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "c"), 201, "")
}

func TestPage_expired(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order := b.order(intentCapture, simpleUnit)
	b.approve(order, Expired)
	if got := kinds(b.news(0)); got != "CHECKOUT.PAYMENT-APPROVAL.REVERSED" {
		t.Errorf("got %s", got)
	}
	if code, _ := b.page("token=" + order); code != 404 {
		t.Errorf("got %d", code)
	}
}

func (b *bench) control(path, body string) (int, string) {
	b.Helper()
	w := httptest.NewRecorder()
	b.sim.Control().ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func TestControl(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for path, bodies := range map[string][]string{
		"/next":  {`{"outcome":"gold"}`, `{"count":-1}`, `{"refund_outcome":"gold"}`, `{"x":1}`, `{"answers":[{"call":"gold","status":200}]}`},
		"/clock": {`{"advance":"-1s"}`, `{"set":"2020-01-01T00:00:00Z"}`}, "/notify": {`{"webhook_url":"x"}`}, "/faults": {`{"faults":[{"name":"gold"}]}`},
	} {
		for _, body := range bodies {
			if code, text := b.control(path, body); code != 400 {
				t.Errorf("%s %s: got %d %s, want 400", path, body, code, text)
			}
		}
	}
	if code, text := b.control("/next", `{"outcome":"success"}`); code != 200 {
		t.Fatalf("got %d %s", code, text)
	}
	order := b.order(intentCapture, simpleUnit)
	if code, _ := b.page("token=" + order); code != 303 || b.send("GET", ordersPath+order, "").str("status") != "APPROVED" {
		t.Errorf("the page that was scripted answers %d", code)
	}
	if code, text := b.control("/next", `{"order":"NOBODY","outcome":"success"}`); code != 404 {
		t.Errorf("got %d %s", code, text)
	}
	b.control("/next", `{"answers":[{"call":"get_order","status":418,"body":"{}"}]}`)
	if got := b.send("GET", ordersPath+order, ""); got.status != 418 {
		t.Errorf("got %d", got.status)
	}
	b.news(0)
	if code, text := b.control("/notify", `{"order":"ref-1"}`); code != 200 || !strings.Contains(text, "CHECKOUT.ORDER.APPROVED") || len(b.news(0)) != 1 {
		t.Errorf("got %d %s", code, text)
	}
	if code, text := b.control("/clock", `{"advance":"1h"}`); code != 200 || !b.sim.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("got %d %s", code, text)
	}
	_, capture := b.paid(simpleUnit)
	if code, text := b.control("/next", `{"refund_capture":"`+capture+`"}`); code != 200 || b.send("GET", capturesPath+capture, "").str("status") != "REFUNDED" {
		t.Errorf("got %d %s", code, text)
	}
	if code, text := b.control("/next", `{"reverse_capture":"`+capture+`"}`); code != 409 {
		t.Errorf("a capture that was refunded is reversed: got %d %s", code, text)
	}
	_, capture = b.paid(simpleUnit)
	b.news(0)
	if code, text := b.control("/next", `{"reverse_capture":"`+capture+`"}`); code != 200 || kinds(b.news(0)) != "PAYMENT.CAPTURE.REVERSED" {
		t.Errorf("got %d %s", code, text)
	}
	if books := b.sim.Books(); strings.Contains(fmt.Sprintf("%+v", books), b.token) || books.RequestsTotal == 0 {
		t.Error("the books hold a token, or no requests")
	}
}
