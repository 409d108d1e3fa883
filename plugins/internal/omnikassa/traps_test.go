package omnikassa

import (
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// What the bank answers, by the document's section on errors: 5001 alone does
// not mean a bad token, and an error code counts under a 2xx too.
func TestErrors(t *testing.T) {
	t.Parallel()
	refused := func(code, message string) string { return `{"errorCode":` + code + `,` + message + `}` }
	for name, c := range map[string]struct {
		answer  reply
		code    contract.FailureCode
		message string
	}{
		"business refusal":          {reply{403, refused("5001", `"consumerMessage":"The timestamp of the order announcement is invalid"`)}, contract.InvalidRequest, "The timestamp of the order announcement is invalid"},
		"token refused":             {reply{401, refused("5001", `"errorMessage":"Full authentication is required to access this resource"`)}, contract.Unauthorized, "Full authentication is required to access this resource"},
		"not valid":                 {reply{422, refused("5017", `"consumerMessage":"the street is required","errorMessage":"other"`)}, contract.InvalidRequest, "the street is required"},
		"code as a text":            {reply{400, refused(`"5002"`, `"errorMessage":"merchantOrderId should only contain alphanumeric characters"`)}, contract.InvalidRequest, "merchantOrderId should only contain alphanumeric characters"},
		"brand not switched on":     {reply{422, refused("5024", `"consumerMessage":"order could not be restricted to IDEAL"`)}, contract.Unsupported, "order could not be restricted to IDEAL"},
		"error under a 200":         {reply{200, refused("5017", `"consumerMessage":"currency required"`)}, contract.InvalidRequest, "currency required"},
		"a page of HTML":            {reply{502, "<html><body>Bad gateway</body></html>"}, contract.ProviderUnavailable, ""},
		"nothing":                   {reply{503, ""}, contract.ProviderUnavailable, ""},
		"too many":                  {reply{429, ""}, contract.RateLimited, ""},
		"a redirect":                {reply{302, ""}, contract.ProviderUnavailable, ""},
		"HTML under a 200":          {reply{200, "<html></html>"}, contract.Internal, ""},
		"no page to go to":          {reply{201, `{"omnikassaOrderId":"1d0a95f4-2589-439b-9562-c50aa19f9caf"}`}, contract.Internal, ""},
		"no id":                     {reply{201, `{"redirectUrl":"https://pay.rabobank.nl/x"}`}, contract.Internal, ""},
		"an id that is a path":      {reply{201, `{"redirectUrl":"https://pay.rabobank.nl/x","omnikassaOrderId":"../../x"}`}, contract.Internal, ""},
		"well, with more than said": {reply{200, `{"redirectUrl":"https://pay.rabobank.nl/x","omnikassaOrderId":"1d0a95f4-2589-439b-9562-c50aa19f9caf","timestamp":"now"}`}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBank(t).on("/order/server/api/v2/order", c.answer)
			_, err := drive[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: payment()})
			if failed(err) != c.code {
				t.Fatalf("got %v, want %q", err, c.code)
			}
			if f, ok := err.(*contract.Failure); ok && f.ProviderMessage != c.message { //nolint:errorlint // it is given as it is
				t.Errorf("the bank said %q, want %q", f.ProviderMessage, c.message)
			}
			if b.count("/v2/order") != 1 || b.count("/gatekeeper/refresh") != 1 {
				t.Errorf("the bank was asked %+v, want one token and one announcement", b.asked)
			}
		})
	}
}

// A kept token that the bank drops before its time is fetched once more, and
// the order is announced by the new one; where that is refused too, it ends.
func TestToken_refused_isFetchedOnce(t *testing.T) {
	t.Parallel()
	no, yes := reply{401, `{"errorCode":5001,"errorMessage":"Full authentication is required to access this resource"}`},
		reply{201, `{"redirectUrl":"https://pay.rabobank.nl/x","omnikassaOrderId":"1d0a95f4-2589-439b-9562-c50aa19f9caf"}`}
	for name, c := range map[string]struct {
		answers []reply
		code    contract.FailureCode
		by      string
	}{
		"once":            {[]reply{no, yes}, "", "Bearer access-0 Bearer the-refresh-token Bearer access-1"},
		"the new one too": {[]reply{no}, contract.Unauthorized, "Bearer access-0 Bearer the-refresh-token Bearer access-1"},
		"by business":     {[]reply{{403, no.body}}, contract.InvalidRequest, "Bearer access-0"},
	} {
		b := newBank(t).on("/v2/order", c.answers...)
		b.kept = "access-0"
		_, err := drive[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: payment()})
		var by []string
		for _, a := range b.asked {
			by = append(by, a.authorization)
		}
		if got := strings.Join(by, " "); failed(err) != c.code || got != c.by {
			t.Errorf("%s: got %v, asked by %q; want %q, %q", name, err, got, c.code, c.by)
		}
	}
}

