package pages

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestReturn_bad(t *testing.T) {
	t.Parallel()
	forged := &checkout.CallError{Export: contract.CompletePayment, Failure: contract.Failure{Code: contract.BadSignature}, Outcome: order.OutcomeNotAttempted}
	for name, c := range map[string]struct {
		err    error
		status int
		says   []string
	}{
		"forged":         {forged, http.StatusBadRequest, []string{"We konden niet nagaan hoe je terugkwam", "dan telt dat", `href="/pay/` + token + `"`, `role="alert"`}},
		"not found":      {checkout.ErrNotFound, http.StatusNotFound, []string{"There is no order behind this address"}},
		"a flood":        {checkout.ErrFlood, http.StatusTooManyRequests, []string{"We cannot be reached"}},
		"state down":     {checkout.ErrUnavailable, http.StatusServiceUnavailable, []string{"We cannot be reached"}},
		"something else": {errors.New("secret words"), http.StatusInternalServerError, []string{"Something went wrong", "!secret words"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.attempt(redirect())
			h.returnErr = c.err
			h.want(h.get("/pay/"+token+"/return/"+payment+"?status=COMPLETED"), c.status, c.says...)
		})
	}
	h := newHouse(t, nil)
	h.attempt(redirect())
	w := h.do(http.MethodPost, "/pay/"+token+"/return/"+payment, strings.NewReader(strings.Repeat("a", contract.MaxWebhook+1)))
	h.want(w, http.StatusRequestEntityTooLarge, "Too much was sent along")
	if len(h.returned) > 0 {
		t.Error("a huge body reached the plugin")
	}
}

func TestReturn_leadsOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(h *house)
		to      string
	}{
		"paid":       {func(h *house) { h.report(contract.UpdateCaptured, nil) }, "https://shop.example/back?status=paid"},
		"authorized": {func(h *house) { h.report(contract.UpdateAuthorized, nil) }, "https://shop.example/back?status=authorized"},
		"pending":    {func(*house) {}, "/pay/" + token + "?wait=" + payment},
		"cancelled":  {func(h *house) { h.report(contract.UpdateCancelled, nil) }, "/pay/" + token + "?from=" + payment},
		"expired":    {func(h *house) { h.report(contract.UpdateExpired, nil) }, "/pay/" + token + "?from=" + payment},
		"failed":     {func(h *house) { h.report(contract.UpdateFailed, nil) }, "/pay/" + token + "?from=" + payment},
		"a call that failed is asked about later": {func(h *house) {
			h.returnErr = &checkout.CallError{Failure: contract.Failure{Code: contract.ProviderUnavailable}, Outcome: order.OutcomeUnknown}
		}, "/pay/" + token + "?wait=" + payment},
		"further action": {func(h *house) {
			h.action = &contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/3ds"}
		}, "https://bank.example/3ds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.attempt(redirect())
			c.prepare(h)
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				w := h.do(method, "/pay/"+token+"/return/"+payment+"?a=1", nil)
				if w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.to {
					t.Errorf("%s: got %d to %q, want 303 to %q", method, w.Code, w.Header().Get("Location"), c.to)
				}
			}
		})
	}
}

func TestReturn_brings(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(redirect())
	req := httptest.NewRequest(http.MethodPost, "/pay/"+token+"/return/"+payment+"?b=2&a=1", strings.NewReader("x=\xff"))
	req.Header.Set("Cookie", "secret=1")
	req.Header.Set("Authorization", "Bearer secret")
	req.Header.Set("X-Bank", "yes")
	h.engine.ServeHTTP(httptest.NewRecorder(), req)
	m := h.returned[0]
	if m.Query != "b=2&a=1" || string(m.BodyBase64) != "x=\xff" || m.Body != "" || m.Headers["x-bank"][0] != "yes" || m.Headers["cookie"] != nil || m.Headers["authorization"] != nil {
		t.Errorf("brought %+v", m)
	}
}

func TestReturnToAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(redirect())
	w := h.post("/return/bank", url.Values{"order": {"1"}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/pay/"+token+"/return/"+payment {
		t.Errorf("got %d to %q", w.Code, to)
	}
	if h.returned[0].Body != "order=1" {
		t.Errorf("brought %q", h.returned[0].Body)
	}
}

func TestNews_ofAnAttempt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   contract.UpdateType
		change func(u *contract.Update)
		says   []string
	}{
		"cancelled": {contract.UpdateCancelled, nil, []string{"Je hebt de betaling gestopt.", "Er is niets afgeschreven.", "!Kenmerk"}},
		"expired":   {contract.UpdateExpired, nil, []string{"De tijd om te betalen was voorbij."}},
		"failed":    {contract.UpdateFailed, nil, []string{"De betaling is niet gelukt.", "Kenmerk: ord_7f01J"}},
		"with words": {contract.UpdateFailed, func(u *contract.Update) {
			u.Failure = &contract.Failure{Code: contract.Declined, UserMessage: contract.Text{"nl": "Te weinig saldo."}}
		}, []string{"Te weinig saldo."}},
		"still under way": {contract.UpdatePending, nil, []string{`!role="alert"`, "Ga verder met iDEAL", `href="https://bank.example/pay?x=1"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.attempt(redirect())
			h.report(c.kind, c.change)
			h.want(h.get("/pay/"+token+"?from="+payment), http.StatusOK, append(c.says, `value="ideal"`)...)
		})
	}
	h := newHouse(t, nil)
	h.want(h.get("/pay/"+token+"?from=pay_nobody"), http.StatusOK, `!role="alert"`)
}
