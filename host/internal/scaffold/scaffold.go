// Package scaffold writes a new plugin that builds, passes the conformance kit
// and runs: a method of a made-up provider, to be turned into a real one.
//
// Its templates are examples/hello-plugin under another name; a test makes them
// of it (-update).
package scaffold

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/kassette-pay/kassette/host/internal/toolchain"
	"github.com/kassette-pay/kassette/sdk/assemblyscript"
)

// Module is the path of the module that a plugin in Go is built against.
const Module = "github.com/kassette-pay/kassette"

// Errors of [Write].
var (
	// ErrName: the contract allows no such name.
	ErrName = errors.New("a plugin's name is 2 to 32 small letters, digits and dashes, a letter first, such as tulip-pay")
	// ErrExists: something is there already.
	ErrExists = errors.New("it is there already")
)

// Plugin is what a new plugin is made of.
type Plugin struct {
	Name     string
	Language toolchain.Language
	// Source is a folder with Kassette's sources to build against, Release the
	// version to require where it is "".
	Source, Release string
}

//go:embed templates
var templates embed.FS

// names is the contract's pattern of plugins' names.
var names = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)

// CheckName gives [ErrName] for what is no name.
func CheckName(name string) error {
	if !names.MatchString(name) {
		return fmt.Errorf("%q: %w", name, ErrName)
	}
	return nil
}

// Write makes a folder with a new plugin, whole or not at all.
func Write(dir string, p Plugin) error {
	if err := CheckName(p.Name); err != nil {
		return err
	}
	files, err := render(dir, p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", dir, ErrExists)
	} else if err != nil {
		return err
	}
	for name, text := range files {
		if err := put(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
			return errors.Join(err, os.RemoveAll(dir))
		}
	}
	return nil
}

func put(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// values are what templates are filled with.
type values struct {
	Plugin
	// Title is the name as people read it, Module the path of the plugin's own
	// module, Asc the version of AssemblyScript.
	Title, Module, Asc string
	// Kassette is the module that it requires, and Replace where that is, if
	// not released.
	Kassette, Replace string
}

// render makes the files of a plugin, by name.
func render(dir string, p Plugin) (map[string][]byte, error) {
	v, err := p.values(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, folder := range []string{"both", string(p.Language)} {
		if err := fill(files, path.Join("templates", folder), v); err != nil {
			return nil, err
		}
	}
	if p.Source != "" {
		if files["go.sum"], err = os.ReadFile(filepath.Join(p.Source, "go.sum")); err != nil {
			return nil, err
		}
	}
	if p.Language == toolchain.AssemblyScript {
		err = addSDK(files)
	}
	return files, err
}

func (p Plugin) values(dir string) (values, error) {
	v := values{Plugin: p, Title: title(p.Name), Module: "example.com/" + p.Name, Kassette: Module + " " + p.Release}
	if p.Source != "" {
		v.Kassette, v.Replace = Module+" v0.0.0", replacement(dir, p.Source)
	}
	var err error
	v.Asc, err = ascVersion()
	return v, err
}

// title is a name as people read it: "tulip-pay" is Tulip Pay.
func title(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}

// replacement is Kassette's folder as go.mod names it: from the plugin's where
// that is inside, so that both can be moved.
func replacement(dir, source string) string {
	if rel, err := filepath.Rel(source, dir); err == nil && filepath.IsLocal(rel) {
		up := strings.Repeat("../", strings.Count(filepath.ToSlash(rel), "/")+1)
		return strings.TrimSuffix(up, "/")
	}
	return filepath.ToSlash(source)
}

// fill renders the templates of a folder.
func fill(files map[string][]byte, folder string, v values) error {
	return fs.WalkDir(templates, folder, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templates.ReadFile(at)
		if err != nil {
			return err
		}
		t, err := template.New(at).Delims("[[", "]]").Option("missingkey=error").Parse(string(text))
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, v); err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(at, folder+"/"), ".tmpl")
		if name == "gitignore" {
			name = ".gitignore"
		}
		files[name] = out.Bytes()
		return nil
	})
}

// addSDK puts the sources of the SDK beside the plugin's: nothing else is
// needed to build it.
func addSDK(files map[string][]byte) error {
	sources, err := fs.Glob(assemblyscript.Sources, "*.ts")
	if err != nil {
		return err
	}
	for _, name := range sources {
		if files["sdk/"+name], err = assemblyscript.Sources.ReadFile(name); err != nil {
			return err
		}
	}
	return nil
}

// ascVersion is the version of AssemblyScript that the SDK is written for.
func ascVersion() (string, error) {
	text, err := assemblyscript.Sources.ReadFile("package.json")
	if err != nil {
		return "", err
	}
	var p struct {
		Tools struct {
			AssemblyScript string `json:"assemblyscript"`
		} `json:"devDependencies"`
	}
	err = json.Unmarshal(text, &p)
	return p.Tools.AssemblyScript, err
}
