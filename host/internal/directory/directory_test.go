package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const canary = "canary-secret-of-an-operator"

// What is wrong is refused by the rules of the file, and named by its member.
func TestAddShop_bad(t *testing.T) {
	t.Parallel()
	n := newNode(t, &memory{})
	n.add(newShop("there"))
	hash := hashOf("a key that is used twice")
	for name, c := range map[string]struct {
		change func(*checkout.NewShop)
		want   string
	}{
		"no id":                  {func(s *checkout.NewShop) { s.ID = "" }, `id: "" is no id`},
		"an id with a path":      {func(s *checkout.NewShop) { s.ID = "../x" }, `id: "../x" is no id`},
		"an id with a brace":     {func(s *checkout.NewShop) { s.ID = "a{b}" }, "is no id"},
		"a long id":              {func(s *checkout.NewShop) { s.ID = strings.Repeat("a", 33) }, "is no id"},
		"no name":                {func(s *checkout.NewShop) { s.Name = "" }, "name: consumers read"},
		"no origin":              {func(s *checkout.NewShop) { s.Origins = nil }, "origins: name the origins"},
		"an origin without TLS":  {func(s *checkout.NewShop) { s.Origins = []string{"http://s.example"} }, "origins[0]: \"http://s.example\" is without TLS"},
		"an origin with a path":  {func(s *checkout.NewShop) { s.Origins = []string{"https://s.example", "https://s.example/x"} }, "origins[1]: \"https://s.example/x\" holds more"},
		"an origin with a user":  {func(s *checkout.NewShop) { s.Origins = []string{"https://u:p@s.example"} }, "origins[0]"},
		"an origin that is none": {func(s *checkout.NewShop) { s.Origins = []string{"javascript:alert(1)"} }, "origins[0]"},
		"no e-mail":              {func(s *checkout.NewShop) { s.Contact.Email = "x" }, "contact.email"},
		"terms of another kind":  {func(s *checkout.NewShop) { s.TermsURL = "ftp://x" }, "terms_url"},
		"no colour":              {func(s *checkout.NewShop) { s.Accent = "red" }, "accent"},
		"no platform":            {func(s *checkout.NewShop) { s.Platform = "wix" }, "platform: \"wix\" is none: there are magento, woocommerce"},
		"a weak notice secret":   {func(s *checkout.NewShop) { s.NoticeSecret = "whsec_" + canary }, "notice_secrets[0]"},
		"a key without id":       {func(s *checkout.NewShop) { s.Keys = []checkout.NewKey{{}} }, "keys[0].id"},
		"no scope":               {func(s *checkout.NewShop) { s.Keys = []checkout.NewKey{{ID: "k", Scopes: []string{"order:read"}}} }, "keys[0].scopes[0]: there is no scope"},
		"no network":             {func(s *checkout.NewShop) { s.Keys = []checkout.NewKey{{ID: "k", Networks: []string{"x"}}} }, "keys[0].networks[0]"},
		"no hash":                {func(s *checkout.NewShop) { s.Keys = []checkout.NewKey{{ID: "k", Hash: canary}} }, "keys[0]: hash is no SHA-256"},
		"two keys of one id":     {func(s *checkout.NewShop) { s.Keys = []checkout.NewKey{{ID: "k"}, {ID: "k"}} }, "keys[1].id"},
		"one key twice":          {func(s *checkout.NewShop) { s.Keys = []checkout.NewKey{{ID: "k", Hash: hash}, {ID: "l", Hash: hash}} }, "keys[1]: it is the same key"},
		"the file's key":         {func(s *checkout.NewShop) { s.Keys = []checkout.NewKey{{ID: "k", Hash: hashOf("key-of-the-file")}} }, "hash: it is that of another key"},
		"many keys":              {func(s *checkout.NewShop) { s.Keys = make([]checkout.NewKey, maxKeys+1) }, "keys: a shop has at most"},
		"the file's id":          {func(s *checkout.NewShop) { s.ID = "filed" }, "shop filed: it stands in the configuration file, which wins"},
		"an id that is taken":    {func(s *checkout.NewShop) { s.ID = "there"; s.Name = "Else" }, "there is one of this id"},
	} {
		s := newShop("s")
		c.change(&s)
		made, err := n.AddShop(t.Context(), s, "test", false)
		if err == nil || !strings.Contains(err.Error(), c.want) || made.Keys != nil || made.NoticeSecret != "" {
			t.Errorf("%s: got %+v, %v, want %s", name, made, err, c.want)
		}
		holdsNone(t, name, fmt.Sprint(err), canary)
	}
	if len(n.current().record.Shops) != 1 {
		t.Errorf("%d shops were kept", len(n.current().record.Shops))
	}
}

