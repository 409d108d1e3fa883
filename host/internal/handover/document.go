package handover

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is handed over.
const (
	// MaxFile bounds a hand-over file, in bytes.
	MaxFile = 256 << 10
	// MaxSecrets bounds the secrets in one.
	MaxSecrets = 32
	// MaxLife is how long a hand-over may be opened at most.
	MaxLife = 30 * 24 * time.Hour

	maxDocument = 160 << 10
	maxMadeBy   = 200
	saltSize    = 16
	// skew is how far the clocks of the two sides may be apart.
	skew = time.Hour
)

const (
	kind    = "handover"
	version = 1
)

// Errors of a document. Each says what to do.
var (
	// ErrNotHandover: the file opens, but holds something else.
	ErrNotHandover = errors.New("it holds no hand-over of secrets: ask for a file of kassette secrets seal")
	// ErrVersion: a later kassette made it.
	ErrVersion = errors.New("a newer kassette made it: update this one, or ask for a file of this version")
	// ErrUnknownMember: it says something that this version does not know.
	ErrUnknownMember = errors.New("it has a member that is not known here: update kassette, or ask for the file anew")
	// ErrNotCanonical: it is not what kassette writes, byte for byte.
	ErrNotCanonical = errors.New("it is not as kassette secrets seal writes it: ask for a file that was made by that alone")
	// ErrExpired: its time is over.
	ErrExpired = errors.New("ask for a new one, made by kassette secrets seal")
	// ErrFuture: it was made later than now.
	ErrFuture = errors.New("one of the two clocks is wrong: set this one, or ask for a file that is made after the other is set")
)

var (
	accountPattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	providerPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)
)

// Environments of an account.
const (
	Test = "test"
	Live = "live"
)

// Document is what is handed over.
type Document struct {
	// Account is the id that the account has, or is to have, in the configuration.
	Account string
	// Provider is the name that its plugins say.
	Provider string
	// Environment is [Test] or [Live].
	Environment string
	// MadeBy is whoever made it, in their own words. Nobody vouches for it.
	MadeBy            string
	MadeAt, ExpiresAt time.Time
	Secrets           map[string]Value

	salt [saltSize]byte
}

// wire is the document as it is written.
type wire struct {
	Kassette    string            `json:"kassette"`
	Version     int               `json:"version"`
	Account     string            `json:"account"`
	Provider    string            `json:"provider"`
	Environment string            `json:"environment"`
	MadeBy      string            `json:"made_by"`
	MadeAt      time.Time         `json:"made_at"`
	ExpiresAt   time.Time         `json:"expires_at"`
	Salt        string            `json:"salt"`
	Secrets     map[string]string `json:"secrets"`
}

// Names are those of the secrets, sorted.
func (d Document) Names() []string { return slices.Sorted(maps.Keys(d.Secrets)) }

// Fingerprint tells a secret's value from others without telling the value:
// 64 bits of HMAC-SHA256 under the document's own random salt, which stands
// in no output. So a short password cannot be tried against it.
func (d Document) Fingerprint(name string) string {
	mac := hmac.New(sha256.New, d.salt[:])
	mac.Write([]byte(name + "\x00" + string(d.Secrets[name])))
	sum := hex.EncodeToString(mac.Sum(nil)[:8])
	return sum[:4] + " " + sum[4:8] + " " + sum[8:12] + " " + sum[12:]
}

// encode writes the one form that a document has.
func (d Document) encode() ([]byte, error) {
	w := wire{
		Kassette: kind, Version: version, Account: d.Account, Provider: d.Provider, Environment: d.Environment, MadeBy: d.MadeBy,
		MadeAt: d.MadeAt.UTC().Truncate(time.Second), ExpiresAt: d.ExpiresAt.UTC().Truncate(time.Second),
		Salt: hex.EncodeToString(d.salt[:]), Secrets: make(map[string]string, len(d.Secrets)),
	}
	for name, v := range d.Secrets {
		w.Secrets[name] = string(v)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(w); err != nil {
		return nil, errors.New("write the hand-over: a date is beyond the year 9999") // all that can fail; its own words could quote
	}
	return b.Bytes(), nil
}

// parse reads a document. What it accepts is what encode writes, to the byte:
// no member twice, none in other letters, nothing behind it.
func parse(text []byte) (Document, error) {
	var head struct {
		Kassette string `json:"kassette"`
		Version  int    `json:"version"`
	}
	if json.Unmarshal(text, &head) != nil || head.Kassette != kind { // the error would quote
		return Document{}, ErrNotHandover
	}
	if head.Version > version {
		return Document{}, ErrVersion
	}
	var w wire
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		if strings.Contains(err.Error(), "unknown field") {
			return Document{}, ErrUnknownMember
		}
		return Document{}, ErrNotCanonical
	}
	d := Document{
		Account: w.Account, Provider: w.Provider, Environment: w.Environment, MadeBy: w.MadeBy,
		MadeAt: w.MadeAt, ExpiresAt: w.ExpiresAt, Secrets: make(map[string]Value, len(w.Secrets)),
	}
	for name, v := range w.Secrets {
		d.Secrets[name] = Value(v)
	}
	salt, err := hex.DecodeString(w.Salt)
	if err != nil || len(salt) != saltSize {
		return Document{}, ErrNotCanonical
	}
	d.salt = [saltSize]byte(salt)
	if again, err := d.encode(); err != nil || !bytes.Equal(again, text) {
		return Document{}, ErrNotCanonical
	}
	return d, d.check()
}

// check says what is wrong with a document, at whatever time.
func (d Document) check() error {
	switch {
	case !accountPattern.MatchString(d.Account):
		return errors.New("the account is no id: use up to 32 of a-z, 0-9, _ and -")
	case !providerPattern.MatchString(d.Provider):
		return errors.New("the provider is none: it is the name that its plugins say, such as kassette plugin inspect shows")
	case d.Environment != Test && d.Environment != Live:
		return errors.New("the environment is test or live")
	case d.MadeBy == "" || len(d.MadeBy) > maxMadeBy || !printable(d.MadeBy):
		return fmt.Errorf("who makes it is said in one line of 1 to %d bytes", maxMadeBy)
	case len(d.Secrets) == 0:
		return errors.New("there is no secret in it: name at least one")
	case len(d.Secrets) > MaxSecrets:
		return fmt.Errorf("there are %d secrets in it: make one file for each account, with at most %d", len(d.Secrets), MaxSecrets)
	case !d.ExpiresAt.After(d.MadeAt) || d.ExpiresAt.Sub(d.MadeAt) > MaxLife:
		return fmt.Errorf("it ends %s after it is made: let that be more than nothing and at most %s", d.ExpiresAt.Sub(d.MadeAt), MaxLife)
	}
	for _, name := range d.Names() {
		if !namePattern.MatchString(name) {
			return errors.New("one of the names is none: use up to 64 letters, digits and _")
		}
		if err := d.Secrets[name].check(); err != nil {
			return fmt.Errorf("secret %s: %w", name, err)
		}
	}
	return nil
}

// at says whether the document may be opened at a time.
func (d Document) at(now time.Time) error {
	if !now.Before(d.ExpiresAt) {
		return fmt.Errorf("it expired at %s: %w", d.ExpiresAt.Format(time.RFC3339), ErrExpired)
	}
	if d.MadeAt.After(now.Add(skew)) {
		return fmt.Errorf("it was made at %s, and here it is %s: %w", d.MadeAt.Format(time.RFC3339), now.UTC().Format(time.RFC3339), ErrFuture)
	}
	return nil
}

// printable says whether a text is one line that shows as it is.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
