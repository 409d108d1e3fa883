package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// bigPage is a signed page of as many results as the bank hands out at once.
func bigPage(results, transactions int) string {
	amount := map[string]any{"currency": "EUR", "amount": "4999"}
	var list []any
	for i := range results {
		r := map[string]any{
			"merchantOrderId": fmt.Sprintf("C0NF0RMANCE0000000000%03d", i), "omnikassaOrderId": fmt.Sprintf("da608eb4-b20b-40e4-8045-10bbd13%05d", i),
			"poiId": "5000", "orderStatus": "COMPLETED", "orderStatusDateTime": "2026-03-02T09:30:00.281+01:00", "errorCode": "",
			"paidAmount": amount, "totalAmount": amount,
		}
		var tries []any
		for j := range transactions {
			t := map[string]any{
				"id": fmt.Sprintf("2d8a6da6-77cc-45fb-8974-64a%04d%05d", j, i), "paymentBrand": "IDEAL", "type": "PAYMENT", "status": "FAILURE",
				"amount": amount, "confirmedAmount": nil, "startTime": "2026-03-02T09:20:39.366+01:00", "lastUpdateTime": "2026-03-02T09:30:00.281+01:00",
			}
			if j == transactions-1 {
				t["status"], t["confirmedAmount"] = "SUCCESS", amount
			}
			tries = append(tries, t)
		}
		r["transactions"] = tries
		list = append(list, r)
	}
	page := map[string]any{"moreOrderResultsAvailable": true, "orderResults": list}
	page["signature"] = world.Sign(omnikassa.DemoSigningKey, strings.Join(world.PageValues(page), ","))
	b, err := json.Marshal(page)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// orders is how many the bank hands out at once.
const orders = 100

// A full page is one round's work: it must fit its budget with room to spare.
func TestFuel_fullPage(t *testing.T) {
	t.Parallel()
	const expiry = "2026-03-02T09:40:00.000+01:00"
	const event = "merchant.order.status.changed"
	body := fmt.Sprintf(`{"authentication":"token","expiry":%q,"eventName":%q,"poiId":5000,"signature":%q}`,
		expiry, event, world.Sign(omnikassa.DemoSigningKey, "token,"+expiry+","+event+",5000"))
	wasm := plugintest.Build(t, ".")
	for _, tries := range []int{0, 1} {
		r := plugintest.New(t, wasm)
		page := bigPage(orders, tries)
		tr, err := conformance.Drive(t.Context(), r, conformance.Call{
			Export: contract.ReceiveWebhook, Account: world.Account(), Input: contract.WebhookInput{Message: contract.Message{Method: "POST", Body: body}},
			World: conformance.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, page) })),
		})
		if err != nil {
			t.Error(err)
			continue
		}
		res, err := conformance.Result[contract.WebhookResult](tr)
		if err != nil || len(res.Updates) != orders {
			t.Errorf("got %d updates, %v, want %d", len(res.Updates), err, orders)
		}
		t.Logf("%d bytes of %d orders with %d transactions each: fuel %d of %d", len(page), orders, tries, r.Fuel(), contract.RoundFuel)
	}
}