// A shop that was added is there at once, and shows its secrets once.
func TestAddShop(t *testing.T) {
	t.Parallel()
	m := &memory{}
	n := newNode(t, m)
	dry, err := n.AddShop(t.Context(), newShop("s"), "test", true)
	if err != nil || dry.Created || dry.Keys != nil || dry.NoticeSecret != "" || dry.Shop.Name != "Shop s" || m.version != 0 {
		t.Fatalf("dry run: %+v, %v, version %d", dry, err, m.version)
	}
	made := n.add(newShop("s"))
	if !made.Created || len(made.Keys) != 1 || !strings.HasPrefix(made.Keys[0].Key, "kas_test_") || !strings.HasPrefix(made.NoticeSecret, "whsec_") {
		t.Fatalf("got %+v", made)
	}
	k, err := n.Key(made.Keys[0].Key)
	if err != nil || k.Shop != "s" || k.Live || fmt.Sprint(k.Scopes) != "[orders:write orders:read refunds:write]" {
		t.Errorf("its key: %+v, %v", k, err)
	}
	s, err := n.Shop("s")
	if err != nil || len(s.NoticeSecrets) != 1 || s.Origins[0] != "https://s.example" {
		t.Errorf("the shop: %+v, %v", s, err)
	}
	again := n.add(newShop("s"))
	if again.Created || again.Keys != nil || again.NoticeSecret != "" || again.Shop.ID != "s" || m.version != 1 {
		t.Errorf("the same again: %+v, version %d", again, m.version)
	}
	if !n.works("key-of-the-file") || len(n.All()) != 1 {
		t.Error("the file's shop is gone")
	}
	status, err := n.ShopStatus(t.Context(), "s")
	if err != nil || len(status.History) != 1 || status.History[0].What != "add_shop" || status.History[0].By != "test" || status.Source != "state" {
		t.Errorf("got %+v, %v", status, err)
	}
	if status.Keys[0].Fingerprint != hashOf(made.Keys[0].Key)[:12] || status.NoticeSecrets[0].Fingerprint != fingerprint(made.NoticeSecret) {
		t.Errorf("fingerprints %s, %s", status.Keys[0].Fingerprint, status.NoticeSecrets[0].Fingerprint)
	}
	text, _ := json.Marshal(status)
	holdsNone(t, "the status", string(text), made.Keys[0].Key, made.NoticeSecret)
	holdsNone(t, "the log", n.said(), made.Keys[0].Key, made.NoticeSecret)
	holdsNone(t, "the state", string(m.doc), made.Keys[0].Key)
	if !strings.Contains(n.said(), `"what":"add_shop","shop":"s"`) || !strings.Contains(n.said(), `"by":"test"`) {
		t.Errorf("the log tells no change: %s", n.said())
	}
	if !slices.Contains(n.learned, made.NoticeSecret) || !slices.Contains(n.learned, made.Keys[0].Key) {
		t.Error("its secrets are not hidden in logs")
	}
}

