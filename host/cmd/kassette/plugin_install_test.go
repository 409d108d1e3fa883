package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

// till is a gateway of this machine that plugins can be brought to. It has an
// account at the provider hello.
type till struct {
	*running
	dir, gateway, admin string
	env                 []string
}

func openTill(t *testing.T) *till {
	t.Helper()
	return openTillWith(t, "allow_unsigned: true")
}

// openTillWith opens one whose configuration of plugins has more.
func openTillWith(t *testing.T, plugins string) *till {
	t.Helper()
	g := &till{dir: t.TempDir(), gateway: "http://" + freeAddr(t), admin: "http://" + freeAddr(t)}
	g.env = []string{"KASSETTE_ADMIN_URL=" + g.admin, "KASSETTE_ADMIN_KEY=" + secret}
	if err := os.Mkdir(filepath.Join(g.dir, "plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	config := write(t, g.dir, "kassette.yaml", fmt.Sprintf(`
listen: {gateway: %q, admin: %q}
admin_key: %s
plugins: {folder: plugins, %s}
shops:
  - {id: demo, name: Demo, origins: ["https://shop.example"]}
accounts:
  - id: hello
    shop: demo
    provider: hello
    webhook_plugin: hello
    settings: {base_url: "http://127.0.0.1:1"}
    secrets: {api_key: hello-demo-api-key, signing_key: hello-demo-signing-key}
    hosts: {"127.0.0.1:1": {allow_private: true, allow_http: true}}
`, strings.TrimPrefix(g.gateway, "http://"), strings.TrimPrefix(g.admin, "http://"), secret, plugins))
	g.running = start(t, g.dir, nil, "--config", config, "serve", "--cache-dir", "cache")
	g.until("the gateway is ready", func() bool {
		status, _ := ask(t, "GET", g.admin+"/ready", "")
		return status == http.StatusOK
	})
	return g
}

// plugin runs a command on plugins.
func (g *till) plugin(args ...string) result {
	g.t.Helper()
	return runIn(g.t, g.dir, g.env, append([]string{"plugin"}, args...)...)
}

// states are those of all versions.
func (g *till) states() (list []string) {
	g.t.Helper()
	for _, p := range answer[struct{ Plugins []adminclient.Plugin }](g.t, g.plugin("list", "--json")).Plugins {
		for _, v := range p.Versions {
			list = append(list, v.State)
		}
	}
	slices.Sort(list)
	return list
}

// another is a module with the same code under another digest: it has a custom
// section more.
func another(wasm string, mark byte) string { return wasm + string([]byte{0, 2, 1, mark}) }

// A plugin is brought to a gateway, activated, replaced, rolled back and
// retired, and each command says what came of it.
func TestPluginInstall(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	g.plugin("list").says(t, 0, []string{"has no plugins", "kassette plugin install"}, nil)
	one := sample(t)
	write(t, g.dir, "one.wasm", one)
	write(t, g.dir, "two.wasm", another(one, '2'))

	g.plugin("install", "one.wasm", "--no-activate").says(t, 0, []string{"sample@1.", " is installed: it asks for more"}, []string{"installed, unsigned: SHA-256 "})
	g.plugin("install", "one.wasm", "--yes").says(t, 0, []string{"sample@1.", " is active, on 1 of 1 gateway processes"},
		[]string{"was installed before, unsigned", " asks for:\n", "NEW  host", "NEW  secret", "NEW  operation  create_payment", "\n  build ", "\n  grant       granted\n  spread "})
	g.plugin("install", "one.wasm", "--yes").says(t, 0, []string{" is active\n"}, []string{"was installed before"})

	r := g.plugin("install", "two.wasm", "--yes", "--json")
	two := answer[adminclient.Activated](t, result{r.status, r.out, ""})
	if two.Version.State != "active" || two.Converged != 1 || two.Total != 1 || strings.Contains(r.err, "NEW") || !strings.Contains(r.err, " in place of sample@1.") {
		t.Errorf("got %+v and %s", two, r.err)
	}
	g.plugin("list").says(t, 0, []string{"NAME ", "sample  1.", "active  ", two.Version.Digest[:12], "unsigned", "1/1"}, nil)
	g.plugin("inspect", "sample").says(t, 0, []string{"plugin     sample 1.", "state      active", two.Version.Digest, "open       0 payments", "asks for   host api.sample.example"}, nil)
	if got := answer[adminclient.Version](t, g.plugin("inspect", "sample@"+two.Version.Digest, "--json")); got.Digest != two.Version.Digest || len(got.Asks.Operations) == 0 {
		t.Errorf("got %+v", got)
	}

	g.plugin("rollback", "sample", "--yes").says(t, 0, []string{" is active, on 1 of 1"}, []string{" in place of sample@1.", "  swap "})
	g.plugin("rollback", "sample", "--yes").says(t, 1, nil, []string{"roll back sample: no version before this one can serve; kassette plugin activate brings any"})
	g.plugin("activate", "sample", two.Version.Version, "--yes").says(t, 1, nil, []string{"more than one version is called that", "kassette plugin list shows the digests"})
	g.plugin("activate", "sample", two.Version.Digest[:12], "--yes", "--json").says(t, 0, []string{`"state": "active"`}, []string{"  swap "})
	g.plugin("retire", "sample", two.Version.Digest, "--yes").says(t, 0, []string{"sample@1.", " is retired"}, []string{"is active; payments under way: 0"})
	g.plugin("revoke", "sample", two.Version.Digest, "--yes").says(t, 0, []string{"sample@1.", " is revoked: revoked by an operator"}, []string{"is retired; payments under way: 0"})
	g.plugin("activate", "sample", two.Version.Digest, "--yes", "--force").says(t, 1, nil, []string{"it is revoked, which is not taken back"})
	if got := g.states(); slices.Contains(got, "active") {
		t.Errorf("got versions %v, want none active", got)
	}
}

// Whatever is refused changes nothing, and is said with what to do.
func TestPluginInstall_bad(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	write(t, g.dir, "sample.wasm", sample(t))
	write(t, g.dir, "text.wasm", "hello")
	write(t, g.dir, "empty.wasm", "\x00asm\x01\x00\x00\x00")
	write(t, g.dir, "signed.wasm", sample(t))
	write(t, g.dir, "signed.wasm.minisig", "hello")
	if err := os.Mkdir(filepath.Join(g.dir, "nothing"), 0o755); err != nil {
		t.Fatal(err)
	}
	nobody := freeAddr(t)
	for args, want := range map[string][]string{
		"install none.wasm --yes":                             {"none.wasm", "no such file"},
		"install nothing --yes":                               {"build nothing: ", "neither an asconfig.json nor Go files"},
		"install text.wasm --yes":                             {"install text.wasm: ", "not a Wasm module"},
		"install empty.wasm --yes":                            {"install empty.wasm: ", "has no memory of its own"},
		"install signed.wasm --yes":                           {"install signed.wasm: ", "signature"},
		"install sample.wasm --yes --signature none":          {"none", "no such file"},
		"install sample.wasm":                                 {"there is no terminal to ask on", "say --yes, or --no-activate"},
		"install sample.wasm --yes --admin-url nowhere":       {`"nowhere" is no address of a gateway: write it as http://`},
		"install sample.wasm -y --admin-url http://" + nobody: {"reach the gateway's operators at http://" + nobody, "is it running"},
		"activate rose 1.0.0 --yes":                           {"activate rose@1.0.0: ", "kassette plugin list shows what there is"},
		"rollback rose --yes":                                 {"roll back rose: the gateway has no such plugin"},
		"retire rose 1.0.0 --yes":                             {"retire rose@1.0.0: ", "kassette plugin list shows what there is"},
		"inspect rose":                                        {"rose is no file here, and the gateway has no such plugin"},
		"inspect rose@1.0.0":                                  {"inspect rose@1.0.0: "},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			runIn(t, g.dir, g.env, append([]string{"plugin"}, strings.Fields(args)...)...).says(t, 1, nil, append(want, "kassette: "))
		})
	}
	t.Run("wrong key", func(t *testing.T) {
		t.Parallel()
		runIn(t, g.dir, g.env[:1], "plugin", "list").says(t, 1, nil, []string{"KASSETTE_ADMIN_KEY", "set it to the admin_key of the gateway's configuration"})
	})
	t.Cleanup(func() {
		if got := g.states(); len(got) > 0 {
			t.Errorf("got versions %v, want none installed", got)
		}
	})
}

