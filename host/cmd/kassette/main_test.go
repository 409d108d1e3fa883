package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the command as it is built, once for all tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "kassette-cmd-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "kassette")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the command: %v\n%s", err, out)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// patience is how long a command may take that is not to stay: some run
// compilers, on machines that do much else.
const patience = 3 * time.Minute

// result is what a command did.
type result struct {
	status   int
	out, err string
}

// command makes a process without the variables of whoever runs the tests.
func command(dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "KASSETTE_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// runIn runs the command to its end in a folder.
func runIn(t *testing.T, dir string, env []string, args ...string) result {
	t.Helper()
	cmd := command(dir, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !late.Stop() {
		t.Errorf("kassette %s did not end in %s", strings.Join(args, " "), patience)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// kassette is runIn an empty folder.
func kassette(t *testing.T, args ...string) result {
	t.Helper()
	return runIn(t, t.TempDir(), nil, args...)
}

// running is a command that stays until it is told to end.
type running struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err *lines
	done     chan struct{}
}

// start starts a command that stays.
func start(t *testing.T, dir string, env []string, args ...string) *running {
	t.Helper()
	return startOn(t, nil, dir, env, args...)
}

// startOn starts one that reads in; nil is nothing at all.
func startOn(t *testing.T, in io.Reader, dir string, env []string, args ...string) *running {
	t.Helper()
	r := &running{t: t, cmd: command(dir, env, args...), out: &lines{}, err: &lines{}, done: make(chan struct{})}
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = in, r.out, r.err
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = r.cmd.Wait(); close(r.done) }() // its status is looked at in end
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.done
		if t.Failed() {
			t.Logf("kassette %s\n%s%s", strings.Join(args, " "), r.out, r.err)
		}
	})
	return r
}

// end asks the command to end, and gives what it did.
func (r *running) end(s syscall.Signal) result {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
	select {
	case <-r.done:
	case <-time.After(patience):
		r.t.Fatalf("it does not end on %s", s)
	}
	return result{r.cmd.ProcessState.ExitCode(), r.out.String(), r.err.String()}
}

// until waits for a condition while the command runs.
func (r *running) until(what string, ok func() bool) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-r.done:
			r.t.Fatalf("it ended before %s", what)
		case <-deadline:
			r.t.Fatalf("still not: %s", what)
		}
	}
}

// says holds what a command said to what it should have.
func (r result) says(t *testing.T, status int, out, err []string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status: got %d, want %d", r.status, status)
	}
	for name, s := range map[string]struct {
		got  string
		want []string
	}{"standard output": {r.out, out}, "standard error": {r.err, err}} {
		if len(s.want) == 0 && s.got != "" {
			t.Errorf("%s: got %q, want nothing", name, s.got)
		}
		for _, w := range s.want {
			if !strings.Contains(s.got, w) {
				t.Errorf("%s does not say %q:\n%s", name, w, s.got)
			}
		}
	}
	if strings.Contains(r.out+r.err, secret) {
		t.Errorf("a secret is told:\n%s%s", r.out, r.err)
	}
}

// secret is in every configuration of these tests, and in no output.
const secret = "never-to-be-seen-anywhere"

// write puts a file into a folder and gives its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
