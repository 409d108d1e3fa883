package shoptest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	if out, err := Run(t, []string{"KASSETTE_TEST=a b"}, "sh", "-c", `echo "$KASSETTE_TEST"; exit 3`); err == nil || out != "a b\n" {
		t.Errorf("a tool that fails: got %q, %v", out, err)
	}
	if out := Must(t, nil, "sh", "-c", "echo well >&2"); out != "well\n" {
		t.Errorf("got %q", out)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a.php", "b/c.php", "b/d.js", "php"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{filepath.Join(dir, "a.php"), filepath.Join(dir, "b/c.php")}
	if got := Files(t, ".php", dir); !slices.Equal(got, want) || Read(t, got[1]) != "b/c.php" {
		t.Errorf("got %v", got)
	}
}

func TestFreeAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}

func TestEventually(t *testing.T) {
	t.Parallel()
	n := 0
	Eventually(t, "the third look", func() bool { n++; return n == 3 })
	if n != 3 {
		t.Errorf("looked %d times", n)
	}
}

// A background server ends with its test, and so do its children.
func TestBackground(t *testing.T) {
	t.Parallel()
	Need(t, "sh")
	file := filepath.Join(t.TempDir(), "pid")
	t.Run("serves", func(t *testing.T) {
		Background(t, []string{"FILE=" + file}, "sh", "-c", `sleep 600 & echo $! > "$FILE"; wait`)
		Eventually(t, "it has a child", func() bool { b, err := os.ReadFile(file); return err == nil && strings.HasSuffix(string(b), "\n") })
	})
	child := strings.TrimSpace(Read(t, file))
	Eventually(t, "the child has ended", func() bool {
		stat, err := os.ReadFile("/proc/" + child + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}

// A shopper follows forms and redirects with the cookies of each site.
func TestShopper(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "basket", Value: "mug", Path: "/"})
		fmt.Fprint(w, `<form method="post" action="/order"><input type="hidden" name="once" value="1"><button name="method" value="ideal">Pay</button></form>`)
	})
	mux.HandleFunc("POST /order", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("basket")
		if err != nil || r.PostFormValue("once") != "1" || r.PostFormValue("method") != "ideal" || c.Value != "mug" {
			http.Error(w, "that is no order", http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, "/thanks", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /thanks", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<h1>thanks</h1>") })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	s := NewShopper(t)
	s.Open(srv.URL + "/")
	s.Press("method", "ideal")
	s.Back(srv.URL, "/thanks")
}
