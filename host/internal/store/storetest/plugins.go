package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/store"
)

var pluginRules = []rule{
	{"bytes_areHeldToTheirDigest", pluginBytes},
	{"record_isSwappedForTheOneThatWasRead", pluginRecord},
	{"recordAtOnce_oneWins", pluginRecordAtOnce},
	{"record_isHeldToItsPlugin", pluginRecordMoved},
	{"traps_areCountedByPaymentWithinTheWindow", pluginTraps},
	{"nodes_areListedWhileTheyAreSeen", pluginNodes},
}

func pluginBytes(t *testing.T, e *env) {
	b := bytes.Repeat([]byte("\x00asm"), 500_000)
	sum := sha256.Sum256(b)
	digest := hex.EncodeToString(sum[:])
	if _, err := e.Plugin(t.Context(), digest); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("no plugin: got %v, want %v", err, checkout.ErrNotFound)
	}
	if err := e.PutPlugin(t.Context(), plugin.Digest, b); err == nil {
		t.Error("put under another digest: got no error")
	}
	for range 2 {
		if err := e.PutPlugin(t.Context(), digest, b); err != nil {
			t.Fatalf("put: %v", err)
		}
	}
	if got, err := e.Plugin(t.Context(), digest); err != nil || !bytes.Equal(got, b) {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, len(b))
	}
	if err := e.b.Client.Append(t.Context(), e.key(t, "plugin:", 0), "x").Err(); err != nil {
		t.Fatalf("change the bytes: %v", err)
	}
	if _, err := e.Plugin(t.Context(), digest); !errors.Is(err, store.ErrRecord) {
		t.Errorf("changed bytes: got %v, want %v", err, store.ErrRecord)
	}
}

func pluginRecord(t *testing.T, e *env) {
	if records, rev, err := e.PluginRecords(t.Context()); err != nil || rev != 0 || len(records) != 0 {
		t.Errorf("nothing written: got %v at %d, %v", records, rev, err)
	}
	for _, step := range []struct {
		name    string
		plugin  string
		version int64
		doc     string
		want    bool
		rev     int64
	}{
		{"one that is not there yet", "ideal", 1, "never", false, 0},
		{"the first", "ideal", 0, Secrets[secretOrphan], true, 1},
		{"the first once more", "ideal", 0, "never", false, 1},
		{"another plugin, called as the counter", "rev", 0, "b", true, 2},
		{"the next", "ideal", 1, "c", true, 3},
		{"one that was changed meanwhile", "ideal", 1, "never", false, 3},
	} {
		got, err := e.SwapPluginRecords(t.Context(), checkout.PluginSwap{Plugin: step.plugin, Version: step.version, Doc: []byte(step.doc)})
		if err != nil || got != step.want {
			t.Errorf("%s: got %t, %v, want %t", step.name, got, err, step.want)
		}
		if rev, err := e.PluginsRevision(t.Context()); err != nil || rev != step.rev {
			t.Errorf("%s: revision %d, %v, want %d", step.name, rev, err, step.rev)
		}
	}
	records, rev, err := e.PluginRecords(t.Context())
	if err != nil || rev != 3 {
		t.Fatalf("read: revision %d, %v", rev, err)
	}
	same(t, "records", records, map[string]checkout.PluginRecord{"ideal": {Version: 2, Doc: []byte("c")}, "rev": {Version: 1, Doc: []byte("b")}})
}

func pluginRecordAtOnce(t *testing.T, e *env) {
	var won atomic.Int32
	atOnce(12, func(i int) {
		ok, err := e.SwapPluginRecords(t.Context(), checkout.PluginSwap{Plugin: "ideal", Doc: fmt.Appendf(nil, "of %d", i)})
		if err != nil {
			t.Errorf("swap: %v", err)
		}
		if ok {
			won.Add(1)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d wrote, want 1", won.Load())
	}
}

func pluginRecordMoved(t *testing.T, e *env) {
	if _, err := e.SwapPluginRecords(t.Context(), checkout.PluginSwap{Plugin: "ideal", Doc: []byte("a")}); err != nil {
		t.Fatalf("swap: %v", err)
	}
	place := e.key(t, "plugins", 0)
	doc, err := e.b.Client.HGet(t.Context(), place, "d:ideal").Result()
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if err := e.b.Client.HSet(t.Context(), place, "d:card", doc, "v:card", 1).Err(); err != nil {
		t.Fatalf("write: %v", err)
	}
	if _, _, err := e.PluginRecords(t.Context()); !errors.Is(err, store.ErrRecord) {
		t.Errorf("a record under another name: got %v, want %v", err, store.ErrRecord)
	}
}

func pluginTraps(t *testing.T, e *env) {
	for i, step := range []struct {
		digest, payment string
		want            int64
	}{
		{"d1", "pay_1", 1}, {"d1", "pay_1", 1}, {"d1", "pay_2", 2}, {"d2", "pay_3", 1}, {"d1", "message with {braces}", 3},
	} {
		if n, err := e.PluginTrapped(t.Context(), step.digest, step.payment, time.Hour); err != nil || n != step.want {
			t.Errorf("trap %d: got %d, %v, want %d", i+1, n, err, step.want)
		}
	}
	if err := e.ForgetTraps(t.Context(), "d2"); err != nil {
		t.Fatal(err)
	}
	if n, err := e.PluginTrapped(t.Context(), "d2", "pay_4", time.Hour); err != nil || n != 1 {
		t.Errorf("after they were forgotten: got %d, %v, want 1", n, err)
	}
	e.until(t, "the traps are of before", func() bool {
		n, err := e.PluginTrapped(t.Context(), "d1", "pay_9", short)
		return err == nil && n == 1
	})
}

func pluginNodes(t *testing.T, e *env) {
	node := func(id string) checkout.PluginNode {
		return checkout.PluginNode{ID: id, Active: map[string]string{"ideal": "d1"}, Loaded: []string{"d1"}, Folder: []string{"ideal"}}
	}
	for _, n := range []checkout.PluginNode{node("one"), node("two"), node("one"), node("three")} {
		if err := e.NodeSeen(t.Context(), n); err != nil {
			t.Fatalf("seen: %v", err)
		}
	}
	if err := e.NodeGone(t.Context(), "three"); err != nil {
		t.Errorf("gone: %v", err)
	}
	place := e.key(t, "nodes", 0)
	for name, text := range map[string]string{"old": "1000 {}", "broken": "no time"} {
		if err := e.b.Client.HSet(t.Context(), place, name, text).Err(); err != nil {
			t.Fatalf("write: %v", err)
		}
	}
	for range 2 {
		got, err := e.Nodes(t.Context())
		if err != nil {
			t.Fatalf("nodes: %v", err)
		}
		slices.SortFunc(got, func(a, b checkout.PluginNode) int { return strings.Compare(a.ID, b.ID) })
		for i := range got {
			if got[i].Silent < 0 || got[i].Silent > time.Minute || got[i].SeenAt.IsZero() {
				t.Errorf("%s was silent for %s since %s", got[i].ID, got[i].Silent, got[i].SeenAt)
			}
			got[i].Silent, got[i].SeenAt = 0, time.Time{}
		}
		same(t, "nodes", got, []checkout.PluginNode{node("one"), node("two")})
	}
	if n := e.b.Client.HLen(t.Context(), place).Val(); n != 2 {
		t.Errorf("%d nodes are kept, want 2", n)
	}
}
