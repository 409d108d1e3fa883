package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

func contextOf(t testing.TB) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	return ctx, stop
}

func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) { // between two looks
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

func TestAddAccount_bad(t *testing.T) {
	t.Parallel()
	n := newNode(t, &memory{})
	n.add(newShop("s"))
	for name, c := range map[string]struct {
		shop   string
		change func(*checkout.NewAccount)
		want   string
	}{
		"of the file's shop":      {"filed", func(*checkout.NewAccount) {}, "shop filed: it stands in the configuration file"},
		"the file's id":           {"s", func(a *checkout.NewAccount) { a.ID = "rabo" }, "account rabo: it stands in the configuration file"},
		"of no shop":              {"none", func(*checkout.NewAccount) {}, `shop "none"`},
		"no id":                   {"s", func(a *checkout.NewAccount) { a.ID = "A/B" }, `id: "A/B" is no id`},
		"a provider of nobody":    {"s", func(a *checkout.NewAccount) { a.Provider = "rosebank" }, "provider: no plugin of \"rosebank\" is active: bring one with kassette plugin install"},
		"settings that do not do": {"s", func(a *checkout.NewAccount) { a.Settings = map[string]any{"merchant": "wrong"} }, "settings: "},
		"a secret that is a list": {"s", func(a *checkout.NewAccount) { a.Settings = map[string]any{"api_key": []any{canary}} }, "settings: settings: api_key is a secret"},
		"a secret twice": {"s", func(a *checkout.NewAccount) {
			a.Settings, a.Secrets = map[string]any{"api_key": canary}, map[string]string{"api_key": canary}
		}, "settings.api_key: it stands among the secrets too"},
		"an empty secret":     {"s", func(a *checkout.NewAccount) { a.Secrets = map[string]string{"api_key": ""} }, "secrets.api_key: it is empty"},
		"a host that is none": {"s", func(a *checkout.NewAccount) { a.Hosts = map[string]checkout.AccountHostRule{"https://x": {}} }, "hosts.https://x: "},
		"a bad certificate":   {"s", func(a *checkout.NewAccount) { a.Hosts = map[string]checkout.AccountHostRule{"x": {CA: canary}} }, "hosts.x.ca: it is no certificate"},
		"a number below":      {"s", func(a *checkout.NewAccount) { a.NumberStart = -1 }, "number_start"},
		"no plugin's name":    {"s", func(a *checkout.NewAccount) { a.WebhookPlugin = "A b" }, "webhook_plugin"},
		"live, here":          {"s", func(a *checkout.NewAccount) { a.Live = true }, "redis.url: live accounts need a state that outlives the process"},
	} {
		a := checkout.NewAccount{ID: "acc", Provider: "tulipbank", Settings: map[string]any{"merchant": "m1"}, Secrets: map[string]string{"api_key": canary}}
		c.change(&a)
		_, err := n.AddAccount(t.Context(), c.shop, a, "test", false)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		holdsNone(t, name, fmt.Sprint(err), canary)
	}
	if len(n.All()) != 1 {
		t.Errorf("got %d accounts, want the file's", len(n.All()))
	}
	holdsNone(t, "the log", n.said(), canary)
}

// Secrets are taken once: the account has them, and nothing shows them.
func TestAddAccount(t *testing.T) {
	t.Parallel()
	m := &memory{}
	n := newNode(t, m)
	n.add(newShop("s"))
	ask := checkout.NewAccount{
		ID: "acc", Provider: "tulipbank", Settings: map[string]any{"merchant": "m1", "api_key": canary, "large": json.Number("12345678901234567890")},
		Hosts: map[string]checkout.AccountHostRule{"127.0.0.1:1": {AllowPrivate: true}},
	}
	dry, err := n.AddAccount(t.Context(), "s", ask, "test", true)
	if _, there := n.Account("acc"); err != nil || dry.Created || dry.Account.ID != "acc" || there == nil {
		t.Fatalf("dry run: %+v, %v", dry, err)
	}
	for i, created := range []bool{true, false} {
		made, err := n.AddAccount(t.Context(), "s", ask, "test", false)
		if err != nil || made.Created != created || made.Account.WebhookPlugin != "tulip" || !slices.Equal(made.Account.Secrets, []string{"api_key"}) {
			t.Errorf("time %d: %+v, %v", i+1, made, err)
		}
		text, _ := json.Marshal(made)
		holdsNone(t, "the answer", string(text), canary)
	}
	a, err := n.Account("acc")
	if err != nil || a.Secrets["api_key"] != canary || string(a.Settings) != `{"large":12345678901234567890,"merchant":"m1"}` || !a.Hosts["127.0.0.1:1"].AllowPrivate || a.NumberStart != 1 {
		t.Errorf("got %+v, %v", a, err)
	}
	if got := n.Accounts("s"); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
	if !slices.Contains(n.learned, canary) {
		t.Error("the secret is not hidden in logs")
	}
	other := ask
	other.Methods = []string{"tulip"}
	if _, err := n.AddAccount(t.Context(), "s", other, "test", false); !errors.Is(err, checkout.ErrExists) {
		t.Errorf("another of this id: %v", err)
	}
}

// A key works until its overlap is over, also where nobody looks, and on a
// node that hears of nothing.
func TestRotateKey_onTwoNodes(t *testing.T) {
	t.Parallel()
	m := &memory{}
	one, two := newNode(t, m), newNode(t, m)
	old := one.add(newShop("s")).Keys[0].Key
	done, err := one.RotateKey(t.Context(), "s", "test", checkout.Rotation{Overlap: 24 * time.Hour}, "test")
	if err != nil || !done.Changed || done.OldUntil == nil || !done.OldUntil.Equal(epoch.Add(24*time.Hour)) || len(done.Shop.Keys[0].Old) != 1 {
		t.Fatalf("got %+v, %v", done, err)
	}
	if err := two.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.set(true) // nothing is heard from now on
	for _, step := range []struct {
		pass     time.Duration
		old, new bool
	}{{0, true, true}, {24*time.Hour - 1, true, true}, {1, false, true}, {time.Hour, false, true}} {
		for i, n := range []*node{one, two} {
			n.pass(step.pass)
			if n.works(old) != step.old || n.works(done.Key) != step.new {
				t.Errorf("node %d at %s: old %t, new %t", i, n.now(), n.works(old), n.works(done.Key))
			}
		}
	}
	m.set(false)
	now, err := one.RotateKey(t.Context(), "s", "test", checkout.Rotation{}, "test")
	if err != nil || one.works(done.Key) || !one.works(now.Key) || now.OldUntil != nil {
		t.Errorf("at once: %+v, %v", now, err)
	}
	holdsNone(t, "the log", one.said()+two.said(), old, done.Key, now.Key)
}

func TestRotate_endOld(t *testing.T) {
	t.Parallel()
	n := newNode(t, &memory{})
	first := n.add(newShop("s"))
	key, err := n.RotateKey(t.Context(), "s", "test", checkout.Rotation{Overlap: time.Hour}, "test")
	if err != nil {
		t.Fatal(err)
	}
	notice, err := n.RotateNoticeSecret(t.Context(), "s", checkout.Rotation{Overlap: time.Hour}, "test")
	if s, _ := n.Shop("s"); err != nil || len(s.NoticeSecrets) != 2 || notice.NoticeSecret == first.NoticeSecret || notice.OldUntil == nil {
		t.Fatalf("got %+v, %v", notice, err)
	}
	done, err := n.RotateKey(t.Context(), "s", "test", checkout.Rotation{EndOld: true}, "test")
	if err != nil || done.Key != "" || n.works(first.Keys[0].Key) || !n.works(key.Key) {
		t.Errorf("keys: %+v, %v", done, err)
	}
	done, err = n.RotateNoticeSecret(t.Context(), "s", checkout.Rotation{EndOld: true}, "test")
	if s, _ := n.Shop("s"); err != nil || done.NoticeSecret != "" || len(s.NoticeSecrets) != 1 || len(done.Shop.NoticeSecrets) != 1 {
		t.Errorf("notice secrets: %+v, %v", done, err)
	}
	if done.Shop.NoticeSecrets[0].Fingerprint != fingerprint(notice.NoticeSecret) {
		t.Error("the new one was ended")
	}
}

func TestRotateAndAddKey_bad(t *testing.T) {
	t.Parallel()
	n := newNode(t, &memory{})
	n.add(newShop("s"))
	taken := hashOf("a key of another shop")
	other := newShop("other")
	other.Keys = []checkout.NewKey{{ID: "test", Hash: taken}}
	n.add(other)
	if _, err := n.RotateKey(t.Context(), "other", "test", checkout.Rotation{Overlap: time.Hour}, "test"); err != nil {
		t.Fatal(err)
	}
	rotate := func(shop, key string, r checkout.Rotation) func() error {
		return func() error { _, err := n.RotateKey(t.Context(), shop, key, r, "test"); return err }
	}
	add := func(shop string, k checkout.NewKey) func() error {
		return func() error { _, err := n.AddKey(t.Context(), shop, k, "test"); return err }
	}
	for name, c := range map[string]struct {
		do   func() error
		want string
	}{
		"of the file":                   {rotate("filed", "test", checkout.Rotation{}), "it stands in the configuration file"},
		"no such shop":                  {rotate("none", "test", checkout.Rotation{}), "not found"},
		"no such key":                   {rotate("s", "none", checkout.Rotation{}), "not found"},
		"for ever":                      {rotate("s", "test", checkout.Rotation{Overlap: checkout.MaxOverlap + 1}), "overlap: "},
		"before now":                    {rotate("s", "test", checkout.Rotation{Overlap: -1}), "overlap: "},
		"to no hash":                    {rotate("s", "test", checkout.Rotation{Hash: canary}), "hash is no SHA-256"},
		"to an old key of another shop": {rotate("s", "test", checkout.Rotation{Hash: taken}), "hash: it is that of another key"},
		"a further one of no shop":      {add("none", checkout.NewKey{ID: "k"}), "not found"},
		"a further one of the file":     {add("filed", checkout.NewKey{ID: "k"}), "it stands in the configuration file"},
		"a further one of this id":      {add("s", checkout.NewKey{ID: "test"}), "there is one of this id: kassette shop rotate-key s --key test"},
		"a further one of no scope":     {add("s", checkout.NewKey{ID: "k", Scopes: []string{"x"}}), "scopes[0]: there is no scope"},
	} {
		if err := c.do(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		} else {
			holdsNone(t, name, err.Error(), canary)
		}
	}
	for _, secret := range []string{canary, "whsec_" + canary} {
		if _, err := n.RotateNoticeSecret(t.Context(), "s", checkout.Rotation{Secret: secret}, "test"); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("a weak notice secret: %v", err)
		}
	}
	made, err := n.AddKey(t.Context(), "s", checkout.NewKey{ID: "live", Live: true, Networks: []string{"192.0.2.0/24"}}, "test")
	if k, _ := n.Key(made.Key); err != nil || !k.Live || len(k.Networks) != 1 || !strings.HasPrefix(made.Key, "kas_live_") {
		t.Errorf("a further key: %+v, %+v, %v", made, k, err)
	}
}

