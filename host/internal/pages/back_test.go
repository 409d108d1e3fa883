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

func TestWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(redirect())
	at := "/pay/" + token + "?wait=" + payment
	h.want(h.get(at), http.StatusOK, "Je bank heeft nog niet geantwoord", `<noscript><meta http-equiv="refresh" content="2;url=/pay/`+token+`?wait=`+payment+`&amp;n=1`,
		`data-status="/pay/`+token+`/status?payment=`+payment+`"`, `href="https://bank.example/pay?x=1"`, "!/abort/", `href="?lang=bg&amp;wait=`+payment+`"`)
	h.want(h.get(at+"&n=3"), http.StatusOK, `content="8;url=`, "n=4")
	for n, pause := range map[string]string{"6": "34", "99": "34", "-4": "2", "x": "2", "99999999999999999999": "2"} {
		h.want(h.get(at+"&n="+n), http.StatusOK, `content="`+pause+`;url=`)
	}
	h.want(h.get(at+"&n=6"), http.StatusOK, `<p id="mailed">Dit duurt langer dan normaal.`)
	h.want(h.get("/pay/"+token+"?wait=pay_nobody"), http.StatusOK, "Hoe wil je betalen?")
	h.report(contract.UpdateCancelled, nil)
	h.want(h.get(at), http.StatusOK, "Hoe wil je betalen?")
}

func TestWait_atATerminal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(contract.Action{Type: contract.ActionWait, Text: contract.Text{"nl": "Kijk op de <terminal>", "en": "Look at the terminal"}})
	h.want(h.get("/pay/"+token+"?wait="+payment), http.StatusOK, "<h1>Kijk op de &lt;terminal&gt;</h1>", `action="/pay/`+token+`/abort/`+payment+`"`, "Stop deze betaling")
	h.abortErr = errors.New("the terminal is busy")
	w := h.post("/pay/"+token+"/abort/"+payment, nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/pay/"+token+"?wait="+payment || len(h.aborted) != 1 {
		t.Errorf("abort: got %d to %q", w.Code, w.Header().Get("Location"))
	}
	h.abortErr = checkout.ErrUnavailable
	h.want(h.post("/pay/"+token+"/abort/"+payment, nil), http.StatusServiceUnavailable)
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(h *house)
		want    string
	}{
		"pending":   {func(*house) {}, `{"payment":"pending","status":"pending"}`},
		"paid":      {func(h *house) { h.report(contract.UpdateCaptured, nil) }, `{"next":"https://shop.example/back?status=paid","payment":"captured","status":"paid"}`},
		"cancelled": {func(h *house) { h.report(contract.UpdateCancelled, nil) }, `{"next":"/pay/` + token + `?from=` + payment + `","payment":"cancelled","status":"open"}`},
		"replaced":  {func(h *house) { h.order.CancelledAt = start }, `{"next":"/pay/` + token + `","payment":"pending","status":"cancelled"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.attempt(redirect())
			c.prepare(h)
			w := h.get("/pay/" + token + "/status?payment=" + payment)
			if w.Code != http.StatusOK || w.Body.String() != c.want || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("got %d %s, want %s", w.Code, w.Body, c.want)
			}
		})
	}
	h := newHouse(t, nil)
	h.openErr = checkout.ErrUnavailable
	if w := h.get("/pay/" + token + "/status"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("state down: got %d, want 503", w.Code)
	}
}

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
