package host_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
)

// echoed is what the echo plugin told its provider, by the path it was told at.
type echoed struct {
	mu  sync.Mutex
	all map[string]map[string]string
}

func (e *echoed) at(path string) map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all[path]
}

// newEchoHouse is a house with the echo plugin alone.
func newEchoHouse(t *testing.T, prefix, more string) (*house, *echoed) {
	t.Helper()
	e := &echoed{all: map[string]map[string]string{}}
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var what map[string]string
		if err := json.NewDecoder(r.Body).Decode(&what); err == nil {
			e.mu.Lock()
			e.all[r.URL.Path] = what
			e.mu.Unlock()
		}
		fmt.Fprint(w, "{}")
	}))
	t.Cleanup(provider.Close)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "echo.wasm"), plugintest.Build(t, "./testdata/echo"), 0o600); err != nil {
		t.Fatal(err)
	}
	return newHouse(t, options{prefix: prefix, dir: dir, edit: func(text string) string {
		text, _, _ = strings.Cut(text, "accounts:\n")
		return strings.Replace(text, "  grants:\n", "  grants:\n    echo: {operations: [create_payment, complete_payment]}\n", 1) + more + fmt.Sprintf(`
accounts:
  - id: echo
    shop: demo
    provider: echo
    settings: {base: "%[1]s"}
    hosts: {"%[2]s": {allow_private: true, allow_http: true}}
`, provider.URL, strings.TrimPrefix(provider.URL, "http://"))
	}}), e
}

// A plugin is given addresses below the path of public_url: those the provider
// leads consumers back to, and that of its webhooks.
func TestMounted_pluginIsGivenAddressesBelowThePath(t *testing.T) {
	t.Parallel()
	h, e := newEchoHouse(t, "/till", "")
	o := h.create("r-1")
	newBrowser(t).stays().open(o["checkout_url"].(string)).press("method", "echo")
	got := e.at("/create")
	page := o["checkout_url"].(string)
	payment := payments(h.get(o["id"].(string)))[0]["id"].(string)
	for name, want := range map[string]string{"return": page + "/return/" + payment, "cancel": page, "webhook": h.gateway + "/webhooks/echo"} {
		if got[name] != want || !strings.HasPrefix(want, h.gateway+"/") || !strings.HasSuffix(h.gateway, "/till") {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
}

// Where a consumer came from is what the connection says: a header counts only
// if a trusted proxy wrote it.
func TestReturn_remoteIPIsTheConnections(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ more, want string }{
		"nobody is trusted": {"", "127.0.0.1"},
		"another proxy is":  {"trusted_proxies: [192.0.2.0/24]\n", "127.0.0.1"},
		"this proxy is":     {"trusted_proxies: [127.0.0.0/8]\n", "198.51.100.7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, e := newEchoHouse(t, "", c.more)
			o := h.create("r-1")
			newBrowser(t).stays().open(o["checkout_url"].(string)).press("method", "echo")
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.at("/create")["return"], nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Forwarded-For", "203.0.113.9, 198.51.100.7")
			req.Header.Set("X-Real-IP", "203.0.113.9")
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := e.at("/complete")["remote_ip"]; got != c.want {
				t.Errorf("remote_ip: got %q, want %q", got, c.want)
			}
		})
	}
}
