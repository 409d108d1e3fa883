package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

const reference = "C0NF0RMANCE0000000000001"

// posted is a message to ResultURL.
func posted(body string) contract.Message {
	return contract.Message{Method: "POST", Path: "/webhooks/acc_1", Headers: map[string][]string{"content-type": {"application/x-www-form-urlencoded"}}, Body: body, RemoteIP: "185.59.216.65"}
}

// notify runs receive_webhook.
func notify(t *testing.T, a *conformance.Account, m contract.Message) (contract.WebhookResult, error) {
	t.Helper()
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider), conformance.Call{Export: contract.ReceiveWebhook, Account: a, Input: contract.WebhookInput{Message: m}})
	if err != nil {
		t.Fatal(err)
	}
	return conformance.Result[contract.WebhookResult](tr)
}

// trueNotice is a true notice with some of it changed.
func trueNotice(change ...string) url.Values {
	form := url.Values{"OutSum": {"49.990000"}, "InvId": {"100001"}, "Shp_cur": {"RUB"}, "Shp_ref": {reference}, "IncSum": {"51.20"}, "EMail": {""}}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return world.Sign(form, robokassa.DemoPassword2)
}

func TestResultURL_refused(t *testing.T) {
	t.Parallel()
	with := func(name, value string) string {
		form := trueNotice()
		form.Set(name, value)
		return form.Encode()
	}
	body := trueNotice().Encode()
	tests := []struct {
		name, body string
		want       contract.FailureCode
	}{
		{"empty", "", contract.BadSignature},
		{"no form", "a=%zz", contract.InvalidRequest},
		{"no signature", with("SignatureValue", ""), contract.BadSignature},
		{"signature of no hex", with("SignatureValue", "xyz"), contract.BadSignature},
		{"half a signature", with("SignatureValue", "ABCD"), contract.BadSignature},
		{"another sum", with("OutSum", "1.000000"), contract.BadSignature},
		{"another number", with("InvId", "100002"), contract.BadSignature},
		{"another order", with("Shp_ref", "C0NF0RMANCE0000000000002"), contract.BadSignature},
		{"another currency", with("Shp_cur", "KZT"), contract.BadSignature},
		{"one more field of the shop", with("Shp_x", "1"), contract.BadSignature},
		{"sum given twice", body + "&outsum=1.000000", contract.InvalidRequest},
		{"old name says otherwise", body + "&inv_id=100002", contract.InvalidRequest},
		{"signature given twice", body + "&crc=00", contract.InvalidRequest},
		{"number that is none", with("InvId", "1e5"), contract.InvalidRequest},
		{"no number, signed", trueNotice("InvId", "").Encode(), contract.InvalidRequest},
		{"sum that is none, signed", trueNotice("OutSum", "abc").Encode(), contract.InvalidRequest},
		{"sum of thousandths, signed", trueNotice("OutSum", "49.991000").Encode(), contract.InvalidRequest},
		{"currency that is none, signed", trueNotice("Shp_cur", "XXQ").Encode(), contract.InvalidRequest},
		{"signed as SuccessURL is", world.Sign(trueNotice(), robokassa.DemoPassword1).Encode(), contract.BadSignature},
		{"signed by the test pair", world.Sign(trueNotice(), robokassa.DemoTestPassword2).Encode(), contract.BadSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := notify(t, world.Account(), posted(tt.body))
			f, _ := err.(*contract.Failure) //nolint:errorlint // Result gives it as it is
			if f == nil || f.Code != tt.want {
				t.Errorf("got %+v, %v, want %s", r, err, tt.want)
			}
		})
	}
}

