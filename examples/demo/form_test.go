package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// formPage serves the page of examples/form, which is a file and nothing else,
// with a form that leads to the demo's gateway.
func (w *world) formPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "form", "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(text), "http://127.0.0.1:8080", "http://"+w.gateway)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = rw.Write([]byte(page))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestForm presses the button of a page without code: as it was signed it leads
// to the choice; changed, to a page that says so, fits, has the focus on what
// is wrong, and is accessible, on a phone and at a desk, with script and without.
func TestForm(t *testing.T) {
	w, axe := theDemo(t), readAxe(t)
	page := w.formPage(t)
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			b := w.newTab(t, l)
			b.open(page)
			b.press(`form button`)
			b.arrives(w.gateway, "/pay/ord_")
			b.reads("€\u00a010,00")
			b.reads("Een gift voor de molen")
			if o := w.order(t, b.id()); o.Status != "open" || !strings.HasPrefix(o.Reference, "F-") {
				t.Errorf("got order %+v", o)
			}
			if l.noScript {
				return // what changes the form below is script
			}
			// what cannot be read has no language: the browser's is taken then
			for change, heading := range map[string]string{
				`document.getElementsByName("amount.value")[0].value = "1"`:                                  "Het formulier van de winkel is veranderd of niet door de winkel ondertekend.",
				`document.getElementsByName("signature")[0].remove()`:                                        "In het formulier van de winkel ontbreekt het veld signature.",
				`document.forms[0].append(document.getElementsByName("key")[0].cloneNode())`:                 "In het formulier van de winkel staat het veld key twee keer.",
				`document.getElementsByName("country")[0].name = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"`: "In het formulier van de winkel staat een veld dat er niet hoort: WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
				`document.forms[0].enctype = "multipart/form-data"`:                                          "This page takes the form of a shop, and none came.",
			} {
				b.open(page)
				ask[any](b, "(() => { "+change+"; return 0 })()")
				b.press(`form button`)
				b.arrives(w.gateway, "/pay/form/demo")
				if got := ask[string](b, `document.querySelector("h1").innerText`); got != heading {
					t.Errorf("%s: the page says %q, want %q", change, got, heading)
				}
				if !ask[bool](b, `document.activeElement.getAttribute("role") === "alert"`) {
					t.Errorf("%s: the focus is not on what is wrong", change)
				}
				if width := ask[int64](b, `document.documentElement.scrollWidth`); width > l.width {
					t.Errorf("%s: the page is %d px wide", change, width)
				}
				if texts := ask[[]string](b, cut); len(texts) > 0 {
					t.Errorf("%s: the page cuts %q", change, texts)
				}
				if axe != "" {
					b.accessible(t, "the refused form", axe)
				}
			}
		})
	}
}
