package host_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// The test binary is a gateway where this variable names its configuration.
const childVariable = "KASSETTE_TEST_GATEWAY"

// noAddress is where configurations have nobody listen.
const noAddress = "127.0.0.1:1"

// child is a gateway in a process of its own, which a test may kill.
type child struct {
	t   *testing.T
	url string
	cmd *exec.Cmd

	once sync.Once
	dead chan struct{}
}

// runChild is what the test binary does as a gateway.
func runChild(configPath string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg, err := host.LoadConfig(configPath)
	if err != nil {
		return err
	}
	h, err := host.New(ctx, host.Options{Config: cfg, Logger: slog.New(slog.NewJSONHandler(os.Stderr, nil)), CacheDir: testCache()})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", cfg.Listen.Gateway)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h.Handler(), ReadHeaderTimeout: 5 * time.Second}
	operators := &http.Server{Handler: h.AdminHandler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
		_ = operators.Close()
	}()
	if cfg.Listen.Admin != noAddress {
		a, err := net.Listen("tcp", cfg.Listen.Admin)
		if err != nil {
			return err
		}
		go operators.Serve(a)
	}
	worked := make(chan error, 1)
	go func() { worked <- h.Run(ctx) }()
	fmt.Println("ready")
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return errors.Join(<-worked, h.Close(context.Background()))
}

// startChild runs a gateway process on a configuration and waits until it serves.
func startChild(t *testing.T, addr, configText string) *child {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kassette.yaml")
	if err := os.WriteFile(path, []byte(configText), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, url: "http://" + addr, dead: make(chan struct{})}
	c.cmd = exec.Command(os.Args[0])
	c.cmd.Env = append(os.Environ(), childVariable+"="+path)
	logs := &lockedBuffer{}
	c.cmd.Stderr = logs
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("the log of gateway %s:\n%s", addr, logs.String())
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || strings.TrimSpace(line) != "ready" {
		c.kill()
		t.Fatalf("the gateway did not start: %q %v\n%s", line, err, logs.String())
	}
	return c
}

// kill ends the process as a power cut would.
func (c *child) kill() {
	c.once.Do(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		close(c.dead)
	})
}

// proxy stands between a gateway and its Redis and looks at each command.
type proxy struct {
	l      net.Listener
	target string
	// see is asked before a command is passed on; false swallows it.
	see func(command []byte) bool
}

func newProxy(t *testing.T, target string, see func([]byte) bool) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{l: l, target: target, see: see}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(in)
		}
	}()
	return p
}

func (p *proxy) addr() string { return p.l.Addr().String() }

func (p *proxy) serve(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer out.Close()
	go func() { _, _ = io.Copy(in, out); in.Close() }()
	buf := make([]byte, 1<<20)
	for {
		n, err := in.Read(buf)
		if n > 0 {
			if !p.see(buf[:n]) {
				return
			}
			if _, err := out.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// commits says whether a command is a script on an order: the commit of a step.
func commits(command []byte) bool {
	return (bytes.Contains(command, []byte("evalsha")) || bytes.Contains(command, []byte("EVALSHA"))) && bytes.Contains(command, []byte(":order:ord_"))
}

func freeAddr(t *testing.T) string { t.Helper(); return redistest.FreeAddr(t) }
