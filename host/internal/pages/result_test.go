package pages

import (
	"net/http"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestResult(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(h *house)
		says    []string
	}{
		"paid":       {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateCaptured, nil) }, []string{"<h1>Betaald</h1>", "<svg", "!<form"}},
		"authorized": {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateAuthorized, nil) }, []string{"<h1>Betaald</h1>"}},
		"cancelled":  {func(h *house) { h.apply(order.Cancel{}) }, []string{"<h1>Geannuleerd</h1>", "!<svg", "!<form"}},
		"expired":    {func(h *house) { h.order.ExpiredAt = start }, []string{"<h1>Te laat</h1>", "Er is niets afgeschreven"}},
		"with a receipt": {func(h *house) {
			h.attempt(redirect())
			h.report(contract.UpdateCaptured, func(u *contract.Update) {
				u.Receipt = &contract.Receipt{Lines: []contract.ReceiptLine{{Text: "VISA <4242>", Style: "bold"}, {Text: "AID: A0000000031010"}}}
			})
		}, []string{`<p class="bold">VISA &lt;4242&gt;</p>`, "AID: A0000000031010", "TEST: dit is geen bon"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.prepare(h)
			h.want(h.get("/pay/"+token), http.StatusOK, append(c.says, "Terug naar Molen &amp; Maan", "Bestelling 1001")...)
		})
	}
}
