package robokassa

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// shopFields signs a start with two fields of the shop.
func shopFields() url.Values {
	form := startForm()
	form.Set("Shp_shop", "north")
	form.Set("shp_Order", "A-77")
	form.Set("Email", "a@example.com")
	form.Set("SignatureValue", md5of("plughost-demo", "90.00", "1003", "Adm1n-pass-one", "shp_Order=A-77", "Shp_shop=north"))
	return form
}

func TestResult_postedAndReturned(t *testing.T) {
	t.Parallel()
	d := open(t)
	to := d.press(d.started(shopFields()), Success, "SBPPSR")
	got := d.shop.take()
	if len(got) != 1 { // ResultURL comes before the way back
		t.Fatalf("the shop got %d messages before the buyer came back", len(got))
	}
	m := got[0]
	signature := strings.ToUpper(md5of("90.000000", "1003", "Adm1n-pass-two", "shp_Order=A-77", "Shp_shop=north"))
	for name, want := range map[string]string{
		"OutSum": "90.000000", "out_summ": "90.000000", "InvId": "1003", "inv_id": "1003", "SignatureValue": signature, "crc": signature,
		"PaymentMethod": "SBP", "IncCurrLabel": "SBPPSR", "IncSum": "90.000000", "EMail": "a@example.com", "Shp_shop": "north", "shp_Order": "A-77",
	} {
		if m.form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, m.form.Get(name), want)
		}
	}
	if m.method != "POST" || m.contentType != "application/x-www-form-urlencoded" {
		t.Errorf("got %s as %s", m.method, m.contentType)
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme+"://"+u.Host+u.Path != "https://shop.example/return/acc" {
		t.Fatalf("the buyer is led to %s", to)
	}
	want := md5of("90.000000", "1003", "Adm1n-pass-one", "shp_Order=A-77", "Shp_shop=north") // in lower case
	if q := u.Query(); q.Get("SignatureValue") != want || q.Get("OutSum") != "90.000000" || q.Get("Culture") != "en" || q.Get("Shp_shop") != "north" {
		t.Errorf("the buyer brings %v", q)
	}
	if n := d.sim.Books().Notifications; len(n) != 1 || !n[0].Accepted {
		t.Errorf("the books hold %+v", n)
	}
}

// The provider repeats each minute until OK and the number is the answer.
func TestResult_repeatedUntilAccepted(t *testing.T) {
	t.Parallel()
	d := open(t)
	bad := []struct {
		status int
		body   string
	}{{500, "OK1003"}, {200, "OK"}, {200, "OK1004"}, {302, "OK1003"}, {200, "<html>OK1003"}}
	d.shop.answer = func(url.Values) (int, string) {
		if len(bad) == 0 {
			return 200, "OK1003\n"
		}
		one := bad[0]
		bad = bad[1:]
		return one.status, one.body
	}
	d.press(d.started(startForm()), Success, "")
	for i := range 5 {
		if got := d.shop.take(); len(got) != 1 {
			t.Fatalf("minute %d: got %d messages, want 1", i, len(got))
		}
		d.pass(time.Minute)
	}
	d.pass(time.Hour)
	if got := d.shop.take(); len(got) != 1 {
		t.Errorf("at last: got %d messages, want the one that was accepted", len(got))
	}
}

func TestResult_byGET(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.ResultMethod, c.SuccessMethod = "GET", "POST" })
	page := d.started(startForm())
	w := d.call("POST", "/Merchant/Pay", url.Values{"page": {page[strings.LastIndex(page, "/")+1:]}, "outcome": {"success"}}.Encode())
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, `<form method="post" action="https://shop.example/return/acc">`) || !strings.Contains(body, `name="SignatureValue"`) {
		t.Errorf("the way back by POST is %d: %s", w.Code, body)
	}
	if got := d.shop.take(); len(got) != 1 || got[0].method != "GET" || got[0].form.Get("InvId") != "1003" {
		t.Errorf("got %+v", got)
	}
}

func TestReturns_ofThePayment(t *testing.T) {
	t.Parallel()
	d := open(t)
	form := startForm("SuccessUrl2", "https://shop.example/yes?a=1", "SuccessUrl2Method", "GET", "FailUrl2", "https://shop.example/no", "FailUrl2Method", "GET")
	page := d.started(form)
	if to := d.press(page, Cancelled, ""); !strings.HasPrefix(to, "https://shop.example/no?OutSum=90.000000&InvId=1003&Culture=en") || strings.Contains(to, "Signature") {
		t.Errorf("FailURL is %s", to)
	}
	if to := d.press(page, Success, ""); !strings.HasPrefix(to, "https://shop.example/yes?a=1&OutSum=") { // he went back
		t.Errorf("SuccessURL is %s", to)
	}
}

