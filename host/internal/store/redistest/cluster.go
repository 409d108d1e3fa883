//go:build unix

package redistest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// slots is how many slots a Cluster has.
const slots = 16384

// Nodes are the masters of a Cluster.
type Nodes []*Process

// Cluster starts a Cluster of three masters without replicas.
func Cluster(t testing.TB) Nodes {
	t.Helper()
	nodes := make(Nodes, 3)
	for i := range nodes {
		nodes[i] = Server(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no")
	}
	ctx := context.Background()
	for i, n := range nodes {
		c := n.Client()
		err := errors.Join(
			c.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(),
			c.ClusterAddSlotsRange(ctx, i*slots/len(nodes), (i+1)*slots/len(nodes)-1).Err(),
		)
		if i > 0 {
			err = errors.Join(err, c.ClusterMeet(ctx, "127.0.0.1", nodes[0].Port()).Err())
		}
		if err != nil {
			t.Fatalf("make a Cluster of %s: %v", nodes.URL(), err)
		}
	}
	for _, n := range nodes {
		c := n.Client()
		if err := until(func(ctx context.Context) error { return whole(ctx, c, len(nodes)) }); err != nil {
			t.Fatalf("wait for the Cluster: %v", err)
		}
	}
	return nodes
}

// URL names all nodes.
func (n Nodes) URL() string {
	addrs := make([]string, len(n))
	for i, p := range n {
		addrs[i] = p.Addr()
	}
	return "redis+cluster://" + strings.Join(addrs, ",")
}

// whole says whether a node knows all the others and all slots.
func whole(ctx context.Context, c *redis.Client, nodes int) error {
	info, err := c.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	for _, want := range []string{"cluster_state:ok", fmt.Sprintf("cluster_slots_ok:%d", slots), fmt.Sprintf("cluster_known_nodes:%d", nodes)} {
		if !strings.Contains(info, want) {
			return fmt.Errorf("not %s in %q", want, info)
		}
	}
	return nil
}
