package woocommerce

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// deafness is a shop that hears no notices: they are answered before the
// extension sees them, as a security plugin does.
type deafness struct{ plugin, heard string }

func (s site) deafen(t *testing.T) deafness {
	t.Helper()
	d := deafness{filepath.Join(s.dir, "wp-content", "mu-plugins", "deaf.php"), filepath.Join(s.dir, "deaf.txt")}
	code := `<?php if ( false !== strpos( $_SERVER['REQUEST_URI'] ?? '', 'wc-api/kassette/' ) ) { file_put_contents( ABSPATH . 'deaf.txt', 'x' ); http_response_code( 403 ); exit; }`
	if err := os.WriteFile(d.plugin, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(d.plugin) })
	return d
}

// until waits for the first notice.
func (d deafness) until(t *testing.T, what string) {
	t.Helper()
	shoptest.Eventually(t, what, func() bool { _, err := os.Stat(d.heard); return err == nil })
}

// stopAt stops a browser before a site.
func stopAt(site string) func(*http.Request, []*http.Request) error {
	return func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), site) {
			return http.ErrUseLastResponse
		}
		return nil
	}
}
