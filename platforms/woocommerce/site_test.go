package woocommerce

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// wordpress is where Debian's package wordpress has it.
	wordpress = "/usr/share/wordpress"
	// needed and tested are the lines of the header that differ: Debian's
	// WordPress is older than what the extension asks for.
	needed = " * Requires at least: 6.6\n"
	tested = " * Requires at least: 6.1\n"
	// starts bounds how long anything may take to happen.
	starts = 2 * time.Minute
)

// need skips the test where a tool is missing. CI fails on what is skipped.
func need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s not found: make tools installs it", tool)
		}
	}
}

// run runs a tool to its end and gives what it said.
func run(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must is run where failing ends the test.
func must(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	out, err := run(t, env, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// background starts a server that ends with the test.
func background(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the web server has workers
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Errorf("end %s: %v", name, err)
		}
		end := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // it ends by a signal, which Wait calls an error
		end.Stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, said.String())
		}
	})
}

// eventually waits until ready says yes.
func eventually(t *testing.T, what string, ready func() bool) {
	t.Helper()
	deadline := time.After(starts)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-deadline:
			t.Fatalf("still not after %s: %s", starts, what)
		case <-tick.C:
		}
	}
}

// site is a WordPress with the double of WooCommerce and the extension.
type site struct {
	dir, url string
	env      []string
}

// newSite makes a site: a database, Debian's WordPress, and a web server of
// four workers, so that four requests run at once.
func newSite(t *testing.T) site {
	t.Helper()
	need(t, "php", "mariadbd", "mariadb-install-db")
	if _, err := os.Stat(wordpress); err != nil {
		t.Skipf("%s not found: make tools installs Debian's package wordpress", wordpress)
	}
	root, err := os.MkdirTemp("", "kassette-wc") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	s := site{dir: filepath.Join(root, "site")}
	socket := startDatabase(t, root)
	s.lay(t)
	host := freeAddress(t)
	s.url = "http://" + host
	s.env = []string{"KASSETTE_DB=" + socket, "KASSETTE_SITE=" + s.dir, "KASSETTE_URL=" + s.url, "PHP_CLI_SERVER_WORKERS=4", "KASSETTE_HPOS=yes"}
	must(t, s.env, "php", "double/site/install.php")
	background(t, s.env, "php", "-d", "display_errors=0", "-S", host, "-t", s.dir)
	eventually(t, "the web server", func() bool {
		resp, err := http.Get(s.url + "/?wc-api=nobody")
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil
	})
	return s
}

func startDatabase(t *testing.T, root string) (socket string) {
	t.Helper()
	data := filepath.Join(root, "db")
	socket = filepath.Join(root, "db.sock")
	who := "--user=" + userName(t)
	tmp := filepath.Join(root, "tmp") // each its own: a database that starts clears it
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	env := []string{"TMPDIR=" + tmp}
	must(t, env, "mariadb-install-db", "--no-defaults", who, "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	background(t, env, "mariadbd", "--no-defaults", who, "--datadir="+data, "--socket="+socket, "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M")
	eventually(t, "the database", func() bool {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return socket
}

func userName(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(must(t, nil, "id", "-un"))
}

// lay copies WordPress, the double and the extension, whose copy says in its
// header that Debian's WordPress will do: that line is the only difference.
func (s site) lay(t *testing.T) {
	t.Helper()
	must(t, nil, "cp", "-rL", wordpress, s.dir)
	content := filepath.Join(s.dir, "wp-content")
	must(t, nil, "rm", "-rf", content)
	for _, dir := range []string{"plugins", "mu-plugins", "themes/plain"} {
		if err := os.MkdirAll(filepath.Join(content, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	must(t, nil, "cp", "-r", "double/woocommerce", "plugin", filepath.Join(content, "plugins"))
	kassette := filepath.Join(content, "plugins", "kassette")
	must(t, nil, "mv", filepath.Join(content, "plugins", "plugin"), kassette)
	must(t, nil, "cp", "double/site/mail.php", filepath.Join(content, "mu-plugins"))
	must(t, nil, "cp", "double/site/wp-config.php", s.dir)
	main := filepath.Join(kassette, "kassette.php")
	was, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(was, []byte(needed)) != 1 {
		t.Fatalf("the header of %s has no line %q", main, needed)
	}
	if err := os.WriteFile(main, bytes.Replace(was, []byte(needed), []byte(tested), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// complaints wants PHP to have nothing to say of the extension.
func (s site) complaints(t *testing.T) {
	t.Helper()
	said, err := os.ReadFile(filepath.Join(s.dir, "debug.log"))
	if err == nil && strings.Contains(string(said), "plugins/kassette") {
		t.Errorf("PHP complained about the extension:\n%s", said)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
