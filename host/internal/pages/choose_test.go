package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestShow_unknownTokens_areAllTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	want := h.get("/pay/ord_7f01X.s3cr3t")
	h.want(want, http.StatusNotFound, "There is no order behind this address", "!Molen", "!1001", "!€")
	for _, other := range []string{"ord_7f01J.wrong", "ord_7f01J.", "ord_7f01J", "x", "ord_7f01J.s3cr3t.", "ord_7f01J.S3CR3T", strings.Repeat("a", 4000)} {
		if w := h.get("/pay/" + other); w.Code != want.Code || w.Body.String() != want.Body.String() {
			t.Errorf("/pay/%.40s: got %d, want the same page as any unknown one", other, w.Code)
		}
	}
	for _, path := range []string{"/pay/x.y/return/" + payment, "/pay/x.y/status", "/return/nobody"} {
		if w := h.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
	for _, path := range []string{"/pay/x.y", "/pay/x.y/abort/" + payment, "/pay/x.y/return/" + payment, "/return/nobody"} {
		if w := h.post(path, url.Values{"method": {"ideal"}}); w.Code != http.StatusNotFound {
			t.Errorf("POST %s: got %d, want 404", path, w.Code)
		}
	}
	if len(h.chosen)+len(h.returned)+len(h.aborted) > 0 {
		t.Error("an unknown token reached a use case")
	}
}

func TestShow_getStartsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, path := range []string{"", "?method=ideal", "?attempts=0&method=ideal", "?wait=" + payment, "?from=" + payment, "/abort/" + payment} {
		h.get("/pay/" + token + path)
		h.do(http.MethodHead, "/pay/"+token+path, nil)
	}
	if len(h.chosen)+len(h.aborted) > 0 {
		t.Errorf("a GET started something: %v %v", h.chosen, h.aborted)
	}
	if w := h.do(http.MethodHead, "/pay/"+token, nil); w.Code != http.StatusOK {
		t.Errorf("HEAD: got %d, want 200", w.Code)
	}
}

func TestShow_stateDown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil  func(h *house)
		status int
		says   string
	}{
		"order not read":  {func(h *house) { h.openErr = fmt.Errorf("read: %w", checkout.ErrUnavailable) }, http.StatusServiceUnavailable, "We cannot be reached"},
		"offers not read": {func(h *house) { h.offersErr = checkout.ErrUnavailable }, http.StatusServiceUnavailable, "We cannot be reached"},
		"something else":  {func(h *house) { h.openErr = errors.New("secret of the host: 42") }, http.StatusInternalServerError, "Something went wrong on our side"},
		"deadline":        {func(h *house) { h.openErr = context.DeadlineExceeded }, http.StatusInternalServerError, "Something went wrong on our side"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.spoil(h)
			w := h.get("/pay/" + token)
			h.want(w, c.status, c.says, "Nothing was charged by opening this page", "!secret of")
			if c.status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
}

func TestChoice_rows(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	off := offer("paypal", contract.Text{"en": "PayPal"}, "PayPal")
	off.Available, off.Reason = false, "provider_unavailable"
	lacks := offer("invoice", contract.Text{"en": "Invoice"}, "Invoice")
	lacks.Available, lacks.Reason = false, "required_field"
	ways := offer("wallet", contract.Text{"en": "Wallet"}, "Integrator")
	ways.HasOptions = true
	h.offers = append(h.offers, off, ways, lacks)
	page := h.get("/pay/" + token).Body.String()
	last := -1
	for _, title := range []string{"iDEAL<", "Kaart<", "PayPal<", "Wallet<", "Invoice<"} {
		at := strings.Index(page, title)
		if at <= last {
			t.Errorf("%s is not where its rank puts it", title)
		}
		last = at
	}
	h.want(h.get("/pay/"+token), http.StatusOK, `name="method" value="ideal"`, `name="method" value="card"`, `name="method" value="wallet"`,
		`!value="paypal"`, "PayPal<small>Deze manier van betalen werkt nu even niet", `!value="invoice"`, "Invoice<small>Met deze manier kun je deze bestelling niet betalen", `!role="alert"`)
	if boxes := strings.Count(page, `<img src="data:image/svg&#43;xml;base64,`); boxes != 5 || strings.Count(page, `width="64" height="40"`) != boxes {
		t.Errorf("got %d logos, want five in boxes of one size", boxes)
	}
	h.hides = true
	h.want(h.get("/pay/"+token), http.StatusOK, `value="ideal"`, `value="wallet"`, "!PayPal", "!Invoice", `!role="alert"`)
}

func TestChoice_nothingAvailable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reason string
		hides  bool
		says   []string
	}{
		"silent, shown":   {"provider_unavailable", false, []string{"Geen enkele manier van betalen werkt nu", "Er is niets afgeschreven", "iDEAL<", "!<button"}},
		"silent, hidden":  {"provider_unavailable", true, []string{"Geen enkele manier van betalen werkt nu", "!iDEAL<", "!<form"}},
		"lacking, shown":  {"required_field", false, []string{"Deze bestelling kan hier niet worden betaald", "iDEAL<"}},
		"lacking, hidden": {"required_field", true, []string{"Deze bestelling kan hier niet worden betaald", "!iDEAL<"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.hides = c.hides
			for i := range h.offers {
				h.offers[i].Available, h.offers[i].Reason = false, c.reason
			}
			h.want(h.get("/pay/"+token), http.StatusOK, append(c.says, `role="alert"`, "Terug naar Molen")...)
		})
	}
}

