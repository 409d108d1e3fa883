package handover

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Errors of writing. Each says what to do.
var (
	// ErrThere: something has the name of a file that was to be written.
	ErrThere = errors.New("nothing was written, since nothing is overwritten: choose another name, or move it away")
	// ErrLiteral: a live account may not have its secrets in the configuration.
	ErrLiteral = errors.New("a live account's secrets do not stand in a configuration: write an env file, or a file for each secret")
)

// envSafe are values that every reader of env files takes as they stand:
// shells, systemd, Docker and Compose have rules of quoting that differ.
var envSafe = regexp.MustCompile(`^[A-Za-z0-9_./+=:@%,-]+$`)

// EnvName is the variable of a secret: CHEESE_RABO_SIGNING_KEY.
func (d Document) EnvName(name string) string {
	v := strings.ToUpper(strings.ReplaceAll(d.Account, "-", "_") + "_" + name)
	if v[0] >= '0' && v[0] <= '9' {
		v = "ACCOUNT_" + v
	}
	return v
}

// Env writes an env file, a variable a line.
func (d Document) Env() ([]byte, error) {
	var b bytes.Buffer
	from := map[string]string{}
	for _, name := range d.Names() {
		v := d.EnvName(name)
		if other := from[v]; other != "" {
			return nil, fmt.Errorf("secrets %s and %s have the same variable: write a file for each secret", other, name)
		}
		from[v] = name
		if !envSafe.MatchString(string(d.Secrets[name])) {
			return nil, fmt.Errorf("secret %s has characters that readers of env files take differently: write a file for each secret", name)
		}
		fmt.Fprintf(&b, "%s=%s\n", v, string(d.Secrets[name]))
	}
	return b.Bytes(), nil
}

// EnvSecrets are an account's secrets as references to [Document.Env].
func (d Document) EnvSecrets() string {
	return d.secrets(func(name string) string { return "{env: " + d.EnvName(name) + "}" })
}

// FileSecrets are an account's secrets as references to [Document.Files] in a
// folder. The path counts from the configuration's folder.
func (d Document) FileSecrets(folder string) string {
	return d.secrets(func(name string) string {
		return "{file: " + quoted(filepath.ToSlash(filepath.Join(folder, name))) + "}"
	})
}

// YAML writes an account's secrets with the values among them, which the
// configuration takes for test accounts alone.
func (d Document) YAML() ([]byte, error) {
	if d.Environment != Test {
		return nil, ErrLiteral
	}
	return []byte(d.secrets(func(name string) string { return quoted(string(d.Secrets[name])) })), nil
}

func (d Document) secrets(of func(name string) string) string {
	b := "secrets:\n"
	for _, name := range d.Names() {
		b += "  " + quoted(name) + ": " + of(name) + "\n"
	}
	return b
}

// plain are texts that YAML takes for no number, word or anything else.
var plain = regexp.MustCompile(`^[a-zA-Z]+_[a-zA-Z_]+$`)

// quoted writes a text for YAML: JSON's strings are YAML's.
func quoted(s string) string {
	if plain.MatchString(s) {
		return s
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text always can
	return strings.TrimSpace(b.String())
}

// File is one that is to be written.
type File struct {
	Path string
	Text []byte
}

// Files are one for each secret, of the secret's name.
func (d Document) Files(folder string) []File {
	var files []File
	for _, name := range d.Names() {
		files = append(files, File{filepath.Join(folder, name), []byte(string(d.Secrets[name]) + "\n")})
	}
	return files
}

// WriteNew writes files that only their owner can read: all of them, or none.
// None may be there, not even as a link that leads nowhere.
func WriteNew(files ...File) (err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, path := range made {
				err = errors.Join(err, os.Remove(path))
			}
		}
	}()
	for _, f := range files {
		w, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already: %w", f.Path, ErrThere)
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		made = append(made, f.Path)
		_, err = w.Write(f.Text)
		if err == nil {
			err = w.Sync()
		}
		if err = errors.Join(err, w.Close()); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}
