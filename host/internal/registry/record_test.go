package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

var epoch = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// digests are names that look like digests.
func digestN(n int) string { return strings.Repeat(fmt.Sprintf("%02d", n), 32) }

// history is a record after installing versions 1.0.0 to n.0.0 and doing
// things: "a2" activates the second, "b" rolls back, "q2" quarantines, "r2" retires.
func history(t testing.TB, n int, did ...string) record {
	t.Helper()
	var r record
	for i := 1; i <= n; i++ {
		r = r.install(recorded{Version: fmt.Sprintf("%d.0.0", i), Digest: digestN(i), InstalledAt: epoch, RefundWindow: time.Hour}, "test")
	}
	for i, d := range did {
		c := checkout.PluginChange{At: epoch.Add(time.Duration(i+1) * time.Minute), By: "test"}
		var v string
		if len(d) > 1 {
			v = digestN(int(d[1] - '0'))
		}
		switch d[0] {
		case 'a':
			c.What = didActivate
			r = r.activate(v, c)
		case 'b':
			c.What = didRollback
			to, ok := r.previous()
			if !ok {
				t.Fatalf("step %d: nothing to roll back to", i)
			}
			r = r.pass(r.Active, to.Digest, c)
		case 'q', 'r':
			c.What = map[byte]string{'q': didQuarantine, 'r': didRetire}[d[0]]
			to := r.Active
			if to == v {
				to = ""
				if last, ok := r.previous(); ok && d[0] == 'q' {
					to = last.Digest
				}
			}
			r = r.pass(v, to, c)
		}
	}
	return r
}

func TestRecord_previousIsTheLastGood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		did              []string
		active, previous int // 0 for none
	}{
		{"nothing was active", nil, 0, 0},
		{"the first", []string{"a1"}, 1, 0},
		{"two in turn", []string{"a1", "a2"}, 2, 1},
		{"three in turn", []string{"a1", "a2", "a3"}, 3, 2},
		{"back once", []string{"a1", "a2", "b"}, 1, 0},
		{"back twice is not forth", []string{"a1", "a2", "a3", "b", "b"}, 1, 0},
		{"back, and activated again on purpose", []string{"a1", "a2", "b", "a2"}, 2, 1},
		{"quarantined: the last good comes back", []string{"a1", "a2", "q2"}, 1, 0},
		{"the last good is quarantined too", []string{"a1", "a2", "q1"}, 2, 0},
		{"the only one quarantined", []string{"a1", "q1"}, 0, 0},
		{"retired", []string{"a1", "a2", "r2"}, 0, 1},
		{"the one before was retired", []string{"a1", "a2", "a3", "r2"}, 3, 1},
		{"activated twice", []string{"a1", "a2", "a1"}, 1, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := history(t, 3, c.did...)
			name := func(n int) string {
				if n == 0 {
					return ""
				}
				return digestN(n)
			}
			if p, _ := r.previous(); r.Active != name(c.active) || p.Digest != name(c.previous) {
				t.Errorf("active %q, previous %q, want %q, %q", r.Active, p.Digest, name(c.active), name(c.previous))
			}
		})
	}
}

