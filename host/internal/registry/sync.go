package registry

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// lookEvery is how often a node looks whether another one changed something:
// with the time of a load it bounds how long two nodes differ.
const lookEvery = 250 * time.Millisecond

// Run follows the state and the folder until the context ends.
func (r *Registry) Run(ctx context.Context) error {
	folder, err := r.watch()
	if err != nil {
		r.options.Logger.WarnContext(ctx, "the plugin folder is looked at every two seconds alone: its changes are not told", "folder", r.options.Dir, "error", err)
	}
	defer folder.close()
	look, tidy := time.NewTicker(lookEvery), time.NewTicker(time.Minute)
	defer look.Stop()
	defer tidy.Stop()
	var beside sync.WaitGroup // a file that waits for other nodes keeps none waiting
	beside.Go(func() { r.reports(ctx) })
	beside.Go(func() { r.scans(ctx, folder) })
	beside.Go(func() { r.sweeps(ctx) })
	r.preload(ctx) // what was wanted before this node came
	failed := false
	for {
		select {
		case <-ctx.Done():
			beside.Wait()
			return r.options.State.NodeGone(context.WithoutCancel(ctx), r.options.Node)
		case <-look.C:
			err := r.follow(ctx)
			if err != nil && !failed && ctx.Err() == nil {
				r.options.Logger.WarnContext(ctx, "plugins not looked up in the state", "error", err)
			}
			failed = err != nil
		case <-tidy.C:
			r.unload(ctx)
		}
	}
}

// scans follows the folder: as it is told of changes, and every minute.
func (r *Registry) scans(ctx context.Context, f *folder) {
	all := time.NewTicker(time.Minute)
	defer all.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case told := <-f.changed():
			r.scan(ctx, told)
		case <-all.C:
			r.scan(ctx, true)
		}
	}
}

// reports says all the time what this node runs: also while a version is
// compiled, or the node would be taken for gone.
func (r *Registry) reports(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if err := r.report(ctx); err != nil && ctx.Err() == nil {
				r.options.Logger.DebugContext(ctx, "what this node runs was not noted", "error", err)
			}
		}
	}
}

// follow brings the node up to what the state says now, and says so.
func (r *Registry) follow(ctx context.Context) error {
	rev, err := r.options.State.PluginsRevision(ctx)
	if err != nil { // the state may come back older, and count up to where it was
		r.mu.Lock()
		r.again = time.Now()
		r.mu.Unlock()
		return err
	}
	if rev == r.served.Load() && !r.isDue() {
		return nil
	}
	err = r.sync(ctx)
	r.preload(ctx)
	return err
}

// retryEvery is how long after an active version could not be loaded it is
// tried once more.
const retryEvery = 5 * time.Second

// isDue says whether the records are to be looked at though none has changed.
func (r *Registry) isDue() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.again.IsZero() && !time.Now().Before(r.again)
}

