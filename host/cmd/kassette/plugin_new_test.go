package main

import (
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

// A new plugin builds and passes the whole conformance kit, in either language
// and inside and outside of the repository.
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
			runIn(t, at, nil, "plugin", "inspect", "tulip-pay.wasm", "--cache-dir", filepath.Join(dir, "cache")).
				says(t, 0, []string{"tulip-pay 1.0.0, payment of tulip-pay", "secret signing_key: mac:sha256"}, nil)
			judged := runIn(t, at, env, "plugin", "test", "--cache-dir", filepath.Join(dir, "cache"), "--format", "json")
			judged.says(t, 0, []string{`"plugin": "tulip-pay@1.0.0"`, `"failed": 0`}, []string{"tulip-pay.wasm: "})
			families := map[string]int{}
			for _, v := range answer[struct {
				Scenarios []struct{ Family, Result string }
			}](t, result{judged.status, judged.out, ""}).Scenarios {
				families[v.Family+" "+v.Result]++
			}
			for _, family := range []string{"manifest", "canned", "Wasm/happy", "Wasm/forgeries", "Wasm/refunds", "Wasm/pure", "Wasm/secrets"} {
				if families[family+" passed"] == 0 {
					t.Errorf("got %v, want %s among what passed", families, family)
				}
			}
			for _, args := range [][]string{{"vet", "./..."}, {"build", "-o", dir, "./provider/serve"}} {
				cmd := exec.Command("go", args...)
				cmd.Dir = at
				if text, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("go %s: %v\n%s", args, err, text)
				}
			}
			if text, err := exec.Command("gofmt", "-s", "-l", at).Output(); err != nil || len(text) > 0 {
				t.Errorf("not formatted: %s, %v", text, err)
			}
			runIn(t, at, nil, "--config", "kassette.yaml", "config", "validate").says(t, 0, []string{"is valid"}, nil)
		})
	}
}
