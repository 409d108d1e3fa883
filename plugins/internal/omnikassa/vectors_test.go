package omnikassa

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// The vectors of the protocol document, section 9.1, by their numbers. Those
// of the bank's own messages go through the whole of the plugin.
const (
	vectorReturn       = "045fdb9da232f1b4677921f9b14dcf739be130cf01a6620b1466b8c94a2df3ebaef92c86ef996d1a0685f2a2ec7d8c1fcb82976ec02f5af7b5bbf81bc1efd80c"
	vectorNotification = "ec0f64d23b91debd1249ee56b1b67540bf1720760cb23a9a286acc222724a8d15c7e33f193710e7e0322ced44d066f8cc6a2fdbd9398f36fb1f0a277431034aa"
	vectorPullV1       = "9384f4387cd03b7d7e49a34a6037fe97ea901a830f466d2bc5e852388d1a95302278b229639de51e2f841dc35a4c282685fb2de9ad6d579a8d8efd950231e12f"
	vectorPullV2       = "e60e2a7b4b4c7a20bbdc1711a5db7baca373f4d0685abde75245ae391f5eb384235da6b54eb2ce77072bcb132f886f3f7b999a9a5f0b1ad5fe2280ffbfdd8d21"
	vectorPullEmpty    = "6b1c5ae6afd960a671913aa8f3e57b89e09e2ff26fef0576dee532e641351f1c524074a8308d55155d809b268ba049b35e393e5af96e2b0774e2e2da744e9493"
	vectorEmptyValues  = "de414646b65ac54f045716e5e79e3b5ab2d78db1e5e5bd24e9c2c8e87ad21c2795814d7a0a551b7fc8c3cb75cbcc62ca556078a10f4591ba48025fe9096786ee"
)

func TestVector1_return(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]contract.FailureCode{
		"order_id=77&status=CANCELLED&signature=" + vectorReturn:                           contract.BadSignature,
		"order_id=78&status=COMPLETED&signature=" + vectorReturn:                           contract.BadSignature,
		"order_id=77&status=COMPLETED&signature=" + strings.ToUpper(vectorReturn):          contract.BadSignature,
		"order_id=77&status=COMPLETED&signature=" + vectorReturn[:126]:                     contract.BadSignature,
		"order_id=77&status=COMPLETED&signature=" + vectorReturn + "00":                    contract.BadSignature,
		"order_id=77&status=COMPLETED":                                                     contract.BadSignature,
		"order_id=7%37&status=COMPLETED&signature=" + vectorReturn:                         contract.BadSignature,
		"order_id=77&status=COMPLETED&signature=" + vectorReturn:                           "",
		"shop=own&a=b&order_id=77&status=COMPLETED&signature=" + vectorReturn:              "",
		"order_id=77&status=COMPLETED&signature=" + vectorReturn + "&status=CANCELLED&x=y": "",
	} {
		p := payment()
		p.Reference = "77"
		got, err := drive[contract.UpdatesResult](newBank(t), contract.CompletePayment, contract.CompleteInput{Payment: p, Message: &contract.Message{Method: "GET", Query: query}})
		if failed(err) != want {
			t.Errorf("%s: got %v, want failure %q", query, err, want)
		}
		if want == "" && (len(got.Updates) != 1 || got.Updates[0].Trust != contract.Hint || got.Updates[0].Type != contract.UpdateCaptured) {
			t.Errorf("%s: got %+v, want the hint that it is paid", query, got.Updates)
		}
	}
}

// The signature covers neither amount nor time: a true return of one payment
// says nothing of another.
func TestVector1_ofAnotherPayment_isRefused(t *testing.T) {
	t.Parallel()
	p := payment()
	p.Reference = "78"
	got, err := drive[contract.UpdatesResult](newBank(t), contract.CompletePayment, contract.CompleteInput{
		Payment: p, Message: &contract.Message{Method: "GET", Query: "order_id=77&status=COMPLETED&signature=" + vectorReturn},
	})
	if failed(err) != contract.BadSignature {
		t.Errorf("got %+v, %v; want it refused", got, err)
	}
}

func TestVector2_notification(t *testing.T) {
	t.Parallel()
	b := newBank(t).on("/events/results/"+event, reply{503, ""})
	b.key = secret
	_, err := b.notify(`{"poiId":1000,"eventName":"` + event + `","authentication":"MyJwt","signature":"` + vectorNotification + `","expiry":"1970-01-01T00:00:00.000+02:00","new":{}}`)
	if failed(err) != contract.ProviderUnavailable || len(b.asked) != 1 || b.asked[0].authorization != "Bearer MyJwt" {
		t.Errorf("got %v after %+v, want one pull by the notification's token", err, b.asked)
	}
}

func TestVector3_pullV1(t *testing.T) {
	t.Parallel()
	got, err := newBank(t).pull(`{"signature":"` + vectorPullV1 + `","moreOrderResultsAvailable":false,"orderResults":[
		{"merchantOrderId":"73","omnikassaOrderId":"2273c19c-d7b3-45d4-82cd-5612c4fd0957","poiId":5000,"orderStatus":"COMPLETED",
		 "orderStatusDateTime":"2018-08-21T14:37:54.853+02:00","errorCode":"","paidAmount":{"currency":"EUR","amount":"100"},"totalAmount":{"currency":"EUR","amount":100}}]}`)
	if err != nil || len(got.Updates) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	u := got.Updates[0]
	if u.Type != contract.UpdateCaptured || u.Amount != (contract.Money{Value: 100, Currency: "EUR"}) || u.Payment.Reference != "73" || u.Payment.ProviderReference != "2273c19c-d7b3-45d4-82cd-5612c4fd0957" {
		t.Errorf("got %+v", u)
	}
}

