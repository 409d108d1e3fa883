package shoptest

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// starts bounds how long anything may take to happen.
const starts = 2 * time.Minute

// Need skips the test where a tool is missing. CI fails on what is skipped.
func Need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s not found: make tools installs it", tool)
		}
	}
}

// Run runs a tool to its end, five minutes at most, and gives what it said.
func Run(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Must is Run where failing ends the test.
func Must(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	out, err := Run(t, env, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// Background starts a server that ends with the test. What it said is shown
// where the test failed, or where PHP warned of something.
func Background(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // PHP's web server has workers
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Errorf("end %s: %v", name, err)
		}
		end := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // it ends by a signal, which Wait calls an error
		end.Stop()
		if t.Failed() || strings.Contains(said.String(), "PHP Warning") {
			t.Logf("%s said:\n%s", name, said.String())
		}
	})
}

// Eventually waits until ready says yes.
func Eventually(t *testing.T, what string, ready func() bool) {
	t.Helper()
	deadline := time.After(starts)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-deadline:
			t.Fatalf("still not after %s: %s", starts, what)
		case <-tick.C:
		}
	}
}

// FreeAddress gives an address of this machine where nobody listens.
func FreeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Files lists the files below dirs whose names end so, and fails where there
// is none.
func Files(t *testing.T, suffix string, dirs ...string) []string {
	t.Helper()
	var list []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
				list = append(list, path)
			}
			return err
		})
		if err != nil {
			t.Fatalf("list %s: %v", dir, err)
		}
	}
	if len(list) == 0 {
		t.Fatalf("there is no %s below %v", suffix, dirs)
	}
	return list
}

// Read gives a file's text.
func Read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Parses has PHP look at every file below dirs.
func Parses(t *testing.T, dirs ...string) {
	t.Helper()
	Need(t, "php")
	for _, file := range Files(t, ".php", dirs...) {
		if out, err := Run(t, nil, "php", "-n", "-l", file); err != nil {
			t.Errorf("php -l %s: %s", file, out)
		}
	}
}

// KeepsTheStandard has PHP_CodeSniffer look at what the folder's phpcs.xml names.
func KeepsTheStandard(t *testing.T) {
	t.Helper()
	Need(t, "phpcs")
	if out, err := Run(t, nil, "phpcs", "--standard=phpcs.xml", "-q"); err != nil {
		t.Errorf("phpcs: %s", out)
	}
}
