package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/bambora"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// vector is a file of testdata/vectors: "name: value" lines.
func vector(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	v := map[string]string{}
	for line := range bytes.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(string(line)), ": ")
		v[key] = value
	}
	return v
}

// receive runs receive_webhook on a query, against what the provider would say
// of a transaction.
func receive(t *testing.T, key, query, transaction string) (contract.WebhookResult, error) {
	t.Helper()
	a := world.Account()
	a.Secrets["md5_key"] = key
	if key == "" {
		delete(a.Secrets, "md5_key")
	}
	var w *conformance.Script
	if transaction != "" {
		_, id, _ := strings.Cut(query, "txnid=")
		id, _, _ = strings.Cut(id, "&")
		w = conformance.NewScript(conformance.Step{Request: "GET https://merchant-v1.api-eu.bambora.com/transactions/" + id, Body: transaction})
	} else {
		w = conformance.NewScript()
	}
	tr := guesttest.Drive(t, provider{}, conformance.Call{
		Export: contract.ReceiveWebhook, Account: a, World: w,
		Input: contract.WebhookInput{Message: contract.Message{Method: "GET", Path: "/webhooks/acc_1", Query: query}},
	})
	return conformance.Result[contract.WebhookResult](tr)
}

// knows is the look-up of a vector's transaction.
func knows(v map[string]string) string {
	return `{"meta":{"result":true},"transaction":{"id":"` + v["txnid"] + `","orderid":"` + v["orderid"] + `","candelete":true,` +
		`"currency":{"code":"` + v["code"] + `","minorunits":2,"number":"` + v["number"] + `"},"available":{"capture":` + v["authorized"] + `},` +
		`"total":{"authorized":` + v["authorized"] + `,"captured":0,"credited":0,"declined":0,"feeamount":` + v["fee"] + `}}}`
}