// vector4 is the body that the bank sent.
const vector4 = `{"signature":"` + vectorPullV2 + `",
 "moreOrderResultsAvailable":false,
 "orderResults":[{"merchantOrderId":"941","omnikassaOrderId":"da608eb4-b20b-40e4-8045-10bbd1309084","poiId":"5000",
  "orderStatus":"EXPIRED","orderStatusDateTime":"2023-11-08T13:10:00.281+01:00","errorCode":"",
  "paidAmount":{"currency":"EUR","amount":"0"},"totalAmount":{"currency":"EUR","amount":"123700"},
  "transactions":[{"id":"2d8a6da6-77cc-45fb-8974-64a0f80d2517","paymentBrand":"MASTERCARD","type":"PAYMENT","status":"EXPIRED",
   "amount":{"currency":"EUR","amount":"123700"},"confirmedAmount":null,
   "startTime":"2023-11-08T12:37:39.366+01:00","lastUpdateTime":"2023-11-08T13:10:00.281+01:00"}]}]}`

func TestVector4_pullV2_confirmedAmountIsTwoValues(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]string{
		"null": vector4, "missing": strings.Replace(vector4, `"confirmedAmount":null,`, "", 1), "unknown members": strings.Replace(vector4, `"errorCode"`, `"new":[{}],"errorCode"`, 1),
	} {
		got, err := newBank(t).pull(page)
		if err != nil || got.Response.Status != 200 || len(got.Updates) != 1 {
			t.Errorf("%s: got %+v, %v", name, got, err)
			continue
		}
		if u := got.Updates[0]; u.Type != contract.UpdateExpired || !u.Amount.IsZero() || len(u.Transactions) != 1 || u.Transactions[0].Brand != "MASTERCARD" {
			t.Errorf("%s: got %+v", name, u)
		}
	}
}

// A page of which the signature covers only a part is refused: nothing is
// booked, and the host asks about each open payment.
func TestVector4_changed_isRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"status":                {`"EXPIRED","orderStatusDateTime"`, `"COMPLETED","orderStatusDateTime"`},
		"paid amount":           {`"paidAmount":{"currency":"EUR","amount":"0"}`, `"paidAmount":{"currency":"EUR","amount":"123700"}`},
		"amount as a float":     {`"amount":"0"`, `"amount":0.0`},
		"time written anew":     {"2023-11-08T13:10:00.281+01:00", "2023-11-08T12:10:00.281Z"},
		"confirmed":             {`"confirmedAmount":null`, `"confirmedAmount":{"currency":"EUR","amount":"123700"}`},
		"transaction taken out": {`"transactions":[{`, `"gone":[{`},
		"more pages":            {`"moreOrderResultsAvailable":false`, `"moreOrderResultsAvailable":true`},
		"signature in capitals": {vectorPullV2, strings.ToUpper(vectorPullV2)},
		"no signature":          {vectorPullV2, ""},
	} {
		page := strings.Replace(vector4, change[0], change[1], 1)
		got, err := newBank(t).pull(page)
		if page == vector4 || err != nil || len(got.Updates) != 0 || got.Next != "" || !got.Repair || got.Response.Status != 503 {
			t.Errorf("%s: got %+v, %v; want nothing booked, and a repair", name, got, err)
		}
	}
}

func TestVector5_nothingToReport(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{`,"orderResults":[]`, `,"orderResults":null`, ``} {
		got, err := newBank(t).pull(`{"moreOrderResultsAvailable":false` + rest + `,"signature":"` + vectorPullEmpty + `"}`)
		if err != nil || got.Response.Status != 200 || len(got.Updates) != 0 || got.Repair || got.Next != "" {
			t.Errorf("%q: got %+v, %v; want 200 and nothing", rest, got, err)
		}
	}
}

// checker signs by vector 6, which no message of the bank has.
type checker struct{ Provider }

// CompletePayment checks the vector with its last value changed, or as it is.
func (checker) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	return contract.UpdatesResult{}, check(c, vectorEmptyValues, "", "foo", "", "bar", in.Message.Query)
}

func TestVector6_emptyValues(t *testing.T) {
	t.Parallel()
	for last, want := range map[string]contract.FailureCode{"": "", "x": contract.BadSignature} {
		tr, err := conformance.Drive(t.Context(), guesttest.New(checker{shop.Provider}), conformance.Call{
			Export: contract.CompletePayment, Input: contract.CompleteInput{Payment: payment(), Message: &contract.Message{Query: last}},
			Account: &conformance.Account{Secrets: map[string]string{"signing_key": "AHwD9V0BWrG8I39BnWmcQQ=="}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conformance.Result[contract.UpdatesResult](tr); failed(err) != want {
			t.Errorf("last value %q: got %v, want failure %q", last, err, want)
		}
	}
}

// The key is taken without its padding and with white space around it, as the
// dashboard's copy button leaves it.
func TestSigningKey_asItIsCopied(t *testing.T) {
	t.Parallel()
	for _, key := range []string{strings.TrimRight(captured, "="), " " + captured + "\n"} {
		b := newBank(t)
		page, body := vector4, `{"authentication":"note","expiry":"`+expiry+`","eventName":"`+event+`","poiId":5000,"signature":"`+b.sign("note", expiry, event, "5000")+`"}`
		b.key = key
		if got, err := b.on("/events/results/"+event, reply{200, page}).notify(body); err != nil || len(got.Updates) != 1 {
			t.Errorf("key %q: got %+v, %v", key, got, err)
		}
	}
}
