package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// How long an activation waits for the other nodes to be ready. A rollback
// waits less and then goes on: it is asked for when what serves is bad, and a
// node that is not ready goes on with what it has until it is.
const (
	spreadFor   = 20 * time.Second
	spreadBrief = 2 * time.Second
)

// A wish in a record is one of a plugin's last few, each of the last minutes.
const (
	maxWanted = 8
	wantedFor = 10 * time.Minute
)

// wanted is a version that an activation is about to have serve: every node
// loads and proves it, so that the swap takes none of them any time.
type wanted struct {
	// ID is this activation's: what nodes say of an earlier one is not meant.
	ID     string    `json:"id"`
	Digest string    `json:"digest"`
	At     time.Time `json:"at"`
}

// want gives a copy in which a version is wanted.
func (r record) want(w wanted) record {
	r.Wanted = append(slices.DeleteFunc(slices.Clone(r.Wanted), func(o wanted) bool {
		return o.Digest == w.Digest || o.At.Before(w.At.Add(-wantedFor))
	}), w)
	r.Wanted = r.Wanted[max(0, len(r.Wanted)-maxWanted):]
	return r
}

// unwant gives a copy in which a version is wanted no more.
func (r record) unwant(digest string) record {
	r.Wanted = slices.DeleteFunc(slices.Clone(r.Wanted), func(w wanted) bool { return w.Digest == digest })
	return r
}

// spread waits until every other live node has loaded and proven a version.
// What is late or says that it cannot ends the activation, and nothing was
// changed: a swap would leave the nodes with two versions for longer than two
// seconds, and to try again costs nothing, for the node goes on loading. A
// rollback, a folder's file and force go on without such a node, for nobody
// can be asked or somebody was.
func (r *Registry) spread(ctx context.Context, s steps, plugin, digest string, must bool, most time.Duration) error {
	id, count := "", s.count(stepSpread)
	for end := time.Now().Add(most); ; {
		nodes, err := r.others(ctx)
		if err != nil {
			return err
		}
		ready, late, cannot := readiness(nodes, digest, id)
		count(1+ready, 1+len(nodes))
		var problem error
		switch over := time.Now().After(end); {
		case len(late)+len(cannot) == 0:
			return nil
		case len(cannot) > 0 && (must || len(late) == 0):
			problem = fmt.Errorf("it cannot run on %s", strings.Join(cannot, "; "))
		case over:
			problem = fmt.Errorf("%s did not have it ready within %s: try again, they go on loading it, or force it if you mean it", strings.Join(late, ", "), most)
		}
		if problem != nil && must {
			return problem
		}
		if problem != nil {
			r.options.Logger.WarnContext(ctx, "a plugin is swapped though not every node is ready for it: those go on with what they have until they are", "plugin", plugin, "digest", digest, "error", problem)
			return nil
		}
		if id == "" {
			id = checkout.NewSecret()
			if err := r.edit(ctx, plugin, func(now record) (record, bool, error) {
				return now.want(wanted{ID: id, Digest: digest, At: r.now()}), true, nil
			}); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// readiness sorts the other nodes by what they say of a version: how many are
// ready, which are late, and which cannot run it, with why.
func readiness(nodes []checkout.PluginNode, digest, id string) (ready int, late, cannot []string) {
	for _, n := range nodes {
		why, refused := n.Refused[id]
		switch {
		case slices.Contains(n.Ready, digest):
			ready++
		case refused:
			cannot = append(cannot, fmt.Sprintf("node %s: %s", n.ID, why))
		default:
			late = append(late, "node "+n.ID)
		}
	}
	return ready, late, cannot
}

// preload gets ready, beside everything else, what an activation wants or what
// was installed elsewhere just now, so that to activate it takes this node no
// time.
func (r *Registry) preload(ctx context.Context) {
	r.mu.Lock()
	fresh, asked := map[string]string{}, map[string]bool{}
	since := r.now().Add(-wantedFor)
	need := func(digest, id string) {
		if v := r.byDigest[digest]; r.refused[id] == "" && (v == nil || !v.proven.Load()) {
			fresh[digest] = id
		}
	}
	for _, rec := range r.records {
		if v := rec.Versions[len(rec.Versions)-1]; v.Passed == "" && v.Obstacle == "" && v.InstalledAt.After(since) {
			need(v.Digest, "")
		}
		for _, w := range rec.Wanted {
			if asked[w.ID] = true; w.At.After(since) {
				need(w.Digest, w.ID)
			}
		}
	}
	for id := range r.refused {
		if !asked[id] {
			delete(r.refused, id)
		}
	}
	r.mu.Unlock()
	for digest, id := range fresh {
		r.beside(func() { r.getReady(ctx, digest, id) })
	}
}

// maxWhy bounds what a node says of a version that it cannot run, in bytes: it
// says so four times a second, and a plugin may have written the text.
const maxWhy = 500

func short(text string) string {
	if len(text) <= maxWhy {
		return text
	}
	return strings.ToValidUTF8(text[:maxWhy], "") + "…"
}

// getReady loads and proves a version. Who wanted it hears why it cannot be.
func (r *Registry) getReady(ctx context.Context, digest, id string) {
	_, err, _ := r.fetches.Do("ready "+digest, func() (any, error) {
		v, err := r.version(ctx, digest)
		if err == nil {
			err = v.prove(ctx)
		}
		return nil, err
	})
	switch {
	case err == nil || ctx.Err() != nil:
		return
	case errors.Is(err, checkout.ErrUnavailable):
		r.mu.Lock()
		r.again = time.Now().Add(time.Second)
		r.mu.Unlock()
	case id != "":
		r.mu.Lock()
		r.refused[id] = short(err.Error())
		r.mu.Unlock()
	}
	r.options.Logger.WarnContext(ctx, "a plugin that was installed cannot be loaded on this node", "digest", digest, "error", err)
}
