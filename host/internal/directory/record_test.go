package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
)

var epoch = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// shopOf is a shop with one key, whose texts are made of its id.
func shopOf(id string) shop {
	return shop{
		ID: id, Name: "Shop " + id, Origins: []string{"https://" + id + ".example"}, NoticeSecrets: []secret{{Text: "whsec_" + id}},
		Keys: []key{{ID: "test", Scopes: usualScopes(), Hash: hashOf("key of " + id)}}, added: added{Asked: "asked for " + id, At: epoch},
	}
}

// recordOf is a record with these shops.
func recordOf(t testing.TB, ids ...string) record {
	t.Helper()
	var r record
	for _, id := range ids {
		var err error
		if r, _, err = r.addShop(shopOf(id)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestRecord_addShop(t *testing.T) {
	t.Parallel()
	full := recordOf(t)
	for i := range maxShops {
		full.Shops = append(full.Shops, shop{ID: fmt.Sprint("s", i)})
	}
	other := shopOf("a")
	other.Asked = "something else"
	for _, c := range []struct {
		name    string
		r       record
		s       shop
		changed bool
		want    error
		text    string
	}{
		{"another of this id", recordOf(t, "a"), other, false, checkout.ErrExists, "kassette shop show a"},
		{"one too many", full, shopOf("a"), false, nil, "no more are kept"},
		{"the same again", recordOf(t, "a"), shopOf("a"), false, nil, ""},
		{"the first", record{}, shopOf("a"), true, nil, ""},
		{"a second", recordOf(t, "a"), shopOf("b"), true, nil, ""},
	} {
		next, changed, err := c.r.addShop(c.s)
		if changed != c.changed || (err == nil) != (c.text == "") || c.want != nil && !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %t, %v", c.name, changed, err)
		}
		if want := len(c.r.Shops) + map[bool]int{true: 1}[c.changed]; len(next.Shops) != want {
			t.Errorf("%s: %d shops, want %d", c.name, len(next.Shops), want)
		}
	}
}

func TestRecord_addAccount(t *testing.T) {
	t.Parallel()
	r, _, err := recordOf(t, "a", "b").addAccount(account{ID: "acc", Shop: "a", added: added{Asked: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	many := recordOf(t, "a")
	for i := range maxAccounts {
		many.Accounts = append(many.Accounts, account{ID: fmt.Sprint("acc", i), Shop: "a"})
	}
	for _, c := range []struct {
		name    string
		r       record
		a       account
		changed bool
		want    string
	}{
		{"of another shop under the same id", r, account{ID: "acc", Shop: "b", added: added{Asked: "y"}}, false, "there is one of this id"},
		{"of no shop", r, account{ID: "acc2", Shop: "c"}, false, `shop "c"`},
		{"one too many", many, account{ID: "acc", Shop: "a"}, false, "no more are kept"},
		{"the same again", r, account{ID: "acc", Shop: "a", added: added{Asked: "x"}}, false, ""},
		{"a second", r, account{ID: "acc2", Shop: "a"}, true, ""},
	} {
		_, changed, err := c.r.addAccount(c.a)
		if changed != c.changed || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %t, %v", c.name, changed, err)
		}
	}
}

// A rotation is told as minutes: to which key, when, and until when the one
// before works. The keys that work then are those of the last column.
func TestRecord_rotateKey(t *testing.T) {
	t.Parallel()
	at := func(m int) time.Time { return epoch.Add(time.Duration(m) * time.Minute) }
	type rotation struct {
		to         string
		now, until int
	}
	for _, c := range []struct {
		name      string
		rotations []rotation
		now       int
		want      string
	}{
		{"an old one ends on time", []rotation{{"b", 0, 10}}, 10, "b"},
		{"and works until then", []rotation{{"b", 0, 10}}, 9, "b a"},
		{"at once", []rotation{{"b", 5, 5}}, 5, "b"},
		{"a rotation whose answer was lost, once more", []rotation{{"b", 0, 10}, {"c", 1, 11}}, 10, "c b"},
		{"the one that is in use is not cut short by it", []rotation{{"b", 0, 10}, {"c", 1, 11}}, 9, "c b a"},
		{"a shorter one cuts all short", []rotation{{"b", 0, 10}, {"c", 1, 3}}, 3, "c"},
		{"at once ends all before", []rotation{{"b", 0, 10}, {"c", 1, 1}}, 1, "c"},
		{"to the current one changes nothing", []rotation{{"b", 0, 10}, {"b", 1, 20}}, 9, "b a"},
		{"to the current one at once ends the others", []rotation{{"b", 0, 10}, {"b", 1, 1}}, 1, "b"},
		{"back to an old one", []rotation{{"b", 0, 10}, {"a", 1, 5}}, 4, "a b"},
	} {
		r := recordOf(t, "s")
		r.Shops[0].Keys[0].Hash = hashOf("a")
		for _, rot := range c.rotations {
			var err error
			if r, _, err = r.rotateKey("s", "test", hashOf(rot.to), at(rot.now), at(rot.until)); err != nil {
				t.Fatal(err)
			}
		}
		if got := working(t, r, at(c.now), "a", "b", "c"); got != sorted(c.want) {
			t.Errorf("%s: %q work, want %q", c.name, got, c.want)
		}
	}
}

// working says which keys a gateway takes at a time.
func working(t testing.TB, r record, now time.Time, keys ...string) string {
	t.Helper()
	r.Shops = slices.Clone(r.Shops)
	r.Shops[0].NoticeSecrets = nil
	d := &Directory{o: Options{Clock: func() time.Time { return now }}}
	v, err := d.build(1, r, now)
	if err != nil {
		t.Fatal(err)
	}
	var works []string
	for _, k := range keys {
		if _, err := v.Key(k); err == nil {
			works = append(works, k)
		}
	}
	return strings.Join(works, " ")
}

func sorted(words string) string {
	list := strings.Fields(words)
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestRecord_rotateBad(t *testing.T) {
	t.Parallel()
	r := recordOf(t, "s")
	if _, _, err := r.rotateKey("none", "test", hashOf("b"), epoch, epoch); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("no such shop: %v", err)
	}
	if _, _, err := r.rotateKey("s", "none", hashOf("b"), epoch, epoch); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("no such key: %v", err)
	}
	if _, _, err := r.rotateNotice("none", "x", epoch, epoch); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("no such shop's notices: %v", err)
	}
	many := r
	var err error
	for i := range maxOld + 1 {
		if err != nil {
			t.Fatalf("rotation %d: %v", i, err)
		}
		many, _, err = many.rotateKey("s", "test", hashOf(fmt.Sprint("k", i)), epoch, epoch.Add(time.Hour))
	}
	if err == nil || !strings.Contains(err.Error(), "--end-old") || len(many.Shops[0].Keys[0].Old) != maxOld {
		t.Errorf("more than are kept: %v with %d", err, len(many.Shops[0].Keys[0].Old))
	}
	if _, _, err := many.rotateKey("s", "test", hashOf("z"), epoch, epoch); err != nil {
		t.Errorf("at once there is room: %v", err)
	}
}

// Notices are signed with the new secret first, and with the old until it ends.
func TestRecord_rotateNotice(t *testing.T) {
	t.Parallel()
	texts := []string{newNoticeSecret(), newNoticeSecret(), newNoticeSecret()}
	r := recordOf(t, "s")
	r.Shops[0].NoticeSecrets = []secret{{Text: texts[0]}}
	for i, until := range []time.Time{epoch.Add(time.Hour), epoch.Add(2 * time.Hour)} {
		var changed bool
		var err error
		if r, changed, err = r.rotateNotice("s", texts[i+1], epoch, until); err != nil || !changed {
			t.Fatalf("rotate: %t, %v", changed, err)
		}
	}
	if _, changed, err := r.rotateNotice("s", texts[2], epoch, epoch.Add(3*time.Hour)); err != nil || changed {
		t.Errorf("to the current one: %t, %v", changed, err)
	}
	for after, want := range map[time.Duration][]string{0: {texts[2], texts[1], texts[0]}, time.Hour: {texts[2], texts[1]}, 2 * time.Hour: {texts[2]}} {
		c, until := merge(config.Config{}, r, epoch.Add(after), true)
		var got []string
		for _, v := range c.Shops[0].NoticeSecrets {
			got = append(got, v.Text())
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %s: %d secrets, want %d in this order", after, len(got), len(want))
		}
		if ends := !until.IsZero(); ends != (len(want) > 1) {
			t.Errorf("after %s: the next ends at %s", after, until)
		}
	}
	r, changed, err := r.rotateNotice("s", texts[2], epoch, epoch)
	if err != nil || !changed || len(r.Shops[0].NoticeSecrets) != 1 {
		t.Errorf("end the old: %t, %v, %d left", changed, err, len(r.Shops[0].NoticeSecrets))
	}
}

// Whatever is done to a record: ids stay unique, the latest key always works,
// an earlier one works until the earliest end that it was given and never
// after, and a record that was read is not changed by what is made of it.
func TestRecord_walk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r record
		now := epoch
		latest := map[string]string{}
		ends := map[string]time.Time{} // of keys that another took the place of
		owner := map[string]string{}
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			before := encode(t, r)
			id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "shop")
			next, changed, err := r, false, error(nil)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				s := shopOf(id)
				if next, changed, err = r.addShop(s); changed {
					latest[id] = "key of " + id
					owner["key of "+id] = id
				}
			case 1:
				text := fmt.Sprint("key ", i)
				until := now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "overlap")) * time.Minute)
				if next, changed, err = r.rotateKey(id, "test", hashOf(text), now, until); changed {
					ends[latest[id]] = until
					for k, at := range ends {
						if owner[k] == id && at.After(until) {
							ends[k] = until
						}
					}
					latest[id], owner[text] = text, id
				}
			case 2:
				acc := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "account")
				next, changed, err = r.addAccount(account{ID: acc, Shop: id, added: added{Asked: id}})
			case 3:
				now = now.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "minutes")) * time.Minute)
			}
			if after := encode(t, r); after != before {
				t.Fatalf("the record that was read changed:\n%s\n%s", before, after)
			}
			if (err != nil || !changed) && encode(t, next) != before {
				t.Fatalf("not changed (%v), and yet it is another", err)
			}
			r = next
			check(t, r, now, latest, ends)
		}
	})
}

