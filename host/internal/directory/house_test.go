package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// memory is a state that can be away, and whose answers can be lost.
type memory struct {
	mu      sync.Mutex
	doc     []byte
	version int64
	away    bool
	// lose has the next swap be done and not answered.
	lose bool
	// before runs once before the next swap: another node is quicker.
	before func()
	// looks and reads count questions for the version and for the record.
	looks, reads int
}

func (m *memory) ShopsVersion(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks++
	if m.away {
		return 0, checkout.ErrUnavailable
	}
	return m.version, nil
}

func (m *memory) ShopsRecord(context.Context) ([]byte, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if m.away {
		return nil, 0, checkout.ErrUnavailable
	}
	return slices.Clone(m.doc), m.version, nil
}

func (m *memory) SwapShopsRecord(_ context.Context, version int64, doc []byte) (bool, error) {
	m.mu.Lock()
	before := m.before
	m.before = nil
	m.mu.Unlock()
	if before != nil {
		before()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return false, checkout.ErrUnavailable
	}
	if m.version != version {
		return false, nil
	}
	m.doc, m.version = slices.Clone(doc), version+1
	if m.lose {
		m.lose = false
		return false, checkout.ErrUnavailable
	}
	return true, nil
}

func (m *memory) set(away bool) { m.mu.Lock(); m.away = away; m.mu.Unlock() }

func (m *memory) put(doc string, version int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.doc, m.version = []byte(doc), version
}

// tulips are the plugins of a provider whose accounts have the setting merchant
// and the secret api_key.
type tulips struct{}

func (tulips) OfProvider(provider string) []checkout.Version {
	if provider != "tulipbank" {
		return nil
	}
	v := checkout.Version{Manifest: contract.Manifest{
		Name: "tulip", Provider: provider, Operations: []contract.Export{contract.CreatePayment, contract.ReceiveWebhook},
		SettingsSchema: json.RawMessage(`{"type":"object","properties":{"merchant":{"type":"string"},"api_key":{"type":"string","x-secret":true,"x-secret-use":["bearer"]}}}`),
	}}
	v.Name = "tulip"
	return []checkout.Version{v}
}

func (tulips) Fits(a checkout.Account) error {
	var settings map[string]any
	if err := json.Unmarshal(a.Settings, &settings); err != nil {
		return err
	}
	if settings["merchant"] == "wrong" {
		return errors.New("/merchant: it is wrong")
	}
	return nil
}

const fileText = `
admin_key: operators
shops:
- id: filed
  name: Filed
  origins: [https://filed.example]
  notice_secrets: [whsec_bW9sZW4tZW4tbWFhbi1kZW1vLXNlY3JldC0wMQ==]
  keys: [{id: test, key: key-of-the-file, scopes: ["orders:write"]}]
accounts:
- {id: rabo, shop: filed, provider: tulipbank, secrets: {api_key: secret-of-the-file}}
`

// node is one gateway's directory.
type node struct {
	*Directory
	t     testing.TB
	clock time.Time
	mu    sync.Mutex
	logs  bytes.Buffer
	// learned are the values that were hidden.
	learned []string
}

func (n *node) now() time.Time { n.mu.Lock(); defer n.mu.Unlock(); return n.clock }

func (n *node) pass(d time.Duration) { n.mu.Lock(); n.clock = n.clock.Add(d); n.mu.Unlock() }

func (n *node) Write(p []byte) (int, error) { n.mu.Lock(); defer n.mu.Unlock(); return n.logs.Write(p) }

func (n *node) said() string { n.mu.Lock(); defer n.mu.Unlock(); return n.logs.String() }

// configOf is a configuration that is valid.
func configOf(t testing.TB, text string) config.Config {
	t.Helper()
	file := t.TempDir() + "/kassette.yaml"
	write(t, file, text)
	c, err := config.Load(file, func(name string) string {
		return map[string]string{"ADMIN": "operators-key-of-a-live-gateway", "STATE": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}[name]
	})
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryNode(t testing.TB, s State, text string) (*node, error) {
	t.Helper()
	n := &node{t: t, clock: epoch}
	d, err := Load(t.Context(), Options{
		Config: configOf(t, text), State: s, Clock: n.now, Logger: slog.New(slog.NewJSONHandler(n, nil)),
		Learned: func(values ...string) { n.mu.Lock(); n.learned = append(n.learned, values...); n.mu.Unlock() },
	})
	if err != nil {
		return nil, err
	}
	d.Hold(tulips{})
	n.Directory = d
	return n, nil
}

func newNode(t testing.TB, s State) *node {
	t.Helper()
	n, err := tryNode(t, s, fileText)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// newShop is one that is well.
func newShop(id string) checkout.NewShop {
	return checkout.NewShop{ID: id, Name: "Shop " + id, Origins: []string{"https://" + id + ".example"}}
}

// add adds a shop and gives its key.
func (n *node) add(s checkout.NewShop) checkout.ShopAdded {
	n.t.Helper()
	made, err := n.AddShop(n.t.Context(), s, "test", false)
	if err != nil {
		n.t.Fatalf("add shop %s: %v", s.ID, err)
	}
	return made
}

func (n *node) works(key string) bool { _, err := n.Key(key); return err == nil }

func holdsNone(t testing.TB, where, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if len(s) > 3 && strings.Contains(text, s) {
			t.Errorf("%s holds the secret %.12s…", where, s)
		}
	}
}