// What a pulled result says is taken as it is: what cannot be read of one is
// raised, and never guessed.
func TestResult_oddWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, paid string
		want         contract.UpdateType
		amount       int64
		attention    bool
	}{
		"paid, as a text":                {"COMPLETED", `{"currency":"EUR","amount":"4999"}`, contract.UpdateCaptured, 4999, false},
		"paid, as a number":              {"COMPLETED", `{"currency":"EUR","amount":4999}`, contract.UpdateCaptured, 4999, false},
		"paid less than asked":           {"COMPLETED", `{"currency":"EUR","amount":"1"}`, contract.UpdateCaptured, 1, false},
		"paid, no amount":                {"COMPLETED", `null`, contract.UpdatePending, 0, true},
		"paid, a float":                  {"COMPLETED", `{"currency":"EUR","amount":"49.99"}`, contract.UpdatePending, 0, true},
		"paid, an exponent":              {"COMPLETED", `{"currency":"EUR","amount":5e3}`, contract.UpdatePending, 0, true},
		"cancelled":                      {"CANCELLED", `{"currency":"EUR","amount":"0"}`, contract.UpdateCancelled, 0, false},
		"cancelled, and yet paid":        {"CANCELLED", `{"currency":"EUR","amount":"4999"}`, contract.UpdateCancelled, 0, true},
		"expired":                        {"EXPIRED", `{"currency":"EUR","amount":"0"}`, contract.UpdateExpired, 0, false},
		"not known yet":                  {"IN_PROGRESS", `null`, contract.UpdatePending, 0, false},
		"a word that nobody told us of":  {"REVERSED", `null`, contract.UpdatePending, 0, false},
		"a word in small letters":        {"completed", `null`, contract.UpdatePending, 0, false},
		"no word":                        {"", `null`, contract.UpdatePending, 0, false},
		"a currency that nobody sold in": {"COMPLETED", `{"currency":"JPY","amount":"4999"}`, contract.UpdateCaptured, 4999, false},
	} {
		b := newBank(t)
		n, err := parse(`{"paid":` + c.paid + `}`)
		if err != nil {
			t.Fatal(err)
		}
		p := n.money("paid")
		page := `{"moreOrderResultsAvailable":false,"orderResults":[{"merchantOrderId":"A1","omnikassaOrderId":"o-1","poiId":5000,"orderStatus":"` + c.status + `",
			"orderStatusDateTime":"2026-03-02T10:00:00Z","errorCode":"","paidAmount":` + c.paid + `,"totalAmount":{"currency":"EUR","amount":"4999"}}],"signature":"` +
			b.sign("false", "A1", "o-1", "5000", c.status, "2026-03-02T10:00:00Z", "", p.Currency, p.Amount, "EUR", "4999") + `"}`
		got, err := b.pull(page)
		if err != nil || len(got.Updates) != 1 {
			t.Errorf("%s: got %+v, %v", name, got, err)
			continue
		}
		if u := got.Updates[0]; u.Type != c.want || u.Amount.Value != c.amount || (u.Attention != nil) != c.attention {
			t.Errorf("%s: got %s of %s, attention %v; want %s of %d, attention %t", name, u.Type, u.Amount, u.Attention, c.want, c.amount, c.attention)
		}
	}
}

// A try that failed ends no order: the consumer may try again.
func TestTransaction_failure_endsNoOrder(t *testing.T) {
	t.Parallel()
	b := newBank(t)
	got, err := b.pull(`{"moreOrderResultsAvailable":false,"orderResults":[{"merchantOrderId":"A1","omnikassaOrderId":"o-1","poiId":5000,"orderStatus":"IN_PROGRESS","transactions":[
		{"id":"t-1","paymentBrand":"IDEAL","type":"PAYMENT","status":"FAILURE"}]}],"signature":"` +
		b.sign("false", "A1", "o-1", "5000", "IN_PROGRESS", "", "", "", "", "", "", "t-1", "IDEAL", "PAYMENT", "FAILURE", "", "", "", "", "", "") + `"}`)
	if err != nil || len(got.Updates) != 1 || got.Updates[0].Type != contract.UpdatePending {
		t.Errorf("got %+v, %v; want it pending", got, err)
	}
}

// Date-times as they were seen in the wild, with and without a colon in the
// offset and with fractions or none.
func TestWhen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2018-08-21T14:06:29.456+02:00": "2018-08-21T12:06:29.456Z",
		"2018-08-22T13:16:43.961+0000":  "2018-08-22T13:16:43.961Z",
		"2022-06-20T12:37:37Z":          "2022-06-20T12:37:37Z",
		"2000-01-01T00:00:00.000-0200":  "2000-01-01T02:00:00Z",
		"":                              "", "yesterday": "", "2022-06-20": "", "0000-00-00T00:00:00Z": "", "0001-01-01T00:00:00Z": "",
	} {
		got := ""
		if at := when(text); !at.IsZero() {
			got = at.Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// An order that the bank's order-by-id call tells of another is none: its
// answer is not signed.
func TestGetPayment_anotherOrder_isNone(t *testing.T) {
	t.Parallel()
	const id = "1d0a95f4-2589-439b-9562-c50aa19f9caf"
	body := func(id, reference string) string {
		return `{"order":{"id":"` + id + `","merchantOrderId":"` + reference + `","status":"COMPLETED","totalAmount":{"currency":"EUR","amount":4999},"transactions":[
			{"id":"t","paymentBrand":"IDEAL","type":"PAYMENT","status":"SUCCESS","amount":{"currency":"EUR","amount":4999},"createdAt":"2025-06-30T10:00:00Z","lastUpdatedAt":"2025-06-30T11:00:00Z"}]}}`
	}
	p := payment()
	p.ProviderReference = id
	for name, c := range map[string]struct {
		answer reply
		code   contract.FailureCode
		news   int
	}{
		"another id":        {reply{200, body("2"+id[1:], p.Reference)}, contract.Internal, 0},
		"another reference": {reply{200, body(id, "OTHER")}, contract.Internal, 0},
		"not there":         {reply{404, ""}, "", 0},
		"not in a sandbox":  {reply{501, ""}, "", 0},
		"down":              {reply{503, ""}, "", 0},
		"its own":           {reply{200, body(id, p.Reference)}, "", 1},
	} {
		got, err := drive[contract.UpdatesResult](newBank(t).on("/v2/orders/"+id, c.answer), contract.GetPayment, contract.PaymentInput{Payment: p})
		if failed(err) != c.code || len(got.Updates) != c.news {
			t.Errorf("%s: got %+v, %v; want failure %q and %d updates", name, got.Updates, err, c.code, c.news)
		}
	}
}
