package host_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// A version is loaded while a payment of the one before waits at the bank;
// both end right, each by its own bytes. Then back, in one call.
func TestRollback_paymentsStayWithTheirBytes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	op := h.operator()
	old, first := h.atBank("r-1")
	op.activate(op.install(trappingPlugin(t))["digest"].(string))
	fresh, second := h.atBank("r-2")
	status, v := op.answer("POST", "/admin/v1/plugins/ideal/rollback", nil)
	if status != http.StatusOK {
		t.Fatalf("roll back: %d %v", status, v)
	}
	if got := op.state("1.0.0") + " " + op.state("1.1.0"); got != "active draining" {
		t.Errorf("the versions are %s, want active draining", got)
	}
	last, third := h.atBank("r-3")
	for _, c := range []struct {
		id, version string
		at          *browser
	}{{old, "1.0.0", first}, {fresh, "1.1.0", second}, {last, "1.0.0", third}} {
		c.at.press("outcome", "success")
		if o := h.wait(c.id, "paid"); made(o) != c.version || !same(o["captured"], 4999, "EUR") || len(payments(o)) != 1 {
			t.Errorf("order %s: by %s, captured %v in %d payments, want %s", c.id, made(o), o["captured"], len(payments(o)), c.version)
		}
	}
	a := h.send("POST", "/v1/orders/"+fresh+"/refunds", `{"amount": {"value": 1000, "currency": "EUR"}}`, "Idempotency-Key", "k-1")
	if a.Status != http.StatusCreated {
		t.Errorf("a refund of what was rolled back: %d %s", a.Status, a.Raw)
	}
}

// A gateway that comes with newer plugins in its folder finishes what the one
// before began, on the bytes that began it; what is new is made by the new.
func TestOldBytes_upgradeOfTheBinary_finishesLivePayments(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	opt := options{redis: redis.URL(), stateKey: seal.NewKey().Secret(), addr: freeAddr(t)}
	before := newHouse(t, opt)
	paid := before.paid("r-1")["id"].(string)
	waiting, bank := before.atBank("r-2")
	before.stop()

	opt.dir, opt.bankAs = t.TempDir(), before
	if err := os.WriteFile(filepath.Join(opt.dir, "ideal.wasm"), trappingPlugin(t), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, opt)
	if got := h.operator().state("1.1.0") + " " + h.operator().state("1.0.0"); got != "active draining" {
		t.Errorf("the versions are %s, want active draining", got)
	}
	bank.press("outcome", "success")
	if o := h.wait(waiting, "paid"); made(o) != "1.0.0" || len(payments(o)) != 1 {
		t.Errorf("what waited: by %s in %d payments", made(o), len(payments(o)))
	}
	a := h.send("POST", "/v1/orders/"+paid+"/refunds", `{"amount": {"value": 1000, "currency": "EUR"}}`, "Idempotency-Key", "k-1")
	if a.Status != http.StatusCreated || len(h.bank.Books().Refunds) != 1 {
		t.Errorf("a refund of what was paid before: %d %s", a.Status, a.Raw)
	}
	fresh, bank := h.atBank("r-3")
	bank.press("outcome", "success")
	if o := h.wait(fresh, "paid"); made(o) != "1.1.0" {
		t.Errorf("a new payment: by %s", made(o))
	}
}

