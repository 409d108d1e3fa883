package magento

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
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

// files lists the files below dirs whose names end so.
func files(t *testing.T, suffix string, dirs ...string) []string {
	t.Helper()
	var list []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
				list = append(list, path)
			}
			return err
		})
		if err != nil {
			t.Fatalf("list %s: %v", dir, err)
		}
	}
	if len(list) == 0 {
		t.Fatalf("there is no %s below %v", suffix, dirs)
	}
	return list
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPHP_parses(t *testing.T) {
	t.Parallel()
	need(t, "php")
	for _, file := range files(t, ".php", "module", "double", "tests") {
		if out, err := run(t, nil, "php", "-n", "-l", file); err != nil {
			t.Errorf("php -l %s: %s", file, out)
		}
	}
}

func TestPHP_keepsTheStandard(t *testing.T) {
	t.Parallel()
	need(t, "phpcs")
	if out, err := run(t, nil, "phpcs", "--standard=phpcs.xml", "-q"); err != nil {
		t.Errorf("phpcs: %s", out)
	}
}

// refused are the rules of severity 10 of Magento's coding standard whose
// sniffs are its own, and what the Marketplace refuses (3.9).
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
	for _, file := range files(t, ".php", "module") {
		text := read(t, file)
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
	for _, file := range files(t, ".php", "module") {
		if strings.Contains(read(t, file), "CsrfAwareActionInterface") {
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
	need(t, "phpunit")
	out, err := run(t, nil, "phpunit", "-c", "tests/phpunit.xml")
	if err != nil {
		t.Errorf("phpunit: %s", out)
	}
	t.Log(out[max(0, len(out)-200):])
}
