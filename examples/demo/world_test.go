package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "write the pictures of TestScreenshots to this folder")

// patience is how long a condition may take to come true.
const patience = 30 * time.Second

// world is the demo with its gateway, plugin, simulator and shop, and one
// browser, for all tests of the package.
type world struct {
	gateway, admin, simulator, shop string // addresses
	browser                         context.Context
}

var (
	theWorld  world
	worldOnce = sync.OnceValue(startWorld)
	ends      []func() error // what ends the world, the last started first
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	for i := len(ends) - 1; i >= 0; i-- {
		if err := ends[i](); err != nil {
			fmt.Fprintln(os.Stderr, "end the demo:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// theDemo gives the running demo, or skips the test where there is no browser.
func theDemo(t *testing.T) *world {
	t.Helper()
	if chromium() == "" {
		t.Skip("chromium not found: run `make tools`")
	}
	if err := worldOnce(); err != nil {
		t.Fatal(err)
	}
	return &theWorld
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func startWorld() error {
	dir, err := os.MkdirTemp("", "kassette-browser-")
	if err != nil {
		return err
	}
	ends = append(ends, func() error { return os.RemoveAll(dir) })
	plugins := filepath.Join(dir, "plugins")
	for _, source := range []string{
		"plugins/ideal", "plugins/card", "plugins/bancontact", "plugins/paypal", "plugins/robokassa", "plugins/bambora", "plugins/terminal",
		"platforms/woocommerce/adapter", "platforms/magento/adapter",
	} {
		name := filepath.Base(strings.TrimSuffix(source, "/adapter"))
		build := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(plugins, name+".wasm"), "../../"+source)
		build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build the plugin %s: %w\n%s", name, err, out)
		}
	}
	env := map[string]string{"KASSETTE_DEMO_PLUGINS": plugins}
	for i, at := range []*string{&theWorld.gateway, &theWorld.admin, &theWorld.simulator, &theWorld.shop} {
		if *at, err = freeAddress(); err != nil {
			return err
		}
		env[variables[i].name] = *at
	}
	if err := theWorld.serve(func(name string) string { return env[name] }); err != nil {
		return err
	}
	return theWorld.browse(filepath.Join(dir, "profile"))
}

// freeAddress is one that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// serve runs the demo as its command does, and returns once it is ready.
func (w *world) serve(env func(string) string) error {
	ctx, cancel := context.WithCancel(context.Background())
	said, ended := &ready{seen: make(chan struct{})}, make(chan error, 1)
	go func() { ended <- demo(ctx, env, said) }()
	select {
	case <-said.seen:
	case err := <-ended:
		cancel()
		return errors.Join(errors.New("the demo ended at once"), err)
	}
	ends = append(ends, func() error { cancel(); return <-ended })
	return nil
}

// ready watches what the demo says, and is done when it says where the shop is.
type ready struct {
	seen chan struct{}
	once sync.Once
	text bytes.Buffer
}

// Write is called by one goroutine, the demo's.
func (r *ready) Write(b []byte) (int, error) {
	r.text.Write(b)
	if strings.Contains(r.text.String(), "Kassette is running") {
		r.once.Do(func() { close(r.seen) })
	}
	return len(b), nil
}

func (w *world) browse(profile string) error {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium()), chromedp.NoSandbox, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-features", "BackForwardCache,Translate"), // a page kept whole is no load, which the driver waits for
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true))
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	browser, endBrowser := chromedp.NewContext(allocator)
	ends = append(ends, func() error { endBrowser(); endAllocator(); return nil })
	w.browser = browser
	if err := chromedp.Do(browser); err != nil {
		return fmt.Errorf("start %s: %w", chromium(), err)
	}
	return nil
}

// order is an order as the API shows it, as far as the tests look.
type order struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Status    string `json:"status"`
	Checkout  string `json:"checkout_url"`
	Amount    money  `json:"amount"`
	Captured  money  `json:"captured"`
	Tip       money  `json:"tip"`
	Payments  []struct {
		ID                string `json:"id"`
		Status            string `json:"status"`
		ProviderReference string `json:"provider_reference"`
	} `json:"payments"`
}

// money is in minor units of its currency.
type money struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// order asks the API.
func (w *world) order(t *testing.T, id string) order {
	t.Helper()
	var o order
	w.call(t, http.MethodGet, "http://"+w.gateway+"/v1/orders/"+id, nil, &o)
	return o
}

// simulate operates the simulated bank.
func (w *world) simulate(t *testing.T, path string, body any) {
	t.Helper()
	w.call(t, http.MethodPost, "http://"+w.simulator+"/_sim/omnikassa"+path, body, nil)
}

func (w *world) call(t *testing.T, method, url string, body, into any) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		b = nil
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s %v", method, url, strconv.Itoa(resp.StatusCode), answer, err)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatal(err)
		}
	}
}

// eventually waits until a condition is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	end, tick := time.After(patience), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-end:
			t.Fatalf("%s: not within %v", what, patience)
		case <-tick.C:
		}
	}
}
