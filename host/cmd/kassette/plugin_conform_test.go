package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A module of an unknown provider is judged by what needs none, and the report
// says so; what is no plugin is refused by its name.
func TestPluginTest_file(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "sample.wasm", sample(t))
	write(t, dir, "text.wasm", "hello")
	runIn(t, dir, nil, "plugin", "test", "none.wasm").says(t, 1, nil, []string{"test none.wasm: ", "no such file"})
	runIn(t, dir, nil, "plugin", "test", "text.wasm").says(t, 1, nil, []string{"test text.wasm: ", "not a Wasm module"})
	runIn(t, dir, nil, "plugin", "test", "sample.wasm", "--format", "xml").says(t, 2, nil, []string{`"text","junit","json"`, "See: kassette plugin test --help"})
	r := runIn(t, dir, nil, "plugin", "test", "sample.wasm", "--cache-dir", "cache", "--format", "json")
	var got struct {
		Plugin string
		Passed int
		Notes  []string
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || !strings.HasPrefix(got.Plugin, "sample@1.") || got.Passed == 0 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "no world of sample here, but of bambora, hello") {
		t.Errorf("got %+v, %v of %s", got, err, r.out)
	}
}

// A plugin that takes forged news fails, and the report says by what: whether
// its module is judged or its sources are, and in each form.
func TestPluginTest_failing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"KASSETTE_SOURCE=" + checkout(t)}
	runIn(t, dir, env, "plugin", "new", "hello").says(t, 0, []string{"hello is made"}, nil)
	source := filepath.Join(dir, "hello", "plugin.go")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	const verified = "c.CheckMAC(mac, signature); err != nil {"
	if !strings.Contains(string(text), verified) {
		t.Fatalf("%s does not verify: %s", source, text)
	}
	write(t, filepath.Join(dir, "hello"), "plugin.go", strings.Replace(string(text), verified, "c.CheckMAC(mac, signature); err != nil && len(signature) == 0 {", 1))
	cache := filepath.Join(dir, "cache")

	r := runIn(t, dir, env, "plugin", "test", "hello", "--cache-dir", cache, "-o", "report.xml", "--format", "junit")
	r.says(t, 1, nil, []string{"hello/hello.wasm: ", "FAILED native/forgeries/webhook bad: ", "FAILED Wasm/forgeries/webhook bad: ", "kassette: test hello: "})
	if file, err := os.ReadFile(filepath.Join(dir, "report.xml")); err != nil || failures(t, file)["Wasm/forgeries"] == 0 || failures(t, file)["manifest"] != 0 {
		t.Errorf("got %v, %v", failures(t, file), err)
	}
	r = runIn(t, dir, env, "plugin", "test", "hello/hello.wasm", "--cache-dir", cache)
	r.says(t, 1, []string{"hello@1.0.0, SHA-256 ", "FAILED forgeries/webhook bad: ", " passed, ", " FAILED, "}, []string{"kassette: test hello/hello.wasm: ", " of ", " scenarios failed"})
	r = runIn(t, dir, env, "plugin", "test", "hello/hello.wasm", "--cache-dir", cache, "--format", "junit")
	if got := failures(t, []byte(r.out)); r.status != 1 || got["forgeries"] == 0 || got["happy"] != 0 {
		t.Errorf("got status %d and %v", r.status, got)
	}
}

// failures reads a JUnit report, which must be well-formed.
func failures(t *testing.T, report []byte) map[string]int {
	t.Helper()
	var all struct {
		Suites []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(report, &all); err != nil {
		t.Fatalf("%v: %s", err, report)
	}
	count := map[string]int{}
	for _, s := range all.Suites {
		for _, c := range s.Cases {
			if c.Failure != nil && c.Failure.Message != "" {
				count[s.Name]++
			}
		}
	}
	return count
}
