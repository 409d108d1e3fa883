package pages

import (
	"errors"
	"net/http"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// terminal waits for what the consumer does elsewhere.
func terminal() contract.Action {
	return contract.Action{Type: contract.ActionWait, Text: contract.Text{"nl": "Kijk op de <terminal>", "en": "Look at the terminal"}}
}

// reserved has a payment that is still being created.
func reserved(h *house) {
	h.apply(order.Reserve{Payment: payment, Reference: "7FREF", Method: "ideal", Seen: -1, Operations: h.operations, Rules: contract.Rules{Refund: &contract.RefundRule{Full: true, Partial: true}}})
}

func TestWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(redirect())
	at := "/pay/" + token + "?wait=" + payment
	h.want(h.get(at), http.StatusOK, "Je bank heeft nog niet geantwoord", `<noscript><meta http-equiv="refresh" content="2;url=/pay/`+token+`?wait=`+payment+`&amp;n=1`,
		`data-status="/pay/`+token+`/status?payment=`+payment+`&amp;lang=nl"`, `href="https://bank.example/pay?x=1"`, "!/abort/", "Betaal op een andere manier", `href="?lang=bg&amp;wait=`+payment+`"`)
	h.want(h.get("/pay/"+token+"?wait=pay_nobody"), http.StatusOK, "Hoe wil je betalen?")
	h.report(contract.UpdateCancelled, nil)
	h.want(h.get(at), http.StatusOK, "Hoe wil je betalen?", "Je hebt de betaling gestopt.")
}

func TestWait_pausesGrow_andTheShopMailsAfterAMinute(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(redirect())
	at := "/pay/" + token + "?wait=" + payment
	const mailed = `<p id="mailed">Dit duurt langer dan normaal.`
	for n, pause := range map[string]string{"3": "8", "6": "15", "7": "30", "99": "30", "-4": "2", "x": "2", "99999999999999999999": "2"} {
		says := []string{`content="` + pause + `;url=`, "!" + mailed}
		if pause == "30" {
			says[1] = mailed
		}
		h.want(h.get(at+"&n="+n), http.StatusOK, says...)
	}
	h.want(h.get(at+"&n=3"), http.StatusOK, "n=4")
	before := 0
	for i, s := range pauses {
		if i > 0 && s < pauses[i-1] {
			t.Errorf("pause %d is shorter than the one before", i)
		}
		if before += s; i == len(pauses)-2 && before != mailedAfter {
			t.Errorf("the last pause begins after %d s, the mail is told of after %d", before, mailedAfter)
		}
	}
}

func TestWait_goesOnWithoutScript(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(h *house)
		query   string
		to      string
	}{
		"paid":                                {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateCaptured, nil) }, "", "https://shop.example/back?status=paid"},
		"authorized":                          {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateAuthorized, nil) }, "", "https://shop.example/back?status=authorized"},
		"to the bank, once the bank is known": {func(h *house) { h.attempt(redirect()) }, "&start=1", "https://bank.example/pay?x=1"},
		"to a form":                           {func(h *house) { h.attempt(formAction()) }, "&start=1&lang=fr", "/pay/" + token + "/go/" + payment + "?lang=fr"},
		"to the terminal":                     {func(h *house) { h.attempt(terminal()) }, "&start=1", "/pay/" + token + "?wait=" + payment},
		"to where it began":                   {func(h *house) { h.attempt(contract.Action{Type: contract.ActionNone}) }, "&start=1", "/pay/" + token + "/return/" + payment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.prepare(h)
			w := h.get("/pay/" + token + "?wait=" + payment + c.query)
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.to {
				t.Errorf("got %d to %q, want 303 to %q", w.Code, w.Header().Get("Location"), c.to)
			}
		})
	}
}

func TestWait_whileItIsPrepared(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	reserved(h)
	h.want(h.get("/pay/"+token+"?wait="+payment+"&start=1"), http.StatusOK, "Je betaling wordt klaargezet", "&amp;start=1", "!/abort/", "!Nog niet betaald?")
}

