package magento

import (
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// npm is where make tools puts what is from npm.
const npm = "../../build/tools/node_modules"

func needNPM(t *testing.T, packages ...string) {
	t.Helper()
	for _, name := range packages {
		if _, err := os.Stat(filepath.Join(npm, name)); err != nil {
			t.Skipf("npm's %s not found: make tools installs it", name)
		}
	}
}

func TestRenderer_inNode(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "node")
	needNPM(t, "requirejs", "knockout")
	if out, err := shoptest.Run(t, nil, "node", "--test", "tests/renderer/"); err != nil {
		t.Errorf("node: %s", out)
	}
}

// checkoutPage writes the page of the checkout's step, and gives its address:
// the renderer's template with Knockout, under a policy that forbids inline
// scripts as Magento's checkout does (3.2). Without a config it has methods of
// its own.
func checkoutPage(t *testing.T, dir, config string) string {
	t.Helper()
	needNPM(t, "requirejs", "knockout")
	address := func(path string) string {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return (&url.URL{Scheme: "file", Path: abs}).String()
	}
	page := strings.NewReplacer(
		"{{require}}", address(npm+"/requirejs/require.js"),
		"{{knockout}}", address(npm+"/knockout/build/output/knockout-latest"),
		"{{web}}", address("module/view/frontend/web"),
		"{{config}}", html.EscapeString(config),
		"{{page}}", address("tests/renderer/page.js"),
		"{{template}}", shoptest.Read(t, "module/view/frontend/web/template/payment/redirect.html"),
	).Replace(shoptest.Read(t, "tests/renderer/page.html"))
	if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	return address(filepath.Join(dir, "page.html"))
}

// TestTemplate_inABrowser presses the button.
func TestTemplate_inABrowser(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "chromium")
	dir := t.TempDir()
	page := checkoutPage(t, dir, "")
	out, err := shoptest.Run(t, nil, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--virtual-time-budget=10000", "--dump-dom", page)
	if err != nil {
		t.Fatalf("chromium: %s", out)
	}
	for _, want := range []string{
		`data-seen="TEST: no money moves.|Choose how to pay|iDEAL|Card|Place order and pay"`,
		`data-logos="1 of 1"`, `data-options="|First Bank|Second Bank"`, `data-labelled="yes"`,
		`data-sent="{&quot;kassette_method&quot;:&quot;ideal&quot;,&quot;kassette_option&quot;:&quot;b2&quot;}"`,
		`data-gone="https://shop.example/kassette/redirect"`, `data-button="disabled"`, `data-violations="0"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}
