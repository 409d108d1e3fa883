package handover_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/kassette-pay/kassette/host/internal/handover"
)

// What somebody could send instead of a hand-over is refused with what to do,
// and no error holds a secret.
func TestOpen_badDocument(t *testing.T) {
	t.Parallel()
	id, _, key := installer(t)
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the document has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	member := func(name, value string) string {
		return change(`"salt"`, `"`+name+`": `+value+",\n  \"salt\"")
	}
	many := "{"
	for i := range handover.MaxSecrets + 1 {
		many += fmt.Sprintf("\n    \"s%02d\": \"x\",", i)
	}
	many = strings.TrimSuffix(many, ",") + "\n  }"
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"nothing":                {"", "no hand-over"},
		"no JSON":                {canary, "no hand-over"},
		"other JSON":             {`{"key":"` + canary + `"}`, "no hand-over"},
		"another kind":           {change(`"handover"`, `"backup"`), "no hand-over"},
		"an array":               {"[" + good + "]", "no hand-over"},
		"cut":                    {good[:len(good)/2], "no hand-over"},
		"later version":          {change(`"version": 1`, `"version": 2`), "newer kassette"},
		"no version":             {change(`"version": 1`, `"version": 0`), "as kassette secrets seal writes it"},
		"unknown member":         {member("owner", `"`+canary+`"`), "not known here"},
		"member twice":           {member("account", `"other"`), "as kassette secrets seal writes it"},
		"member in other case":   {change(`"account"`, `"Account"`), "as kassette secrets seal writes it"},
		"secret twice":           {change(`"signing_key"`, `"refresh_token"`), "as kassette secrets seal writes it"},
		"no indentation":         {strings.ReplaceAll(good, "\n  ", "\n"), "as kassette secrets seal writes it"},
		"another one behind":     {good + good, "no hand-over"},
		"something behind":       {good + " ", "as kassette secrets seal writes it"},
		"time in another zone":   {change("2026-11-27T12:00:00Z", "2026-11-27T13:00:00+01:00"), "as kassette secrets seal writes it"},
		"a word for a time":      {change("2026-11-27T12:00:00Z", "yesterday"), "as kassette secrets seal writes it"},
		"secret no text":         {change(`"never-to-be-seen-anywhere=="`, "7"), "as kassette secrets seal writes it"},
		"no UTF-8":               {change("eyJ.", "\xff"), "as kassette secrets seal writes it"},
		"short salt":             {change("0001", ""), "as kassette secrets seal writes it"},
		"no salt":                {change("000102030405060708090a0b0c0d0e0f", "zz"), "as kassette secrets seal writes it"},
		"account a path":         {change("cheese_rabo", "../../etc"), "the account is no id"},
		"account none":           {change("cheese_rabo", ""), "the account is no id"},
		"provider none":          {change("omnikassa", "Omni Kassa"), "the provider is none"},
		"environment other":      {change(`"live"`, `"production"`), "test or live"},
		"nobody made it":         {change("Jo, Cheese & Co", ""), "who makes it"},
		"made by escapes":        {change("Jo, Cheese & Co", `Jo\u001b[2J`), "who makes it"},
		"made by bidi":           {change("Jo, Cheese & Co", "Jo \u202e oJ"), "who makes it"},
		"made by a book":         {change("Jo, Cheese & Co", strings.Repeat("x", 201)), "who makes it"},
		"no secrets":             {change("{\n    \"refresh_token\": \"eyJ.never-to-be-seen-anywhere\",\n    \"signing_key\": \"never-to-be-seen-anywhere==\"\n  }", "{}"), "no secret"},
		"many secrets":           {change("{\n    \"refresh_token\": \"eyJ.never-to-be-seen-anywhere\",\n    \"signing_key\": \"never-to-be-seen-anywhere==\"\n  }", many), "33 secrets"},
		"name a path":            {change(`"refresh_token"`, `"../x"`), "one of the names"},
		"name of a line":         {change(`"refresh_token"`, `"a\nb"`), "one of the names"},
		"secret empty":           {change(`"never-to-be-seen-anywhere=="`, `""`), "secret signing_key: it is empty"},
		"secret of two lines":    {change("anywhere==", `anywhere\nEVIL=1`), "secret signing_key: it has a line feed"},
		"secret with CR":         {change("anywhere==", `anywhere\rx`), "line feed or another control"},
		"secret with NUL":        {change("anywhere==", `anywhere\u0000`), "not text in UTF-8"},
		"secret with separator":  {change("anywhere==", `anywhere\u2028x`), "line feed or another control"},
		"secret with a space":    {change("anywhere==", "anywhere "), "begins or ends with a space"},
		"secret of 8 KiB and 1":  {change("never-to-be-seen-anywhere==", strings.Repeat("x", handover.MaxValue+1)), "more than 8192 bytes"},
		"no time":                {change("2026-12-04", "2026-11-27"), "it ends 0s after"},
		"for ever":               {change("2026-12-04", "2036-12-04"), "at most 720h"},
		"over":                   {strings.NewReplacer("2026-11-27", "2026-11-20", "2026-12-04", "2026-11-27").Replace(good), "it expired at 2026-11-27T12:00:00Z: ask for a new one"},
		"of tomorrow":            {strings.Replace(good, "2026-11-27T12:00", "2026-11-27T13:01", 1), "one of the two clocks is wrong"},
		"larger than a document": {change("Jo, Cheese & Co", strings.Repeat("x", 161<<10)), "no hand-over"},
	} {
		d, err := handover.Open(encrypt(t, c.text, recipient(t, id)), key, now)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if said := fmt.Sprintf("%v %+v %#v %s", err, d, d, d); strings.Contains(said, canary) {
			t.Errorf("%s: a secret is told: %s", name, said)
		}
	}
	if _, err := handover.Open(encrypt(t, good, recipient(t, id)), key, now); err != nil {
		t.Errorf("the document that was changed above: %v", err)
	}
}

