//go:build unix

package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Watched is a master with a replica, watched by a sentinel which makes the
// replica the master once the master is gone.
type Watched struct{ Master, Replica, Sentinel *Process }

// masterName is what the sentinel calls the master.
const masterName = "main"

// Sentinel starts a master, a replica and a sentinel.
func Sentinel(t testing.TB) Watched {
	t.Helper()
	w := Watched{Master: Server(t)}
	w.Replica = Server(t, "--replicaof", "127.0.0.1", w.Master.Port())
	w.Sentinel = start(t, func(port, dir string) []string {
		file := filepath.Join(dir, "sentinel.conf") // it is rewritten by the sentinel
		conf := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor %s 127.0.0.1 %s 1\n", port, dir, masterName, w.Master.Port()) +
			fmt.Sprintf("sentinel down-after-milliseconds %[1]s 500\nsentinel failover-timeout %[1]s 3000\n", masterName)
		if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
			t.Fatalf("configure the sentinel: %v", err)
		}
		return []string{file, "--sentinel"}
	})
	replica, sentinel := w.Replica.Client(), w.Sentinel.Client()
	if err := until(func(ctx context.Context) error {
		info, err := replica.Info(ctx, "replication").Result()
		if err == nil && !strings.Contains(info, "master_link_status:up") {
			err = errors.New("the replica has no link")
		}
		if err != nil {
			return err
		}
		known, err := sentinel.Do(ctx, "SENTINEL", "REPLICAS", masterName).Slice()
		if err == nil && len(known) == 0 {
			err = errors.New("the sentinel knows no replica")
		}
		return err
	}); err != nil {
		t.Fatalf("wait for the sentinel: %v", err)
	}
	return w
}

// URL names the sentinel and the master.
func (w Watched) URL() string { return "redis+sentinel://" + w.Sentinel.Addr() + "/" + masterName }
