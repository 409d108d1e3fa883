package call_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/registry"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const (
	houseKey   = "canary-of-the-house"
	houseToken = "canary-token-of-the-house"
	reference  = "7FABCDEFGHIJKLMNOPQRSTUV"
	// houseSandboxes is how many may run at once: the cores of a small machine.
	houseSandboxes = 2
)

// house is everything a call needs, as it is in the host: a plugin in the
// sandbox, the guarded client, the state.
type house struct {
	account  checkout.Account
	engine   sandbox.Engine
	registry *registry.Registry
	state    *store.Redis
	client   *egress.Client
	provider *httptest.Server
	plugin   order.Plugin

	mu   sync.Mutex
	late time.Duration // what the clock is ahead
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.late)
}

func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.late += d
}

func (h *house) Account(string) (checkout.Account, error) { return h.account, nil }

// newHouse builds a house around one plugin.
func newHouse(t *testing.T, provider *httptest.Server, plugin string, wasm []byte) *house {
	h := &house{provider: provider}
	t.Cleanup(h.provider.Close)
	h.account = checkout.Account{
		ID: "acc_house", Provider: "house", Settings: json.RawMessage(`{"base":"` + h.provider.URL + `"}`),
		Secrets: map[string]string{"key": houseKey},
		Hosts:   map[string]checkout.HostRule{h.provider.Listener.Addr().String(): {AllowPrivate: true, AllowHTTP: provider.TLS == nil}},
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, plugin+".wasm"), wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.engine, err = sandbox.New(sandbox.Limits{Concurrent: houseSandboxes, CacheDir: cacheDir(t)}); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	if h.state, err = store.OpenEmbedded(t.Context(), store.Options{Seal: ring, Clock: h.now, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	operations := []contract.Export{contract.CreatePayment, contract.GetPayment}
	h.registry, err = registry.Load(t.Context(), registry.Options{
		Dir: dir, Engine: h.engine, State: h.state, AllowUnsigned: true, Accounts: func() []checkout.Account { return []checkout.Account{h.account} }, Logger: slog.New(slog.DiscardHandler),
		Grants: map[string]checkout.Grant{plugin: {Hosts: []string{"tiny.example"}, Secrets: []string{"key"}, Operations: operations}},
	})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if cert := provider.Certificate(); cert != nil {
		roots.AddCert(cert)
	}
	h.client = egress.New(egress.Options{Roots: roots, Clock: h.now})
	t.Cleanup(func() {
		h.client.Close()
		if err := errors.Join(h.registry.Close(context.Background()), h.engine.Close(context.Background()), h.state.Close()); err != nil {
			t.Error(err)
		}
	})
	v, err := h.registry.Active(plugin)
	if err != nil {
		t.Fatal(err)
	}
	h.plugin = v.Plugin
	return h
}

// cacheDir keeps compiled plugins between runs of the tests.
func cacheDir(t *testing.T) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return t.TempDir()
	}
	return filepath.Join(dir, "kassette-plugintest")
}

func (h *house) runner(node string, s call.Sender) *call.Runner {
	return call.New(call.Options{Journal: h.state, Vault: h.state, Sender: s, Modules: h.registry, Accounts: h, Clock: h.now, Node: node})
}

func (h *house) call(e contract.Export) checkout.Call {
	now := h.now()
	payment := contract.CannedPayment()
	payment.Reference = reference
	input, _ := json.Marshal(contract.PaymentInput{Payment: payment})
	return checkout.Call{
		ID: checkout.NewCallID(checkout.PartitionOfName("house"), now), Export: e, Plugin: h.plugin, Account: h.account.ID,
		Order: "ord_7f", Payment: "pay_1", Input: input, Now: now,
	}
}

// bank is the provider: it wants the key for a token and the token for an order.
type bank struct {
	t       *testing.T
	mu      sync.Mutex
	orders  int
	arrived chan struct{}
	answer  chan struct{}
}

func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mac := hmac.New(sha256.New, []byte(houseKey))
	mac.Write([]byte(reference))
	body, _ := io.ReadAll(r.Body)
	auth := r.Header.Get("Authorization")
	switch r.URL.Path {
	case "/token":
		if auth == "Bearer "+houseKey {
			_, _ = io.WriteString(w, `{"token":"`+houseToken+`"}`)
			return
		}
	case "/orders":
		b.mu.Lock()
		b.orders++
		b.mu.Unlock()
		if auth == "Bearer "+houseToken && string(body) == hex.EncodeToString(mac.Sum(nil)) {
			_, _ = io.WriteString(w, "P-1")
			return
		}
	case "/slow":
		b.arrived <- struct{}{}
		<-b.answer
		_, _ = io.WriteString(w, strings.Repeat("x", tinyGrown))
		return
	}
	b.t.Errorf("%s with %q and %q", r.URL.Path, auth, body)
	w.WriteHeader(http.StatusUnauthorized)
}

// count gives the orders since it was last asked.
func (b *bank) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.orders
	b.orders = 0
	return n
}

// TestHouse runs calls with the real sandbox, client and state. One house
// serves all, since compiling a Go plugin takes its time.
func TestHouse(t *testing.T) {
	t.Parallel()
	b := &bank{t: t}
	h := newHouse(t, httptest.NewTLSServer(b), "house", plugintest.Build(t, "./testdata/house"))
	t.Run("payment created under a kept token", func(t *testing.T) { h.creates(t, b) })
	t.Run("crash after sending, resumed as unknown", func(t *testing.T) { h.crashes(t, b) })
	t.Run("no journal, given up for good", func(t *testing.T) { h.givesUp(t, b) })
}

