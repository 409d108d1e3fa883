package main

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host"
)

const signingForm = "form sign cheese --gateway https://pay.example/till/ --key donate --secret-file form.secret"

// What the command prints is a form that the gateway's own rules verify, with
// every text as it was given.
func TestFormSign(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runIn(t, dir, nil, "form", "keygen", "--out", "form.secret").says(t, 0, []string{"form.secret", "form_keys:", "secret: {file: "}, nil)
	text, err := os.ReadFile(filepath.Join(dir, "form.secret"))
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(string(text))
	if info, err := os.Stat(filepath.Join(dir, "form.secret")); err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(key, "form_") {
		t.Errorf("got a secret of %d characters, %v, %v", len(key), info.Mode(), err)
	}
	args := append(strings.Fields(signingForm), "--amount", "10.05 EUR", "--description", `"Tea" & <cake>`, "--name", "O'Neill", "--button", "Pay <now>")
	r := runIn(t, dir, nil, args...)
	r.says(t, 0, []string{`<form method="post" action="https://pay.example/till/pay/form/cheese" accept-charset="utf-8">`, "<button>Pay &lt;now&gt;</button>"}, nil)
	fields := map[string]string{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]+)">`).FindAllStringSubmatch(r.out, -1) {
		fields[m[1]] = html.UnescapeString(m[2])
	}
	want, err := host.SignForm(key, "cheese", fields)
	if err != nil || fields["signature"] != want || fields["description"] != `"Tea" & <cake>` || fields["amount.value"] != "1005" || fields["amount.currency"] != "EUR" || len(fields) != 6 {
		t.Errorf("got %v, %v, want signature %s", fields, err, want)
	}
	if strings.Contains(r.out, key[5:]) {
		t.Error("the form tells the secret")
	}
	r = runIn(t, dir, []string{"FORM=" + key}, "form", "sign", "cheese", "--gateway", "http://127.0.0.1:8080", "--key", "k", "--secret-env", "FORM", "--amount", "1000 JPY", "--reference", "r1", "--expires", "2h", "--json")
	var made struct {
		Action string
		Fields map[string]string
	}
	if err := json.Unmarshal([]byte(r.out), &made); err != nil || made.Action != "http://127.0.0.1:8080/pay/form/cheese" || made.Fields["amount.value"] != "1000" || !strings.HasSuffix(made.Fields["expires_at"], "Z") || len(made.Fields["signature"]) != 64 {
		t.Errorf("got %s, %v", r.out, err)
	}
}

func TestForm_bad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "form.secret", "form_bW9sZW4tZW4tbWFhbi1mb3JtLXNlY3JldC0wMQ==\n")
	write(t, dir, "notice.secret", "whsec_"+secret+"\n")
	sign := func(args ...string) []string {
		return append(append(strings.Fields(signingForm), "--amount", "10.00 EUR"), args...)
	}
	for name, c := range map[string]struct {
		args   []string
		status int
		want   []string
	}{
		"keygen twice":       {[]string{"form", "keygen", "--out", "form.secret"}, 1, []string{"is there already", "--out FILE"}},
		"no amount":          {strings.Fields(signingForm), 2, []string{"--amount", "See: kassette form sign --help"}},
		"a comma":            {sign("--amount", "10,00 EUR"), 1, []string{"10,00 EUR", "with a point"}},
		"one decimal":        {sign("--amount", "10.0 EUR"), 1, []string{"as many decimals as the currency has"}},
		"decimals of a yen":  {sign("--amount", "10.00 JPY"), 1, []string{"as many decimals"}},
		"two of a dinar":     {sign("--amount", "10.00 TND"), 1, []string{"as many decimals"}},
		"nothing":            {sign("--amount", "0.00 EUR"), 1, []string{"is none"}},
		"no currency":        {sign("--amount", "10.00"), 1, []string{"is none"}},
		"other digits":       {sign("--amount", "١.٠٠ EUR"), 1, []string{"is none"}},
		"reference, no end":  {sign("--reference", "1001"), 1, []string{"--expires"}},
		"an end that was":    {sign("--expires", "2020-01-01T00:00:00Z"), 1, []string{"no time to come"}},
		"an end before":      {sign("--expires", "-2h"), 2, []string{"--expires"}},
		"a line feed":        {sign("--description", "a\nb"), 1, []string{"field description", "line breaks"}},
		"no gateway":         {sign("--gateway", "pay.example"), 1, []string{"--gateway", "https://host"}},
		"no secret":          {append(strings.Fields("form sign cheese --gateway http://x --key k --amount"), "1.00 EUR"), 1, []string{"no terminal", "--secret-file FILE"}},
		"no such file":       {sign("--secret-file", "none"), 1, []string{"read the secret", "no such file"}},
		"a notice secret":    {sign("--secret-file", "notice.secret"), 1, []string{"it is not form_", "kassette form keygen"}},
		"two secrets":        {sign("--secret-env", "X"), 1, []string{"can't be used together"}},
		"a secret as a flag": {sign("--secret=" + secret), 2, []string{"--secret"}},
	} {
		r := runIn(t, dir, nil, c.args...)
		if r.says(t, c.status, nil, append(c.want, "kassette: ")); t.Failed() {
			t.Fatalf("that was %q", name)
		}
	}
}