func TestChoice_noMethods(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.offers = nil
	h.want(h.get("/pay/"+token), http.StatusOK, `role="alert"`, "Deze bestelling kan hier niet worden betaald", "Er is niets afgeschreven", "Terug naar Molen")
}

func TestChoose_leadsOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action contract.Action
		status int
		to     string
		says   []string
	}{
		"redirect": {redirect(), http.StatusSeeOther, "https://bank.example/pay?x=1", nil},
		"wait":     {contract.Action{Type: contract.ActionWait}, http.StatusSeeOther, "/pay/" + token + "?wait=" + payment, nil},
		"none":     {contract.Action{Type: contract.ActionNone}, http.StatusSeeOther, "/pay/" + token + "/return/" + payment, nil},
		"form":     {formAction(), http.StatusSeeOther, "/pay/" + token + "/go/" + payment, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.chooses = func(*consumer) { h.attempt(c.action) }
			w := h.post("/pay/"+token, url.Values{"method": {"ideal"}, "attempts": {"0"}})
			h.want(w, c.status, c.says...)
			if w.Header().Get("Location") != c.to {
				t.Errorf("to %q, want %q", w.Header().Get("Location"), c.to)
			}
		})
	}
}

func TestChoose_oddForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form url.Values
		want checkout.Choice
	}{
		"nothing":           {url.Values{}, checkout.Choice{}},
		"odd attempts":      {url.Values{"method": {"ideal"}, "attempts": {"x"}}, checkout.Choice{Method: "ideal"}},
		"negative attempts": {url.Values{"method": {"ideal"}, "attempts": {"-1"}}, checkout.Choice{Method: "ideal"}},
		"a huge option":     {url.Values{"method": {"wallet"}, "option": {strings.Repeat("a", maxOption+1)}}, checkout.Choice{Method: "wallet"}},
		"an option":         {url.Values{"method": {"wallet"}, "option": {"a"}, "attempts": {"2"}}, checkout.Choice{Method: "wallet", Seen: 2, MethodOptions: map[string]string{"option": "a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.chooseErr = &checkout.MethodError{Method: "x", Reason: "unknown"}
			h.want(h.post("/pay/"+token, c.form), http.StatusUnprocessableEntity, `role="alert"`, "Met deze manier kun je deze bestelling niet betalen", "Er is niets afgeschreven")
			if len(h.chosen) != 1 || fmt.Sprint(h.chosen[0]) != fmt.Sprint(c.want) {
				t.Errorf("chose %+v, want %+v", h.chosen, c.want)
			}
		})
	}
	h := newHouse(t, nil)
	h.want(h.post("/pay/"+token, url.Values{"method": {strings.Repeat("a", maxForm)}}), http.StatusRequestEntityTooLarge, "Too much was sent along")
	if len(h.chosen) > 0 {
		t.Error("a huge form chose something")
	}
}

