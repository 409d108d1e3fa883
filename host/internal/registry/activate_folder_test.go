package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// A file that is put into one node's folder serves on both, and comes back
// where the folder is empty.
func TestFolder_ofOneNode_servesOnAll(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	one := load(t, o)
	other := o
	other.Node, other.Dir = "two", t.TempDir()
	two := load(t, other)
	run(t, one)
	run(t, two)
	serves(t, two, "1.0.0")
	write(t, o, map[string][]byte{"tulip.wasm": tulip(t, "1.1.0")})
	for _, r := range []*Registry{one, two} {
		until(t, func() bool { v, err := r.Active("tulip"); return err == nil && v.Plugin.Version == "1.1.0" })
	}
}

// One node's empty folder takes no method from all; the last one's does.
func TestFolder_pluginGoesWithTheLastFile(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	one := load(t, o)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- one.Run(ctx) }()
	late := o
	late.Node, late.Dir = "two", t.TempDir()
	serves(t, load(t, late), "1.0.0")
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	serves(t, load(t, late), "")
	serves(t, load(t, o), "1.0.0") // the file is there: it comes back
}

// until waits for a condition, at most half a minute.
func until(t testing.TB, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatal("still not")
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}

// A file that reaches another node's folder after its version was rolled back
// does not bring it back.
func TestFolder_versionPassedOver_staysOut(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	one := load(t, o)
	other := o
	other.Node, other.Dir = "two", t.TempDir()
	two := load(t, other)
	put := func(o Options) {
		write(t, o, map[string][]byte{"tulip.wasm": tulip(t, "1.1.0")})
		settled := time.Now().Add(-time.Minute)
		if err := os.Chtimes(filepath.Join(o.Dir, "tulip.wasm"), settled, settled); err != nil {
			t.Fatal(err)
		}
	}
	put(o)
	one.scan(t.Context(), false)
	serves(t, one, "1.1.0")
	if _, err := one.Rollback(t.Context(), "tulip", checkout.Activation{By: "test"}); err != nil {
		t.Fatal(err)
	}
	put(other)
	two.scan(t.Context(), false)
	serves(t, two, "1.0.0")
	list, err := two.Plugins(t.Context())
	if err != nil || len(list) != 1 || !strings.Contains(list[0].FolderError, "passed over (rollback)") {
		t.Errorf("operators are told: %+v, %v", list, err)
	}
	activate(t, two, "1.1.0", checkout.Activation{})
	serves(t, two, "1.1.0")
}

// What served before needs no confirmation to come back: its uses of secrets
// were looked at then.
func TestRollback_olderUseOfASecret_isOneCall(t *testing.T) {
	t.Parallel()
	r := load(t, options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")}))
	v := install(t, r, tulip(t, "1.1.0", func(m *contract.Manifest) {
		m.SettingsSchema = json.RawMessage(strings.Replace(schema, `["bearer"]`, `["basic"]`, 1))
	}))
	var asks *checkout.AsksError
	if _, err := r.Activate(t.Context(), "tulip", v.Digest, checkout.Activation{}); !errors.As(err, &asks) {
		t.Fatalf("unconfirmed: %v", err)
	}
	activate(t, r, v.Digest, checkout.Activation{Confirm: asks.Digest})
	if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{By: "test"}); err != nil {
		t.Errorf("Rollback: %v", err)
	}
	serves(t, r, "1.0.0")
}

// A file that looks as the one before, by size and time, is told apart by its
// bytes; one that is bad is told of once.
func TestScan_sameSizeAndTime_bytesCount(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	var logged bytes.Buffer
	o.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelError}))
	put := func(b []byte) {
		write(t, o, map[string][]byte{"tulip.wasm": b})
		if err := os.Chtimes(filepath.Join(o.Dir, "tulip.wasm"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	put(tulip(t, "1.0.0"))
	r := load(t, o)
	put(tulip(t, "1.1.0"))
	r.scan(t.Context(), true)
	serves(t, r, "1.1.0")
	put([]byte("<html>404</html>"))
	for range 3 {
		r.scan(t.Context(), true)
	}
	serves(t, r, "1.1.0")
	if n := strings.Count(logged.String(), "cannot serve"); n != 1 {
		t.Errorf("told of %d times: %s", n, logged.String())
	}
}