// A version that traps for three payments goes, the last good one comes back,
// and operators see why.
func TestQuarantine_trapsForThreePayments_lastGoodComesBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	op := h.operator()
	op.activate(op.install(trappingPlugin(t))["digest"].(string))
	waiting, bank := h.atBank("r-0")
	for _, reference := range []string{"r-1", "r-2", "r-3"} {
		spec := h.spec(reference)
		spec["amount"] = map[string]any{"value": 1313, "currency": "EUR"}
		status, o := h.api("POST", "/v1/orders", spec)
		if status != http.StatusCreated {
			t.Fatalf("create: %d %v", status, o)
		}
		status, p := h.api("POST", "/v1/orders/"+o["id"].(string)+"/payments", map[string]any{"method": "ideal"})
		if status != http.StatusBadGateway || p["attempted"] != "no" {
			t.Errorf("a payment by what traps: %d %v, want 502, not attempted", status, p)
		}
	}
	h.until("the version is quarantined", func() bool { return op.state("1.1.0") == "quarantined" && op.state("1.0.0") == "active" })
	if !strings.Contains(h.logs.String(), "ALARM: plugin quarantined") {
		t.Error("the log does not say so")
	}
	if _, b := op.do("GET", "/metrics", "", nil); !bytes.Contains(b, []byte(`kassette_plugin_changes_total{plugin="ideal",what="quarantine"} 1`)) {
		t.Error("the metrics do not say so")
	}
	bank.press("outcome", "success")
	if o := h.wait(waiting, "paid"); made(o) != "1.1.0" {
		t.Errorf("its payment that waited: by %s", made(o))
	}
	spec := h.spec("r-4")
	spec["amount"] = map[string]any{"value": 1313, "currency": "EUR"}
	_, o := h.api("POST", "/v1/orders", spec)
	newBrowser(t).open(o["checkout_url"].(string)).press("method", "ideal").press("outcome", "success")
	if o := h.wait(o["id"].(string), "paid"); made(o) != "1.0.0" {
		t.Errorf("a new payment: by %s", made(o))
	}
}

// A file that is put into the folder serves without a start; one that is bad
// changes nothing and is told of; the one before comes back by its file.
func TestFolder_isWatched(t *testing.T) {
	t.Parallel()
	dir := pluginDir(t)
	h := newHouse(t, options{dir: dir})
	op := h.operator()
	file := filepath.Join(dir, "ideal.wasm")
	put := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put([]byte("<html>404</html>"))
	h.until("operators are told", func() bool { p := op.plugin(); return strings.Contains(text(p["folder_error"]), "not a Wasm module") })
	if s := op.state("1.0.0"); s != "active" {
		t.Errorf("after a bad file: %s", s)
	}
	put(trappingPlugin(t))
	h.until("the new version serves", func() bool { return op.state("1.1.0") == "active" })
	if p := op.plugin(); p["folder_error"] != nil {
		t.Errorf("the error stays: %v", p["folder_error"])
	}
	put(wasm)
	h.until("operators are told that it is older", func() bool { return strings.Contains(text(op.plugin()["folder_error"]), "older") })
	if s := op.state("1.1.0"); s != "active" {
		t.Errorf("after an older file: %s", s)
	}
}

func text(v any) string { s, _ := v.(string); return s }

// pair are two gateway processes on one Redis, with operators' listeners.
type pair struct {
	*house
	redis *redistest.Process
	key   string
	dir   string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{house: &house{t: t}, redis: redistest.Server(t), key: seal.NewKey().Secret(), dir: pluginDir(t)}
	addr := freeAddr(t)
	p.gateway = "http://" + addr
	p.openShop()
	p.openBank(options{})
	return p
}

// process starts a gateway; its operator's listener comes with it.
func (p *pair) process(addr, dir, redis string) (*child, operator) {
	p.t.Helper()
	admin := freeAddr(p.t)
	text := p.config(addr, dir, options{redis: redis, stateKey: p.key})
	text = strings.Replace(text, `admin: "127.0.0.1:1"`, `admin: "`+admin+`"`, 1)
	return startChild(p.t, addr, text), operator{p.t, "http://" + admin}
}

func (p *pair) first() string { return strings.TrimPrefix(p.gateway, "http://") }

// served says which version of ideal the gateways run, as each says of itself.
func (o operator) served() map[string]int {
	by := map[string]int{}
	for _, n := range o.plugin()["nodes"].([]any) {
		by[n.(map[string]any)["digest"].(string)]++
	}
	return by
}

// readyOn counts the gateways that have a version loaded and proven.
func (o operator) readyOn(digest string) int {
	ready := 0
	for _, n := range o.plugin()["nodes"].([]any) {
		if list, _ := n.(map[string]any)["ready"].([]any); slices.Contains(list, any(digest)) {
			ready++
		}
	}
	return ready
}