// readRecords reads what the state says of every plugin.
func (r *Registry) readRecords(ctx context.Context) error {
	r.reading.Lock() // what is read later is not older, unless the state went back
	defer r.reading.Unlock()
	docs, rev, err := r.options.State.PluginRecords(ctx)
	if err != nil {
		return err
	}
	records := make(map[string]record, len(docs))
	for name, doc := range docs {
		rec, err := readRecord(doc.Doc)
		if err != nil {
			return fmt.Errorf("plugin %s: %w", name, err)
		}
		records[name] = rec
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records, r.rev = records, rev
	return nil
}

// sync has this node serve what the state says is active. A version that
// cannot be loaded here leaves the one before in service, and is tried again.
func (r *Registry) sync(ctx context.Context) error {
	r.syncing.Lock()
	defer r.syncing.Unlock()
	if err := r.readRecords(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	rev := r.rev
	r.mu.Unlock()
	was := r.serving.Load().active
	active, whole := r.loadActive(ctx, nil)
	var again time.Time
	if !whole {
		again = time.Now().Add(retryEvery)
	}
	r.mu.Lock()
	r.again = again
	r.mu.Unlock()
	if !maps.Equal(active, was) {
		r.serve(active)
		for name, v := range active {
			if was[name] != v {
				r.options.Logger.InfoContext(ctx, "plugin active", "plugin", name, "version", v.Plugin.Version, "digest", v.Digest)
			}
		}
		for name := range was {
			if active[name] == nil {
				r.options.Logger.WarnContext(ctx, "plugin no longer active: its methods are gone, payments that are open go on", "plugin", name)
			}
		}
	}
	r.served.Store(rev)
	return r.report(ctx)
}

// loadActive gives the active versions as the records have them, with a plan
// in place of what they say, and whether that is all of them. One that cannot
// be loaded makes no start fail: a node without a method is better than none.
func (r *Registry) loadActive(ctx context.Context, plan map[string]*version) (active map[string]*version, whole bool) {
	r.mu.Lock()
	records := maps.Clone(r.records)
	r.mu.Unlock()
	was := r.serving.Load().active
	active, whole = map[string]*version{}, true
	for name, v := range plan {
		if v != nil {
			active[name] = v
		}
	}
	for name, rec := range records {
		if _, planned := plan[name]; planned || rec.Active == "" {
			continue
		}
		v, err := r.version(ctx, rec.Active)
		if err == nil {
			active[name] = v
			continue
		}
		whole = false
		r.options.Logger.ErrorContext(ctx, "an active plugin cannot be loaded on this node, and is tried again", "plugin", name, "digest", rec.Active, "error", err)
		if old := was[name]; old != nil {
			if known, ok := rec.find(old.Digest); ok && known.Passed == "" {
				active[name] = old
			}
		}
	}
	return active, whole
}

// report says what this node runs.
func (r *Registry) report(ctx context.Context) error {
	n := checkout.PluginNode{ID: r.options.Node, Revision: r.served.Load(), Active: map[string]string{}}
	for name, v := range r.serving.Load().active {
		n.Active[name] = v.Digest
	}
	r.mu.Lock()
	n.Loaded, n.Refused = slices.Sorted(maps.Keys(r.byDigest)), maps.Clone(r.refused)
	n.Ready = slices.DeleteFunc(slices.Clone(n.Loaded), func(digest string) bool { return !r.byDigest[digest].proven.Load() })
	for _, seen := range r.files {
		n.Folder = append(n.Folder, seen.plugin)
	}
	r.mu.Unlock()
	return r.options.State.NodeSeen(ctx, n)
}

// others are the other nodes that are alive.
func (r *Registry) others(ctx context.Context) ([]checkout.PluginNode, error) {
	nodes, err := r.options.State.Nodes(ctx)
	return slices.DeleteFunc(nodes, func(n checkout.PluginNode) bool {
		return n.ID == r.options.Node || n.Silent > nodeFresh
	}), err
}

// nodeFresh is how long a node that was seen is waited for.
const nodeFresh = 3 * time.Second

// converge waits until every live node runs the versions of plugins that this
// one does by this revision of the records, or goes by a later one, up to two
// seconds, and counts those that do. Where the state cannot be asked it waits
// on: what was to be written is written.
func (r *Registry) converge(ctx context.Context, s steps, targets []*target, rev int64) (converged, total int) {
	const again = 100 * time.Millisecond
	active := r.serving.Load().active
	same := func(n checkout.PluginNode) bool {
		return !slices.ContainsFunc(targets, func(t *target) bool {
			here := ""
			if v := active[t.plugin]; v != nil {
				here = v.Digest
			}
			return n.Active[t.plugin] != here
		})
	}
	count := s.count(stepDrain)
	for end := time.Now().Add(r.swapFor); ; {
		nodes, err := r.options.State.Nodes(ctx)
		nodes = slices.DeleteFunc(nodes, func(n checkout.PluginNode) bool { return n.Silent > nodeFresh })
		converged, total = 0, len(nodes)
		for _, n := range nodes {
			if n.Revision > rev || n.Revision == rev && same(n) {
				converged++
			}
		}
		count(converged, total)
		if err == nil && converged == total || time.Now().After(end) {
			return converged, total
		}
		select {
		case <-ctx.Done():
			return converged, total
		case <-time.After(again):
		}
	}
}

// syncWritten is sync after a change was written: where it fails the change
// stands, and this node follows it as the others do.
func (r *Registry) syncWritten(ctx context.Context, plugins ...string) error {
	err := r.sync(ctx)
	if err != nil {
		r.options.Logger.WarnContext(ctx, "a plugin's change is written, and this node does not serve by it yet: it follows when the state can be read", "plugins", plugins, "error", err)
	}
	return err
}

func (r *Registry) now() time.Time { return r.options.Clock().UTC() }