// What is no file of ours, or not for us, or came damaged.
func TestOpen_badFile(t *testing.T) {
	t.Parallel()
	_, lock, key := installer(t)
	other, _, otherKey := installer(t)
	file, _, err := handover.Seal(document(), lock)
	if err != nil {
		t.Fatal(err)
	}
	passphrase, err := handover.KeyWith("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	wrong, _ := handover.KeyWith("wrong horse battery")
	scrypt := func(work int) []byte {
		r, err := age.NewScryptRecipient("correct horse battery")
		if err != nil {
			t.Fatal(err)
		}
		r.SetWorkFactor(work)
		return encrypt(t, good, r)
	}
	weak, lines := scrypt(10), bytes.SplitAfter(file, []byte("\n"))
	changed := bytes.Clone(file)
	changed[len(changed)/2] ^= 1
	for name, c := range map[string]struct {
		file []byte
		key  handover.Key
		want error
	}{
		"nothing":              {nil, key, handover.ErrNotAge},
		"a text":               {[]byte(canary), key, handover.ErrNotAge},
		"a page":               {[]byte("<html>" + string(file)), key, handover.ErrNotAge},
		"too large":            {bytes.Repeat(file, handover.MaxFile/len(file)+1), key, handover.ErrTooLarge},
		"the first line alone": {lines[0], key, handover.ErrChanged},
		"no end":               {file[:len(file)-20], key, handover.ErrChanged},
		"a line less":          {bytes.Join(slices.Delete(slices.Clone(lines), 8, 9), nil), key, handover.ErrChanged},
		"a letter changed":     {changed, key, handover.ErrChanged},
		"two files":            {append(bytes.Clone(file), file...), key, handover.ErrChanged},
		"another's":            {file, otherKey, handover.ErrOtherIdentity},
		"passphrase wanted":    {weak, key, handover.ErrNeedsPassphrase},
		"identity wanted":      {file, passphrase, handover.ErrNeedsIdentity},
		"passphrase wrong":     {weak, wrong, handover.ErrWrongPassphrase},
	} {
		_, err := handover.Open(c.file, c.key, now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("%s: a secret is told: %v", name, err)
		}
	}
	if _, err := handover.Open(file, otherKey, now); !strings.Contains(err.Error(), other.Recipient) {
		t.Errorf("it does not say whose key this is: %v", err)
	}
	if _, err := handover.Open(weak, passphrase, now); err != nil {
		t.Errorf("the right passphrase: %v", err)
	}
}

// A file that would take gigabytes to try a passphrase at is not tried.
func TestOpen_workFactor(t *testing.T) {
	t.Parallel()
	key, err := handover.KeyWith("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	file := "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	armored(t, &b, file)
	began := time.Now()
	_, err = handover.Open(b.Bytes(), key, now)
	if err == nil || !strings.Contains(err.Error(), "memory") || time.Since(began) > 5*time.Second {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
}

// What was sealed opens as it was, for each recipient and until it ends.
func TestSeal(t *testing.T) {
	t.Parallel()
	first, _, key1 := installer(t)
	second, _, key2 := installer(t)
	lock, err := handover.LockFor(first.Recipient, " "+second.Recipient+"\n")
	if err != nil {
		t.Fatal(err)
	}
	file, sealed, err := handover.Seal(document(), lock)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(file), canary) || strings.Contains(string(file), "cheese") {
		t.Errorf("the file tells: %s", file)
	}
	mailed := bytes.ReplaceAll(append([]byte("\ufeff\r\n"), file...), []byte("\n"), []byte("\r\n"))
	for name, c := range map[string]struct {
		file []byte
		key  handover.Key
		at   time.Time
	}{
		"first": {file, key1, now}, "second": {file, key2, now}, "with CRLF": {mailed, key1, now},
		"clock behind": {file, key1, now.Add(-59 * time.Minute)}, "last second": {file, key1, now.Add(7*24*time.Hour - time.Second)},
	} {
		d, err := handover.Open(c.file, c.key, c.at)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for secret, v := range document().Secrets {
			if d.Secrets[secret] != v || d.Fingerprint(secret) != sealed.Fingerprint(secret) {
				t.Errorf("%s: secret %s arrived as another", name, secret)
			}
		}
		if d.Account != "cheese_rabo" || d.MadeBy != "Jo, Cheese & Co" || !d.ExpiresAt.Equal(document().ExpiresAt) {
			t.Errorf("%s: got %+v", name, d)
		}
	}
	if _, again, err := handover.Seal(document(), lock); err != nil || again.Fingerprint("signing_key") == sealed.Fingerprint("signing_key") {
		t.Errorf("the fingerprint is the same in each file, so it could be looked up (%v)", err)
	}
	if a, b := sealed.Fingerprint("signing_key"), sealed.Fingerprint("refresh_token"); a == b || len(a) != 19 {
		t.Errorf("got fingerprints %q and %q", a, b)
	}
}

func TestSeal_bad(t *testing.T) {
	t.Parallel()
	_, lock, _ := installer(t)
	for name, c := range map[string]struct {
		change func(*handover.Document)
		want   string
	}{
		"no secrets":     {func(d *handover.Document) { d.Secrets = nil }, "name at least one"},
		"a line feed":    {func(d *handover.Document) { d.Secrets["k"] = canary + "\nx" }, "secret k: it has a line feed"},
		"no UTF-8":       {func(d *handover.Document) { d.Secrets["k"] = canary + "\xff" }, "secret k: it is not text"},
		"no account":     {func(d *handover.Document) { d.Account = "" }, "the account"},
		"no time at all": {func(d *handover.Document) { d.ExpiresAt = d.MadeAt }, "more than nothing"},
		"a year":         {func(d *handover.Document) { d.ExpiresAt = d.MadeAt.AddDate(1, 0, 0) }, "at most 720h"},
		"much": {func(d *handover.Document) {
			for i := range handover.MaxSecrets - 2 {
				d.Secrets[fmt.Sprint("s", i)] = handover.Value(strings.Repeat("x", handover.MaxValue))
			}
		}, "together"},
	} {
		d := document()
		c.change(&d)
		file, _, err := handover.Seal(d, lock)
		if err == nil || file != nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// A passphrase seals and opens, at the price that each try is to have.
func TestSeal_passphrase(t *testing.T) {
	t.Parallel()
	made := handover.NewPassphrase()
	if made == handover.NewPassphrase() || len(made) != 23 {
		t.Errorf("got passphrase %q", made)
	}
	lock, err := handover.LockWith(made)
	if err != nil {
		t.Fatal(err)
	}
	file, _, err := handover.Seal(document(), lock)
	if err != nil {
		t.Fatal(err)
	}
	key, err := handover.KeyWith(made)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := handover.Open(file, key, now); err != nil || d.Secrets["signing_key"] != canary+"==" {
		t.Errorf("it does not open: %v", err)
	}
}
