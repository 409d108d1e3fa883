package magento

import (
	"archive/zip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// TestZip: what a shop owner installs is the module, and nothing of the tests.
func TestZip(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "make", "zip")
	build := t.TempDir()
	if out, err := shoptest.Run(t, nil, "make", "-C", "../..", "shop-magento", "BUILD="+build); err != nil {
		t.Fatalf("make: %s", out)
	}
	r, err := zip.OpenReader(filepath.Join(build, "kassette-magento.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var names []string
	for _, f := range r.File {
		if !f.FileInfo().IsDir() {
			names = append(names, f.Name)
		}
	}
	var want []string
	for _, f := range shoptest.Files(t, "", "module") {
		want = append(want, strings.TrimPrefix(f, "module/"))
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("the zip holds %q, want %q", names, want)
	}
	for _, needed := range []string{"registration.php", "composer.json", "etc/module.xml", "i18n/nl_NL.csv"} {
		if !slices.Contains(names, needed) {
			t.Errorf("the zip lacks %s", needed)
		}
	}
}

// TestVersion: the module says the same version to Composer and to the gateway.
func TestVersion(t *testing.T) {
	t.Parallel()
	composer := regexp.MustCompile(`"version": "([^"]+)"`).FindStringSubmatch(shoptest.Read(t, "module/composer.json"))
	agent := regexp.MustCompile(`Kassette-Magento/([0-9.]+)'`).FindStringSubmatch(shoptest.Read(t, "module/Model/Client.php"))
	if composer == nil || agent == nil || composer[1] != agent[1] {
		t.Errorf("composer.json says %q, the client %q", composer, agent)
	}
}