func TestOutcomes_states(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[Outcome]int{Success: StatePaid, Cancelled: StateCancelled, Expired: StateCancelled, Open: StateStarted, Failed: StateStarted} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			d := open(t)
			page := d.started(startForm())
			if body := d.state(1003); !strings.Contains(body, "<Code>3</Code>") {
				t.Errorf("before a choice it is %s", body)
			}
			d.press(page, outcome, "")
			if got := d.payment(1003).State; got != want {
				t.Errorf("got state %d, want %d", got, want)
			}
			again := d.call("GET", page, "").Body.String()
			if can := strings.Contains(again, `value="success"`); can != (outcome == Cancelled || outcome == Open || outcome == Failed) {
				t.Errorf("the page afterwards is %s", again)
			}
		})
	}
}

// The buyer who is late finds error 33 or a page that is over.
func TestExpiry(t *testing.T) {
	t.Parallel()
	d := open(t)
	form := startForm()
	form.Set("ExpirationDate", "2026-03-02T13:00:00+03:00")
	page := d.started(form)
	d.pass(30 * time.Minute)
	if got := d.payment(1003).State; got != StateCancelled {
		t.Errorf("got state %d", got)
	}
	if to := d.press(page, Success, ""); !strings.HasPrefix(to, "Index/") || d.payment(1003).State != StateCancelled {
		t.Errorf("paid too late: %s", to)
	}
	if got := errorCode(d.call("POST", "/Merchant/Index.aspx", form.Encode())); got != "33" {
		t.Errorf("started too late: got %s", got)
	}
}

// The JWS of ResultUrl2 verifies with the certificate that is published, and
// comes five times at most.
func TestResult2_signed(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.shop.answer = func(url.Values) (int, string) { return 503, "" }
	d.press(d.started(startForm("StepByStep", "true", "ResultUrl2", "https://shop.example/result2")), Success, "")
	d.pass(time.Hour)
	got := d.shop.take()
	if len(got) != 5 || got[0].path != "/result2" || got[0].contentType != "application/json" {
		t.Fatalf("got %d messages: %+v", len(got), got)
	}
	parts := strings.Split(got[0].body, ".")
	block, _ := pem.Decode(d.call("GET", "/jwtsign.cer", "").Body.Bytes())
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := pem.Decode([]byte(DemoResultKey))
	if key, err := x509.ParsePKIXPublicKey(public.Bytes); err != nil || !cert.PublicKey.(*rsa.PublicKey).Equal(key) {
		t.Errorf("DemoResultKey is not the certificate's key: %v", err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || rsa.VerifyPKCS1v15(cert.PublicKey.(*rsa.PublicKey), crypto.SHA256, sum[:], signature) != nil {
		t.Errorf("the signature does not verify: %v", err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if text := string(payload); err != nil || !strings.HasPrefix(text, `{"header":{"type":"PaymentStateNotification","version":"1.0.0","timestamp":"1772443800"},"data":{"shop":"plughost-demo","opKey":"`) ||
		!strings.HasSuffix(text, `","invId":"1003","paymentMethod":"BankCard","incSum":"90.00","state":"HOLD"}}`) {
		t.Errorf("got %s, %v", payload, err)
	}
}

func TestFaults_ofNews(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault control.Fault
		want  func(got []letterGot) bool
	}{
		{control.Fault{Name: "lost_notification"}, func(got []letterGot) bool { return len(got) == 0 }},
		{control.Fault{Name: "duplicate_notification"}, func(got []letterGot) bool { return len(got) == 2 }},
		{control.Fault{Name: "late_notification", Delay: control.Duration(time.Hour)}, func(got []letterGot) bool { return len(got) == 0 }},
		{control.Fault{Name: "wrong_sum"}, func(got []letterGot) bool {
			return got[0].form.Get("OutSum") == "90.010000" && got[0].form.Get("SignatureValue") == strings.ToUpper(md5of("90.010000", "1003", "Adm1n-pass-two"))
		}},
		{control.Fault{Name: "wrong_signature", Call: "result"}, func(got []letterGot) bool {
			return got[0].form.Get("SignatureValue") != strings.ToUpper(md5of("90.000000", "1003", "Adm1n-pass-two"))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.fault.Name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			if err := d.sim.Faults().Set(tt.fault); err != nil {
				t.Fatal(err)
			}
			d.press(d.started(startForm()), Success, "")
			if got := d.shop.take(); !tt.want(got) {
				t.Errorf("got %+v", got)
			}
			d.pass(time.Hour)
			if late := d.shop.take(); (len(late) == 1) != (tt.fault.Name == "late_notification") {
				t.Errorf("an hour later: got %+v", late)
			}
		})
	}
}
