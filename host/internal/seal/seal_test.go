package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/seal"
)

func newRing(t testing.TB, keys ...seal.Key) *seal.Ring {
	t.Helper()
	r, err := seal.NewRing(keys...)
	if err != nil {
		t.Fatalf("new ring: %v", err)
	}
	return r
}

func TestOpen_bad(t *testing.T) {
	t.Parallel()
	key, other := seal.NewKey(), seal.NewKey()
	r := newRing(t, key)
	const place, text = "k:{p00}:order:x", "canary"
	good := r.Seal(place, []byte(text))
	change := func(i int) []byte {
		b := bytes.Clone(good)
		b[i] ^= 1
		return b
	}
	cases := map[string]struct {
		ring   *seal.Ring
		place  string
		sealed []byte
		want   error
	}{
		"nothing":        {r, place, nil, seal.ErrNotSealed},
		"plain text":     {r, place, []byte(strings.Repeat("x", 100)), seal.ErrNotSealed},
		"newer format":   {r, place, append([]byte{2}, good[1:]...), seal.ErrNotSealed},
		"short":          {r, place, good[:seal.Overhead-1], seal.ErrNotSealed},
		"cut":            {r, place, good[:len(good)-1], seal.ErrTampered},
		"longer":         {r, place, append(bytes.Clone(good), 0), seal.ErrTampered},
		"another place":  {r, place + "y", good, seal.ErrTampered},
		"no place":       {r, "", good, seal.ErrTampered},
		"another ring":   {newRing(t, other), place, good, seal.ErrUnknownKey},
		"key id changed": {r, place, change(1), seal.ErrUnknownKey},
	}
	for i := 9; i < len(good); i += 5 {
		cases[fmt.Sprint("byte ", i)] = struct {
			ring   *seal.Ring
			place  string
			sealed []byte
			want   error
		}{r, place, change(i), seal.ErrTampered}
	}
	for name, c := range cases {
		for range 2 { // the same each time
			got, err := c.ring.Open(c.place, c.sealed)
			if !errors.Is(err, c.want) || got != nil {
				t.Errorf("%s: got %q, %v, want %v", name, got, err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), text) {
				t.Errorf("%s: the error holds the plaintext: %v", name, err)
			}
		}
	}
}

// A key id belongs to the sealed bytes: two keys of one ring do not open each
// other's values.
func TestOpen_keyIDSwapped(t *testing.T) {
	t.Parallel()
	a, b := seal.NewKey(), seal.NewKey()
	r := newRing(t, a, b)
	sealed := r.Seal("place", []byte("x"))
	id := b.ID()
	copy(sealed[1:], id[:])
	if _, err := r.Open("place", sealed); !errors.Is(err, seal.ErrTampered) {
		t.Errorf("got %v, want %v", err, seal.ErrTampered)
	}
}

func TestSealOpen(t *testing.T) {
	t.Parallel()
	r := newRing(t, seal.NewKey())
	for _, n := range []int{0, 1, 15, 16, 17, 1 << 20} {
		want := bytes.Repeat([]byte{7}, n)
		sealed := r.Seal("place", want)
		got, err := r.Open("place", sealed)
		if err != nil || !bytes.Equal(got, want) || len(sealed) != n+seal.Overhead {
			t.Errorf("%d bytes: got %d, %v, sealed %d", n, len(got), err, len(sealed))
		}
		if bytes.Equal(sealed, r.Seal("place", want)) {
			t.Errorf("%d bytes: sealed alike twice", n)
		}
		if n > 8 && bytes.Contains(sealed, want[:8]) {
			t.Errorf("%d bytes: in clear", n)
		}
	}
}

func TestRing_rotation(t *testing.T) {
	t.Parallel()
	old, fresh := seal.NewKey(), seal.NewKey()
	before, during, after := newRing(t, old), newRing(t, fresh, old, fresh), newRing(t, fresh)
	sealed := before.Seal("place", []byte("x"))
	if got, err := during.Open("place", sealed); err != nil || string(got) != "x" {
		t.Errorf("old value in the new ring: got %q, %v", got, err)
	}
	if id, err := seal.KeyOf(during.Seal("place", nil)); err != nil || id != fresh.ID() || id != during.First() {
		t.Errorf("the new ring seals with %s, %v, want %s", id, err, fresh.ID())
	}
	if _, err := after.Open("place", sealed); !errors.Is(err, seal.ErrUnknownKey) || !strings.Contains(err.Error(), old.ID().String()) {
		t.Errorf("old value without its key: got %v, want the key's id", err)
	}
	if _, err := seal.NewRing(); !errors.Is(err, seal.ErrNoKeys) {
		t.Errorf("no keys: got %v, want %v", err, seal.ErrNoKeys)
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	key := seal.NewKey()
	secret := key.Secret()
	for _, text := range []string{
		secret, strings.TrimRight(secret, "="), fmt.Sprintf("%x", key[:]), strings.ToUpper(fmt.Sprintf("%x", key[:])),
		strings.NewReplacer("+", "-", "/", "_").Replace(secret),
	} {
		if got, err := seal.ParseKey(text); err != nil || got != key {
			t.Errorf("a form of %d characters: %v", len(text), err)
		}
	}
	for _, text := range []string{"", "x", secret[:40], secret + "AAAA", strings.Repeat("0", 62), strings.Repeat("z", 64), "correct horse battery staple"} {
		_, err := seal.ParseKey(text)
		if !errors.Is(err, seal.ErrKey) || text != "" && text != "x" && strings.Contains(err.Error(), text) {
			t.Errorf("%d characters: got %v, want %v without the text", len(text), err, seal.ErrKey)
		}
	}
}

func TestKey_neverPrintsItself(t *testing.T) {
	t.Parallel()
	key := seal.NewKey()
	raw, hexed := string(key[:]), fmt.Sprintf("%x", key[:])
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{key, &key, struct{ K seal.Key }{key}, []seal.Key{key}} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, raw) || strings.Contains(strings.ToLower(got), hexed) || strings.Contains(got, fmt.Sprint(key[0], " ", key[1], " ", key[2])) {
				t.Errorf("%s of %T prints the key", verb, v)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	var key seal.Key
	for i := range key {
		key[i] = byte(i)
	}
	r := newRing(f, key)
	good := r.Seal("place", []byte("text"))
	f.Add("place", good)
	f.Add("", []byte{})
	f.Add("place", good[:seal.Overhead])
	f.Add("place", append([]byte{2}, good[1:]...))
	f.Fuzz(func(t *testing.T, place string, sealed []byte) {
		got, err := r.Open(place, sealed)
		if err == nil && (place != "place" || string(got) != "text" || len(sealed) != len(good)) {
			t.Errorf("opened %x for %q", sealed, place)
		}
		if err != nil && !errors.Is(err, seal.ErrNotSealed) && !errors.Is(err, seal.ErrUnknownKey) && !errors.Is(err, seal.ErrTampered) {
			t.Errorf("got %v", err)
		}
		again, errAgain := r.Open(place, sealed)
		if !bytes.Equal(got, again) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
			t.Errorf("not the same twice: %v, %v", err, errAgain)
		}
		back, err := r.Open(place, r.Seal(place, sealed))
		if err != nil || !bytes.Equal(back, sealed) {
			t.Errorf("seal and open %x: got %x, %v", sealed, back, err)
		}
	})
}

func BenchmarkSealOpen(b *testing.B) {
	r := newRing(b, seal.NewKey())
	doc := bytes.Repeat([]byte("x"), 2048)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Open("place", r.Seal("place", doc)); err != nil {
			b.Fatal(err)
		}
	}
}
