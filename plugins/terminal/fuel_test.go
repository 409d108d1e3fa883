package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Receipts as long as they are read, in each shape, and longer ones: the round
// that reads them must fit its budget.
func TestFuel_longReceipts(t *testing.T) {
	t.Parallel()
	wasm := plugintest.Build(t, ".")
	whole := base64.StdEncoding.EncodeToString([]byte(`{"Cardholder":{"Optional":{"ReceiptString":["` + strings.Repeat(`4002 6200 0000 0005 Summa","`, 300) + `"]}}}`))
	for name, c := range map[string]struct {
		texts string
		read  bool
	}{
		"keyed":    {strings.Repeat(`{"Text":"name=Summa%20att%20betala&value=4002%206200%200000%200005%20110%2c50%20SEK&key=totalAmount","CharacterStyle":"Bold"},`, 80), true},
		"plain":    {strings.Repeat(`{"Text":"1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2"},`, 100), true},
		"one line": {`{"Text":"` + strings.Repeat("1 ", 5900) + `"},`, true},
		"base64":   {`{"Text":"` + whole + `"},`, true},
		"too long": {strings.Repeat(`{"Text":"name=Summa%20att%20betala&value=4002%206200%200000%200005%20110%2c50%20SEK&key=totalAmount"},`, 600), false},
	} {
		r := plugintest.New(t, wasm)
		s := newTillOf(t, r)
		s.answers("Payment", fmt.Sprintf(`{"Response":{"Result":"Success"},"POIData":{"POITransactionID":{"TransactionID":"1","TimeStamp":"2026-11-22T09:05:21+01:00"}},
			"PaymentResult":{"AmountsResp":{"AuthorizedAmount":100}},"PaymentReceipt":[{"DocumentQualifier":"CustomerReceipt","OutputContent":{"OutputText":[%s{"Text":"end"}]}}]}`, c.texts))
		if u := s.paid(""); u.Amount != money(10000, "SEK") || (u.Receipt != nil) != c.read {
			t.Errorf("%s: got %+v", name, u)
		}
		t.Logf("%s, %d bytes: fuel %d of %d", name, len(c.texts), r.Fuel(), contract.RoundFuel)
	}
}