// An answer that was lost: whoever made the keys asks once more, and has the
// shop that the first request made.
func TestAddShop_lostAnswer_againIsTheSame(t *testing.T) {
	t.Parallel()
	m := &memory{}
	n := newNode(t, m)
	s := newShop("s")
	s.NoticeSecret = newNoticeSecret()
	s.Keys = []checkout.NewKey{{ID: "test", Hash: hashOf("made elsewhere")}}
	m.lose = true
	if _, err := n.AddShop(t.Context(), s, "test", false); !errors.Is(err, checkout.ErrUnavailable) {
		t.Fatalf("got %v, want %v", err, checkout.ErrUnavailable)
	}
	made, err := n.AddShop(t.Context(), s, "test", false)
	if err != nil || made.Created || made.Shop.ID != "s" || len(made.Shop.Keys) != 1 {
		t.Errorf("once more: %+v, %v", made, err)
	}
	if err := n.follow(t.Context()); err != nil || !n.works("made elsewhere") {
		t.Errorf("its key does not work: %v", err)
	}
	m.lose = true
	if _, err := n.RotateKey(t.Context(), "s", "test", checkout.Rotation{Overlap: time.Hour, Hash: hashOf("made anew")}, "test"); !errors.Is(err, checkout.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	done, err := n.RotateKey(t.Context(), "s", "test", checkout.Rotation{Overlap: time.Hour, Hash: hashOf("made anew")}, "test")
	if err != nil || done.Changed || done.Key != "" || !n.works("made anew") || !n.works("made elsewhere") {
		t.Errorf("rotate once more: %+v, %v", done, err)
	}
	if _, err := n.AddShop(t.Context(), s, "test", false); err != nil {
		t.Errorf("the first request, late: %v", err)
	}
	if !n.works("made anew") {
		t.Error("a late request took the key back")
	}
}

// Two operators at once, on two nodes: both shops are there, and of one id the first.
func TestAddShop_twoAtOnce(t *testing.T) {
	t.Parallel()
	m := &memory{}
	one, two := newNode(t, m), newNode(t, m)
	m.before = func() { two.add(newShop("b")) }
	one.add(newShop("a"))
	if len(one.current().record.Shops) != 2 || len(one.current().record.History) != 2 {
		t.Errorf("got %+v", one.current().record)
	}
	other := newShop("c")
	other.Name = "Another"
	m.before = func() { two.add(newShop("c")) }
	if made, err := one.AddShop(t.Context(), other, "test", false); !errors.Is(err, checkout.ErrExists) || made.Keys != nil {
		t.Errorf("one id: got %+v, %v", made, err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			n := map[bool]*node{true: one, false: two}[i%2 == 0]
			if _, err := n.AddShop(t.Context(), newShop(fmt.Sprint("w", i)), "test", false); err != nil {
				t.Errorf("add: %v", err)
			}
		})
	}
	wg.Wait()
	if list, err := one.Shops(t.Context()); err != nil || len(list) != 12 {
		t.Errorf("%d shops, %v, want 12", len(list), err)
	}
}

func TestAddShop_stateAway(t *testing.T) {
	t.Parallel()
	m := &memory{}
	n := newNode(t, m)
	key := n.add(newShop("a")).Keys[0].Key
	m.set(true)
	if _, err := n.AddShop(t.Context(), newShop("b"), "test", false); !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("add: %v", err)
	}
	if err := n.follow(t.Context()); !errors.Is(err, checkout.ErrUnavailable) || !n.works(key) {
		t.Errorf("what is known goes on: %v", err)
	}
	m.set(false)
	m.before = func() { m.set(true) } // between reading and writing
	if _, err := n.AddShop(t.Context(), newShop("b"), "test", false); !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("add: %v", err)
	}
	m.set(false)
	if made := n.add(newShop("b")); !made.Created || !n.works(key) {
		t.Errorf("after that: %+v", made)
	}
}

