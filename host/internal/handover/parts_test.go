package handover_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age/armor"
	"github.com/goccy/go-yaml"

	"github.com/kassette-pay/kassette/host/internal/handover"
)

func armored(t *testing.T, w io.Writer, text string) {
	t.Helper()
	a := armor.NewWriter(w)
	if _, err := io.WriteString(a, text); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// What may be typed where a key belongs is refused without being repeated.
func TestKeys_bad(t *testing.T) {
	t.Parallel()
	id, _, _ := installer(t)
	secret := strings.Split(string(id.Text), "\n")[2]
	locked := &bytes.Buffer{}
	armored(t, locked, "x")
	read := func(text string) error { _, err := handover.ReadIdentity([]byte(text)); return err }
	lock := func(to ...string) error { _, err := handover.LockFor(to...); return err }
	with := func(text string) error { _, err := handover.LockWith(text); return err }
	_, none := handover.KeyWith("")
	for name, c := range map[string]struct{ got, want error }{
		"recipient a secret":       {lock(canary), handover.ErrRecipient},
		"recipient cut":            {lock(id.Recipient[:40]), handover.ErrRecipient},
		"recipient mistyped":       {lock(strings.Replace(id.Recipient, "age1", "age1x", 1)), handover.ErrRecipient},
		"recipient of another age": {lock("age1pq1" + canary), handover.ErrRecipient},
		"the second of two":        {lock(id.Recipient, canary), handover.ErrRecipient},
		"an identity":              {lock(secret), handover.ErrIdentityGiven},
		"an identity, small":       {lock(strings.ToLower(secret)), handover.ErrIdentityGiven},
		"passphrase short":         {with("welkom 2026"), handover.ErrPassphrase},
		"passphrase with escapes":  {with("correct horse\x1b"), handover.ErrPassphrase},
		"identity a recipient":     {read(id.Recipient), handover.ErrIdentity},
		"identity a secret":        {read(canary), handover.ErrIdentity},
		"identity cut":             {read(secret[:30]), handover.ErrIdentity},
		"identity empty":           {read("# nothing\n"), handover.ErrIdentity},
		"identity a book":          {read(strings.Repeat("#\n", handover.MaxIdentity)), handover.ErrIdentity},
		"identity locked":          {read(locked.String()), handover.ErrIdentityLocked},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
		if c.got != nil && (strings.Contains(c.got.Error(), canary) || strings.Contains(strings.ToUpper(c.got.Error()), secret[:30])) {
			t.Errorf("%s: it repeats what was given: %v", name, c.got)
		}
	}
	if none == nil || lock() == nil {
		t.Error("no passphrase and no recipient are taken")
	}
	if err := read(strings.ReplaceAll(string(id.Text), "\n", "\r\n")); err != nil {
		t.Errorf("an identity that an editor of Windows saved: %v", err)
	}
}

func TestParseLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"\n# only words\n", "no secret"},
		"no name":         {"=" + canary, "line 1 is not NAME=VALUE"},
		"no sign":         {"a=b\n" + canary, "line 2 is not NAME=VALUE"},
		"name with space": {"signing key=" + canary, "line 1 is not NAME=VALUE"},
		"twice":           {"a=" + canary + "\na=b", "line 2 names a again"},
		"empty":           {"a=" + canary + "\nb=", "line 2, secret b: it is empty"},
		"tab within":      {"a=x\ty" + canary, "line 1, secret a: it has a line feed or another control"},
		"UTF-16":          {"\xff\xfea\x00=\x00b\x00", "save it as UTF-8"},
		"UTF-16, no mark": {"a\x00=\x00b\x00", "save it as UTF-8"},
	} {
		if got, err := handover.ParseLines([]byte(c.text)); err == nil || got != nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v, %v, want %q", name, got, err, c.want)
		}
	}
	got, err := handover.ParseLines([]byte("\ufeff# from the dashboard\r\n\r\n signing_key = a=b==\r\nrefresh_token=eyJ.x\r\n"))
	if err != nil || len(got) != 2 || got["signing_key"] != "a=b==" || got["refresh_token"] != "eyJ.x" {
		t.Errorf("got %d secrets, %v", len(got), err)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]handover.Value{"a": "a", "a\n": "a", "a\r\n\r\n": "a", "\ufeffa b\n": "a b", "é€": "é€"} {
		if got, err := handover.Clean([]byte(text)); err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, string(got), err)
		}
	}
	for _, text := range []string{"", "\n", "\ufeff", "a\nb", "a\x00", " a", "a\u00a0", "a\ufeffb", "\xff", "a\x7f"} {
		if got, err := handover.Clean([]byte(text)); err == nil {
			t.Errorf("%q: got %q and no error", text, string(got))
		}
	}
}

