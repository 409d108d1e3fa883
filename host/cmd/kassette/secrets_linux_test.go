package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// On a terminal values are asked for without being shown, and shown only where
// that was asked for.
func TestSecrets_terminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := keygen(t, dir, "id.txt")
	keys, screen := terminal(t)
	r := startOn(t, screen, dir, nil, append([]string{"secrets", "seal", "signing_key", "refresh_token", "--to", to}, sealing...)...)
	typed := func(prompt, text string) {
		t.Helper()
		r.until("it asks for "+prompt, func() bool { return strings.HasSuffix(r.err.String(), prompt) })
		if _, err := keys.WriteString(text + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	typed("signing_key: ", secret+"==")
	typed("refresh_token: ", "eyJ."+secret)
	<-r.done
	result{r.cmd.ProcessState.ExitCode(), r.out.String(), r.err.String()}.says(t, 0, []string{"sealed"}, []string{"signing_key: "})
	const mark = "<end>"
	if _, err := screen.WriteString(mark); err != nil {
		t.Fatal(err)
	}
	if shown := echoed(t, keys, mark); strings.Contains(shown, secret) {
		t.Errorf("it was shown while it was typed: %q", shown)
	}
	shows := command(dir, nil, "secrets", "open", "cheese_rabo.age", "--identity", "id.txt", "--show")
	shows.Stdout = screen
	if err := shows.Run(); err != nil {
		t.Fatal(err)
	}
	echoed(t, keys, "signing_key = "+secret+"==")
}

// Enter has a passphrase made, Ctrl-C ends with nothing done and the terminal
// as it was.
func TestSecrets_passphrase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := append([]string{"secrets", "seal", "signing_key=env:KEY", "--passphrase"}, sealing...)
	keys, screen := terminal(t)
	asks := func() *running {
		r := startOn(t, screen, dir, []string{"KEY=" + secret}, args...)
		r.until("it asks", func() bool { return strings.HasSuffix(r.err.String(), "makes one): ") })
		return r
	}
	stopped := asks()
	_ = stopped.cmd.Process.Signal(os.Interrupt)
	<-stopped.done
	result{stopped.cmd.ProcessState.ExitCode(), stopped.out.String(), stopped.err.String()}.says(t, 1, nil, []string{"nothing was typed"})
	if _, err := keys.WriteString("visible\n"); err != nil {
		t.Fatal(err)
	}
	echoed(t, keys, "visible")
	_, _ = screen.Read(make([]byte, 100)) // what was typed just now

	r := asks()
	if _, err := keys.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	<-r.done
	_, made, _ := strings.Cut(r.err.String(), "The passphrase is ")
	made, _, _ = strings.Cut(made, "\n")
	if r.cmd.ProcessState.ExitCode() != 0 || len(made) != 23 {
		t.Fatalf("got %q, %s", made, r.err)
	}
	write(t, dir, "passphrase", made+"\n")
	write(t, dir, "wrong", "another passphrase\n")
	runIn(t, dir, nil, "secrets", "open", "cheese_rabo.age", "--passphrase-file", "passphrase").says(t, 0, []string{"signing_key"}, nil)
	runIn(t, dir, nil, "secrets", "open", "cheese_rabo.age", "--passphrase-file", "wrong").says(t, 1, nil, []string{"the passphrase is not the one"})
}

// echoed reads what a terminal shows, until it shows a text.
func echoed(t *testing.T, keys *os.File, until string) string {
	t.Helper()
	all := make(chan string, 1)
	go func() {
		shown := ""
		for b := make([]byte, 4096); !strings.Contains(shown, until); {
			n, err := keys.Read(b)
			if err != nil {
				break
			}
			shown += string(b[:n])
		}
		all <- shown
	}()
	select {
	case shown := <-all:
		return shown
	case <-time.After(time.Minute):
		t.Fatalf("the terminal does not show %q", until)
		return ""
	}
}
