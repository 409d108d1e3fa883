package bambora

import (
	"fmt"
	"strings"
	"testing"
)

// state is what a transaction's answer says of its money.
func (s *shop) state(id string) string {
	s.Helper()
	a := s.api("GET", "/transactions/"+id, "")
	if a.status != 200 {
		s.Fatalf("got %d %s", a.status, a.text)
	}
	return fmt.Sprintf("%v/%v/%v available %v/%v delete %v balance %v", a.get("transaction.total.authorized"), a.get("transaction.total.captured"),
		a.get("transaction.total.credited"), a.get("transaction.available.capture"), a.get("transaction.available.credit"),
		a.get("transaction.candelete"), a.get("transaction.total.balance"))
}

func TestTransaction_stateMachine(t *testing.T) {
	t.Parallel()
	type step struct{ do, body, want string }
	const all = `{"amount":19500,"currency":"SEK"}`
	part := func(n int) string { return fmt.Sprintf(`{"amount":%d,"currency":"SEK"}`, n) }
	tests := []struct {
		name   string
		change map[string]any
		steps  []step
		end    string
	}{
		{"all at once", nil, []step{{"capture", all, ""}, {"capture", part(1), codeOverCapture}, {"delete", "", codeNoDelete}, {"credit", all, ""}, {"credit", part(1), codeOverCredit}},
			"19500/19500/19500 available 0/0 delete false balance 0"},
		{"in parts", nil, []step{{"capture", part(5000), ""}, {"credit", part(5001), codeOverCredit}, {"capture", part(14501), codeOverCapture}, {"capture", part(4500), ""}, {"credit", part(700), ""}},
			"19500/9500/700 available 10000/8800 delete false balance 10000"},
		{"given up", nil, []step{{"delete", "null", ""}, {"delete", "", codeNoDelete}, {"capture", part(1), codeOverCapture}},
			"19500/0/0 available 0/0 delete false balance 0"},
		{"instant", map[string]any{"instantcaptureamount": 19500}, []step{{"delete", "", codeNoDelete}}, "19500/19500/0 available 0/19500 delete false balance 0"},
		{"instant in part", map[string]any{"instantcaptureamount": 500}, []step{{"capture", part(100), ""}}, "19500/600/0 available 18900/600 delete false balance 18900"},
		{"one capture", map[string]any{"capturemulti": false}, []step{{"capture", part(500), ""}, {"capture", part(500), codeOverCapture}}, "19500/500/0 available 0/500 delete false balance 19000"},
		{"wrong currency", nil, []step{{"capture", `{"amount":1,"currency":"EUR"}`, codeCurrency}}, "19500/0/0 available 19500/0 delete true balance 19500"},
		{"amount as text", nil, []step{{"capture", `{"amount":"100","currency":"SEK"}`, codeField}}, "19500/0/0 available 19500/0 delete true balance 19500"},
		{"amount 0", nil, []step{{"capture", part(0), codeField}, {"credit", part(-5), codeField}}, "19500/0/0 available 19500/0 delete true balance 19500"},
		{"acquirer refuses", nil, []step{{"capture", part(113), codeAcquirer}}, "19500/0/0 available 19500/0 delete true balance 19500"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			id := s.paid(cardApproved, tt.change).ID
			for i, p := range tt.steps {
				a := s.api("POST", "/transactions/"+id+"/"+p.do, p.body)
				if a.code() != p.want || (p.want == "") != (a.get("meta.result") == true) || p.want == "" && a.get("transactionoperations.id") == nil {
					t.Errorf("step %d, %s: got %d %s, want %q", i+1, p.do, a.status, a.text, p.want)
				}
				if p.want == codeAcquirer && a.status != 200 {
					t.Errorf("the acquirer's refusal has status %d, want 200", a.status)
				}
			}
			if got := s.state(id); got != tt.end {
				t.Errorf("got %s, want %s", got, tt.end)
			}
		})
	}
}

func TestTransaction_unknown(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, path := range []string{"/transactions/1", "/transactions/1/transactionoperations"} {
		if a := s.api("GET", path, ""); a.status != 404 || a.code() != codeNotFound {
			t.Errorf("%s: got %d %s", path, a.status, a.text)
		}
	}
	for _, do := range []string{"capture", "credit", "delete"} {
		if a := s.api("POST", "/transactions/1/"+do, `{"amount":1,"currency":"SEK"}`); a.status != 404 {
			t.Errorf("%s: got %d %s", do, a.status, a.text)
		}
	}
}

