package main

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bad command lines end with status 2 and say what to read; bad files with 1,
// and say where and what to do. Nothing goes to standard output.
func TestCommandLine_bad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	redis := "redis: {url: \"redis://user:" + secret + "@127.0.0.1:1\"}\nstate_keys: [\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]\n"
	for name, text := range map[string]string{
		"slip.yaml":     "admin_key: x\nshops:\n  - id: a\n   name: b\n",
		"unknown.yaml":  "admin_key: " + secret + "\nlisten:\n  gatway: 127.0.0.1:1\n",
		"wrong.yaml":    "admin_key: " + secret + "\npublic_url: ftp://x\nshops:\n  - id: UPPER\n    name: x\n",
		"nosecret.yaml": "admin_key: {env: NOT_SET_ANYWHERE}\n",
		"embedded.yaml": "admin_key: " + secret + "\n",
		"down.yaml":     "admin_key: " + secret + "\n" + redis,
		"old.yaml":      "admin_key: " + secret + "\nredis: {url: \"http://127.0.0.1:1\"}\n",
		"noplugs.yaml":  "admin_key: " + secret + "\nplugins: {folder: nowhere}\n",
	} {
		write(t, dir, name, text)
	}
	down := []string{"127.0.0.1:1", "connection refused", "is Redis running there?", "KASSETTE_REDIS_URL"}
	for name, c := range map[string]struct {
		args   string
		status int
		err    []string
	}{
		"unknown command":          {"pay", 2, []string{"pay", "See: kassette --help"}},
		"misspelt command":         {"serv", 2, []string{`did you mean "serve"?`, "See: kassette --help"}},
		"unknown flag":             {"serve --port 1", 2, []string{"--port", "See: kassette serve --help"}},
		"flag without its value":   {"--config", 2, []string{"--config", "See: kassette --help"}},
		"no such level":            {"serve --log loud", 2, []string{`"debug","info","warn","error"`, "See: kassette serve --help"}},
		"half a command":           {"config", 2, []string{`"validate"`, "See: kassette config --help"}},
		"order without an id":      {"order show", 2, []string{"<id>", "See: kassette order show --help"}},
		"order with two ids":       {"order show a b", 2, []string{"b", "See: kassette order show --help"}},
		"check of something":       {"check ord_1", 2, []string{"ord_1", "See: kassette check --help"}},
		"unknown provider":         {"simulate acme", 2, []string{`"acme"`, "omnikassa", "See: kassette simulate --help"}},
		"simulate, no address":     {"simulate omnikassa --addr nowhere", 1, []string{"listen on nowhere", "--addr or KASSETTE_SIMULATOR_ADDR"}},
		"simulate, webhook no URL": {"simulate omnikassa --addr 127.0.0.1:0 --webhook-url nowhere", 1, []string{"nowhere"}},

		"validate, no file":        {"--config none.yaml config validate", 1, []string{"none.yaml", "no such file", "--config FILE or KASSETTE_CONFIG"}},
		"serve, no file":           {"--config none.yaml serve", 1, []string{"none.yaml", "no such file", "--config FILE or KASSETTE_CONFIG"}},
		"order, no file":           {"--config none.yaml order show ord_1", 1, []string{"none.yaml", "no such file"}},
		"check, no file":           {"--config none.yaml check", 1, []string{"none.yaml", "no such file"}},
		"a folder":                 {"--config . config validate", 1, []string{"is a directory"}},
		"nothing named":            {"config validate", 1, []string{"KASSETTE_ADMIN_KEY", "No configuration file was named"}},
		"nothing named, check":     {"check", 1, []string{"KASSETTE_REDIS_URL", "No configuration file was named"}},
		"slip of YAML":             {"--config slip.yaml config validate", 1, []string{"slip.yaml:4: "}},
		"slip of YAML, serve":      {"--config slip.yaml serve", 1, []string{"slip.yaml:4: "}},
		"slip of YAML, check":      {"--config slip.yaml check", 1, []string{"slip.yaml:4: "}},
		"unknown member":           {"--config unknown.yaml config validate", 1, []string{"unknown.yaml:3: listen.gatway", "did you mean gateway?"}},
		"all that is wrong":        {"--config wrong.yaml config validate", 1, []string{"wrong.yaml:2: public_url", "wrong.yaml:4: shops[0].id"}},
		"all that is wrong, serve": {"--config wrong.yaml serve", 1, []string{"wrong.yaml:2: public_url", "wrong.yaml:4: shops[0].id"}},
		"secret not set":           {"--config nosecret.yaml config validate", 1, []string{"nosecret.yaml:1: admin_key", "NOT_SET_ANYWHERE"}},
		"no Redis URL of that":     {"--config old.yaml config validate", 1, []string{"old.yaml:2: redis.url", "redis:// or rediss://"}},
		"order, embedded":          {"--config embedded.yaml order show ord_1", 1, []string{"KASSETTE_REDIS_URL", "operators' listener"}},
		"check, embedded":          {"--config embedded.yaml check", 1, []string{"KASSETTE_REDIS_URL", "operators' listener"}},
		"order, Redis down":        {"--config down.yaml order show ord_1", 1, down},
		"check, Redis down":        {"--config down.yaml check", 1, down},
		"serve, Redis down":        {"--config down.yaml serve", 1, down},
		"serve, no plugin folder":  {"--config noplugs.yaml serve", 1, []string{"load plugins from ", "nowhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runIn(t, dir, nil, strings.Fields(c.args)...)
			r.says(t, c.status, nil, append(c.err, "kassette: "))
		})
	}
}

