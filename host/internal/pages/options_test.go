package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const wallet = "/pay/" + token + "/with/wallet"

// withOptions offers a method with these ways within it.
func (h *house) withOptions(list ...contract.Option) {
	ways := offer("wallet", contract.Text{"en": "Wallet"}, "Integrator")
	ways.HasOptions = true
	h.offers = append(h.offers, ways)
	h.options = map[string][]contract.Option{"wallet": list}
}

// many are more ways than fit a screen, as an integrator offers them.
func many() []contract.Option {
	var list []contract.Option
	for _, g := range []struct {
		name, title string
		n           int
	}{{"Banks", "Bank", 24}, {"Crédit", "Société Générale", 9}, {"Terminals", "Терминал", 15}} {
		for i := range g.n {
			list = append(list, contract.Option{ID: fmt.Sprintf("%s-%d", g.name, i), Title: fmt.Sprintf("%s %d", g.title, i), Group: g.name})
		}
	}
	return list
}

func TestOptions_bad(t *testing.T) {
	t.Parallel()
	few := []contract.Option{{ID: "a", Title: "Alpha"}}
	for name, c := range map[string]struct {
		path   string
		spoil  func(h *house)
		status int
		to     string
		says   []string
	}{
		"no such order":      {"/pay/x.y/with/wallet", func(*house) {}, http.StatusNotFound, "", nil},
		"no such method":     {"/pay/" + token + "/with/other", func(*house) {}, http.StatusSeeOther, "/pay/" + token, nil},
		"without options":    {"/pay/" + token + "/with/ideal?lang=fr", func(*house) {}, http.StatusSeeOther, "/pay/" + token + "?lang=fr", nil},
		"not available":      {wallet, func(h *house) { h.offers[2].Available = false }, http.StatusSeeOther, "/pay/" + token, nil},
		"order over":         {wallet, func(h *house) { h.order.ExpiredAt = start }, http.StatusSeeOther, "/pay/" + token, nil},
		"state down":         {wallet, func(h *house) { h.offersErr = checkout.ErrUnavailable }, http.StatusServiceUnavailable, "", nil},
		"provider silent":    {wallet, func(h *house) { h.optionsErr = errors.New("secret words") }, http.StatusServiceUnavailable, "", []string{`role="alert"`, "werkt nu even niet", "Kies een andere manier van betalen", `value="ideal"`, "!secret"}},
		"none, and no error": {wallet, func(h *house) { h.options = nil }, http.StatusServiceUnavailable, "", []string{`role="alert"`, "werkt nu even niet"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			h.withOptions(few...)
			c.spoil(h)
			w := h.get(c.path)
			h.want(w, c.status, c.says...)
			if got := w.Header().Get("Location"); got != c.to {
				t.Errorf("to %q, want %q", got, c.to)
			}
		})
	}
}

func TestOptions_few(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.withOptions(contract.Option{ID: "a", Title: "Alpha", Group: "Banks"}, contract.Option{ID: "b", Title: "Beta", Group: "Phones"}, contract.Option{ID: "c", Title: "Gamma", Group: "Banks"}, contract.Option{ID: "d", Title: "Delta"})
	w := h.get(wallet)
	h.want(w, http.StatusOK, "<h1>Waarmee wil je betalen?</h1>", `name="method" value="wallet"`, `name="attempts" value="0"`, `<button class="method" name="option" value="c">`,
		`<h2 id="g0">Banks</h2>`, `aria-labelledby="g1"`, `<section class="group">`, "Betaal op een andere manier", `!type="search"`, `!class="jumps"`, `!class="logo"><img src="http`)
	page := w.Body.String()
	last := -1
	for _, title := range []string{"Alpha<", "Gamma<", "Beta<", "Delta<"} {
		at := strings.Index(page, title)
		if at <= last {
			t.Errorf("%s is not with its group", title)
		}
		last = at
	}
	if h.asked != "nl-NL" {
		t.Errorf("asked for in %q, want the order's locale", h.asked)
	}
	h.get(wallet + "?lang=ru")
	if h.asked != "ru" {
		t.Errorf("asked for in %q, want the page's language", h.asked)
	}
	if len(h.chosen) > 0 {
		t.Error("looking at options chose one")
	}
}