// A value shows nowhere, however it is printed.
func TestValue_hidden(t *testing.T) {
	t.Parallel()
	d := document()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "document", d, "secret", d.Secrets["signing_key"])
	inJSON, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(inJSON)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		all += fmt.Sprintf(verb+verb, d, d.Secrets["signing_key"])
	}
	if strings.Contains(all, canary) || strings.Contains(all, fmt.Sprintf("%x", canary)) {
		t.Errorf("a secret is told: %s", all)
	}
}

// What is written is what the configuration's readers read.
func TestWrite_texts(t *testing.T) {
	t.Parallel()
	d := document()
	d.Account, d.Environment = "1-cheese", handover.Test
	env, err := d.Env()
	if err != nil || string(env) != "ACCOUNT_1_CHEESE_REFRESH_TOKEN=eyJ."+canary+"\nACCOUNT_1_CHEESE_SIGNING_KEY="+canary+"==\n" {
		t.Errorf("got env %q, %v", env, err)
	}
	d.Secrets = map[string]handover.Value{"true": `a"b\c: #{x}'<&>`, "x_1": "12345", "null": "é€\u00a0."}
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Secrets map[string]string `yaml:"secrets"`
	}
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	for name, v := range d.Secrets {
		if read.Secrets[name] != string(v) {
			t.Errorf("secret %s: got %q, want %q", name, read.Secrets[name], string(v))
		}
	}
	if env, err := d.Env(); err == nil || env != nil || !strings.Contains(err.Error(), "secret null has characters") {
		t.Errorf("an env file with quotes: got %q, %v", env, err)
	}
	d.Secrets = map[string]handover.Value{"key": "a", "KEY": "b"}
	if _, err := d.Env(); err == nil || !strings.Contains(err.Error(), "same variable") {
		t.Errorf("two secrets in one variable: %v", err)
	}
	d.Environment = handover.Live
	if text, err := d.YAML(); !errors.Is(err, handover.ErrLiteral) || text != nil {
		t.Errorf("a live account's YAML: %v", err)
	}
}

// Nothing is overwritten, no link is followed, and of several files all are
// written or none.
func TestWriteNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("there"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(at("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"dangling": at("elsewhere"), "link": at("there")} {
		if err := os.Symlink(to, at(link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"there", "dangling", "link", "folder"} {
		err := handover.WriteNew(handover.File{Path: at("new"), Text: []byte(canary)}, handover.File{Path: at(bad), Text: []byte(canary)})
		if !errors.Is(err, handover.ErrThere) || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: got %v", bad, err)
		}
		for _, name := range []string{"new", "elsewhere"} {
			if _, err := os.Lstat(at(name)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: it left %s behind", bad, name)
			}
		}
	}
	if err := handover.WriteNew(handover.File{Path: at("none/x"), Text: []byte(canary)}); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("no folder: got %v", err)
	}
	if text, err := os.ReadFile(at("there")); err != nil || string(text) != "old" {
		t.Errorf("a file was overwritten: %q, %v", text, err)
	}
	d := document()
	if err := handover.WriteNew(d.Files(dir)...); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(at("signing_key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
}
