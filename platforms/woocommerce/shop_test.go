package woocommerce

import (
	"archive/zip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// TestZip: what a shop owner installs is the extension, in one folder, with
// its languages, and nothing of the tests.
func TestZip(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "make", "zip")
	build := t.TempDir()
	shoptest.Must(t, nil, "make", "-C", "../..", "shop-woocommerce", "BUILD="+build)
	r, err := zip.OpenReader(filepath.Join(build, "kassette-woocommerce.zip"))
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
	slices.Sort(names)
	var want []string
	for _, f := range shoptest.Files(t, "", "plugin") {
		want = append(want, "kassette"+strings.TrimPrefix(f, "plugin"))
	}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("the zip holds %q, want %q", names, want)
	}
	for _, needed := range []string{"kassette/kassette.php", "kassette/uninstall.php", "kassette/readme.txt", "kassette/assets/blocks.js", "kassette/languages/kassette-nl_NL.mo"} {
		if !slices.Contains(names, needed) {
			t.Errorf("the zip lacks %s", needed)
		}
	}
}

// TestReadme: the versions in the readme are those of the header.
func TestReadme(t *testing.T) {
	t.Parallel()
	header, readme := shoptest.Read(t, "plugin/kassette.php"), shoptest.Read(t, "plugin/readme.txt")
	for _, pair := range [][2]string{{" * Version: ", "Stable tag: "}, {" * Requires at least: ", "Requires at least: "}, {" * Requires PHP: ", "Requires PHP: "}} {
		if got, want := after(t, readme, pair[1]), after(t, header, pair[0]); got != want {
			t.Errorf("the readme has %q after %q, the header %q", got, pair[1], want)
		}
	}
	if want := "define( 'KASSETTE_VERSION', '" + after(t, header, " * Version: ") + "' );"; !strings.Contains(header, want) {
		t.Errorf("the main file lacks %q", want)
	}
}

func after(t *testing.T, text, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n"+name)
	if !ok {
		t.Fatalf("there is no line %q", name)
	}
	line, _, _ := strings.Cut(rest, "\n")
	return line
}