// A title in another language than the page's says in which.
func TestOptions_sayTheirLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.withOptions(contract.Option{ID: "a", Title: "Bank card", Group: "Cards", Lang: "en"}, contract.Option{ID: "b", Title: "Bankpas", Group: "Passen", Lang: "nl"}, contract.Option{ID: "c", Title: "Sofort", Group: "Andere"})
	h.want(h.get(wallet), http.StatusOK, `<h2 id="g0" lang="en">Cards</h2>`, `<span class="name" lang="en">Bank card</span>`,
		`<h2 id="g1">Passen</h2>`, `<span class="name">Bankpas</span>`, `<span class="name">Sofort</span>`)
	h.want(h.get(wallet+"?lang=en"), http.StatusOK, `<h2 id="g0">Cards</h2>`, `<span class="name" lang="nl">Bankpas</span>`)
}

func TestOptions_manyAreSearched(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.withOptions(many()...)
	w := h.get(wallet)
	h.want(w, http.StatusOK, `<form id="find" method="get" action="`+wallet+`"`, `<input id="q" form="find"`, `<label for="q">`, `href="#g2">Terminals<`, "!Toon alles")
	if n := strings.Count(w.Body.String(), `name="option"`); n != 48 {
		t.Errorf("%d options, want 48", n)
	}
	for q, want := range map[string]int{
		"": 48, "bank": 24, "BANK+2": 6, "banks": 24, "societe": 9, "credit+soci%C3%A9t%C3%A9+3": 1, "%D1%82%D0%B5%D1%80%D0%BC%D0%B8%D0%BD%D0%B0%D0%BB": 15, "nothing": 0, "%22%3E%3Cscript%3E": 0, "%FF": 0,
	} {
		w := h.get(wallet + "?q=" + q)
		if n := strings.Count(w.Body.String(), `name="option"`); n != want || w.Code != http.StatusOK {
			t.Errorf("?q=%s: %d options, status %d, want %d", q, n, w.Code, want)
		}
		if says := strings.Contains(w.Body.String(), ">Niets gevonden<"); says != (want == 0) {
			t.Errorf("?q=%s: says that nothing was found: %v", q, says)
		}
	}
	h.want(h.get(wallet+"?q=%22%3E%3Cscript%3E"), http.StatusOK, `value="&#34;&gt;&lt;script&gt;"`, "!\"><script>", "Toon alles", `href="?lang=bg&amp;q=%22%3E%3Cscript%3E"`)
}

func TestOptions_boundOfSearch(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{manyOptions: false, manyOptions + 1: true} {
		h := newHouse(t, nil)
		h.withOptions(many()[:n]...)
		if got := strings.Contains(h.get(wallet).Body.String(), `role="search"`); got != want {
			t.Errorf("%d options: search %v, want %v", n, got, want)
		}
		if got := strings.Count(h.get(wallet+"?q=nothing").Body.String(), `name="option"`); (got == 0) != want {
			t.Errorf("%d options: a query leaves %d", n, got)
		}
	}
}

func TestOptionLogo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ logo, want string }{
		"none":             {"", ""},
		"an SVG":           {"<svg/>", "data:image/svg+xml;base64,PHN2Zy8+"},
		"a picture":        {"data:image/png;base64,AAAA", "data:image/png;base64,AAAA"},
		"elsewhere":        {"https://cdn.example/a.png", ""},
		"a page":           {"data:text/html;base64,AAAA", ""},
		"no base64":        {`data:image/png;base64,"><script>`, ""},
		"script":           {"javascript:alert(1)", ""},
		"too large":        {"<svg>" + strings.Repeat("a", maxOptionLogo), ""},
		"not only letters": {"data:image/png;base64,ÄÄ", ""},
	} {
		if got := string(optionLogo(c.logo)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	h := newHouse(t, nil)
	h.withOptions(contract.Option{ID: "a", Title: "Alpha", Logo: logo}, contract.Option{ID: "b", Title: "Beta", Logo: "https://cdn.example/b.png"})
	h.want(h.get(wallet), http.StatusOK, `<span class="logo"><img src="data:image/svg&#43;xml;base64,`, `<span class="logo"></span>`, "!cdn.example")
}
