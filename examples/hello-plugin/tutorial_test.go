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
	"time"
)

// TestTutorial runs every command of docs/tutorial.md, in order and in one
// shell, and pays each order that they make. What they write goes to a folder
// of the test, and addresses are free ones.
func TestTutorial(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/tutorial.md")
	blocks := regexp.MustCompile("(?ms)^```(.*?)\n(.*?)^```$").FindAllStringSubmatch(text, -1)
	if len(blocks) < 12 {
		t.Fatalf("the tutorial has %d blocks of commands", len(blocks))
	}
	s := newShell(t)
	paid := 0
	var dev *terminal
	for _, b := range blocks {
		switch block := b[2]; {
		case b[1] != "sh":
			t.Errorf("a block of %q: nobody runs it", b[1])
		case block == "make run\n":
			s.open(block).until("Kassette is running")
		case strings.Contains(block, " plugin dev "):
			dev = s.open(block)
			dev.until("hello@1.0.0 is active")
		case strings.HasPrefix(block, "sed "):
			s.run(block)
			dev.until("hello@1.1.0 is active")
			dev.end()
		case strings.HasPrefix(block, "npm "): // the machine's tools are installed beforehand
			needAsc(t)
			s.link(strings.Fields(s.other.Replace(block))[3])
		case strings.Contains(block, "/v1/orders"):
			paid++
			s.pay(s.run(block))
		default:
			s.run(block)
		}
	}
	if paid != 2 || dev == nil {
		t.Errorf("the tutorial makes %d orders, want one for each language, and dev in between", paid)
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
	// other replaces what the tutorial writes by what this test may use, env
	// tells the same to programs.
	other   *strings.Replacer
	env     []string
	gateway string
}

func newShell(t *testing.T) *shell {
	t.Helper()
	s := &shell{T: t, folder: t.TempDir(), gateway: freeAddress(t)}
	admin, shop, source := freeAddress(t), freeAddress(t), absolute(t, root)
	s.other = strings.NewReplacer("build/kassette", filepath.Join(s.folder, "kassette"), "build/hello", filepath.Join(s.folder, "hello"),
		"127.0.0.1:8080", s.gateway, "127.0.0.1:8090", shop)
	s.env = append(os.Environ(), "KASSETTE_SOURCE="+source, "KASSETTE_ADMIN_URL=http://"+admin, "KASSETTE_GATEWAY_ADDR="+s.gateway,
		"KASSETTE_ADMIN_ADDR="+admin, "KASSETTE_SIMULATOR_ADDR="+freeAddress(t), "KASSETTE_SHOP_ADDR="+shop)
	cmd := s.command("-eu")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	s.begin(cmd)
	s.in, s.out = in, bufio.NewReader(out)
	return s
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	whole, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// command is a shell in the repository's folder, in a group of its own.
func (s *shell) command(args ...string) *exec.Cmd {
	cmd := exec.Command("sh", args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = root, s.env, &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// begin starts a command, which ends with the test at the latest, with all that
// it has started.
func (s *shell) begin(cmd *exec.Cmd) {
	s.Helper()
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
}

// terminal is one in which a command stays.
type terminal struct {
	*shell
	cmd *exec.Cmd
	log string // the file with what it says
}

// open runs a block in a terminal of its own.
func (s *shell) open(block string) *terminal {
	s.Helper()
	log, err := os.CreateTemp(s.folder, "*.log")
	if err != nil {
		s.Fatal(err)
	}
	defer log.Close()
	w := &terminal{s, s.command("-euc", s.other.Replace(block)), log.Name()}
	w.cmd.Stdout, w.cmd.Stderr = log, log
	s.begin(w.cmd)
	return w
}

// patience is how long a block may take; the first build of the demo takes minutes.
const patience = 5 * time.Minute

// until waits until the command has said something.
func (w *terminal) until(words string) {
	w.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		text, err := os.ReadFile(w.log)
		if err != nil {
			w.Fatal(err)
		}
		if strings.Contains(string(text), words) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			w.Fatalf("it does not say %q: %s", words, text)
		}
	}
}

// end presses Ctrl-C.
func (w *terminal) end() {
	w.Helper()
	if err := syscall.Kill(-w.cmd.Process.Pid, syscall.SIGINT); err != nil {
		w.Fatal(err)
	}
	w.until("stays active")
}

// link puts the compiler where npm would, which took the version that the
// folder asks for.
func (s *shell) link(folder string) {
	s.Helper()
	asks, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil || !strings.Contains(string(asks), `"assemblyscript": "`+pinned(s.T)+`"`) {
		s.Errorf("got %s, %v, want AssemblyScript %s", asks, err, pinned(s.T))
	}
	if err := os.Symlink(filepath.Join(absolute(s.T, root), tools, "node_modules"), filepath.Join(folder, "node_modules")); err != nil {
		s.Fatal(err)
	}
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
			s.Fatalf("%s\n%s", block, text.String())
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
