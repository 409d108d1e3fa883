package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkout is the folder of this repository.
func checkout(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestPluginNew_bad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "taken", "")
	for args, want := range map[string][]string{
		"plugin new":                                {"<name>", "See: kassette plugin new --help"},
		"plugin new tulip --lang rust":              {`"go","assemblyscript"`, "See: kassette plugin new --help"},
		"plugin new Tulip":                          {`"Tulip": a plugin's name is 2 to 32 small letters`, "such as tulip-pay"},
		"plugin new ../tulip":                       {"a plugin's name is"},
		"plugin new taken --replace " + checkout(t): {"taken: it is there already", "choose another folder with --dir"},
		"plugin new tulip":                          {"name their folder with --replace DIR or KASSETTE_SOURCE"},
		"plugin new tulip --replace . --dir sub":    {"--replace .: it is not the folder of the module github.com/kassette-pay/kassette"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			r := runIn(t, dir, nil, strings.Fields(args)...)
			r.says(t, map[bool]int{true: 2, false: 1}[strings.Contains(r.err, "See: ")], nil, append(want, "kassette: "))
		})
	}
	t.Cleanup(func() {
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
			t.Errorf("got %v, %v, want nothing made", files, err)
		}
	})
}

// A new plugin builds, passes the whole conformance kit and takes payments, in
// either language.
func TestPluginNew(t *testing.T) {
	t.Parallel()
	asc := filepath.Join(checkout(t), "build/tools/node_modules/.bin")
	for _, language := range []string{"go", "assemblyscript"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat(filepath.Join(asc, "asc")); err != nil && language == "assemblyscript" {
				t.Skip("asc is not there; make tools installs it")
			}
			dir := t.TempDir()
			env := []string{"KASSETTE_SOURCE=" + checkout(t), "PATH=" + asc + string(os.PathListSeparator) + os.Getenv("PATH")}
			runIn(t, dir, env, "plugin", "new", "tulip-pay", "--lang", language).says(t, 0, []string{"tulip-pay is made", "cd tulip-pay", "kassette plugin build"}, nil)
			at := filepath.Join(dir, "tulip-pay")
			if got := answer[built](t, runIn(t, at, env, "plugin", "build", "--json")); got.Size > largePlugin {
				t.Errorf("got %d bytes, want no more than a warning allows", got.Size)
			}
			cache := filepath.Join(dir, "cache")
			runIn(t, at, nil, "plugin", "inspect", "tulip-pay.wasm", "--cache-dir", cache).
				says(t, 0, []string{"tulip-pay 1.0.0, payment of tulip-pay", "secret signing_key: mac:sha256"}, nil)
			r := runIn(t, at, env, "plugin", "test", "--cache-dir", cache, "--format", "json")
			r.says(t, 0, []string{`"plugin": "tulip-pay@1.0.0"`, `"failed": 0`}, []string{"tulip-pay.wasm: "})
			passed := passedOf(t, r)
			for _, family := range []string{"manifest", "canned", "Wasm/happy", "Wasm/forgeries", "Wasm/refunds", "Wasm/pure", "Wasm/secrets"} {
				if passed[family] == 0 {
					t.Errorf("got %v, want %s among what passed", passed, family)
				}
			}
			tidy(t, at)
			startsPayment(t, at, cache)
		})
	}
}

// passedOf counts what passed in a report, by family.
func passedOf(t *testing.T, r result) map[string]int {
	t.Helper()
	passed := map[string]int{}
	for _, v := range answer[struct {
		Scenarios []struct{ Family, Result string }
	}](t, result{r.status, r.out, ""}).Scenarios {
		if v.Result == "passed" {
			passed[v.Family]++
		}
	}
	return passed
}

// tidy holds the sources to what Go's tools say.
func tidy(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command("go", "vet", "./...")
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, text)
	}
	if text, err := exec.Command("gofmt", "-s", "-l", dir).Output(); err != nil || len(text) > 0 {
		t.Errorf("not formatted: %s, %v", text, err)
	}
}

// startsPayment starts the plugin's gateway and provider as its README says,
// and a payment there, which the plugin asks the provider for.
func startsPayment(t *testing.T, dir, cache string) {
	t.Helper()
	gateway, admin, provider := freeAddr(t), freeAddr(t), freeAddr(t)
	text, err := os.ReadFile(filepath.Join(dir, "kassette.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "here.yaml", strings.NewReplacer("127.0.0.1:8080", gateway, "127.0.0.1:8081", admin, "127.0.0.1:8083", provider).Replace(string(text)))
	serve := filepath.Join(dir, "serve")
	build := exec.Command("go", "build", "-o", serve, "./provider/serve")
	build.Dir = dir
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	other := exec.Command(serve, "-addr", provider)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	g := start(t, dir, nil, "--config", "here.yaml", "serve", "--cache-dir", cache)
	for what, url := range map[string]string{"the gateway is ready": "http://" + admin + "/ready", "the provider is there": "http://" + provider} {
		g.until(what, func() bool {
			status, _ := ask(t, "GET", url, "")
			return status != 0 && status != http.StatusServiceUnavailable
		})
	}
	status, body := askWith(t, "demo", "POST", "http://"+gateway+"/v1/orders", `{"reference": "one", "amount": {"value": 4999, "currency": "EUR"}, "method": "tulip-pay",
		"description": "tulips", "return_url": "http://`+gateway+`/docs", "cancel_url": "http://`+gateway+`/docs"}`)
	if status != http.StatusCreated || !strings.Contains(string(body), "http://"+provider+"/pay/tulip-pay-1") {
		t.Errorf("got %d %s, want a payment at the provider", status, body)
	}
}
