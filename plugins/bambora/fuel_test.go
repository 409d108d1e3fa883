package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/bambora"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// A transaction with many operations is one round's work: it must fit its budget
// with room to spare.
func TestFuel_manyOperations(t *testing.T) {
	t.Parallel()
	const count = 40
	var list []string
	for i := range count {
		list = append(list, fmt.Sprintf(`{"id":"21474836480000%04d","parenttransactionoperationid":"1","action":"Capture","subaction":"multi","status":"approved","amount":80,`+
			`"currentbalance":0,"currency":{"code":"EUR","minorunits":2,"name":"Euro","number":"978"},"createddate":"2026-03-02T09:30:00.000Z","orderid":"ED00000000000000REF1",`+
			`"acquirername":"Bambora","acquirerdata":[{"key":"a","value":"b"}],"ecis":[{"value":"05"}]}`, i))
	}
	operations := `{"meta":{"result":true},"transactionoperations":[{"id":1,"action":"Authorize","status":"approved","amount":4999,"transactionoperations":[` + strings.Join(list, ",") + `]}]}`
	transaction := knows(map[string]string{"txnid": "7", "orderid": "ED00000000000000REF1", "code": "EUR", "number": "978", "authorized": "4999", "fee": "0"})
	p := contract.CannedPayment()
	p.ProviderReference, p.Captures = "7", nil
	for i := range count {
		p.Captures = append(p.Captures, contract.Operation{
			ID: fmt.Sprint("cap_", i), Amount: contract.Money{Value: 80, Currency: "EUR"}, Status: contract.OperationSucceeded,
			ProviderReference: fmt.Sprintf("21474836480000%04d", i), CreatedAt: conformance.Start,
		})
	}
	p.Captures[count-1].Status, p.Captures[count-1].ProviderReference = contract.OperationPending, ""
	r := plugintest.New(t, plugintest.Build(t, "."))
	tr, err := conformance.Drive(t.Context(), r, conformance.Call{
		Export: contract.GetPayment, Account: world.Account(), Input: contract.PaymentInput{Payment: p},
		World: conformance.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "operations") {
				_, _ = fmt.Fprint(w, operations)
				return
			}
			_, _ = fmt.Fprint(w, transaction)
		})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := conformance.Result[contract.UpdatesResult](tr); err != nil || len(got.Updates) != 2 {
		t.Errorf("got %d updates, %v", len(got.Updates), err)
	}
	t.Logf("%d operations: fuel %d of %d", count, r.Fuel(), contract.RoundFuel)
}