// liveText is a configuration that is fit for real money.
const liveText = `
admin_key: {env: ADMIN}
public_url: https://pay.example
redis: {url: "redis://127.0.0.1:1"}
state_keys: [{env: STATE}]
plugins: {trusted_keys: [{name: us, key: RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3}]}
`

// A gateway that holds live accounts to more holds those that are added to it.
func TestAddAccount_live(t *testing.T) {
	t.Parallel()
	n, err := tryNode(t, &memory{}, strings.Replace(liveText, "[{env: STATE}]", "[AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]", 1))
	if err != nil {
		t.Fatal(err)
	}
	private := newShop("inside")
	private.AllowPrivate = true
	n.add(private)
	n.add(newShop("s"))
	ask := checkout.NewAccount{ID: "acc", Provider: "tulipbank", Live: true, Secrets: map[string]string{"api_key": canary}}
	if _, err := n.AddAccount(t.Context(), "inside", ask, "test", false); err == nil || !strings.Contains(err.Error(), "allow_private: it is loosened beside live accounts: if you mean it, say so with confirm_private") {
		t.Errorf("of a shop inside: %v", err)
	}
	_, err = n.AddAccount(t.Context(), "s", ask, "test", false)
	if err == nil || !strings.Contains(err.Error(), "state_keys[0]: a secret beside live accounts does not stand in the file") || strings.Contains(err.Error(), "secrets.api_key") {
		t.Errorf("got %v, want the state key's place named and not the account's secret", err)
	}
	n, err = tryNode(t, &memory{}, liveText)
	if err != nil {
		t.Fatal(err)
	}
	n.add(newShop("s"))
	if made, err := n.AddAccount(t.Context(), "s", ask, "test", false); err != nil || !made.Account.Live {
		t.Errorf("where all is well: %+v, %v", made, err)
	}
	n.add(private)
	ask.ID, ask.ConfirmPrivate = "acc2", true
	if _, err := n.AddAccount(t.Context(), "inside", ask, "test", false); err != nil {
		t.Errorf("of a shop inside that was confirmed: %v", err)
	}
}