func (h *house) creates(t *testing.T, b *bank) {
	a := h.runner("a", h.client)
	for i := range 2 { // the second finds the token
		e, err := a.Run(t.Context(), h.call(contract.CreatePayment))
		if err != nil || e.Failure != nil {
			t.Fatalf("call %d: got %v, %v", i+1, e.Failure, err)
		}
		if !strings.Contains(string(e.Result), h.provider.URL+"/pay/P-1") || e.Outcome != order.OutcomeKnown || !e.Verified {
			t.Errorf("call %d: got %s, %q, verified %v", i+1, e.Result, e.Outcome, e.Verified)
		}
		for _, field := range e.Journal.Fields {
			if strings.Contains(string(field), "canary") {
				t.Error("a secret is in the journal")
			}
		}
	}
	if n := b.count(); n != 2 {
		t.Errorf("orders at the provider: got %d, want 2", n)
	}
}

// cutOff is a Sender whose node goes down once an order was sent.
type cutOff struct {
	client *egress.Client
	sent   chan struct{}
	dead   chan struct{}
}

func (c cutOff) Send(ctx context.Context, o egress.Outbound) egress.Answer {
	a := c.client.Send(ctx, o)
	if o.Request.Method == http.MethodPost {
		close(c.sent)
		<-c.dead
	}
	return a
}

func (h *house) crashes(t *testing.T, b *bank) {
	cut := cutOff{h.client, make(chan struct{}), make(chan struct{})}
	c := h.call(contract.CreatePayment)
	slow := make(chan error)
	go func() {
		_, err := h.runner("a", cut).Run(context.Background(), c)
		slow <- err
	}()
	<-cut.sent
	other := h.runner("b", h.client)
	if _, _, err := other.Resume(t.Context(), c.ID, nil); !errors.Is(err, call.ErrElsewhere) {
		t.Errorf("Resume at once: got %v, want ErrElsewhere", err)
	}
	h.later(time.Minute)
	got, e, err := other.Resume(t.Context(), c.ID, nil)
	if err != nil || e.Outcome != order.OutcomeUnknown || e.Failure == nil || got.ID != c.ID {
		t.Fatalf("Resume: got %+v, %v; want a failure, unknown", e, err)
	}
	if err := other.End(t.Context(), c.ID, e.Journal); err != nil {
		t.Error(err)
	}
	if _, again, err := other.Resume(t.Context(), c.ID, nil); err != nil || again.Outcome != e.Outcome || again.Failure.Error() != e.Failure.Error() {
		t.Errorf("Resume after its end: got %+v, %v; want the same end", again, err)
	}
	close(cut.dead)
	if err := <-slow; !errors.Is(err, call.ErrElsewhere) {
		t.Errorf("the node that was slow: got %v, want ErrElsewhere", err)
	}
	if n := b.count(); n != 1 {
		t.Errorf("orders at the provider: got %d, want 1", n)
	}
}

func (h *house) givesUp(t *testing.T, b *bank) {
	a, c := h.runner("a", h.client), h.call(contract.CreatePayment)
	for _, id := range []string{c.ID, c.ID, "no id"} {
		if _, _, err := a.Resume(t.Context(), id, nil); !errors.Is(err, checkout.ErrNoJournal) {
			t.Errorf("Resume(%s): got %v, want ErrNoJournal", id, err)
		}
	}
	_, err := a.Run(t.Context(), c)
	if n := b.count(); !errors.Is(err, call.ErrElsewhere) || n != 0 {
		t.Errorf("Run: got %v and %d orders, want ErrElsewhere and none", err, n)
	}
}

// TestHouse_twoHundredCallsWaitForAFiveSecondProvider_noSandboxIsHeld: the
// provider answers once all calls have asked, which stands for its five
// seconds. At that moment no sandbox is in use, and never were more than two.
func TestHouse_twoHundredCallsWaitForAFiveSecondProvider_noSandboxIsHeld(t *testing.T) {
	t.Parallel()
	const calls = 200
	b := &bank{t: t, arrived: make(chan struct{}, calls), answer: make(chan struct{})}
	const manifest = `{"contract":"1","name":"tiny","version":"1.0.0","kind":"payment","provider":"tiny","title":{"en":"Tiny"},
		"hosts":["tiny.example"],"operations":["create_payment","get_payment"],"settings_schema":{"type":"object"},
		"methods":[{"id":"tiny","title":{"en":"Tiny"},"currencies":{"EUR":{}},"rank":1,"flow":"redirect"}]}`
	provider := httptest.NewServer(b)
	h := newHouse(t, provider, "tiny", tiny(manifest, `{"need":{"requests":[{"method":"GET","url":"`+provider.URL+`/slow","timeout_ms":30000}]}}`, `{"result":{"updates":[]}}`))
	a := h.runner("a", h.client)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			if e, err := a.Run(context.Background(), h.call(contract.GetPayment)); err != nil || e.Failure != nil || !e.Verified {
				t.Errorf("call %d: got %+v, %v", i, e, err)
			}
		})
	}
	for range calls {
		<-b.arrived
	}
	now, _ := h.engine.(sandbox.Gauge).InUse()
	close(b.answer)
	wg.Wait()
	if _, peak := h.engine.(sandbox.Gauge).InUse(); now != 0 || peak > houseSandboxes {
		t.Errorf("sandboxes in use: %d while all waited, %d at most; want 0 and at most %d", now, peak, houseSandboxes)
	}
}
