package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// A list of ways to pay four times as long as any shop's is one round's work:
// it must fit its budget with room to spare.
func TestFuel_manyWays(t *testing.T) {
	t.Parallel()
	const ways = 160
	var b strings.Builder
	b.WriteString(`<CurrenciesList xmlns="http://merchant.roboxchange.com/WebService/"><Result><Code>0</Code></Result><Groups>`)
	for i := range ways {
		if i%20 == 0 {
			fmt.Fprintf(&b, `<Group Code="Group%d" Description="Группа %d"><Items>`, i, i)
		}
		fmt.Fprintf(&b, `<Currency Label="Way%dPSR" Alias="Way%d" Name="Способ &quot;%d&quot;" MinValue="1.00" MaxValue="600000"/>`, i, i, i)
		if i%20 == 19 {
			b.WriteString(`</Items></Group>`)
		}
	}
	b.WriteString(`</Groups></CurrenciesList>`)
	r := plugintest.New(t, plugintest.Build(t, "."))
	tr, err := conformance.Drive(t.Context(), r, conformance.Call{
		Export: contract.ListOptions, Account: world.Account(), Input: contract.OptionsInput{Method: methodID, Amount: roublesOf(4999), Locale: "ru"},
		World: conformance.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, b.String()) })),
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := conformance.Result[[]contract.Option](tr)
	if err != nil || len(list) != ways {
		t.Errorf("got %d options, %v, want %d", len(list), err, ways)
	}
	if r.Fuel() > contract.RoundFuel/2 {
		t.Errorf("it uses %d of %d", r.Fuel(), contract.RoundFuel)
	}
	t.Logf("%d bytes of %d ways: fuel %d of %d", b.Len(), ways, r.Fuel(), contract.RoundFuel)
}
