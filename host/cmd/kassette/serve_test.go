package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator"
)

// lines is what a process writes while others read it.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *lines) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// freeAddr is an address that was free a moment ago.
func freeAddr(t *testing.T) string { t.Helper(); return redistest.FreeAddr(t) }

// gateway is a served configuration with a shop and a state in Redis.
type gateway struct {
	*running
	dir, config, addr, admin string
	redis                    *redistest.Process
}

func serveGateway(t *testing.T) *gateway {
	t.Helper()
	redis := redistest.Server(t)
	g := &gateway{dir: t.TempDir(), addr: freeAddr(t), admin: freeAddr(t), redis: redis}
	g.config = write(t, g.dir, "kassette.yaml", fmt.Sprintf(`
listen: {gateway: "%s", admin: "%s"}
admin_key: %s
redis: {url: "%s"}
state_keys: ["%s"]
plugins: {folder: .}
shops:
  - id: demo
    name: Demo
    origins: ["https://shop.example"]
    keys: [{id: demo, key: key-of-the-shop-in-this-test, scopes: ["orders:write", "orders:read"]}]
`, g.addr, g.admin, secret, redis.URL(), seal.NewKey().Secret()))
	g.running = start(t, g.dir, nil, "--config", g.config, "serve", "--cache-dir", "cache")
	g.until("the gateway is ready", func() bool {
		status, _ := ask(t, "GET", "http://"+g.admin+"/ready", "")
		return status == http.StatusOK
	})
	return g
}

// ask sends a request; status 0 means that nobody answers.
func ask(t *testing.T, method, url, body string) (int, []byte) {
	t.Helper()
	return askWith(t, "key-of-the-shop-in-this-test", method, url, body)
}

// askWith asks with a shop's key.
func askWith(t *testing.T, key, method, url, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text
}

// order makes an order and gives its id.
func (g *gateway) order(reference string) string {
	g.t.Helper()
	status, text := ask(g.t, "POST", "http://"+g.addr+"/v1/orders", `{"reference": "`+reference+`", "amount": {"value": 4999, "currency": "EUR"},
		"description": "drie wafels", "return_url": "https://shop.example/thanks", "cancel_url": "https://shop.example/basket"}`)
	var o struct{ ID string }
	if err := json.Unmarshal(text, &o); err != nil || status != http.StatusCreated {
		g.t.Fatalf("create: %d %s", status, text)
	}
	return o.ID
}

// kassette runs another command on the same configuration.
func (g *gateway) kassette(args ...string) result {
	g.t.Helper()
	return runIn(g.t, g.dir, nil, append([]string{"--config", g.config}, args...)...)
}

// A gateway serves, other commands look at its state beside it, and it ends
// with status 0 when it is told to. Its log is JSON on standard error.
func TestServe_orderShow_check(t *testing.T) {
	t.Parallel()
	g := serveGateway(t)
	g.kassette("check").says(t, 0, []string{"orders checked: 0", "redis.url"}, []string{"shop demo: 0 orders checked"})
	id, other := g.order("2026-0001"), g.order("2026-0002")

	g.kassette("order", "show", id).says(t, 0, []string{id, "reference 2026-0001 of shop demo", "open", "49.99", "told"}, nil)
	for _, unknown := range []string{"ord_1701M8EJFD469WMJ1E4RRBR14QVX", "2026-0001", "nonsense", id + "0"} {
		g.kassette("order", "show", unknown).says(t, 1, nil, []string{"kassette: there is no order", unknown})
	}
	g.kassette("check").says(t, 0, []string{"orders checked: 2, all well\n"}, []string{"shop demo: 2 orders checked, 0 broken"})

	g.losesEvents(other)
	g.kassette("check").says(t, 1, []string{other + ": "}, []string{"kassette: 1 of 2 orders break an invariant"})
	if r := g.kassette("check"); strings.Contains(r.out, id) {
		t.Errorf("an order that is well stands among the broken ones:\n%s", r.out)
	}

	ended := g.end(syscall.SIGTERM)
	ended.says(t, 0, nil, []string{`"msg":"serving"`, g.addr})
	for line := range strings.Lines(ended.err) {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is no JSON: %s", line)
		}
	}
	g.redis.Kill()
	g.kassette("order", "show", id).says(t, 1, nil, []string{g.redis.Addr(), "is Redis running there?"})
}