// H1 to H3 of section 5.3 are taken, H4 is caught by the look-up.
func TestHash_vectors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"H1.txt", "H2.txt", "H3.txt"} {
		v := vector(t, name)
		got, err := receive(t, v["key"], v["query"]+"&hash="+v["hash"], knows(v))
		if err != nil || len(got.Updates) != 1 || got.Updates[0].Payment.Reference != v["orderid"] || got.Updates[0].Amount.Decimal() != v["decimal"] ||
			got.Updates[0].Amount.Currency != v["code"] || got.Updates[0].NewProviderReference != v["txnid"] {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	v := vector(t, "H4.txt")
	if got, err := receive(t, v["key"], v["query"]+"&hash="+v["hash"], knows(v)); !isFailure(err, contract.BadSignature) {
		t.Errorf("H4: got %+v, %v, want that the look-up catches it", got, err)
	}
}

// shifted is a query in which value borders were moved: the hash stays the same.
func TestHash_borderShifts_areCaughtByTheLookUp(t *testing.T) {
	t.Parallel()
	v := vector(t, "H1.txt")
	for name, change := range map[string][2]string{
		"amount and currency":  {"amount=100&currency=208", "amount=1002&currency=08"},
		"currency and date":    {"currency=208&date=20160307", "currency=2082&date=0160307"},
		"order and reference":  {"orderid=934315976&reference=066799300800", "orderid=9343159760&reference=66799300800"},
		"fee and payment type": {"txnfee=0&paymenttype=4", "txnfee=04&paymenttype="},
	} {
		query := strings.Replace(v["query"], change[0], change[1], 1)
		if query == v["query"] {
			t.Fatalf("%s: nothing is shifted", name)
		}
		if got, err := receive(t, v["key"], query+"&hash="+v["hash"], knows(v)); !isFailure(err, contract.BadSignature) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// What is refused before anything is asked (5.1, rules 1 to 4 and 6).
func TestHash_refused(t *testing.T) {
	t.Parallel()
	v := vector(t, "H1.txt")
	good := v["query"] + "&hash=" + v["hash"]
	sign := func(query string) string { return world.Resign(query, v["key"], nil) }
	tests := []struct {
		name, key, query string
		code             contract.FailureCode
	}{
		{"empty", v["key"], "", contract.BadSignature},
		{"no hash", v["key"], v["query"], contract.BadSignature},
		{"empty hash", v["key"], v["query"] + "&hash=", contract.BadSignature},
		{"hash cut short", v["key"], good[:len(good)-1], contract.BadSignature},
		{"hash in capitals", v["key"], v["query"] + "&hash=" + strings.ToUpper(v["hash"]), contract.BadSignature},
		{"another hash", v["key"], v["query"] + "&hash=" + strings.Repeat("0", 32), contract.BadSignature},
		{"no key configured", "", good, contract.InvalidSettings},
		{"another key", "another", good, contract.BadSignature},
		{"appended parameter", v["key"], good + "&amount=1", contract.BadSignature},
		{"appended empty pair", v["key"], good + "&", contract.BadSignature},
		{"hash twice", v["key"], v["query"] + "&hash=" + v["hash"] + "&hash=" + v["hash"], contract.BadSignature},
		{"hash first", v["key"], "hash=" + v["hash"] + "&" + v["query"], contract.BadSignature},
		{"amount twice", v["key"], sign(v["query"] + "&amount=1"), contract.BadSignature},
		{"name escaped to come twice", v["key"], sign(v["query"] + "&%61mount=1"), contract.BadSignature},
		{"order changed", v["key"], strings.Replace(good, "orderid=9", "orderid=8", 1), contract.BadSignature},
		{"txnid with a slash", v["key"], sign(strings.Replace(v["query"], "txnid=58443393440303104", "txnid=1%2F..%2F2", 1)), contract.BadSignature},
		{"txnid of 21 digits", v["key"], sign(strings.Replace(v["query"], "txnid=", "txnid=0000", 1)), contract.BadSignature},
		{"no txnid", v["key"], sign(strings.Replace(v["query"], "txnid=58443393440303104&", "", 1)), contract.BadSignature},
		{"broken escape", v["key"], "a=%4&" + good, contract.BadSignature},
		{"no UTF-8", v["key"], "a=%ff&" + good, contract.BadSignature},
		{"address of another payment", v["key"], sign("payment=C4NNED00000000000000REF1&" + v["query"]), contract.BadSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := receive(t, tt.key, tt.query, ""); !isFailure(err, tt.code) {
				t.Errorf("got %+v, %v, want %s", got, err, tt.code)
			}
		})
	}
}

func TestWebhook_onlyGet(t *testing.T) {
	t.Parallel()
	v := vector(t, "H1.txt")
	for _, m := range []contract.Message{
		{Method: "POST", Query: v["query"] + "&hash=" + v["hash"]}, {Method: "GET", Query: v["query"] + "&hash=" + v["hash"], Body: "x"},
	} {
		tr := guesttest.Drive(t, provider{}, conformance.Call{Export: contract.ReceiveWebhook, Account: world.Account(), Input: contract.WebhookInput{Message: m}})
		if f := tr.Answer.Failure; f == nil || f.Code != contract.InvalidRequest {
			t.Errorf("%s: got %+v", m.Method, tr.Answer)
		}
	}
}

// A look-up that fails says nothing against the callback: it is to come again (5.2).
func TestWebhook_lookUpFails_comesAgain(t *testing.T) {
	t.Parallel()
	v := vector(t, "H3.txt")
	for name, body := range map[string]string{
		"refused":            `{"meta":{"result":false,"message":{"enduser":null,"merchant":"no"}}}`,
		"no meta":            `{}`,
		"no JSON":            `<Response/>`,
		"other transaction":  strings.Replace(knows(v), `"id":"214`, `"id":"215`, 1),
		"other minor units":  strings.Replace(knows(v), `"minorunits":2`, `"minorunits":3`, 1),
		"unknown currency":   strings.Replace(knows(v), `"code":"SEK"`, `"code":"SKR"`, 1),
		"amount of decimals": strings.Replace(knows(v), `"captured":0`, `"captured":0.5`, 1),
		"amount below zero":  strings.Replace(knows(v), `"captured":0`, `"captured":-1`, 1),
		"amount of floats":   strings.Replace(knows(v), `"captured":0`, `"captured":1e2`, 1),
	} {
		if got, err := receive(t, v["key"], v["query"]+"&hash="+v["hash"], body); !isFailure(err, contract.ProviderUnavailable) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// Forged returns of a payment that was paid: nothing is asked and nothing told.
func TestReturn_forged(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.open()
	if err := s.world.End(t.Context(), s.payment, conformance.Paid); err != nil {
		t.Fatal(err)
	}
	m, ok := s.world.Return(s.payment)
	if !ok {
		t.Fatal("there is no return")
	}
	for _, f := range conformance.Forgeries() {
		forged := s.world.Forge(m, f)
		if _, err := answer[contract.UpdatesResult](s, contract.CompletePayment, contract.CompleteInput{Payment: s.payment, Message: &forged}); !isFailure(err, contract.BadSignature) {
			t.Errorf("%s: got %v", f, err)
		}
	}
	if got := drive[contract.UpdatesResult](s, contract.CompletePayment, contract.CompleteInput{Payment: s.payment, Message: &m}); len(got.Updates) != 1 {
		t.Errorf("the true one: got %+v", got)
	}
}
