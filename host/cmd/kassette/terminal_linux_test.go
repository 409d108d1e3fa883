package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// terminal opens both ends of one: what is written to the first is typed at
// the second.
func terminal(t *testing.T) (keys, screen *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal can be opened here: %v", err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	var number, locked int32
	for _, ask := range []struct {
		what uintptr
		into *int32
	}{{syscall.TIOCSPTLCK, &locked}, {syscall.TIOCGPTN, &number}} {
		if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, keys.Fd(), ask.what, uintptr(unsafe.Pointer(ask.into))); no != 0 {
			t.Fatal(no)
		}
	}
	if screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	return keys, screen
}

// On a terminal the operator sees what is asked for, and decides.
func TestPluginInstall_asks(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	write(t, g.dir, "sample.wasm", sample(t))
	for _, c := range []struct {
		name, typed string
		signal      bool
		status      int
		says        string
	}{
		{"nothing", "\n", false, 1, "nothing was activated"},
		{"no", "no\n", false, 1, "nothing was activated"},
		{"the end", "\x04", false, 1, "nothing was activated"},
		{"Ctrl-C", "", true, 1, "nothing was activated"},
		{"yes", "y\n", false, 0, "granted"},
	} {
		keys, screen := terminal(t)
		r := startOn(t, screen, g.dir, g.env, "plugin", "install", "sample.wasm")
		r.until("it asks", func() bool { return strings.HasSuffix(r.err.String(), "Activate? [y/N] ") })
		if !strings.Contains(r.err.String(), "NEW  secret     key: mac:sha512, digest:md5") {
			t.Errorf("%s: it asks without saying what for: %s", c.name, r.err)
		}
		if c.signal {
			_ = r.cmd.Process.Signal(os.Interrupt)
		} else if _, err := keys.WriteString(c.typed); err != nil {
			t.Fatal(err)
		}
		<-r.done
		if status := r.cmd.ProcessState.ExitCode(); status != c.status || !strings.Contains(r.err.String(), c.says) {
			t.Errorf("%s: got status %d, %s", c.name, status, r.err)
		}
		if got := g.states(); len(got) != 1 || (got[0] == "active") != (c.status == 0) {
			t.Errorf("%s: got versions %v", c.name, got)
		}
	}
}
