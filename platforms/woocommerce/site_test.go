package woocommerce

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

const (
	// wordpress is where Debian's package wordpress has it.
	wordpress = "/usr/share/wordpress"
	// needed and tested are the lines of the header that differ: Debian's
	// WordPress is older than what the extension asks for.
	needed = " * Requires at least: 6.6\n"
	tested = " * Requires at least: 6.1\n"
)

// site is a WordPress with the double of WooCommerce and the extension.
type site struct {
	dir, url string
	env      []string
}

// newSite makes a site: a database, Debian's WordPress, and a web server of
// four workers, so that four requests run at once.
func newSite(t *testing.T) site {
	t.Helper()
	return startSite(t, func(s site) {}, "woocommerce/woocommerce.php kassette/kassette.php")
}

// newBareSite makes a site without the extension, and gives the zip of it that
// a shop owner uploads there.
func newBareSite(t *testing.T) (s site, zip string) {
	t.Helper()
	shoptest.Need(t, "zip")
	zip = filepath.Join(t.TempDir(), "kassette-woocommerce.zip")
	return startSite(t, func(s site) {
		plugins := filepath.Join(s.dir, "wp-content", "plugins")
		shoptest.Must(t, nil, "sh", "-c", `cd "$0" && zip -q -r "$1" kassette && rm -r kassette`, plugins, zip)
	}, "woocommerce/woocommerce.php"), zip
}

// startSite starts a site with these plugins active, after a last change of
// its files.
func startSite(t *testing.T, change func(site), plugins string) site {
	t.Helper()
	shoptest.Need(t, "php", "mariadbd", "mariadb-install-db")
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
	change(s)
	host := shoptest.FreeAddress(t)
	s.url = "http://" + host
	s.env = []string{"KASSETTE_DB=" + socket, "KASSETTE_SITE=" + s.dir, "KASSETTE_URL=" + s.url, "PHP_CLI_SERVER_WORKERS=4", "KASSETTE_HPOS=yes", "KASSETTE_PLUGINS=" + plugins}
	shoptest.Must(t, s.env, "php", "double/site/install.php")
	shoptest.Background(t, s.env, "php", "-d", "display_errors=0", "-S", host, "-t", s.dir)
	shoptest.Eventually(t, "the web server", func() bool {
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
	shoptest.Must(t, env, "mariadb-install-db", "--no-defaults", who, "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	shoptest.Background(t, env, "mariadbd", "--no-defaults", who, "--datadir="+data, "--socket="+socket, "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M")
	shoptest.Eventually(t, "the database", func() bool {
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
	return strings.TrimSpace(shoptest.Must(t, nil, "id", "-un"))
}

// lay copies WordPress, the double and the extension, whose copy says in its
// header that Debian's WordPress will do: that line is the only difference.
func (s site) lay(t *testing.T) {
	t.Helper()
	shoptest.Must(t, nil, "cp", "-rL", wordpress, s.dir)
	content := filepath.Join(s.dir, "wp-content")
	shoptest.Must(t, nil, "rm", "-rf", content)
	for _, dir := range []string{"plugins", "mu-plugins", "themes/plain"} {
		if err := os.MkdirAll(filepath.Join(content, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	shoptest.Must(t, nil, "cp", "-r", "double/woocommerce", "plugin", filepath.Join(content, "plugins"))
	kassette := filepath.Join(content, "plugins", "kassette")
	shoptest.Must(t, nil, "mv", filepath.Join(content, "plugins", "plugin"), kassette)
	shoptest.Must(t, nil, "cp", "double/site/mail.php", filepath.Join(content, "mu-plugins"))
	shoptest.Must(t, nil, "cp", "double/site/wp-config.php", s.dir)
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