// A gateway that trusts a key takes what the key signed, and says whose it is;
// what nobody signed, or somebody else, it does not take.
func TestPluginInstall_signed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "sample.wasm", sample(t))
	keys := map[string]string{}
	for _, name := range []string{"us", "them"} {
		keys[name] = answer[struct {
			PublicKey string `json:"public_key"`
		}](t, runIn(t, dir, nil, "plugin", "keygen", "--no-password", "--out", name, "--json")).PublicKey
	}
	sign := func(name string) {
		t.Helper()
		runIn(t, dir, nil, "plugin", "sign", "sample.wasm", "--key", name+".key").says(t, 0, []string{"signed with key"}, nil)
	}
	g := openTillWith(t, fmt.Sprintf("trusted_keys: [{name: us, key: %s}]", keys["us"]))
	install := func(args ...string) result {
		t.Helper()
		return runIn(t, dir, g.env, append([]string{"plugin", "install", "sample.wasm", "--yes"}, args...)...)
	}
	install().says(t, 1, nil, []string{"install sample.wasm: ", "sign"})
	sign("them")
	install().says(t, 1, nil, []string{"install sample.wasm: ", "trusted"})
	if err := os.Rename(filepath.Join(dir, "sample.wasm.minisig"), filepath.Join(dir, "theirs")); err != nil {
		t.Fatal(err)
	}
	sign("us")
	install("--signature", "theirs").says(t, 1, nil, []string{"install sample.wasm: ", "trusted"})
	install().says(t, 0, []string{" is active, on 1 of 1"}, []string{"installed, signed by us: SHA-256 "})
	g.plugin("list").says(t, 0, []string{"signed by us"}, nil)
}
