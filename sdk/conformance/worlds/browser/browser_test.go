package browser_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance/worlds/browser"
)

// site is one page below a path, and what its form brings.
func site(got *url.Values) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /shop/start", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "page?x=1", http.StatusSeeOther) })
	mux.HandleFunc("GET /shop/page", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<form method="post" action="other"><button name="outcome" value="no"></form>`+
			`<form method="post" action="pay"><input type="hidden" name="token" value="a&amp;b"><select id="w" name="way">`+
			`<option value="one">1</option><option value="t&amp;o" selected>2</option></select><button name="outcome" value="yes"></form>`)
	})
	mux.HandleFunc("POST /shop/pay", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		*got = r.PostForm
		http.Redirect(w, r, "https://shop.example/thanks?id=1", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /shop/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "loop", http.StatusSeeOther) })
	return mux
}

func TestPress(t *testing.T) {
	t.Parallel()
	var got url.Values
	b := browser.Visit(site(&got), "/shop/start")
	if b.At != "/shop/page?x=1" || b.Gone != "" {
		t.Fatalf("the browser is at %q, gone to %q", b.At, b.Gone)
	}
	if err := b.Press("outcome", "maybe"); err == nil {
		t.Error("a button that is not there was pressed")
	}
	if err := b.Press("outcome", "yes"); err != nil {
		t.Fatal(err)
	}
	if want := "outcome=yes&token=a%26b&way=t%26o"; got.Encode() != want {
		t.Errorf("got the form %s, want %s", got.Encode(), want)
	}
	if b.Gone != "https://shop.example/thanks?id=1" {
		t.Errorf("gone to %q", b.Gone)
	}
}

func TestPost(t *testing.T) {
	t.Parallel()
	var got url.Values
	if b := browser.Post(site(&got), "/shop/pay", url.Values{"a": {"ä&"}}); b.Gone == "" || got.Get("a") != "ä&" {
		t.Errorf("gone to %q with %s", b.Gone, got.Encode())
	}
}

func TestVisit_loop(t *testing.T) {
	t.Parallel()
	if b := browser.Visit(site(new(url.Values)), "/shop/loop"); b.At != "/shop/loop" || b.Gone != "" {
		t.Errorf("the browser is at %q, gone to %q", b.At, b.Gone)
	}
}