// losesEvents takes an order's events out of the state.
func (g *gateway) losesEvents(id string) {
	g.t.Helper()
	c := g.redis.Client()
	keys, err := c.Keys(g.t.Context(), "*:events:"+id).Result()
	if err != nil || len(keys) != 1 {
		g.t.Fatalf("the events of %s: %v %v", id, keys, err)
	}
	if err := c.Del(g.t.Context(), keys[0]).Err(); err != nil {
		g.t.Fatal(err)
	}
}

// Ctrl-C ends a gateway as SIGTERM does, and what it listened on is free.
func TestServe_interrupted(t *testing.T) {
	t.Parallel()
	g := serveGateway(t)
	g.end(syscall.SIGINT).says(t, 0, nil, []string{"serving"})
	for _, addr := range []string{g.addr, g.admin} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Errorf("%s is not free: %v", addr, err)
			continue
		}
		_ = l.Close()
	}
}

var simulatedAt = regexp.MustCompile(`is simulated at (http://\S+), its control API at (http://\S+)\. `)

// Every simulator is listed by name, serves at the root with its control API
// below /_sim, and ends when it is told to.
func TestSimulate(t *testing.T) {
	t.Parallel()
	kassette(t, "simulate").says(t, 0, []string{strings.Join(simulator.All(), "\n") + "\n"}, nil)
	for _, name := range simulator.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, t.TempDir(), nil, "simulate", name, "--addr", "127.0.0.1:0")
			r.until("it says where it is", func() bool { return simulatedAt.MatchString(r.out.String()) })
			at := simulatedAt.FindStringSubmatch(r.out.String())
			if strings.HasSuffix(at[1], ":0") || at[2] != at[1]+"/_sim/"+name+"/" {
				t.Fatalf("it is at %s, its control API at %s", at[1], at[2])
			}
			if status, body := ask(t, "GET", at[2]+"books", ""); status != http.StatusOK || !json.Valid(body) {
				t.Errorf("its books: %d %s", status, body)
			}
			if status, body := ask(t, "POST", at[2]+"faults", `{"faults": [{"name": "no such fault"}]}`); status != http.StatusBadRequest || !bytes.Contains(body, []byte("known faults are")) {
				t.Errorf("an unknown fault: %d %s", status, body)
			}
			if status, body := ask(t, "POST", at[2]+"nothing", ""); status != http.StatusNotFound || !bytes.Contains(body, []byte("GET /books")) {
				t.Errorf("an unknown control: %d %s", status, body)
			}
			if status, body := ask(t, "GET", at[1]+"/", ""); status == 0 || bytes.Contains(body, []byte("Simulators of payment providers")) {
				t.Errorf("the root is not the provider's: %d %s", status, body)
			}
			if got := r.end(syscall.SIGTERM); got.status != 0 {
				t.Errorf("status: got %d, want 0\n%s", got.status, got.err)
			}
		})
	}
}

// TestBaseURL: what a simulator hands out can be opened on this machine.
func TestBaseURL(t *testing.T) {
	t.Parallel()
	for addr, want := range map[net.Addr]string{
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9001}:    "http://127.0.0.1:9001",
		&net.TCPAddr{IP: net.IPv4zero, Port: 9001}:              "http://127.0.0.1:9001",
		&net.TCPAddr{IP: net.IPv6unspecified, Port: 9001}:       "http://127.0.0.1:9001",
		&net.TCPAddr{IP: net.IPv6loopback, Port: 9001}:          "http://[::1]:9001",
		&net.UnixAddr{Name: "/run/simulator.sock", Net: "unix"}: "http:///run/simulator.sock",
	} {
		if got := baseURL(addr); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}
