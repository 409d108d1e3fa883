//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestTutorial runs every command of docs/tutorial.md, in order and in one
// shell, and pays each order that they make. What they write goes to a folder
// of the test, and addresses are free ones.
func TestTutorial(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/tutorial.md")
	blocks := regexp.MustCompile("(?ms)^```(.*?)\n(.*?)^```$").FindAllStringSubmatch(text, -1)
	if len(blocks) < 8 {
		t.Fatalf("the tutorial has %d blocks of commands", len(blocks))
	}
	s := newShell(t)
	paid := 0
	for _, b := range blocks {
		switch {
		case b[1] != "sh":
			t.Errorf("a block of %q: nobody runs it", b[1])
		case strings.HasPrefix(b[2], "npm "): // the machine's tools are installed beforehand
			if want := "npm install --prefix " + tools + " assemblyscript@" + pinned(t) + "\n"; b[2] != want {
				t.Errorf("got %q, want %q", b[2], want)
			}
			needAsc(t)
		default:
			out := s.run(b[2])
			if strings.Contains(b[2], "/v1/orders") {
				paid++
				s.pay(out)
			}
		}
	}
	if paid != 2 {
		t.Errorf("the tutorial makes %d orders, want one for each language", paid)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// shell runs commands of the tutorial in the repository's folder.
type shell struct {
	*testing.T
	in     io.Writer
	out    *bufio.Reader
	folder string // of what the tutorial makes
	// other replaces what the tutorial writes by what this test may use.
	other   *strings.Replacer
	gateway string
}

const configFile = "examples/hello-plugin/kassette.yaml"

func newShell(t *testing.T) *shell {
	t.Helper()
	s := &shell{T: t, folder: t.TempDir(), gateway: freeAddress(t)}
	words := []string{"build/hello", s.folder, "127.0.0.1:8080", s.gateway, "127.0.0.1:8081", freeAddress(t), "127.0.0.1:8083", freeAddress(t)}
	config := filepath.Join(s.folder, "kassette.yaml")
	if err := os.WriteFile(config, []byte(strings.NewReplacer(words...).Replace(read(t, configFile))), 0o600); err != nil {
		t.Fatal(err)
	}
	s.other = strings.NewReplacer(append(words, configFile, config)...)
	cmd := exec.Command("sh", "-eu")
	cmd.Dir, cmd.SysProcAttr = root, &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.in, s.out = in, bufio.NewReader(out)
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the shell and what it has started
		_ = cmd.Wait()
	})
	return s
}

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run runs a block and gives what it printed. The shell ends where a command fails.
func (s *shell) run(block string) string {
	s.Helper()
	const end = "-- end of the block"
	if _, err := fmt.Fprintf(s.in, "%s\nprintf '\\n%%s\\n' '%s'\n", s.other.Replace(block), end); err != nil {
		s.Fatal(err)
	}
	var text strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			log, _ := os.ReadFile(filepath.Join(s.folder, "gateway.log"))
			s.Fatalf("%s\n%s\nthe gateway's log: %s", block, text.String(), log)
		}
		if line == end+"\n" {
			return text.String()
		}
		text.WriteString(line)
	}
}

// pay goes the consumer's way with the order that a command has made.
func (s *shell) pay(answer string) {
	s.Helper()
	var order struct {
		ID          string
		Status      string
		CheckoutURL string `json:"checkout_url"`
	}
	if err := json.NewDecoder(strings.NewReader(answer)).Decode(&order); err != nil || order.CheckoutURL == "" {
		s.Fatalf("no order was made: %s", answer)
	}
	v := newVisitor(s.T)
	v.open(order.CheckoutURL)
	v.press("method", "hello")
	v.press("outcome", "success")
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+s.gateway+"/v1/orders/"+order.ID, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer demo")
	v.take(http.DefaultClient.Do(r))
	if err := json.Unmarshal([]byte(v.page), &order); err != nil || order.Status != "paid" {
		s.Errorf("the consumer has paid, and the order is %s (%v): %s", order.Status, err, v.page)
	}
}