func TestRecord_state(t *testing.T) {
	t.Parallel()
	obstacle := history(t, 1).change(digestN(1), func(v *recorded) { v.Obstacle = "no grant" })
	for _, c := range []struct {
		name  string
		rec   record
		open  int64
		after time.Duration
		want  checkout.VersionState
	}{
		{"installed, something in the way", obstacle, 0, 0, checkout.VersionInstalled},
		{"installed and proven", history(t, 1), 0, 0, checkout.VersionChecked},
		{"serves", history(t, 1, "a1"), 3, 0, checkout.VersionActive},
		{"served, payments open", history(t, 2, "a1", "a2"), 1, 90 * time.Minute, checkout.VersionDraining},
		{"served, refunds possible", history(t, 2, "a1", "a2"), 0, 61 * time.Minute, checkout.VersionDraining},
		{"served, refunds over", history(t, 2, "a1", "a2"), 0, 62 * time.Minute, checkout.VersionRetired},
		{"retired before it served", history(t, 1, "r1"), 0, 0, checkout.VersionRetired},
		{"quarantined, payments open", history(t, 1, "a1", "q1"), 2, 0, checkout.VersionQuarantined},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v, _ := c.rec.find(digestN(1))
			if got := c.rec.state(v, c.open, epoch.Add(c.after)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestRecord_resolve(t *testing.T) {
	t.Parallel()
	r := history(t, 2)
	r.Versions = append(r.Versions, recorded{Version: "2.0.0", Digest: digestN(3)})
	for _, c := range []struct {
		ref  string
		want string
		err  error
	}{
		{"9.0.0", "", checkout.ErrNotFound},
		{"", "", checkout.ErrNotFound},
		{"0101", "", checkout.ErrNotFound}, // too short to name a digest
		{"2.0.0", "", checkout.ErrAmbiguous},
		{"1.0.0", digestN(1), nil},
		{digestN(3)[:12], digestN(3), nil},
		{"sha256:" + digestN(2), digestN(2), nil},
	} {
		if v, err := r.resolve(c.ref); v.Digest != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q: got %q, %v, want %q, %v", c.ref, v.Digest, err, c.want, c.err)
		}
	}
}

func TestRecord_isBounded(t *testing.T) {
	t.Parallel()
	r := history(t, 1, "a1")
	for i := range maxVersions + 20 {
		r = r.install(recorded{Version: fmt.Sprintf("2.0.%d", i), Digest: fmt.Sprintf("%064d", i)}, "dev")
	}
	if len(r.Versions) > maxVersions || len(r.History) > maxHistory {
		t.Errorf("%d versions, %d changes", len(r.Versions), len(r.History))
	}
	if _, ok := r.find(r.Active); !ok {
		t.Error("the active version was struck off")
	}
	if len(r.Going) != 21 {
		t.Errorf("the bytes of %d that were struck off go, want 21", len(r.Going))
	}
}

func TestRecord_readsNoNewerSchema(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{`{"schema":2}`: "schema 2", `{`: "read the plugin's record"} {
		if _, err := readRecord([]byte(doc)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", doc, err, want)
		}
	}
}

// Whatever is done, at most one version is active, it is one that is there and
// was not passed over, and what a rollback would bring back is another.
func TestRecord_walk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := history(&testing.T{}, 4)
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			c := checkout.PluginChange{At: epoch.Add(time.Duration(i) * time.Second)}
			v := digestN(rapid.IntRange(1, 4).Draw(t, "version"))
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				c.What = didActivate
				r = r.activate(v, c)
			case 1:
				if to, ok := r.previous(); ok && r.Active != "" {
					c.What = didRollback
					r = r.pass(r.Active, to.Digest, c)
				}
			case 2:
				c.What = didRetire
				to := r.Active
				if to == v {
					to = ""
				}
				r = r.pass(v, to, c)
			case 3:
				c.What = didQuarantine
				to := r.Active
				if to == v {
					last, _ := r.previous()
					to = last.Digest
				}
				r = r.pass(v, to, c)
			}
			if r.Active != "" {
				if a, ok := r.find(r.Active); !ok || a.Passed != "" || a.ActivatedAt.IsZero() || !a.LeftAt.IsZero() {
					t.Fatalf("active: %+v, %t", a, ok)
				}
			}
			if p, ok := r.previous(); ok && (p.Digest == r.Active || p.Passed != "") {
				t.Fatalf("previous: %+v beside %q", p, r.Active)
			}
			if i := slices.IndexFunc(r.Versions, func(v recorded) bool { return v.Digest != r.Active && !v.ActivatedAt.IsZero() && v.LeftAt.IsZero() }); i >= 0 {
				t.Fatalf("%+v does not know that it left", r.Versions[i])
			}
		}
	})
}

// Where a record is full, a new version still comes in, and a rollback still
// finds what served before.
func TestRecord_full_newVersionsAndRollbackStay(t *testing.T) {
	t.Parallel()
	served := history(t, 2, "a1", "a2")
	for i := range maxHistory + 1 {
		served = served.install(recorded{Version: fmt.Sprintf("2.0.%d", i), Digest: fmt.Sprintf("%064d", i)}, "dev")
	}
	if v, ok := served.previous(); !ok || v.Digest != digestN(1) {
		t.Errorf("after %d installations a rollback finds %q", maxHistory+1, v.Version)
	}
	if len(served.History) > maxHistory {
		t.Errorf("%d changes", len(served.History))
	}
	for i := range maxVersions + 1 {
		d := fmt.Sprintf("%064d", i)
		served = served.install(recorded{Version: fmt.Sprintf("3.0.%d", i), Digest: d}, "dev")
		if _, ok := served.find(d); !ok {
			t.Fatalf("version %d, just installed, is not there", i)
		}
		served = served.activate(d, checkout.PluginChange{At: time.Unix(int64(i+1), 0), What: didActivate})
	}
}
