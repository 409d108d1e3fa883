package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestForm_bad(t *testing.T) {
	t.Parallel()
	at := "/pay/" + token + "/go/" + payment
	for name, c := range map[string]struct {
		path    string
		prepare func(h *house)
		status  int
		to      string
	}{
		"no such order":   {"/pay/x.y/go/" + payment, func(*house) {}, http.StatusNotFound, ""},
		"no such payment": {"/pay/" + token + "/go/pay_nobody", func(*house) {}, http.StatusNotFound, ""},
		"no form":         {at, func(h *house) { h.attempt(redirect()) }, http.StatusSeeOther, "/pay/" + token},
		"no action yet": {at, func(h *house) {
			h.apply(order.Reserve{Payment: payment, Reference: "7FREF", Method: "ideal", Seen: -1})
		}, http.StatusSeeOther, "/pay/" + token},
		"paid":      {at, func(h *house) { h.attempt(formAction()); h.report(contract.UpdateCaptured, nil) }, http.StatusSeeOther, "/pay/" + token},
		"cancelled": {at, func(h *house) { h.attempt(formAction()); h.report(contract.UpdateCancelled, nil) }, http.StatusSeeOther, "/pay/" + token},
		"without TLS, live": {at, func(h *house) {
			h.order.Live = true
			h.attempt(contract.Action{Type: contract.ActionForm, URL: "http://bank.example/"})
		}, http.StatusInternalServerError, ""},
		"no host": {at, func(h *house) { h.attempt(contract.Action{Type: contract.ActionForm, URL: "https:///x"}) }, http.StatusInternalServerError, ""},
		"no URL":  {at, func(h *house) { h.attempt(contract.Action{Type: contract.ActionForm, URL: "https://[bad"}) }, http.StatusInternalServerError, ""},
		"a policy's mark": {at, func(h *house) {
			h.attempt(contract.Action{Type: contract.ActionForm, URL: "https://bank.example;script-src"})
		}, http.StatusInternalServerError, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.prepare(h)
			w := h.get(c.path)
			h.want(w, c.status, "!bank.example")
			if got := w.Header().Get("Location"); got != c.to {
				t.Errorf("to %q, want %q", got, c.to)
			}
		})
	}
}

func TestForm_holdsTheFieldsInOrder_andLeadsToOneHost(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(formAction())
	w := h.get("/pay/" + token + "/go/" + payment + "?lang=de")
	h.want(w, http.StatusOK, `<form id="onward" method="post" action="https://bank.example:8443/form?x=1">`, "submit.js", "<h1>Weiter zur Zahlung</h1>", ">Weiter</button>",
		`href="/pay/`+token+`?lang=de"`, "Anders bezahlen", "!<script>\"")
	fields := `<input type="hidden" name="b" value="1">` + "\n" + `<input type="hidden" name="a" value="&#34;&gt;&lt;script&gt;">` + "\n" +
		`<input type="hidden" name="a" value="2">` + "\n" + `<input type="hidden" name="submit" value="">` + "\n<button"
	h.want(w, http.StatusOK, fields)
	if policy := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; form-action https://bank.example:8443") {
		t.Errorf("policy %q does not name the one host alone", policy)
	}
}

func TestForm_keepsTheLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.chooses = func(*consumer) { h.attempt(formAction()) }
	for path, want := range map[string]string{"": "", "?lang=fr": "?lang=fr", "?lang=%26x%3D1": "?lang=%26x%3D1"} {
		h.order.Payments = nil
		if to := h.post("/pay/"+token+path, url.Values{"method": {"ideal"}}).Header().Get("Location"); to != "/pay/"+token+"/go/"+payment+want {
			t.Errorf("%q leads to %q", path, to)
		}
	}
}

func TestChoice_goesOnWithAnAttempt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action contract.Action
		to     string
	}{
		"redirect": {redirect(), `href="https://bank.example/pay?x=1"`},
		"form":     {formAction(), `href="/pay/` + token + `/go/` + payment + `?lang=nl"`},
		"terminal": {contract.Action{Type: contract.ActionWait}, `href="/pay/` + token + `?wait=` + payment + `&amp;lang=nl"`},
		"nothing":  {contract.Action{Type: contract.ActionNone}, "!Ga verder met"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.attempt(c.action)
			h.want(h.get("/pay/"+token), http.StatusOK, c.to)
		})
	}
}