// What is activated on one node serves on the other within two seconds, and on
// one that joins later at once.
func TestTwoNodes_convergeWithinTwoSeconds_lateNodeToo(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	_, one := p.process(p.first(), p.dir, p.redis.URL())
	other := freeAddr(t)
	_, two := p.process(other, p.dir, p.redis.URL())
	p.until("both are seen", func() bool { return len(one.plugin()["nodes"].([]any)) == 2 })

	digest := one.install(trappingPlugin(t))["digest"].(string)
	began := time.Now()
	done := one.activate(digest)
	took := time.Since(began)
	if done["converged"] != 2.0 || done["total"] != 2.0 {
		t.Errorf("converged %v of %v after %s", done["converged"], done["total"], took)
	}
	if by := two.served(); by[digest] != 2 {
		t.Errorf("the nodes run %v, want %s on both", by, digest)
	}
	p.gateway = "http://" + other
	if v := p.paysBy("r-1"); v != "1.1.0" {
		t.Errorf("the other node pays by %s", v)
	}

	late := freeAddr(t)
	p.process(late, p.dir, p.redis.URL()) // its folder has the old one
	p.gateway = "http://" + late
	if v := p.paysBy("r-2"); v != "1.1.0" {
		t.Errorf("the late node pays by %s", v)
	}
	status, v := two.answer("POST", "/admin/v1/plugins/ideal/rollback", nil)
	if status != http.StatusOK || v["converged"] != v["total"] {
		t.Errorf("roll back on the other: %d %v", status, v)
	}
	if v := p.paysBy("r-3"); v != "1.0.0" {
		t.Errorf("after that the late node pays by %s", v)
	}
}

// paysBy begins a payment and tells by which version it was made.
func (p *pair) paysBy(reference string) string {
	p.t.Helper()
	id, _ := p.atBank(reference)
	_, o := p.api("GET", "/v1/orders/"+id, nil)
	return made(o)
}

// A node that is killed in the middle of an activation leaves the plugins as
// they were before its one write, or as they are after it.
func TestTwoNodes_killedInTheMiddleOfAnActivation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		written bool
		want    string
	}{"before the write": {false, "1.0.0"}, "after the write": {true, "1.1.0"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			var armed, killed atomic.Bool
			var doomed *child
			through := newProxy(t, p.redis.Addr(), func(command []byte) bool {
				if armed.Load() && bytes.Contains(bytes.ToLower(command), []byte("evalsha")) && bytes.Contains(command, []byte(":plugins\r\n")) && killed.CompareAndSwap(false, true) {
					if c.written {
						go doomed.kill()
						return true
					}
					doomed.kill()
				}
				return c.written || !killed.Load()
			})
			other := freeAddr(t)
			_, survivor := p.process(other, p.dir, p.redis.URL())
			gateway, one := p.process(p.first(), p.dir, "redis://"+through.addr())
			doomed = gateway
			digest := one.install(trappingPlugin(t))["digest"].(string)
			p.until("both have it ready, so that there is one write", func() bool { return survivor.readyOn(digest) == 2 })
			armed.Store(true)
			req, err := http.NewRequestWithContext(t.Context(), "POST", one.url+"/admin/v1/plugins/ideal/versions/"+digest+"/activate", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer operators")
			if resp, err := http.DefaultClient.Do(req); err == nil {
				resp.Body.Close()
			}
			<-doomed.dead
			p.until("the other runs what the state says", func() bool { return survivor.state(c.want) == "active" })
			p.gateway = "http://" + other
			p.until("the other pays by it", func() bool { return p.paysBy("r-"+time.Now().Format("150405.000")) == c.want })
			if !c.written {
				survivor.activate(digest) // what was begun can be done
				if v := p.paysBy("r-after"); v != "1.1.0" {
					t.Errorf("after that it pays by %s", v)
				}
			}
		})
	}
}