// A port that is taken is said with its address and the setting to change.
func TestServe_portTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	taken := l.Addr().String()
	dir := t.TempDir()
	write(t, dir, "kassette.yaml", "admin_key: "+secret+"\nlisten: {gateway: \"127.0.0.1:0\", admin: \"127.0.0.1:0\"}\nplugins: {folder: .}\n")
	for variable, args := range map[string][]string{
		"KASSETTE_GATEWAY_ADDR":   {"--config", "kassette.yaml", "serve"},
		"KASSETTE_ADMIN_ADDR":     {"--config", "kassette.yaml", "serve"},
		"KASSETTE_SIMULATOR_ADDR": {"simulate", "omnikassa"},
	} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			r := runIn(t, dir, []string{variable + "=" + taken}, args...)
			r.says(t, 1, nil, []string{"listen on " + taken, "another program has it", variable})
		})
	}
}

// Help is an answer: on standard output, with an example, status 0, and
// nothing is run.
func TestHelp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for args, words := range map[string][]string{
		"":                       {"serve", "config validate", "order show", "check", "plugin sign", "simulate", "version", "KASSETTE_CONFIG"},
		"--help":                 {"serve", "config validate", "order show", "check", "plugin sign", "simulate", "version", "KASSETTE_CONFIG"},
		"serve --help":           {"Example:", "kassette --config /etc/kassette/kassette.yaml serve", "--log", "--cache-dir"},
		"config --help":          {"validate"},
		"config validate --help": {"Example:", "kassette --config /etc/kassette/kassette.yaml config validate"},
		"order show --help":      {"Example:", "kassette --config /etc/kassette/kassette.yaml order show ord_"},
		"check --help":           {"Example:", "kassette --config /etc/kassette/kassette.yaml check"},
		"simulate --help":        {"Example:", "kassette simulate ", "omnikassa", "--webhook-url", "KASSETTE_SIMULATOR_ADDR"},
		"plugin --help":          {"new", "build", "sign", "keygen", "inspect", "install", "list", "activate", "rollback", "retire", "revoke"},
		"plugin install --help":  {"Example", "kassette plugin install hello.wasm", "--no-activate", "--yes", "--force", "--signature", "KASSETTE_ADMIN_URL", "KASSETTE_ADMIN_KEY"},
		"plugin dev --help":      {"Example", "kassette plugin dev tulip", "KASSETTE_ADMIN_URL", "--yes"},
		"plugin test --help":     {"Example", "kassette plugin test tulip --format junit -o report.xml"},
		"plugin push --help":     {"Example", "kassette plugin push hello.wasm oci:", "oci://registry.example"},
		"plugin list --help":     {"Example", "kassette plugin list --json", "KASSETTE_ADMIN_URL"},
		"plugin activate --help": {"Example", "kassette plugin activate hello 1.1.0", "--force"},
		"plugin rollback --help": {"Example", "kassette plugin rollback hello"},
		"plugin retire --help":   {"Example", "kassette plugin retire hello 1.0.0"},
		"plugin revoke --help":   {"Example", "kassette plugin revoke hello 1.1.0"},
		"plugin new --help":      {"Example", "kassette plugin new tulip --lang assemblyscript", "--replace", "KASSETTE_SOURCE"},
		"plugin build --help":    {"Example", "kassette plugin build tulip -o", "--json"},
		"plugin inspect --help":  {"Example", "kassette plugin inspect build/plugins/hello.wasm", "--json"},
		"plugin sign --help":     {"Example", "kassette plugin sign build/plugins/hello.wasm --key kassette-plugins.key", "--json", "--comment", "--password-file"},
		"plugin keygen --help":   {"Example", "kassette plugin keygen --password-file", "--no-password", "--json"},
		"form --help":            {"sign", "keygen"},
		"form sign --help":       {"Example", "kassette form sign cheese --gateway", "--secret-file", "--expires", "--json"},
		"form keygen --help":     {"Example", "kassette form keygen --out"},
		"secrets --help":         {"keygen", "seal", "open"},
		"secrets keygen --help":  {"Example", "kassette secrets keygen --out", "--json"},
		"secrets seal --help":    {"Example", "kassette secrets seal signing_key refresh_token --to age1", "--passphrase-file", "NAME=env:VARIABLE", "--json"},
		"secrets open --help":    {"Example", "kassette secrets open cheese_acme.age --identity", "--env", "--folder", "--yaml", "--show", "--json"},
		"completion --help":      {"Example", "source <(kassette completion bash)", "zsh", "fish"},
		"version --help":         {"Example:", "kassette version"},
		"serve --log loud -h":    {"Example:"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			r := runIn(t, dir, []string{"KASSETTE_REDIS_URL=redis://127.0.0.1:1"}, strings.Fields(args)...)
			r.says(t, 0, append(words, "Usage: kassette"), nil)
		})
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("help left %v behind, %v", files, err)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	kassette(t, "version").says(t, 0, []string{"kassette ", "commit ", "plugin contract " + contract.Version + "\n"}, nil)
}

// A sound configuration is said to be so, wherever its name comes from, and
// what is loaded is told without secrets.
func TestConfigValidate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := write(t, dir, "kassette.yaml", "admin_key: {env: OPERATORS}\npublic_url: http://pay.example\n")
	want := []string{path, "is valid", "public_url http://pay.example"}
	env := []string{"OPERATORS=" + secret}
	runIn(t, dir, env, "--config", path, "config", "validate").says(t, 0, want, nil)
	runIn(t, dir, env, "config", "validate", "--config", "kassette.yaml").says(t, 0, want, nil)
	runIn(t, dir, append(env, "KASSETTE_CONFIG="+path), "config", "validate").says(t, 0, want, nil)
	runIn(t, dir, append(env, "KASSETTE_PUBLIC_URL=http://other.example"), "--config", path, "config", "validate").
		says(t, 0, []string{"public_url http://other.example"}, nil)
}
