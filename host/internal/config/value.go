package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Value is a text that stands in the file itself, in the environment
// ({env: NAME}) or in a file of its own ({file: PATH}, from the folder of the
// configuration), or in the state. It prints as ***.
type Value struct {
	env, file, text string
	kept            bool
}

// maxValueFile bounds a file that holds a value.
const maxValueFile = 1 << 20

// Literal is a value that stands in the file.
func Literal(text string) Value { return Value{text: text} }

// Kept is a value that the state keeps, sealed.
func Kept(text string) Value { return Value{text: text, kept: true} }

// Text is the value itself.
func (v Value) Text() string { return v.text }

// IsZero says that nothing is configured.
func (v Value) IsZero() bool { return v == Value{} }

// encode writes where a value is, for a layer of the configuration: layers
// replace lists whole, and copy nothing that is not exported.
func (v Value) encode() any { return []any{v.env, v.file, v.text} }

func decode(list []any) (Value, error) {
	var parts [3]string
	if len(list) != len(parts) {
		return Value{}, errors.New("a value has three parts")
	}
	for i, part := range list {
		parts[i], _ = part.(string)
	}
	return Value{env: parts[0], file: parts[1], text: parts[2]}, nil
}

// literal says that it stands in the file.
func (v Value) literal() bool { return v.text != "" && v.env == "" && v.file == "" && !v.kept }

// String writes ***.
func (v Value) String() string {
	if v.IsZero() {
		return ""
	}
	return "***"
}

// GoString writes ***.
func (v Value) GoString() string { return v.String() }

// Format writes *** for every verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, v.String()) }

// LogValue writes ***.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalText writes ***: in JSON and YAML too.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// resolve reads the value from where it is.
func (v Value) resolve(folder string, env func(string) string) (Value, error) {
	switch {
	case v.env != "":
		if v.text = env(v.env); v.text == "" {
			return v, fmt.Errorf("the environment has no %s: set it", v.env)
		}
	case v.file != "":
		path := v.file
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		text, err := readValue(path)
		if err != nil {
			return v, err
		}
		v.text = text
	}
	return v, nil
}

// readValue reads a file without the line feed that editors put at its end.
func readValue(path string) (string, error) {
	info, err := os.Stat(path)
	if err == nil && (info.IsDir() || info.Size() > maxValueFile) {
		return "", fmt.Errorf("%s is no file of at most %d bytes", path, maxValueFile)
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s: put the value into it", path)
	case err != nil:
		return "", fmt.Errorf("read value: %w", err)
	}
	text := strings.TrimRight(string(b), "\r\n")
	if text == "" {
		return "", fmt.Errorf("file %s is empty", path)
	}
	return text, nil
}
