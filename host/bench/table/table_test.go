package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The golden file is the page that comes of the output beside it.
func TestRun_golden(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"bench.md", "bench.txt"} {
		copyFile(t, filepath.Join("testdata", name), filepath.Join(dir, name))
	}
	for range 2 { // once more changes nothing
		if err := run(t.Context(), dir, true, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "bench.md"))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "bench.golden.md")
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"failed", "--- FAIL: BenchmarkTrips/create\n    it broke", "FAIL: BenchmarkTrips/create"},
		{"skipped", "--- SKIP: BenchmarkTrips\n    redis-server not found", "SKIP: BenchmarkTrips"},
		{"no unit", "BenchmarkTrips/create-2 3 1.000", "lacks its unit"},
		{"no count", "BenchmarkTrips/create-2 often 1.000 round-trips", "how often it ran"},
		{"no number", "BenchmarkTrips/create-2 3 one round-trips", "round-trips"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if r, err := parse(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %+v, %v, want %q", r, err, tt.want)
			}
		})
	}
}

func TestParse_names(t *testing.T) {
	t.Parallel()
	r, err := parse(strings.NewReader("BenchmarkAnnounce/callers=16-2\n\t\nBenchmarkAnnounce/callers=16-2   12  40.5 orders/s\nBenchmarkBare 1 2 x\nPASS\n"))
	if err != nil || len(r.rows) != 2 {
		t.Fatalf("got %+v, %v, want two rows", r, err)
	}
	if got := r.rows[0]; got.family != "Announce" || got.name != "callers=16" || got.values[0] != (value{"orders/s", "40.5"}) {
		t.Errorf("got %+v", got)
	}
	if got := r.rows[1]; got.family != "Bare" || got.name != "" {
		t.Errorf("got %+v", got)
	}
}

func TestWrite_wholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "bench.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"a family is missing", "BenchmarkModule/", "BenchmarkOther/", "no such benchmark ran"},
		{"a measurement is missing", "round-trips", "trips", "has no round-trips"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := parse(strings.NewReader(strings.ReplaceAll(string(text), tt.old, tt.new)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := write(r); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestReplace_noMarkers(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"", begin, end, end + begin} {
		if _, err := replace([]byte(page), "x"); err == nil {
			t.Errorf("%q: no error", page)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1.000": "1", "1.754": "1.75", "14.97": "15.0", "99.96": "100.0", "379.3": "379", "7000": "7,000", "32000333": "32,000,333", "0.004": "0.00", "x": "x",
	} {
		if got := number(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
