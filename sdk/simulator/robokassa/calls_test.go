package robokassa

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"
)

// held starts and holds 90.00 under number 1003.
func held(t *testing.T) *desk {
	t.Helper()
	d := open(t)
	d.press(d.started(startForm("StepByStep", "true", "ResultUrl2", "https://shop.example/result2")), Success, "")
	d.shop.take()
	return d
}

func (d *desk) decide(what, sum, signature string, more ...string) string {
	d.Helper()
	form := url.Values{"MerchantLogin": {"plughost-demo"}, "InvoiceID": {"1003"}, "OutSum": {sum}, "SignatureValue": {signature}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return d.call("POST", "/Merchant/Payment/"+what, form.Encode()).Body.String()
}

// The protocol's vectors of Confirm and Cancel.
const (
	confirm60  = "0546a7de22910a7cdbb14d98d89375d6"
	cancel1003 = "c011d2b252cd5952e4f5f20c83a5fb11"
)

func TestConfirm(t *testing.T) {
	t.Parallel()
	const yes, no = `"success: true"`, `"success: false"`
	d := held(t)
	for name, got := range map[string]string{
		"wrong signature":   d.decide("Confirm", "60.00", cancel1003),
		"more than held":    d.decide("Confirm", "90.01", md5of("plughost-demo", "90.01", "1003", "Adm1n-pass-one")),
		"receipt that lies": d.decide("Confirm", "60.00", md5of("plughost-demo", "60.00", "1003", teaReceipt, "Adm1n-pass-one"), "Receipt", teaReceipt),
		"another payment":   d.decide("Confirm", "60.00", md5of("plughost-demo", "60.00", "9", "Adm1n-pass-one"), "InvoiceID", "9"),
	} {
		if got != no {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if got := d.decide("Confirm", "60.00", confirm60); got != yes {
		t.Fatalf("got %s", got)
	}
	d.pass(0)
	news := d.shop.take()
	if len(news) != 2 || news[1].form.Get("OutSum") != "60.000000" { // ResultUrl2 says OK too
		t.Errorf("after the confirmation the shop got %+v", news)
	}
	if got := d.decide("Confirm", "30.00", md5of("plughost-demo", "30.00", "1003", "Adm1n-pass-one")); got != no {
		t.Errorf("a second time: got %s", got)
	}
	if p := d.payment(1003); p.State != StatePaid || p.Charged != 6000 || p.Sum != 9000 {
		t.Errorf("the books hold %+v", p)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	d := held(t)
	if got := d.decide("Cancel", "90.00", md5of("plughost-demo", "90.00", "1003", "Adm1n-pass-one")); got != `"success: false"` {
		t.Errorf("signed with the sum: got %s", got)
	}
	if got := d.decide("Cancel", "90.00", cancel1003); got != `"success: true"` || d.payment(1003).State != StateCancelled {
		t.Errorf("got %s", got)
	}
	if got := d.decide("Cancel", "", cancel1003); got != `"success: false"` {
		t.Errorf("twice: got %s", got)
	}
}

func TestHold_lapses(t *testing.T) {
	t.Parallel()
	d := held(t)
	d.pass(holdLife - time.Second)
	if got := d.payment(1003).State; got != StateHold {
		t.Errorf("a second before: state %d", got)
	}
	d.pass(time.Second)
	if got := d.payment(1003).State; got != StateCancelled {
		t.Errorf("after seven days: state %d", got)
	}
}

func TestOpStateExt(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.press(d.started(shopFields()), Success, "BankCard")
	ask := func(query string) string {
		return d.call("GET", "/Merchant/WebService/Service.asmx/OpStateExt?"+query, "").Body.String()
	}
	for query, code := range map[string]string{
		"MerchantLogin=nobody&InvoiceID=1003&Signature=x":                                                        "2",
		"MerchantLogin=plughost-demo&InvoiceID=1003&Signature=x":                                                 "1",
		"MerchantLogin=plughost-demo&InvoiceID=1002&Signature=9AAA887B9C923183364DAC06EB8223C4" /* vector R7 */ : "3",
	} {
		if got := ask(query); !strings.Contains(got, "<Code>"+code+"</Code>") || strings.Contains(got, "<State>") {
			t.Errorf("%s: got %s", query, got)
		}
	}
	body := d.state(1003)
	at := 0
	for _, element := range []string{"<OperationStateResponse xmlns=\"http://merchant.roboxchange.com/WebService/\">", "<Result>", "<Code>0</Code>", "<State>", "<Code>100</Code>",
		"<RequestDate>2026-03-02T12:30:00.0000000+03:00</RequestDate>", "<StateDate>", "<Info>", "<IncCurrLabel>BANKOCEAN2R", "<IncSum>90.000000</IncSum>", "<IncAccount>",
		"<PaymentMethod>", "<Code>BankCard</Code>", "<OutCurrLabel>RUB", "<OutSum>87.300000</OutSum>", "<OpKey>", "<BankCardRRN>", "<UserField>", "<Field>",
		"<Name>shp_Order</Name>", "<Value>A-77</Value>"} { // the Android SDK reads them in this order
		i := strings.Index(body[at:], element)
		if i < 0 {
			t.Fatalf("%s is not where it belongs in %s", element, body)
		}
		at += i
	}
	if status, _ := d.control("/next", `{"inv_id":1003,"state":80}`); status != 200 || !strings.Contains(d.state(1003), "<Code>80</Code>") {
		t.Errorf("set to 80 it is %s", d.state(1003))
	}
	d.control("/faults", `{"faults":[{"name":"xml_code","call":"state","count":1000,"times":1}]}`)
	if got := d.state(1003); !strings.Contains(got, "<Code>1000</Code>") || strings.Contains(got, "<State>") {
		t.Errorf("got %s", got)
	}
}

func TestListsAndSums(t *testing.T) {
	t.Parallel()
	d := open(t)
	get := func(path string) string {
		return d.call("GET", "/Merchant/WebService/Service.asmx/"+path, "").Body.String()
	}
	var list struct {
		Groups []struct {
			Code  string `xml:"Code,attr"`
			Items []struct {
				Alias string `xml:"Alias,attr"`
			} `xml:"Items>Currency"`
		} `xml:"Groups>Group"`
	}
	if err := xml.Unmarshal([]byte(get("GetCurrencies?MerchantLogin=plughost-demo&Language=ru")), &list); err != nil {
		t.Fatal(err)
	}
	ways := 0
	for _, g := range list.Groups {
		ways += len(g.Items)
	}
	if ways <= 40 || len(list.Groups) != 8 || list.Groups[0].Code != "BankCard" {
		t.Errorf("got %d ways in %d groups", ways, len(list.Groups))
	}
	for path, want := range map[string]string{
		"GetCurrencies?MerchantLogin=nobody&Language=ru":                                            "<Code>2</Code>",
		"GetPaymentMethods?MerchantLogin=plughost-demo&Language=en":                                 `<Method Code="SBP" Description="Fast payments (QR code)">`,
		"CalcOutSumm?MerchantLogin=plughost-demo&IncCurrLabel=BankCard&IncSum=100":                  "<OutSum>97.000000</OutSum>",
		"CalcOutSumm?MerchantLogin=plughost-demo&IncCurrLabel=BankCard&IncSum=x":                    "<Code>1000</Code>",
		"GetRates?MerchantLogin=plughost-demo&IncCurrLabel=Podeli&OutSum=500.00&Language=en":        `<Rate IncSum="500.00">`,
		"GetRates?MerchantLogin=plughost-demo&IncCurrLabel=QiwiWallet&OutSum=500000.00&Language=en": "<Code>0</Code>",
	} {
		if got := get(path); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// jwt is a JWT, by the test's own code.
func jwt(key, header, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return text + "." + b64(mac.Sum(nil))
}

func TestRefund(t *testing.T) {
	t.Parallel()
	const header = `{"alg":"HS256","typ":"JWT"}`
	d := open(t)
	d.press(d.started(startForm()), Success, "")
	key := d.payment(1003).OpKey
	create := func(body string) (int, string) {
		w := d.call("POST", "/RefundService/Refund/Create", body)
		return w.Code, w.Body.String()
	}
	token := func(sum string) string {
		return jwt("Adm1n-pass-three", header, `{"OpKey":"`+key+`"`+sum+`}`)
	}
	refused := []struct {
		name, body string
		status     int
		want       string
	}{
		{"no JWT", "x", 400, badToken},
		{"another password", jwt("Adm1n-pass-one", header, `{"OpKey":"`+key+`"}`), 401, noAccess},
		{"MD5", jwt("Adm1n-pass-three", `{"alg":"MD5"}`, `{"OpKey":"`+key+`"}`), 401, noAccess},
		{"none", jwt("Adm1n-pass-three", `{"alg":"none"}`, `{"OpKey":"`+key+`"}`), 401, noAccess},
		{"no OpKey", jwt("Adm1n-pass-three", header, `{}`), 400, badToken},
		{"unknown OpKey", jwt("Adm1n-pass-three", header, `{"OpKey":"x"}`), 200, noPayment},
		{"too much", token(`,"RefundSum":90.01`), 200, noFunds},
		{"nothing", token(`,"RefundSum":0`), 200, noFunds},
	}
	for _, tt := range refused {
		if status, body := create(tt.body); status != tt.status || body != `{"success":false,"message":"`+tt.want+`","requestId":null}` {
			t.Errorf("%s: got %d %s", tt.name, status, body)
		}
	}
	_, body := create(`"` + token(`,"RefundSum":10.250000`) + `"`) // as a JSON string
	var answer refundAnswer
	if err := json.Unmarshal([]byte(body), &answer); err != nil || !answer.Success || answer.RequestID == nil {
		t.Fatalf("got %s, %v", body, err)
	}
	state := func() string {
		return d.call("GET", "/RefundService/Refund/GetState?id="+*answer.RequestID, "").Body.String()
	}
	if got := state(); got != `{"requestId":"`+*answer.RequestID+`","amount":10.250000,"label":"processing"}` {
		t.Errorf("got %s", got)
	}
	d.pass(DefaultRefundAfter)
	if got := state(); !strings.Contains(got, `"finished"`) {
		t.Errorf("later: got %s", got)
	}
	d.control("/next", `{"refund_outcome":"canceled"}`)
	if status, body := create(token("")); status != 200 || !strings.HasPrefix(body, `{"success":true`) { // raw, and all that is left
		t.Errorf("got %s", body)
	}
	if got := d.payment(1003).Refunded; got != 9000 {
		t.Errorf("refunded %d", got)
	}
	d.pass(DefaultRefundAfter)
	if got := d.payment(1003).Refunded; got != 1025 {
		t.Errorf("after one was canceled: refunded %d", got)
	}
	if got := d.call("GET", "/RefundService/Refund/GetState?id=x", "").Body.String(); got != `{"message":"Id is invalid or request id does not exist"}` {
		t.Errorf("an unknown one: got %s", got)
	}
}

// Vector R8 makes an invoice, whose link leads to a page.
func TestInvoice(t *testing.T) {
	t.Parallel()
	const r8 = "eyJ0eXAiOiJKV1QiLCJhbGciOiJNRDUifQ.eyJNZXJjaGFudExvZ2luIjoicGx1Z2hvc3QtZGVtbyIsIkludm9pY2VUeXBlIjoiT25lVGltZSIsIkN1bHR1cmUiOiJlbiIsIkludklkIjoxMDA0LCJPdXRTdW0iOjE1LjUsIkRlc2NyaXB0aW9uIjoiVGVhIn0.dzrcBvvTxDyYktD008nstA"
	d := open(t)
	post := func(call, token string) invoiceAnswer {
		var a invoiceAnswer
		if err := json.Unmarshal(d.call("POST", "/InvoiceServiceWebApi/api/"+call, `"`+token+`"`).Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := post("CreateInvoice", r8[:len(r8)-4]+"AAAA"); a.IsSuccess || a.Message == "" {
		t.Errorf("a wrong signature: got %+v", a)
	}
	a := post("CreateInvoice", r8)
	if !a.IsSuccess || a.InvID != 1004 || !strings.HasPrefix(a.URL, "https://robo.example/merchant/Invoice/") {
		t.Fatalf("got %+v", a)
	}
	path := strings.TrimPrefix(a.URL, "https://robo.example")
	w := d.call("GET", path, "")
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "../Index/") {
		t.Fatalf("the link leads to %d %s", w.Code, w.Header().Get("Location"))
	}
	d.press("/Merchant/"+strings.TrimPrefix(w.Header().Get("Location"), "../"), Success, "")
	got := d.shop.take()
	if len(got) != 1 || got[0].form.Get("shp_interface") != "InvoiceService.WebApi" || got[0].form.Get("OutSum") != "15.500000" ||
		got[0].form.Get("SignatureValue") != strings.ToUpper(md5of("15.500000", "1004", "Adm1n-pass-two", "shp_interface=InvoiceService.WebApi")) {
		t.Errorf("the shop got %+v", got)
	}
	if code := errorCode(d.call("GET", path, "")); code != "52" {
		t.Errorf("the link once more: got %s, want 52", code)
	}
	off := jwt("plughost-demo:Adm1n-pass-one", `{"typ":"JWT","alg":"HS256"}`, `{"MerchantLogin":"plughost-demo","InvId":1004}`)
	if a := post("DeactivateInvoice", off); !a.IsSuccess {
		t.Errorf("got %+v", a)
	}
	if code := errorCode(d.call("GET", path, "")); code != "53" {
		t.Errorf("the link afterwards: got %s, want 53", code)
	}
	list := d.call("POST", "/InvoiceServiceWebApi/api/GetInvoiceInformationList", `"`+off+`"`).Body.String()
	if !strings.Contains(list, `"invId":1004,"status":"Paid","outSum":15.50`) {
		t.Errorf("the list is %s", list)
	}
}

func TestRecurring(t *testing.T) {
	t.Parallel()
	d := open(t)
	first := startForm()
	first.Set("Recurring", "true")
	d.press(d.started(first), Success, "")
	d.shop.take()
	next := func(number, previous string) string {
		form := url.Values{"MerchantLogin": {"plughost-demo"}, "InvoiceID": {number}, "PreviousInvoiceID": {previous}, "OutSum": {"5.00"},
			"SignatureValue": {md5of("plughost-demo", "5.00", number, "Adm1n-pass-one")}}
		return d.call("POST", "/Merchant/Recurring", form.Encode()).Body.String()
	}
	if got := next("1010", "1009"); strings.HasPrefix(got, "OK") {
		t.Errorf("of no series: got %s", got)
	}
	if got := next("1010", "1003"); got != "OK1010" {
		t.Fatalf("got %s", got)
	}
	d.pass(0)
	if got := d.shop.take(); len(got) != 1 || got[0].form.Get("InvId") != "1010" || d.payment(1010).Previous != 1003 {
		t.Errorf("the shop got %+v", got)
	}
	if got := next("1010", "1003"); strings.HasPrefix(got, "OK") {
		t.Errorf("a second time: got %s", got)
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, body := range []string{`{}`, `{"outcome":"rich"}`, `{"inv_id":1}`, `{"state":100}`, `{"inv_id":9,"outcome":"success"}`, `{"inv_id":9,"state":7}`, `{"refund_outcome":"x"}`, `{"count":-1,"outcome":"success"}`, `{"other":1}`} {
		if status, v := d.control("/next", body); status < 400 || v["error"] == "" {
			t.Errorf("%s: got %d %v", body, status, v)
		}
	}
	d.control("/next", `{"outcome":"success"}`)
	w := d.call("GET", d.started(startForm()), "") // the page acts at once
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "https://shop.example/return/acc?") {
		t.Errorf("got %d %s", w.Code, w.Header().Get("Location"))
	}
	if _, v := d.control("/notify", `{"inv_id":1003}`); len(v["sent"].([]any)) != 1 || len(d.shop.take()) != 2 {
		t.Errorf("got %v", v)
	}
	if status, v := d.control("/clock", `{"advance":"1h","minute":"5s"}`); status != 200 || v["now"] != "2026-03-02T10:30:00Z" || v["minute"] != "5s" {
		t.Errorf("got %d %v", status, v)
	}
	d.control("/next", `{"outcome_by_amount":true}`)
	form := url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"2.00"}, "InvId": {"7"}, "SignatureValue": {md5of("plughost-demo", "2.00", "7", "Adm1n-pass-one")}}
	d.press(d.started(form), Success, "")
	if got := d.payment(7).State; got != StateCancelled {
		t.Errorf("2.00 ends in state %d", got)
	}
	for _, c := range []Config{{Hash: "crc32"}, {Currency: "EUR"}, {ResultURL: "x"}, {ResultMethod: "PUT"}, {Minute: -1}} {
		if s, err := New(c); err == nil {
			_ = s.Close()
			t.Errorf("%+v: got no error", c)
		}
	}
}
