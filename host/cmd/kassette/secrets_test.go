package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sealing are the flags that each seal needs.
var sealing = []string{"--account", "cheese_rabo", "--provider", "omnikassa", "--environment", "live", "--by", "Jo, Cheese & Co"}

// keygen makes an identity in a folder, and gives its recipient.
func keygen(t *testing.T, dir, name string) string {
	t.Helper()
	r := runIn(t, dir, nil, "secrets", "keygen", "--out", name)
	r.says(t, 0, []string{"age1"}, []string{name, "keep that secret"})
	return strings.TrimSpace(r.out)
}

// dashboard is a merchant's text file of both secrets; its folder gets it.
func dashboard(t *testing.T, dir string) string {
	t.Helper()
	return write(t, dir, "dashboard.txt", "\ufeff# Rabo\r\nsigning_key="+secret+"==\r\nrefresh_token=eyJ."+secret+"\r\n")
}

// The whole way: an installer's key, a merchant's file, and a configuration
// that the gateway takes, by an env file and by a file for each secret.
func TestSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := keygen(t, dir, "id.txt")
	dashboard(t, dir)
	sealedOut := runIn(t, dir, nil, append([]string{"secrets", "seal", "--from", "dashboard.txt", "--to", to}, sealing...)...)
	sealedOut.says(t, 0, []string{"cheese_rabo.age is sealed", "account cheese_rabo of provider omnikassa, LIVE", "Jo, Cheese & Co", "signing_key  ", "telephone"}, nil)
	told := runIn(t, dir, nil, "secrets", "open", "cheese_rabo.age", "--identity", "id.txt", "--json")
	told.says(t, 0, []string{`"fingerprint"`}, nil)
	var doc sealed
	if err := json.Unmarshal([]byte(told.out), &doc); err != nil || len(doc.Secrets) != 2 || doc.Environment != "live" {
		t.Fatalf("got %+v, %v", doc, err)
	}
	for _, s := range doc.Secrets {
		if !strings.Contains(sealedOut.out, s.Fingerprint) {
			t.Errorf("secret %s: the two sides have different fingerprints", s.Name)
		}
	}
	const head = `admin_key: {env: OPERATORS}
public_url: https://pay.example
redis: {url: {env: REDIS}}
state_keys: [{env: STATE}]
plugins: {trusted_keys: [{name: releases, key: RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3}]}
shops: [{id: cheese, name: Cheese, origins: ["https://cheese.example"]}]
accounts:
  - id: cheese_rabo
    shop: cheese
    provider: omnikassa
    live: true
`
	env := []string{"OPERATORS=x", "REDIS=redis://127.0.0.1:1", "STATE=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
	for name, target := range map[string]string{"env": "--env", "folder": "--folder"} {
		path := filepath.Join(dir, name)
		r := runIn(t, dir, nil, "secrets", "open", "cheese_rabo.age", "--identity", "id.txt", target, path)
		r.says(t, 0, []string{"written: " + path, "This goes into account cheese_rabo", "secrets:\n"}, nil)
		_, yaml, _ := strings.Cut(r.out, "secrets:\n")
		config := write(t, dir, name+".yaml", head+"    secrets:\n    "+strings.ReplaceAll(yaml, "\n", "\n    ")+"\n")
		run := exec.Command("sh", "-c", `set -a; [ ! -f "$1" ] || . "$1"; exec "$2" --config "$3" config validate`, "sh", path, binary, config)
		run.Env = append(os.Environ(), env...)
		if out, err := run.CombinedOutput(); err != nil || !strings.Contains(string(out), "is valid") || strings.Contains(string(out), secret) {
			text, _ := os.ReadFile(config)
			t.Errorf("%s: %v: %s\n%s", name, err, out, text)
		}
		runIn(t, dir, nil, "secrets", "open", "cheese_rabo.age", "--identity", "id.txt", target, path).
			says(t, 1, nil, []string{"is there already", "nothing is overwritten"})
	}
	runIn(t, dir, nil, "secrets", "open", "cheese_rabo.age", "--identity", "id.txt", "--yaml", "y").says(t, 1, nil, []string{"a live account's secrets", "--env, --folder"})
	for path, want := range map[string]os.FileMode{"id.txt": 0o600, "cheese_rabo.age": 0o600, "env": 0o600, "folder": 0o700, "folder/signing_key": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v", path, info.Mode(), err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "env"))
	if err != nil || !strings.Contains(string(text), "CHEESE_RABO_SIGNING_KEY="+secret+"==\n") {
		t.Errorf("the env file has another value: %v", err)
	}
}

// A test account's secrets may be written as they stand in a configuration.
func TestSecrets_yaml(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := keygen(t, dir, "id.txt")
	args := append([]string{"secrets", "seal", "signing_key=env:KEY", "refresh_token=file:-", "--to", to, "--out", "s.age", "--json"}, sealing...)
	args[slices.Index(args, "live")] = "test"
	in, err := os.Open(write(t, dir, "token", secret+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := startOn(t, in, dir, []string{"KEY=" + secret}, args...)
	<-r.done
	result{r.cmd.ProcessState.ExitCode(), r.out.String(), r.err.String()}.says(t, 0, []string{`"environment": "test"`, `"file": "` + filepath.Join(dir, "s.age")}, nil)
	runIn(t, dir, nil, "secrets", "open", "s.age", "--identity", "id.txt", "--yaml", "y.yaml").says(t, 0, []string{"written: ", "TEST"}, nil)
	text, err := os.ReadFile(filepath.Join(dir, "y.yaml"))
	if want := "secrets:\n  refresh_token: \"" + secret + "\"\n  signing_key: \"" + secret + "\"\n"; err != nil || string(text) != want {
		t.Errorf("got %q, %v, want %q", text, err, want)
	}
}

// No error and no answer holds what was given, wherever a value was typed.
func TestSecrets_bad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := keygen(t, dir, "id.txt")
	keygen(t, dir, "other.txt")
	dashboard(t, dir)
	seal := func(args ...string) []string { return append(append([]string{"secrets", "seal"}, sealing...), args...) }
	runIn(t, dir, nil, seal("--from", "dashboard.txt", "--to", to, "--out", "good.age")...).says(t, 0, []string{"sealed"}, nil)
	good, err := os.ReadFile(filepath.Join(dir, "good.age"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "cut.age", string(good[:len(good)/2]))
	write(t, dir, "large.age", strings.Repeat(string(good), 400))
	write(t, dir, "lines", "signing_key="+secret+"\n"+secret)
	write(t, dir, "two-lines", secret+"\n"+secret+"\n")
	write(t, dir, "short", "welkom")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	identity, err := os.ReadFile(filepath.Join(dir, "id.txt"))
	if err != nil {
		t.Fatal(err)
	}
	private := strings.Split(strings.TrimSpace(string(identity)), "\n")[2]
	for name, c := range map[string]struct {
		args   []string
		status int
		want   []string
	}{
		"keygen twice":            {[]string{"secrets", "keygen", "--out", "id.txt"}, 1, []string{"id.txt is there already", "--out FILE"}},
		"nobody opens it":         {seal("signing_key"), 2, []string{"--to age1", "--passphrase", "See: kassette secrets seal --help"}},
		"nothing in it":           {seal("--to", to), 2, []string{"name the secrets", "--from FILE"}},
		"both locks":              {seal("a", "--to", to, "--passphrase"), 2, []string{"--to", "--passphrase", "can't be used together"}},
		"no account":              {[]string{"secrets", "seal", "a", "--to", to}, 2, []string{"missing flags", "--account"}},
		"no such environment":     {append(seal("a", "--to", to), "--environment", "prod"), 2, []string{"--environment", `"test","live"`}},
		"a value":                 {seal("--to", to, "signing_key="+secret), 1, []string{"secret 1 of the command line", "NAME=env:VARIABLE", "have the provider make a new one"}},
		"a value for a name":      {seal("--to", to, "signing_key=env:HOME", secret+"=="), 1, []string{"secret 2 of the command line"}},
		"a value as a flag":       {seal("--to", to, "--signing_key="+secret), 2, []string{"--signing_key"}},
		"a value as recipient":    {seal("--to", secret, "a"), 1, []string{"--to: recipient 1", "begins with age1"}},
		"an identity for one":     {seal("--to", private, "a"), 1, []string{"consider it seen", "kassette secrets keygen"}},
		"no terminal":             {seal("--to", to, "signing_key"), 1, []string{"no terminal to ask on", "NAME=env:VARIABLE"}},
		"no terminal, passphrase": {seal("--passphrase", "signing_key=env:KEY"), 1, []string{"no terminal to ask on", "--passphrase-file FILE"}},
		"short passphrase":        {seal("--passphrase-file", "short", "signing_key=env:KEY"), 1, []string{"at least 12 characters"}},
		"not in the environment":  {seal("--to", to, "signing_key=env:NOT_SET"), 1, []string{"secret 1 of the command line", "no such variable"}},
		"no such file":            {seal("--to", to, "signing_key=file:none"), 1, []string{"secret 1 of the command line", "none", "no such file"}},
		"a value of two lines":    {seal("--to", to, "signing_key=file:two-lines"), 1, []string{"secret 1 of the command line", "line feed"}},
		"twice":                   {seal("--to", to, "--from", "dashboard.txt", "signing_key=env:KEY"), 1, []string{"secret 1 of the command line is given twice"}},
		"lines that are none":     {seal("--to", to, "--from", "lines"), 1, []string{"--from: line 2 is not NAME=VALUE"}},
		"for a year":              {seal("--to", to, "--valid", "9000h", "signing_key=env:KEY"), 1, []string{"at most 720h"}},
		"no id":                   {append(seal("--to", to, "a=env:KEY"), "--account", "../x"), 1, []string{"the account is no id"}},
		"over another file":       {seal("--to", to, "a=env:KEY", "--out", "good.age"), 1, []string{"good.age is there already", "--out FILE"}},

		"no key":                {[]string{"secrets", "open", "good.age"}, 2, []string{"--identity FILE", "--passphrase"}},
		"no such hand-over":     {[]string{"secrets", "open", "none.age", "--identity", "id.txt"}, 1, []string{"none.age", "no such file"}},
		"no such identity":      {[]string{"secrets", "open", "good.age", "--identity", "none.txt"}, 1, []string{"read the identity", "none.txt"}},
		"another identity":      {[]string{"secrets", "open", "good.age", "--identity", "other.txt"}, 1, []string{"another recipient", "yours: age1"}},
		"no identity":           {[]string{"secrets", "open", "good.age", "--identity", "lines"}, 1, []string{"holds no identity", "keygen"}},
		"an identity's file":    {[]string{"secrets", "open", "id.txt", "--identity", "id.txt"}, 1, []string{"no hand-over file", "BEGIN AGE"}},
		"cut":                   {[]string{"secrets", "open", "cut.age", "--identity", "id.txt"}, 1, []string{"changed or cut", "ask for it again"}},
		"large":                 {[]string{"secrets", "open", "large.age", "--identity", "id.txt"}, 1, []string{"more than 262144 bytes"}},
		"passphrase, sealed to": {[]string{"secrets", "open", "good.age", "--passphrase-file", "dashboard.txt"}, 1, []string{"give the identity"}},
		"to a link":             {[]string{"secrets", "open", "good.age", "--identity", "id.txt", "--env", "link"}, 1, []string{"link is there already"}},
		"two targets":           {[]string{"secrets", "open", "good.age", "--identity", "id.txt", "--env", "e", "--folder", "f"}, 2, []string{"can't be used together"}},
		"shown to a file":       {[]string{"secrets", "open", "good.age", "--identity", "id.txt", "--show"}, 1, []string{"on a terminal alone"}},
	} {
		r := runIn(t, dir, []string{"KEY=" + secret}, c.args...)
		r.says(t, c.status, nil, append(c.want, "kassette: "))
		if strings.Contains(r.out+r.err, private) {
			t.Errorf("%s: the identity is told: %s", name, r.err)
		}
		if t.Failed() {
			t.Fatalf("that was %q", name)
		}
	}
	for _, name := range []string{"nowhere", "e", "f", "s.age", "cheese_rabo.age"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was left behind", name)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "id.txt"), 0o644); err != nil {
		t.Fatal(err)
	}
	runIn(t, dir, nil, "secrets", "open", "good.age", "--identity", "id.txt").says(t, 0, []string{"signing_key"}, []string{"WARNING: others can read", "chmod 600 id.txt"})
}