func check(t *rapid.T, r record, now time.Time, latest map[string]string, ends map[string]time.Time) {
	ids := map[string]bool{}
	for _, s := range r.Shops {
		if ids[s.ID] {
			t.Fatalf("shop %s is there twice", s.ID)
		}
		ids[s.ID] = true
	}
	for _, a := range r.Accounts {
		if ids["account "+a.ID] || !ids[a.Shop] {
			t.Fatalf("account %s is there twice, or of no shop", a.ID)
		}
		ids["account "+a.ID] = true
	}
	r.Shops = slices.Clone(r.Shops)
	for i := range r.Shops {
		r.Shops[i].NoticeSecrets = nil // not of this walk
	}
	c, _ := merge(config.Config{}, r, now, true)
	d, err := config.NewDirectory(c)
	if err != nil {
		t.Fatal(err)
	}
	for id, text := range latest {
		if k, err := d.Key(text); err != nil || k.Shop != id {
			t.Fatalf("the latest key of %s: %+v, %v", id, k, err)
		}
	}
	for text, at := range ends {
		if _, err := d.Key(text); (err == nil) != now.Before(at) {
			t.Fatalf("%q ends at %s and now is %s: %v", text, at, now, err)
		}
	}
}

func encode(t interface{ Fatal(...any) }, r record) string {
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