// A node whose configuration is not fit for real money leaves live accounts out,
// and hears of keys that are ended all the same. It does not start anew.
func TestFollow_liveAccountsWhereTheyMayNotBe(t *testing.T) {
	t.Parallel()
	m := &memory{}
	strict, err := tryNode(t, m, liveText)
	if err != nil {
		t.Fatal(err)
	}
	loose := newNode(t, m)
	key := strict.add(newShop("s")).Keys[0].Key
	if _, err := strict.AddAccount(t.Context(), "s", checkout.NewAccount{ID: "acc", Provider: "tulipbank", Live: true}, "test", false); err != nil {
		t.Fatal(err)
	}
	if err := loose.follow(t.Context()); err == nil || !strings.Contains(err.Error(), "redis.url: live accounts need a state") {
		t.Errorf("the loose node: %v", err)
	}
	if _, err := loose.Account("acc"); !errors.Is(err, checkout.ErrNotFound) || !loose.works(key) {
		t.Errorf("the live account: %v; the key works: %t", err, loose.works(key))
	}
	if _, err := strict.RotateKey(t.Context(), "s", "test", checkout.Rotation{}, "test"); err != nil {
		t.Fatal(err)
	}
	if err := loose.follow(t.Context()); err == nil || loose.works(key) {
		t.Errorf("a key that was ended: %v, works %t", err, loose.works(key))
	}
	if err := loose.follow(t.Context()); err != nil {
		t.Errorf("it is said once more: %v", err)
	}
	if list, err := loose.Shops(t.Context()); err != nil || len(list) != 2 || len(list[1].Accounts) != 0 {
		t.Errorf("its list: %+v, %v", list, err)
	}
	if _, err := tryNode(t, m, fileText); err == nil || !strings.Contains(err.Error(), "live accounts need") {
		t.Errorf("it starts: %v", err)
	}
}

