package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/toolchain"
)

// largePlugin is the size in bytes above which a build says so: every node
// fetches and compiles them.
const largePlugin = 4 << 20

type pluginBuildCmd struct {
	Dir  string `arg:"" optional:"" help:"Folder of the sources." type:"path" default:"."`
	Out  string `short:"o" help:"Where the plugin goes; by default into the folder, under its name: tulip/tulip.wasm." type:"path" placeholder:"FILE"`
	JSON bool   `help:"Answer in JSON." name:"json"`
}

// Help shows an example.
func (pluginBuildCmd) Help() string {
	return "Go sources are built with the machine's Go, a folder with an asconfig.json with the asc of its node_modules. What does not compile is shown with file and line, and the plugin that was there stays.\n\nExamples:\n\n  kassette plugin build\n  kassette plugin build tulip -o build/plugins/tulip.wasm"
}

// Run builds one plugin.
func (cmd pluginBuildCmd) Run(ctx context.Context, s streams) error {
	b, err := build(ctx, cmd.Dir, cmd.Out)
	if err != nil {
		return err
	}
	if b.Size > largePlugin {
		fmt.Fprintf(s.err, "kassette: %s is larger than %s: see what it imports (in Go: go list -deps); fmt, net and reflection weigh much\n", near(b.File), megabytes(largePlugin))
	}
	if cmd.JSON {
		return writeJSON(s, b)
	}
	fmt.Fprintln(s.out, b)
	return nil
}

// built is a plugin that was just built.
type built struct {
	File string `json:"file"`
	Size int    `json:"size"`
	// Digest is the hex SHA-256 of the bytes.
	Digest string `json:"digest"`
	// Millis is how long it took.
	Millis int64 `json:"ms"`
	wasm   []byte
}

// String tells it for people.
func (b built) String() string {
	return fmt.Sprintf("%s: %s, built in %s s, SHA-256 %s", near(b.File), megabytes(b.Size), seconds(time.Duration(b.Millis)*time.Millisecond), b.Digest)
}

// build builds the plugin of a folder; out is where it goes, "" for into the
// folder.
func build(ctx context.Context, dir, out string) (built, error) {
	if out == "" {
		whole, err := filepath.Abs(dir)
		if err != nil {
			return built{}, err
		}
		out = filepath.Join(dir, filepath.Base(whole)+".wasm")
	}
	began := time.Now()
	err := toolchain.Build(ctx, dir, out)
	var refused *toolchain.CompileError
	if errors.As(err, &refused) {
		for i := range refused.Problems {
			refused.Problems[i].File = near(refused.Problems[i].File)
		}
	}
	if err != nil {
		return built{}, fmt.Errorf("build %s: %w", near(dir), err)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		return built{}, err
	}
	sum := sha256.Sum256(wasm)
	return built{File: out, Size: len(wasm), Digest: hex.EncodeToString(sum[:]), Millis: time.Since(began).Milliseconds(), wasm: wasm}, nil
}

// near is a path as it is seen from here, where that is shorter.
func near(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return rel
}

func megabytes(n int) string {
	if n < 100_000 {
		return fmt.Sprintf("%d KB", (n+999)/1000)
	}
	return fmt.Sprintf("%d.%d MB", n/1_000_000, n/100_000%10)
}

func seconds(d time.Duration) string {
	return fmt.Sprintf("%d.%d", d.Milliseconds()/1000, d.Milliseconds()/100%10)
}