func TestChoose_errors(t *testing.T) {
	t.Parallel()
	failed := func(code contract.FailureCode, outcome order.Outcome, text contract.Text) error {
		return &checkout.CallError{Export: contract.CreatePayment, Failure: contract.Failure{Code: code, Message: "secret words of the provider", UserMessage: text}, Outcome: outcome}
	}
	for name, c := range map[string]struct {
		err    error
		status int
		says   []string
	}{
		"declined":        {failed(contract.Declined, order.OutcomeKnown, contract.Text{"nl": "Je bank weigerde <b>dit</b>."}), 422, []string{"Je bank weigerde &lt;b&gt;dit&lt;/b&gt;.", "Er is niets afgeschreven."}},
		"no words":        {failed(contract.Declined, order.OutcomeKnown, nil), 422, []string{"De betaling kon niet worden gestart.", "Kies hoe je wilt betalen."}},
		"provider down":   {failed(contract.ProviderUnavailable, order.OutcomeNotAttempted, nil), 422, []string{"Deze manier van betalen werkt nu even niet.", "Er is niets afgeschreven."}},
		"outcome unknown": {failed(contract.ProviderUnavailable, order.OutcomeUnknown, nil), 422, []string{"We weten nog niet of er iets is afgeschreven.", "!Er is niets afgeschreven."}},
		"silent by now":   {&checkout.MethodError{Method: "ideal", Reason: "unavailable"}, 422, []string{"Deze manier van betalen werkt nu even niet.", "Er is niets afgeschreven."}},
		"too many":        {order.ErrTooManyAttempts, 422, []string{"Je hebt het te vaak geprobeerd.", "Ga terug naar de winkel"}},
		"state down":      {checkout.ErrUnavailable, 503, []string{"We zijn even niet bereikbaar."}},
		"something else":  {errors.New("secret words of the host"), 422, []string{"De betaling kon niet worden gestart.", "Kenmerk: ord_7f01J"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.chooseErr = c.err
			w := h.post("/pay/"+token, url.Values{"method": {"ideal"}})
			h.want(w, c.status, append(c.says, `role="alert"`, `value="ideal"`, "!secret words")...)
		})
	}
}

func TestChoose_attemptWithoutAnEnd_isNotCalledFree(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.chooseErr = errors.New("the state went away after the call")
	h.chooses = func(*consumer) {
		h.apply(order.Reserve{Payment: payment, Reference: "7FREF", Method: "ideal", Seen: -1})
	}
	h.want(h.post("/pay/"+token, url.Values{"method": {"ideal"}}), http.StatusUnprocessableEntity, "We weten nog niet of er iets is afgeschreven", "!Er is niets afgeschreven.")
}

func TestChoose_busyClosedAndWithoutOption(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.chooseErr = checkout.ErrBusy
	if to := h.post("/pay/"+token, url.Values{"method": {"ideal"}}).Header().Get("Location"); to != "/pay/"+token+"?wait="+payment {
		t.Errorf("busy: to %q, want the page that waits", to)
	}
	h.chooseErr = fmt.Errorf("method: %w", checkout.ErrOption)
	if to := h.post("/pay/"+token+"?lang=fr", url.Values{"method": {"wallet/x"}}).Header().Get("Location"); to != "/pay/"+token+"/with/wallet%2Fx?lang=fr" {
		t.Errorf("no option: to %q, want the page of options", to)
	}
	h.chooseErr = order.ErrClosed
	if to := h.post("/pay/"+token, url.Values{"method": {"ideal"}}).Header().Get("Location"); to != "/pay/"+token {
		t.Errorf("closed: to %q, want the order's page", to)
	}
}
