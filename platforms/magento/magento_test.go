package magento

import (
	"regexp"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

func TestPHP_parses(t *testing.T) {
	t.Parallel()
	shoptest.Parses(t, "module", "double", "tests")
}

func TestPHP_keepsTheStandard(t *testing.T) {
	t.Parallel()
	shoptest.KeepsTheStandard(t)
}

// refused is some of what sniffs of severity 10 of Magento's own coding standard
// and the Marketplace refuse (3.9), as far as patterns can tell.
var refused = map[string]*regexp.Regexp{
	"a final class or method cannot be extended by Magento's interceptors": regexp.MustCompile(`(?m)^\s*(final\s|abstract final)`),
	"the object manager is not used directly":                              regexp.MustCompile(`ObjectManager`),
	"superglobals are not used":                                            regexp.MustCompile(`\$_(GET|POST|REQUEST|COOKIE|SERVER|SESSION|ENV|FILES)\b|\$GLOBALS`),
	"nothing is output or ended directly":                                  regexp.MustCompile(`(?m)^\s*(echo|print|exit|die|goto)\b`),
	"no file is included":                                                  regexp.MustCompile(`(?m)\b(include|require)(_once)?\b\s*[('"$_]`),
	"nothing generic is thrown":                                            regexp.MustCompile(`throw new \\?(Exception|RuntimeException)\b`),
	"models are not saved or loaded by themselves":                         regexp.MustCompile(`\$(order|quote|payment|invoice|creditmemo)->(save|load|delete)\(`),
	"no floats": regexp.MustCompile(`\((float|double)\)|:\s*\??float\b|\b\d+\.\d+\s*[*/+-]`),
}

func TestPHP_hasNothingThatMagentoRefuses(t *testing.T) {
	t.Parallel()
	for _, file := range shoptest.Files(t, ".php", "module") {
		text := shoptest.Read(t, file)
		if !strings.HasPrefix(text, "<?php\n\ndeclare(strict_types=1);\n") {
			t.Errorf("%s does not begin with strict types", file)
		}
		for why, bad := range refused {
			if found := bad.FindString(text); found != "" {
				t.Errorf("%s: %q: %s", file, found, why)
			}
		}
	}
}

// TestCSRF_oneOptOut: the signed address alone does without Magento's check.
func TestCSRF_oneOptOut(t *testing.T) {
	t.Parallel()
	var opted []string
	for _, file := range shoptest.Files(t, ".php", "module") {
		if strings.Contains(shoptest.Read(t, file), "CsrfAwareActionInterface") {
			opted = append(opted, file)
		}
	}
	if want := "module/Controller/Notify/Index.php"; len(opted) != 1 || opted[0] != want {
		t.Errorf("without Magento's check against forged requests are %v, want %s alone", opted, want)
	}
}

// TestPHPUnit runs the tests of the double and of the module.
func TestPHPUnit(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "phpunit")
	out, err := shoptest.Run(t, nil, "phpunit", "-c", "tests/phpunit.xml")
	if err != nil {
		t.Errorf("phpunit: %s", out)
	}
	t.Log(out[max(0, len(out)-200):])
}