func TestResultURL_taken(t *testing.T) {
	t.Parallel()
	get := func(form url.Values) contract.Message {
		return contract.Message{Method: "GET", Path: "/webhooks/acc_1", Query: form.Encode()}
	}
	lower := trueNotice()
	lower.Set("SignatureValue", strings.ToLower(lower.Get("SignatureValue")))
	old := trueNotice()
	for name, was := range map[string]string{"out_summ": "OutSum", "inv_id": "InvId", "crc": "SignatureValue"} {
		old.Set(name, old.Get(was))
	}
	onlyOld := url.Values{}
	for name, values := range old {
		if name != "OutSum" && name != "InvId" && name != "SignatureValue" {
			onlyOld[name] = values
		}
	}
	// Keys may come back in another letter case; the signature is over them as they came.
	otherCase := url.Values{"outsum": {"49.990000"}, "INVID": {"100001"}, "SHP_CUR": {"RUB"}, "shp_REF": {reference}}
	forSum := world.Sign(url.Values{"OutSum": {"49.990000"}, "InvId": {"100001"}, "SHP_CUR": {"RUB"}, "shp_REF": {reference}}, robokassa.DemoPassword2)
	otherCase.Set("signaturevalue", forSum.Get("SignatureValue"))
	tests := map[string]contract.Message{
		"posted":                     posted(trueNotice().Encode()),
		"by GET":                     get(trueNotice()),
		"signature in lower case":    posted(lower.Encode()),
		"old names beside the new":   posted(old.Encode()),
		"old names alone":            posted(onlyOld.Encode()),
		"names in other letter case": posted(otherCase.Encode()),
	}
	for name, m := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := notify(t, world.Account(), m)
			if err != nil || len(r.Updates) != 1 {
				t.Fatalf("got %+v, %v", r, err)
			}
			u := r.Updates[0]
			if u.Type != contract.UpdateCaptured || u.Trust != contract.Verified || u.Amount != (contract.Money{Value: 4999, Currency: rub}) ||
				u.Payment != (contract.PaymentKey{Reference: reference}) {
				t.Errorf("got %+v", u)
			}
			if r.Response != (contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "OK100001"}) || r.Unknown != contract.UnknownAccept {
				t.Errorf("the answer is %+v", r)
			}
		})
	}
}