func TestTransaction_surcharge(t *testing.T) {
	t.Parallel()
	for amount, fee := range map[int64]int64{19500: 195, 19549: 195, 19550: 196, 1: 0, 50: 1} {
		s := newShop(t)
		got := s.paid(cardCostly, map[string]any{"order.amount": amount})
		if got.Surcharge != fee || got.Authorized != amount+fee {
			t.Errorf("%d: got %+v, want a surcharge of %d", amount, got, fee)
		}
	}
}

func TestTransaction_answer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.paid(cardNo3D, map[string]any{"securityexemption": "lowvaluepayment", "securitylevel": "none"}).ID
	a := s.api("GET", "/transactions/"+id+"/", "")
	for path, want := range map[string]any{
		"transaction.id": id, "transaction.orderid": "A1001", "transaction.merchantnumber": DemoMerchantNumber, "transaction.status": "approved",
		"transaction.currency.code": "SEK", "transaction.currency.number": "752", "transaction.currency.minorunits": float64(2),
		"transaction.information.ecis.value": "07", "transaction.information.exemptions.value": "lowvaluepayment",
		"transaction.information.primaryaccountnumbers.number": "415421XXXXXX0001", "transaction.information.paymenttypes.displayname": "Visa",
		"transaction.createddate": "2026-11-22T08:05:00.000Z", "meta.result": true,
	} {
		if got := a.get(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	s.api("POST", "/transactions/"+id+"/capture", `{"amount":500,"currency":"SEK","invoicelines":[{"id":"1","quantity":1}]}`)
	a = s.api("GET", "/transactions/"+id+"/transactionoperations", "")
	if a.get("transactionoperations.action") != actionAuthorize || a.get("transactionoperations.subaction") != "ssl" ||
		a.get("transactionoperations.transactionoperations.action") != actionCapture || a.get("transactionoperations.transactionoperations.subaction") != "multi" ||
		a.get("transactionoperations.transactionoperations.parenttransactionoperationid") != a.get("transactionoperations.id") {
		t.Errorf("got %s, want a tree", a.text)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if a := s.api("GET", "/paymenttypes?currency=SEK&amount=19500", ""); a.get("paymentcollections.paymentgroups.paymenttypes.displayname") != "Visa" {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("GET", "/paymenttypes?currency=SEK&amount=1.5", ""); a.code() != codeField {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("GET", "/responsecodes/sandbox/"+codeAcquirer, ""); a.get("responsecode.merchantlabel") == nil {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("GET", "/responsecodes/bank/1", ""); a.status != 404 {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("GET", "/merchant/functionpermissionsandfeatures", ""); !strings.Contains(a.text, "function#expresscheckoutservice#v1#createpaymentrequest") {
		t.Errorf("got %d %s", a.status, a.text)
	}
}

func TestPaymentRequests(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	body := `{"reference":"r1","description":"Invoice","termsurl":"https://gw.example/terms","parameters":{"order":{"id":"A7","amount":500,"currency":"SEK"},"url":{"callbacks":[],"immediateredirecttoaccept":0}}}`
	a := s.api("POST", "/paymentrequests", body)
	id, _ := a.get("id").(string)
	address, _ := a.get("url").(string)
	if a.status != 200 || id == "" || address == "" {
		t.Fatalf("got %d %s", a.status, a.text)
	}
	if a := s.api("GET", "/paymentrequests/?exclusivestartkey=&pagesize=10&filters=", ""); a.get("paymentrequests.id") != id {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("POST", "/paymentrequests/"+id+"/email-notifications", `{"message":"Pay","to":{"email":"a@example.com"}}`); a.status != 200 {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("POST", "/paymentrequests/"+id+"/email-notifications", `{"to":{"email":"x"}}`); a.code() != codeField {
		t.Errorf("got %d %s", a.status, a.text)
	}
	s.submit(address[strings.LastIndex(address, "/")+1:], withCard(cardApproved))
	if a := s.api("GET", "/paymentrequests/"+id, ""); a.get("status") != requestClosed {
		t.Errorf("got %d %s, want it closed", a.status, a.text)
	}
	if a := s.api("DELETE", "/paymentrequests/"+id, ""); a.status != 200 {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("GET", "/paymentrequests/"+id, ""); a.status != 404 {
		t.Errorf("got %d %s", a.status, a.text)
	}
	if a := s.api("POST", "/paymentrequests", `{}`); a.code() != codeField {
		t.Errorf("got %d %s", a.status, a.text)
	}
}