// Every node follows: also a state that went back, and one that came back older.
func TestFollow(t *testing.T) {
	t.Parallel()
	m := &memory{}
	one, two := newNode(t, m), newNode(t, m)
	first := one.add(newShop("a"))
	was, version := string(m.doc), m.version
	second := one.add(newShop("b"))
	if two.works(first.Keys[0].Key) {
		t.Error("it is there before it was looked for")
	}
	follow := func() {
		t.Helper()
		if err := two.follow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	follow()
	if !two.works(first.Keys[0].Key) || !two.works(second.Keys[0].Key) {
		t.Error("the other node does not follow")
	}
	reads := m.reads
	if follow(); m.reads != reads {
		t.Error("what has not changed is read again")
	}
	m.put(was, version)
	follow()
	if !two.works(first.Keys[0].Key) || two.works(second.Keys[0].Key) {
		t.Error("a state that went back is not followed")
	}
	m.set(true)
	if err := two.follow(t.Context()); err == nil {
		t.Error("the state is away")
	}
	m.put(`{"schema":1}`, version) // another state, as far as this one
	m.set(false)
	follow()
	if two.works(first.Keys[0].Key) {
		t.Error("what came back with the same number is not read")
	}
}

// Run follows by itself, and says once what it cannot take over.
func TestRun(t *testing.T) {
	t.Parallel()
	m := &memory{}
	one, two := newNode(t, m), newNode(t, m)
	key := one.add(newShop("a")).Keys[0].Key
	done := make(chan error)
	ctx, stop := contextOf(t)
	go func() { done <- two.Run(ctx) }()
	until(t, "the shop is there", func() bool { return two.works(key) })
	m.put(`{"schema":99}`, m.version+1)
	until(t, "it is refused", func() bool { return strings.Contains(two.said(), "schema 99") })
	counts := func() (looks, reads int) { m.mu.Lock(); defer m.mu.Unlock(); return m.looks, m.reads }
	looked, read := counts()
	until(t, "it was looked at three times more", func() bool { looks, _ := counts(); return looks >= looked+3 })
	if _, reads := counts(); reads != read || strings.Count(two.said(), "schema 99") != 1 || !two.works(key) {
		t.Errorf("read %d times more, said %d times", reads-read, strings.Count(two.said(), "schema 99"))
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

// A record that this version cannot read stops a start, and is changed by nobody.
func TestLoad_bad(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ doc, want string }{
		"a newer version's": {`{"schema":2,"shops":{"new":"` + canary + `"}}`, "schema 2 and this gateway reads up to 1; run the version that wrote it"},
		"no JSON":           {canary, "cannot be read"},
		"another type":      {`{"schema":1,"shops":"` + canary + `"}`, "cannot be read"},
		"an unsound one":    {`{"schema":1,"shops":[{"id":"s","name":"S","origins":["http://s.example"],"notice_secrets":[{"text":"` + canary + `"}]}]}`, "does not go with this configuration: shop s.origins[0]: \"http://s.example\" is without TLS"},
	} {
		m := &memory{doc: []byte(c.doc), version: 3}
		_, err := tryNode(t, m, fileText)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		holdsNone(t, name, fmt.Sprint(err), canary)
	}
	m := &memory{}
	n := newNode(t, m)
	m.put(`{"schema":2}`, 7)
	if _, err := n.AddShop(t.Context(), newShop("s"), "test", false); !errors.Is(err, checkout.ErrSchema) || m.version != 7 {
		t.Errorf("a newer record: %v", err)
	}
	if _, err := tryNode(t, &memory{away: true}, fileText); !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("no state: %v", err)
	}
}

// What the file names wins over what the state has by then.
func TestLoad_fileWins(t *testing.T) {
	t.Parallel()
	m := &memory{}
	n := newNode(t, m)
	s := newShop("later")
	s.Keys = []checkout.NewKey{{ID: "k", Hash: hashOf("key-of-the-shop")}, {ID: "l", Hash: hashOf("key-that-moves")}}
	n.add(s)
	n.add(newShop("stays"))
	for _, a := range []checkout.NewAccount{{ID: "acc1", Provider: "tulipbank"}, {ID: "acc2", Provider: "tulipbank"}} {
		if _, err := n.AddAccount(t.Context(), map[string]string{"acc1": "later", "acc2": "stays"}[a.ID], a, "test", false); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.Replace(fileText, "accounts:\n", `- id: later
  name: Of the file
  origins: [https://later.example]
  keys: [{id: k, key: key-that-moves, scopes: ["orders:read"]}]
accounts:
- {id: acc2, shop: later, provider: tulipbank}
`, 1)
	moved, err := tryNode(t, m, text)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := moved.Shop("later"); err != nil || s.Name != "Of the file" {
		t.Errorf("the shop: %+v, %v", s, err)
	}
	if moved.works("key-of-the-shop") {
		t.Error("a key of the shop in the state works")
	}
	if k, err := moved.Key("key-that-moves"); err != nil || fmt.Sprint(k.Scopes) != "[orders:read]" {
		t.Errorf("the key: %+v, %v", k, err)
	}
	if a, err := moved.Account("acc2"); err != nil || a.Shop != "later" {
		t.Errorf("the account: %+v, %v", a, err)
	}
	if _, err := moved.Account("acc1"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("an account of the shop in the state: %v", err)
	}
	if list, err := moved.Shops(t.Context()); err != nil || len(list) != 3 || list[1].Source != "file" {
		t.Errorf("%d shops, %v", len(list), err)
	}
}
