//go:build unix

// Package redistest runs real Redis servers for tests, as child processes on
// loopback, and does to them what operations people fear: kills them, starts
// them again, and stops them in the middle. It is for tests.
//
// Where redis-server is not installed the test is skipped.
package redistest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience is how long a server may take for what it is told.
const patience = 20 * time.Second

// Process is a redis-server that a test started.
type Process struct {
	t    testing.TB
	port int
	args []string
	out  bytes.Buffer
	cmd  *exec.Cmd
	gone chan struct{}
}

// Server starts a redis-server that keeps an append-only file, so that it
// comes back with its data. Further arguments are its options. It is killed
// when the test ends.
func Server(t testing.TB, options ...string) *Process {
	t.Helper()
	return start(t, func(port, dir string) []string {
		return append([]string{
			"--port", port, "--bind", "127.0.0.1", "--dir", dir, "--daemonize", "no",
			"--save", "", "--appendonly", "yes", "--maxmemory-policy", "noeviction",
		}, options...)
	})
}

// start starts a redis-server with arguments for a free port and a folder.
func start(t testing.TB, args func(port, dir string) []string) *Process {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server not found: run `make tools`")
	}
	for range 5 { // another process may take the port first
		p := &Process{t: t, port: freePort(t)}
		p.args = append([]string{binary}, args(p.Port(), t.TempDir())...)
		if err = p.launch(); err == nil {
			t.Cleanup(p.Kill)
			return p
		}
	}
	t.Fatalf("start redis-server: %v", err)
	return nil
}

// Port is the server's port on loopback.
func (p *Process) Port() string { return strconv.Itoa(p.port) }

// Addr is the server's host and port.
func (p *Process) Addr() string { return net.JoinHostPort("127.0.0.1", p.Port()) }

// URL is its address as a configuration has it.
func (p *Process) URL() string { return "redis://" + p.Addr() }

// Client opens a plain client, closed when the test ends.
func (p *Process) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: p.Addr(), Protocol: 2})
	p.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Kill kills the server without warning, and waits until it is gone.
func (p *Process) Kill() {
	p.t.Helper()
	p.signal(syscall.SIGCONT)
	p.signal(syscall.SIGKILL)
	<-p.gone
}

// Restart starts a killed server again, at the same address with the same
// data, and waits until it serves.
func (p *Process) Restart() {
	p.t.Helper()
	<-p.gone
	if err := p.launch(); err != nil {
		p.t.Fatalf("restart redis-server: %v", err)
	}
}

// Pause stops the server where it is: connections stay open and nobody answers.
func (p *Process) Pause() { p.t.Helper(); p.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (p *Process) Resume() { p.t.Helper(); p.signal(syscall.SIGCONT) }

func (p *Process) signal(s syscall.Signal) {
	p.t.Helper()
	select {
	case <-p.gone:
		return
	default:
	}
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, syscall.ESRCH) {
		select {
		case <-p.gone: // it ended in between
		default:
			p.t.Errorf("signal %s to redis-server %d: %v", s, p.cmd.Process.Pid, err)
		}
	}
}

// launch starts the process and waits until it serves.
func (p *Process) launch() error {
	p.out.Reset()
	p.cmd = exec.Command(p.args[0], p.args[1:]...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.gone = make(chan struct{})
	go func(cmd *exec.Cmd, gone chan struct{}) {
		_ = cmd.Wait() // it ends by a signal
		close(gone)
	}(p.cmd, p.gone)
	if err := until(func(ctx context.Context) error {
		select {
		case <-p.gone:
			return errEnded
		default:
			return p.ping(ctx)
		}
	}); err != nil {
		p.Kill()
		return fmt.Errorf("%w:\n%s", err, p.out.String())
	}
	return nil
}

// ping asks the server once. A client would log each refused connection.
func (p *Process) ping(ctx context.Context) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", p.Addr())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	reply, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.HasPrefix(reply, "+PONG") && !strings.HasPrefix(reply, "-NOAUTH") {
		err = errors.New(strings.TrimSpace(reply))
	}
	return err
}

// errEnded ends a wait at once.
var errEnded = errors.New("redis-server ended")

// until tries every few milliseconds until there is no error.
func until(try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil || errors.Is(err, errEnded) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// The ports of tests lie below those that the system gives to whoever asks for
// any, such as each connection that is opened: what is free stays so.
const (
	firstPort = 12_000
	lastPort  = 22_000
)

// FreeAddr is an address on loopback where nobody listens.
func FreeAddr(t testing.TB) string {
	t.Helper()
	return at(freePort(t))
}

// freePort finds a port that is free together with the one 10,000 above it,
// which is the bus of a Cluster's node.
func freePort(t testing.TB) int {
	t.Helper()
	for range 200 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if free(port) && free(port+10_000) {
			return port
		}
	}
	t.Fatal("find a free port: none in 200 tries")
	return 0
}

func free(port int) bool {
	l, err := net.Listen("tcp", at(port))
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}

func at(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
