package woocommerce

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// TestLanguages: each language has every text, and the compiled file is of the
// written one.
func TestLanguages(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "msgfmt", "msgcmp", "xgettext")
	pot := filepath.Join(t.TempDir(), "kassette.pot")
	args := append([]string{"--from-code=UTF-8", "--language=PHP", "--keyword=__", "--keyword=esc_html__", "--no-location", "--omit-header", "-o", pot}, shoptest.Files(t, ".php", "plugin/includes")...)
	shoptest.Must(t, nil, "xgettext", args...)
	for _, locale := range []string{"nl_NL", "de_DE", "fr_FR", "sv_SE", "bg_BG"} {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			po := "plugin/languages/kassette-" + locale
			if out, err := shoptest.Run(t, nil, "msgcmp", po+".po", pot); err != nil {
				t.Errorf("msgcmp: %s", out)
			}
			mo := filepath.Join(t.TempDir(), "mo")
			shoptest.Must(t, nil, "msgfmt", "--check-format", "--check-header", "--no-hash", "-o", mo, po+".po")
			want, err := os.ReadFile(mo)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(po + ".mo"); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s.mo is not what msgfmt --no-hash makes of %s.po (%v)", po, po, err)
			}
		})
	}
}
