package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The guests that are not Go are checked in beside their sources, which say
// how they are made.
var (
	//go:embed guests/c/guest.wasm
	guestC []byte
	//go:embed guests/as/guest.wasm
	guestAssemblyScript []byte
	//go:embed guests/hostile/hostile.wasm
	guestHostile []byte
)

// guests are what is called. Their files are in dir.
type guests struct {
	dir     string
	wasm    map[string][]byte // by language: Go, C, AssemblyScript
	rpc     string            // the file for knqyf263/go-plugin
	process string            // the program for hashicorp/go-plugin
	cache   string            // a folder for compiled code
}

// languages are those of the guests, in the order of the tables.
var languages = []string{"Go", "C", "AssemblyScript"}

// buildGuests has the Go guests built.
func buildGuests(ctx context.Context) (*guests, error) {
	dir, err := os.MkdirTemp("", "bench-sandbox")
	if err != nil {
		return nil, err
	}
	for _, args := range [][]string{
		{"GOOS=wasip1", "go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(dir, "go.wasm"), "./guests/go"},
		{"GOOS=wasip1", "go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(dir, "rpc.wasm"), "./guests/wasmrpc"},
		{"", "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(dir, "process"), "./guests/process"},
	} {
		cmd := exec.CommandContext(ctx, args[1], args[2:]...)
		cmd.Env = os.Environ()
		if args[0] != "" {
			cmd.Env = append(cmd.Env, args[0], "GOARCH=wasm", "GOFLAGS=")
		}
		if said, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w: %s", args[len(args)-1], err, said)
		}
	}
	return openGuests(dir)
}

// openGuests are the guests that were built into dir.
func openGuests(dir string) (*guests, error) {
	g := &guests{dir: dir, rpc: filepath.Join(dir, "rpc.wasm"), process: filepath.Join(dir, "process"), cache: filepath.Join(dir, "cache")}
	wasm, err := os.ReadFile(filepath.Join(dir, "go.wasm"))
	if err != nil {
		return nil, err
	}
	g.wasm = map[string][]byte{"Go": wasm, "C": guestC, "AssemblyScript": guestAssemblyScript}
	return g, nil
}