func TestWait_atATerminal(t *testing.T) {
	t.Parallel()
	at := "/pay/" + token + "?wait=" + payment
	abort := `action="/pay/` + token + `/abort/` + payment + `?lang=nl"`
	for name, c := range map[string]struct {
		prepare func(h *house)
		query   string
		says    []string
	}{
		"it can be stopped": {func(h *house) { h.attempt(terminal()) }, "", []string{`<h1 id="text">Kijk op de &lt;terminal&gt;</h1>`, abort, "Stop deze betaling", "!Betaal op een andere manier"}},
		"while its call runs": {func(h *house) {
			reserved(h)
			h.apply(order.InterimGiven{Payment: payment, Interim: contract.Interim{Action: terminal()}})
		}, "", []string{"Kijk op de &lt;terminal&gt;", abort}},
		"its plugin cannot stop": {func(h *house) {
			h.operations = []contract.Export{contract.CreatePayment, contract.GetPayment}
			h.attempt(terminal())
		}, "", []string{"Kijk op de &lt;terminal&gt;", "!/abort/"}},
		"no words of the plugin": {func(h *house) { h.attempt(contract.Action{Type: contract.ActionWait}) }, "", []string{"Rond de betaling af op de terminal of in je app"}},
		"it is being stopped": {func(h *house) {
			h.attempt(terminal())
			h.apply(order.RequestCancelPayment{Payment: payment})
		}, "&stop=no", []string{"De betaling wordt gestopt", "Dan telt dat", "!/abort/", `!role="alert"`}},
		"it was not stopped": {func(h *house) { h.attempt(terminal()) }, "&stop=no", []string{`role="alert"`, "kon van hieruit niet worden gestopt", abort}},
		"another language":   {func(h *house) { h.attempt(terminal()) }, "&lang=fr", []string{"Look at the terminal", "Arrêter ce paiement"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.prepare(h)
			h.want(h.get(at+c.query), http.StatusOK, c.says...)
		})
	}
}

func TestAbort(t *testing.T) {
	t.Parallel()
	refused := "/pay/" + token + "?wait=" + payment + "&stop=no&lang=sv"
	for name, c := range map[string]struct {
		err    error
		wanted bool // the order says that it is being stopped
		status int
		to     string
	}{
		"being stopped": {nil, true, http.StatusSeeOther, "/pay/" + token + "?wait=" + payment + "&lang=sv"},
		"refused":       {nil, false, http.StatusSeeOther, refused},
		"cannot":        {errors.New("the plugin has no such operation"), false, http.StatusSeeOther, refused},
		"state down":    {checkout.ErrUnavailable, false, http.StatusServiceUnavailable, ""},
		"not found":     {checkout.ErrNotFound, false, http.StatusNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.attempt(terminal())
			h.abortErr = c.err
			if c.wanted {
				h.apply(order.RequestCancelPayment{Payment: payment})
			}
			w := h.post("/pay/"+token+"/abort/"+payment+"?lang=sv", nil)
			if w.Code != c.status || w.Header().Get("Location") != c.to || len(h.aborted) != 1 {
				t.Errorf("got %d to %q, want %d to %q", w.Code, w.Header().Get("Location"), c.status, c.to)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	const waits = `"text":"Je bank heeft nog niet geantwoord"`
	for name, c := range map[string]struct {
		prepare func(h *house)
		query   string
		want    string
	}{
		"pending":    {func(h *house) { h.attempt(redirect()) }, "", `{"payment":"pending","status":"pending",` + waits + `}`},
		"prepared":   {reserved, "&start=1", `{"payment":"created","status":"open","text":"Je betaling wordt klaargezet"}`},
		"to be sent": {func(h *house) { h.attempt(redirect()) }, "&start=1", `{"next":"https://bank.example/pay?x=1","payment":"pending","status":"pending",` + waits + `}`},
		"nothing to be sent to": {func(h *house) { h.attempt(contract.Action{Type: contract.ActionNone}) }, "&start=1",
			`{"next":"/pay/` + token + `/return/` + payment + `","payment":"pending","status":"pending",` + waits + `}`},
		"terminal":  {func(h *house) { h.attempt(terminal()) }, "&lang=sv", `{"payment":"pending","status":"pending","text":"Look at the terminal"}`},
		"paid":      {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateCaptured, nil) }, "", `{"next":"https://shop.example/back?status=paid","payment":"captured","status":"paid"}`},
		"cancelled": {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateCancelled, nil) }, "", `{"next":"/pay/` + token + `?from=` + payment + `&lang=nl","payment":"cancelled","status":"open"}`},
		"replaced":  {func(h *house) { h.attempt(redirect()); h.order.CancelledAt = start }, "", `{"next":"/pay/` + token + `","payment":"pending","status":"cancelled",` + waits + `}`},
		"paid, no page of the shop": {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateCaptured, nil); h.order.ReturnURL = "" }, "",
			`{"next":"/pay/` + token + `","payment":"captured","status":"paid"}`},
		"no such payment": {func(h *house) { h.attempt(redirect()) }, "x", `{"status":"pending"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.prepare(h)
			w := h.get("/pay/" + token + "/status?payment=" + payment + c.query)
			if w.Code != http.StatusOK || unescaped(w.Body.String()) != c.want || w.Header().Get("Cache-Control") != "no-store" {
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