// Form keys stand beside one another, until one is ended.
func TestFormKeys(t *testing.T) {
	t.Parallel()
	m := &memory{}
	n := newNode(t, m)
	n.add(newShop("s"))
	add := func(shop string, k checkout.NewFormKey) (checkout.FormKeyAdded, error) {
		return n.AddFormKey(t.Context(), shop, k, "test")
	}
	made, err := add("s", checkout.NewFormKey{ID: "donate", Live: true})
	if err != nil || !made.Created || !strings.HasPrefix(made.Secret, "form_") || made.Shop.FormKeys[0].Fingerprint != fingerprint(made.Secret) {
		t.Fatalf("got %+v, %v", made, err)
	}
	same, err := add("s", checkout.NewFormKey{ID: "donate", Live: true, Secret: made.Secret})
	if err != nil || same.Created || same.Secret != "" {
		t.Errorf("the same again: %+v, %v", same, err)
	}
	for name, c := range map[string]struct {
		shop string
		k    checkout.NewFormKey
		want string
	}{
		"of the file":    {"filed", checkout.NewFormKey{ID: "a"}, "it stands in the configuration file"},
		"of no shop":     {"none", checkout.NewFormKey{ID: "a"}, "not found"},
		"of this id":     {"s", checkout.NewFormKey{ID: "donate"}, "take another id"},
		"no id":          {"s", checkout.NewFormKey{ID: "A b"}, "id: \"A b\" is no id"},
		"a weak secret":  {"s", checkout.NewFormKey{ID: "a", Secret: "form_" + canary}, "secret: it is not form_"},
		"another's, too": {"s", checkout.NewFormKey{ID: "a", Secret: made.Secret}, "secret: it is that of"},
	} {
		if _, err := add(c.shop, c.k); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if _, err := add("s", checkout.NewFormKey{ID: "next"}); err != nil {
		t.Fatal(err)
	}
	if s, _ := n.Shop("s"); len(s.FormKeys) != 2 || s.FormKeys[0].ID != "donate" || !s.FormKeys[0].Live {
		t.Errorf("got %+v", s.FormKeys)
	}
	if _, err := n.EndFormKey(t.Context(), "s", "none", "test"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("end none: %v", err)
	}
	after, err := n.EndFormKey(t.Context(), "s", "donate", "test")
	if s, _ := n.Shop("s"); err != nil || len(s.FormKeys) != 1 || s.FormKeys[0].ID != "next" || len(after.FormKeys) != 1 {
		t.Errorf("end: %+v, %v", after, err)
	}
	version := m.version
	if _, err := n.EndFormKey(t.Context(), "s", "donate", "test"); err != nil || m.version != version {
		t.Errorf("end it once more: %v", err)
	}
	if !slices.Contains(n.learned, made.Secret) || strings.Contains(n.said(), made.Secret) {
		t.Error("its secret is not hidden in logs")
	}
}
