package terminal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/terminal"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Nothing is known of a payment that was not made; time passes on the
// terminal's clock, and what the till sends is seen.
func TestWorld(t *testing.T) {
	t.Parallel()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := contract.CannedPayment()
	if b := w.Books(p); b.Known || b.Captured.Value != 0 || b.Captured.Currency != p.Amount.Currency {
		t.Errorf("the books of a new terminal: %+v", b)
	}
	if err := w.End(t.Context(), p, conformance.Paid); err == nil {
		t.Error("a payment was ended from outside")
	}
	began := w.Now()
	if err := w.Advance(t.Context(), time.Minute); err != nil || w.Now().Sub(began) != time.Minute {
		t.Errorf("after a minute it is %s later, %v", w.Now().Sub(began), err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, world.Address+"/nexo", strings.NewReader(`{"SaleToPOIRequest":{"MessageHeader":{"MessageCategory":"Diagnosis"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if len(w.Seen) != 1 || w.Seen[0].Category != "Diagnosis" {
		t.Errorf("seen: %+v", w.Seen)
	}
}
