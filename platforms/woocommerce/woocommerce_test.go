package woocommerce

import (
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

func TestPHP_parses(t *testing.T) {
	t.Parallel()
	shoptest.Parses(t, "plugin", "double", "tests")
}

func TestPHP_keepsTheStandard(t *testing.T) {
	t.Parallel()
	shoptest.KeepsTheStandard(t)
}

// TestPHPUnit runs the tests of the double and of the extension in a real
// WordPress, with orders as posts and in tables of their own (HPOS).
func TestPHPUnit(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "phpunit")
	s := newSite(t)
	for name, hpos := range map[string]string{"orders as posts": "no", "HPOS": "yes"} {
		t.Run(name, func(t *testing.T) {
			out, err := shoptest.Run(t, append(s.env, "KASSETTE_HPOS="+hpos), "phpunit", "-c", "tests/phpunit.xml")
			if err != nil {
				t.Errorf("phpunit: %s", out)
			}
			t.Log(out[max(0, len(out)-300):])
		})
	}
	s.complaints(t)
}
