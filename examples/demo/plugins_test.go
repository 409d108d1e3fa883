package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// operator runs kassette's commands against the demo, as its developer does.
type operator struct {
	t       *testing.T
	w       *world
	command string
}

func newOperator(t *testing.T, w *world) operator {
	t.Helper()
	o := operator{t, w, filepath.Join(t.TempDir(), "kassette")}
	if out, err := exec.Command("go", "build", "-o", o.command, "../../host/cmd/kassette").CombinedOutput(); err != nil {
		t.Fatalf("build kassette: %v\n%s", err, out)
	}
	return o
}

// plugin runs kassette plugin …, and gives what it says.
func (o operator) plugin(args ...string) string {
	o.t.Helper()
	c := exec.Command(o.command, append([]string{"plugin"}, args...)...)
	c.Env = append(os.Environ(), "KASSETTE_ADMIN_URL=http://"+o.w.admin, "KASSETTE_ADMIN_KEY=demo")
	out, err := c.CombinedOutput()
	if err != nil {
		o.t.Fatalf("kassette plugin %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// hello builds the tutorial's plugin in a version.
func (o operator) hello(version string) string {
	o.t.Helper()
	dir := o.t.TempDir()
	source, err := filepath.Abs("../hello-plugin/describe.go")
	if err != nil {
		o.t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		o.t.Fatal(err)
	}
	changed := strings.Replace(string(text), `Version: "1.0.0"`, `Version: "`+version+`"`, 1)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{source: filepath.Join(dir, "describe.go")}})
	if err != nil {
		o.t.Fatal(err)
	}
	for name, b := range map[string][]byte{"describe.go": []byte(changed), "overlay.json": overlay} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			o.t.Fatal(err)
		}
	}
	wasm := filepath.Join(dir, "hello.wasm")
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-buildmode=c-shared", "-trimpath", "-ldflags", "-s -w", "-o", wasm, "../hello-plugin")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		o.t.Fatalf("build hello %s: %v\n%s", version, err, out)
	}
	return wasm
}

// helloWaits orders, chooses Hello and stays at its page.
func (b *tab) helloWaits() (id string) {
	b.t.Helper()
	id = b.order()
	b.helloChosen()
	return id
}

func (b *tab) helloChosen() {
	b.t.Helper()
	b.press(`button[name=method][value=hello]`)
	b.arrives(b.w.simulator, "/hello/pay/")
}

// helloVersion is the version of the plugin that made an order's only payment.
func (w *world) helloVersion(t *testing.T, id string) string {
	t.Helper()
	var o struct {
		Status   string
		Payments []struct {
			Plugin struct{ Name, Version string }
		}
	}
	w.call(t, http.MethodGet, "http://"+w.gateway+"/v1/orders/"+id, nil, &o)
	if len(o.Payments) != 1 || o.Status != "paid" {
		t.Fatalf("order %s: %+v", id, o)
	}
	return o.Payments[0].Plugin.Name + "@" + o.Payments[0].Plugin.Version
}

// While the demo runs a plugin is installed, and its method appears and takes
// a payment. A second version comes while payments of the first wait at the
// provider; both end right. It is rolled back, and removed.
func TestPlugin_installedReplacedRolledBackRemoved(t *testing.T) {
	w := theDemo(t)
	o := newOperator(t, w)
	first, second := o.hello("1.0.0"), o.hello("1.1.0")
	for _, l := range []look{phone, desk} {
		t.Run(l.String(), func(t *testing.T) {
			o := operator{t, w, o.command}
			b := w.newTab(t, l)
			paid := b.order()
			b.has("hello", false)
			t.Cleanup(func() { o.plugin("retire", "hello", "1.0.0", "--yes") })
			if out := o.plugin("install", first, "--yes"); l == phone && !strings.Contains(out, "api_key: bearer") {
				t.Errorf("install does not show what is asked for:\n%s", out)
			}
			b.reload()
			b.has("hello", true)

			b.helloChosen()
			b.decide("success")
			b.thanked(t)

			waiting := b.helloWaits()
			other := w.newTab(t, l)
			o.plugin("install", second, "--yes")
			fresh := other.helloWaits()
			b.decide("success")
			b.thanked(t)
			other.decide("success")
			other.thanked(t)

			o.plugin("rollback", "hello", "--yes")
			again := b.helloWaits()
			b.decide("success")
			b.thanked(t)
			for id, want := range map[string]string{paid: "1.0.0", waiting: "1.0.0", fresh: "1.1.0", again: "1.0.0"} {
				if got := w.helloVersion(t, id); got != "hello@"+want {
					t.Errorf("order %s was paid by %s, want %s", id, got, want)
				}
			}

			o.plugin("retire", "hello", "1.0.0", "--yes")
			b.order()
			b.has("hello", false)
		})
	}
}

// has holds whether the choice page offers a method.
func (b *tab) has(method string, want bool) {
	b.t.Helper()
	if got := ask[bool](b, fmt.Sprintf(`document.querySelector('button[name=method][value=%s]') !== null`, method)); got != want {
		b.t.Errorf("the page offers %s: %t, want %t", method, got, want)
	}
}

// reload loads the page anew.
func (b *tab) reload() {
	b.t.Helper()
	b.open(b.where())
}
