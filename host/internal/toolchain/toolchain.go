// Package toolchain builds plugins from their sources with the compilers of
// the machine: Go's own, and AssemblyScript's. It reads what they complain
// about, so that it can be shown with file and line.
package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Language is what the sources of a plugin are written in.
type Language string

// The languages.
const (
	Go             Language = "go"
	AssemblyScript Language = "assemblyscript"
)

// Languages lists them all.
func Languages() []Language { return []Language{Go, AssemblyScript} }

// ErrNoSources: a folder holds no plugin's sources.
var ErrNoSources = errors.New("no sources of a plugin are there: neither an asconfig.json nor Go files")

var errNoGo = errors.New("the Go compiler is not there: get it at https://go.dev/dl, and see that 'go version' answers")

// GoFlags is how a plugin in Go is built. The same sources give the same bytes
// on every machine: neither paths nor the state of a repository get into them.
func GoFlags() []string {
	return []string{"-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w"}
}

// Detect says in which language the plugin of a folder is written: in
// AssemblyScript where there is an asconfig.json, else in Go.
func Detect(dir string) (Language, error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is no folder of sources", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, configFile)); err == nil {
		return AssemblyScript, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", fmt.Errorf("%s: %w", dir, ErrNoSources)
	}
	return Go, nil
}

// configFile says how asc builds a folder, its entry included.
const configFile = "asconfig.json"

// Build compiles the plugin of a folder and puts the module at out, which is
// written in one piece: a build that ends early leaves what is there. Sources
// that the compiler refuses give a [*CompileError].
func Build(ctx context.Context, dir, out string) error {
	language, err := Detect(dir)
	if err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(out), ".build-")
	if err != nil {
		return err
	}
	module := filepath.Join(draft, filepath.Base(out))
	cmd, err := compiler(ctx, language, dir, module)
	if err == nil {
		err = compile(ctx, cmd, dir, language)
	}
	if err == nil {
		err = os.Rename(module, out)
	}
	return errors.Join(err, os.RemoveAll(draft))
}

// compiler is the command that builds a module.
func compiler(ctx context.Context, language Language, dir, module string) (*exec.Cmd, error) {
	if language == AssemblyScript {
		asc, err := findAsc(dir)
		if err != nil {
			return nil, err
		}
		return exec.CommandContext(ctx, asc, "--config", configFile, "--noColors", "--outFile", module), nil
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, errNoGo
	}
	cmd := exec.CommandContext(ctx, tool, append(append([]string{"build"}, GoFlags()...), "-o", module, ".")...)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	return cmd, nil
}

// tidyTime is how long a compiler that is told to end may take to tidy up.
const tidyTime = 5 * time.Second

// compile runs a compiler in a folder.
func compile(ctx context.Context, cmd *exec.Cmd, dir string, language Language) error {
	var said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, tidyTime
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit) && exit.Exited():
		return complaint(dir, language, said.String())
	case err != nil:
		return fmt.Errorf("run %s: %w", filepath.Base(cmd.Path), err)
	}
	return nil
}

// findAsc finds AssemblyScript's compiler as npm does: in the folder or one
// above it, else among the machine's commands.
func findAsc(dir string) (string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		asc := filepath.Join(at, "node_modules", ".bin", "asc")
		if _, err := os.Stat(asc); err == nil {
			return asc, nil
		}
		if filepath.Dir(at) == at {
			break
		}
		at = filepath.Dir(at)
	}
	asc, err := exec.LookPath("asc")
	if err != nil {
		return "", fmt.Errorf("asc, the compiler of AssemblyScript, is not there: run 'npm install' in %s", dir)
	}
	return filepath.Abs(asc)
}

// Require completes the go.mod of a folder's module with what its packages and
// their tests are built of. Modules that the machine does not have are
// downloaded.
func Require(ctx context.Context, dir string) error {
	tool, err := exec.LookPath("go")
	if err != nil {
		return errNoGo
	}
	cmd := exec.CommandContext(ctx, tool, "list", "-mod=mod", "-deps", "-test", "./...")
	var said bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("find the modules of %s: %w\n%s", dir, err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

// HasTests says whether a folder has tests in Go.
func HasTests(dir string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	return err == nil && len(files) > 0
}

// Test runs the Go tests of a folder and gives what go test -json says, failed
// tests among it. They find the plugin's module by KASSETTE_PLUGIN.
func Test(ctx context.Context, dir, module string) ([]byte, error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, errNoGo
	}
	if module, err = filepath.Abs(module); err != nil {
		return nil, err
	}
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, tool, "test", "-json", "-count=1", "./...")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &complaint
	cmd.Env = append(os.Environ(), "KASSETTE_PLUGIN="+module)
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && (!errors.As(err, &exit) || !exit.Exited() || out.Len() == 0) {
		return nil, fmt.Errorf("go test in %s: %w\n%s", dir, err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out.Bytes(), nil
}
