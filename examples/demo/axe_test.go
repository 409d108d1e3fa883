package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axePath is where `make tools` puts the checker of accessibility.
var axePath = filepath.Join("..", "..", "build", "tools", "node_modules", "axe-core", "axe.min.js")

// readAxe reads the checker, or gives nothing where it is not installed.
func readAxe(t *testing.T) string {
	t.Helper()
	axe, err := os.ReadFile(axePath)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(axe)
}

// TestAxe has axe-core look at every page that a consumer of the demo sees, on
// a phone in Dutch and at a dark desk in Bulgarian: no violation.
func TestAxe(t *testing.T) {
	axe := readAxe(t)
	if axe == "" {
		t.Skip("axe-core not found: run `make tools`")
	}
	w := theDemo(t)
	dark := desk
	dark.dark = true
	for lang, l := range map[string]look{"nl": phone, "bg": dark} {
		t.Run(lang, func(t *testing.T) {
			b := w.newTab(t, l)
			check := func(page string) { b.accessible(t, page, axe) }
			b.open("http://" + w.shop + "/?lang=" + lang)
			check("the shop, empty")
			b.fill(lang)
			check("the shop, with a basket")
			b.press(`#order`)
			b.arrives(w.gateway, "/pay/")
			id, choice := b.id(), b.where()
			check("the choice")
			b.choose("ideal")
			check("the bank")
			b.decide("open")
			b.arrives(w.gateway, "/pay/")
			b.until(`document.querySelector("[data-status]") !== null`)
			check("the waiting page")
			b.open(choice)
			check("the choice with an attempt under way")
			b.press(`.going a`) // the bank has nothing to ask any more, and leads back
			w.simulate(t, "/next", map[string]string{"order": w.order(t, id).Payments[0].ProviderReference, "outcome": "success"})
			b.arrives(w.shop, "/thanks")
			check("the shop's thanks")
			b.ordersAt("woocommerce")
			check("shops on other platforms")
			b.open(choice)
			check("the result")
			b.open("http://" + w.shop + "/story?order=" + id)
			check("the story")
			b.open("http://" + w.gateway + "/docs")
			check("the documents")
			b.open("http://" + w.shop + "/?currency=RUB&lang=" + lang)
			b.fill(lang)
			b.press(`#order`)
			b.arrives(w.gateway, "/pay/")
			b.press(`button[name=method][value=robokassa]`)
			b.until(`document.querySelector("button[name=option]") !== null`)
			check("the options")
			b.press(`button[name=option]`)
			b.arrives(w.simulator, "/robokassa/")
			check("the other provider")
		})
	}
}

// accessible has axe look at the page that is shown.
func (b *tab) accessible(t *testing.T, page, axe string) {
	t.Helper()
	b.until(`document.readyState === "complete"`)
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](axe+"\n;true"))
	b.do("load axe", err)
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v =>
		v.id + " (" + v.impact + "): " + v.help + "\n" + v.nodes.map(n => "  " + n.html.slice(0, 160)).join("\n")))`, chromedp.EvalAwaitPromise))
	b.do("run axe", err)
	if len(found) > 0 {
		t.Errorf("%s, %s:\n%s", page, b.where(), strings.Join(found, "\n"))
	}
}