// A payment that another system of the shop started may bear the number of one
// of ours. It is nobody's here.
func TestResultURL_startedElsewhere(t *testing.T) {
	t.Parallel()
	form := world.Sign(url.Values{"OutSum": {"10.000000"}, "InvId": {"100001"}, "shp_interface": {"InvoiceService.WebApi"}}, robokassa.DemoPassword2)
	r, err := notify(t, world.Account(), posted(form.Encode()))
	if err != nil || len(r.Updates) != 1 || r.Updates[0].Payment != (contract.PaymentKey{ProviderReference: "elsewhere-100001"}) || r.Response.Body != "OK100001" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestResultURL_senders(t *testing.T) {
	t.Parallel()
	a := world.Account()
	a.Settings["senders"] = []string{"185.59.216.65", "185.59.217.65"}
	m := posted(trueNotice().Encode())
	if _, err := notify(t, a, m); err != nil {
		t.Errorf("a listed sender: %v", err)
	}
	m.RemoteIP = "192.0.2.1"
	if r, err := notify(t, a, m); err == nil {
		t.Errorf("another sender: got %+v", r)
	}
}

// Vector R5 and the recorded call of 2015 (its passwords are unknown: its
// shape is read, its signature refused).
func TestResultURL_protocolVectors(t *testing.T) {
	t.Parallel()
	const r5 = "OutSum=300.000000&InvId=1002&SignatureValue=9DFC4B7709AB7684709CCF847C96AED8&Shp_shop=north&Shp_order=A-77"
	r, err := notify(t, vectorAccount("md5", vectorSecrets), posted(r5))
	if err != nil || r.Updates[0].Amount != (contract.Money{Value: 30000, Currency: rub}) || r.Response.Body != "OK1002" {
		t.Errorf("got %+v, %v", r, err)
	}
	const recorded = "out_summ=10.000000&OutSum=10.000000&inv_id=85&InvId=85&crc=6E0E69E3&SignatureValue=6E0E69E3&PaymentMethod=EMoney&IncSum=10.990000&IncCurrLabel=YandexMerchantOceanR"
	n, err := readNotice(contract.Message{Method: "GET", Query: recorded})
	if err != nil || n.sum != "10.000000" || n.invoice != "85" || n.signature != "6E0E69E3" || len(n.shp) > 0 {
		t.Errorf("got %+v, %v", n, err)
	}
	if _, err := notify(t, vectorAccount("md5", vectorSecrets), contract.Message{Method: "GET", Path: "/webhooks/a", Query: recorded}); err == nil {
		t.Error("the recorded signature is taken")
	}
}

// back is a browser at the account's return address.
func back(form url.Values) contract.Message {
	return contract.Message{Method: "GET", Path: "/return/acc_1", Query: form.Encode()}
}

func TestReturn_hintsAlone(t *testing.T) {
	t.Parallel()
	success := world.Sign(trueNotice(), robokassa.DemoPassword1)
	fail := trueNotice()
	fail.Del("SignatureValue")
	tests := []struct {
		name string
		m    contract.Message
		want contract.UpdateType // "" where it is refused
	}{
		{"SuccessURL", back(success), contract.UpdateCaptured},
		{"SuccessURL posted", contract.Message{Method: "POST", Path: "/return/acc_1", Body: success.Encode()}, contract.UpdateCaptured},
		{"FailURL", back(fail), contract.UpdateCancelled},
		{"FailURL of a number alone", back(url.Values{"OutSum": {"49.990000"}, "InvId": {"100001"}}), ""},
		{"signed as ResultURL is", back(trueNotice()), ""},
		{"another sum", back(url.Values{"OutSum": {"1.00"}, "InvId": {"100001"}, "SignatureValue": success["SignatureValue"], "Shp_cur": {"RUB"}, "Shp_ref": {reference}}), ""},
		// The start's own signature, which every buyer sees, over login:sum:number.
		{"the start's signature", back(world.Sign(url.Values{"OutSum": {"kassette-demo:49.99"}, "InvId": {"100001"}, "Shp_cur": {"RUB"}, "Shp_ref": {reference}}, robokassa.DemoPassword1)), ""},
		{"nothing", back(nil), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := notify(t, world.Account(), tt.m)
			if tt.want == "" {
				if err == nil {
					t.Errorf("got %+v, want a failure", r)
				}
				return
			}
			if err != nil || len(r.Updates) != 1 || r.Updates[0].Type != tt.want || r.Updates[0].Trust != contract.Hint || r.Updates[0].Payment.Reference != reference || !r.Updates[0].Amount.IsZero() {
				t.Errorf("got %+v, %v, want the hint %s", r, err, tt.want)
			}
		})
	}
}

func TestComplete_otherPayment(t *testing.T) {
	t.Parallel()
	p := contract.CannedPayment()
	p.Method, p.Number, p.Reference = methodID, 100_001, reference
	complete := func(p contract.Payment, m *contract.Message) (contract.UpdatesResult, error) {
		tr, err := conformance.Drive(t.Context(), guesttest.New(provider), conformance.Call{Export: contract.CompletePayment, Account: world.Account(), Input: contract.CompleteInput{Payment: p, Message: m}})
		if err != nil {
			t.Fatal(err)
		}
		return conformance.Result[contract.UpdatesResult](tr)
	}
	m := back(world.Sign(trueNotice(), robokassa.DemoPassword1))
	if r, err := complete(p, &m); err != nil || len(r.Updates) != 1 || r.Updates[0].Payment.ID != p.ID || r.Updates[0].Trust != contract.Hint {
		t.Errorf("its own return: got %+v, %v", r, err)
	}
	none := contract.Message{Method: "GET", Path: "/pay/x/return/pay_1", Query: "utm=1"}
	for name, m := range map[string]*contract.Message{"no message": nil, "another way": &none} {
		if r, err := complete(p, m); err != nil || len(r.Updates) > 0 {
			t.Errorf("%s: got %+v, %v, want no news", name, r, err)
		}
	}
	other, elsewhere := p, p
	other.Number++
	elsewhere.Reference = "C0NF0RMANCE0000000000002"
	for _, p := range []contract.Payment{other, elsewhere} {
		if r, err := complete(p, &m); err == nil {
			t.Errorf("the return of another payment: got %+v", r)
		}
	}
}
