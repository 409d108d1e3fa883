package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Plugins lists every plugin with its versions, as the state has them now.
func (r *Registry) Plugins(ctx context.Context) ([]checkout.PluginStatus, error) {
	if err := r.readRecords(ctx); err != nil {
		return nil, err
	}
	nodes, err := r.options.State.Nodes(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	records, files := maps.Clone(r.records), maps.Clone(r.files)
	r.mu.Unlock()
	list := []checkout.PluginStatus{}
	for _, name := range slices.Sorted(maps.Keys(records)) {
		s, err := r.status(ctx, name, records[name])
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			s.Nodes = append(s.Nodes, checkout.NodeStatus{
				ID: n.ID, Digest: n.Active[name], Loaded: records[name].among(n.Loaded), Ready: records[name].among(n.Ready), SeenAt: n.SeenAt,
			})
		}
		slices.SortFunc(s.Nodes, func(a, b checkout.NodeStatus) int { return cmp.Compare(a.ID, b.ID) })
		for file, seen := range files {
			if seen.plugin == name && seen.problem != "" {
				s.FolderError = file + ": " + seen.problem
			}
		}
		list = append(list, s)
	}
	return list, nil
}

func (r *Registry) status(ctx context.Context, name string, rec record) (checkout.PluginStatus, error) {
	s := checkout.PluginStatus{Name: name, Active: rec.Active, Versions: []checkout.VersionStatus{}, Nodes: []checkout.NodeStatus{}, History: slices.Clone(rec.History)}
	if v, ok := rec.previous(); ok {
		s.Previous = v.Digest
	}
	for _, v := range slices.Backward(rec.Versions) {
		one, err := r.versionOf(ctx, name, rec, v)
		if err != nil {
			return s, err
		}
		s.Versions = append(s.Versions, one)
	}
	return s, nil
}

func (r *Registry) versionOf(ctx context.Context, name string, rec record, v recorded) (checkout.VersionStatus, error) {
	var open int64
	if !v.ActivatedAt.IsZero() {
		var err error
		if open, err = r.options.State.Pinned(ctx, v.Digest); err != nil {
			return checkout.VersionStatus{}, err
		}
	}
	return rec.statusOf(name, v, open, r.now()), nil
}

// statusOf tells of a version of which so many payments are open.
func (r record) statusOf(name string, v recorded, open int64, now time.Time) checkout.VersionStatus {
	s := checkout.VersionStatus{
		Name: name, Version: v.Version, Digest: v.Digest, Kind: v.Kind, State: r.state(v, open, now), Reason: v.Reason, Size: v.Size,
		Signature: string(v.Signature), Signer: v.Signer, Source: v.Source, InstalledAt: v.InstalledAt, Open: open, Asks: v.Asks,
	}
	if s.State == checkout.VersionInstalled {
		s.Reason = v.Obstacle
	}
	s.ActivatedAt, s.RemovedAt = moment(v.ActivatedAt), moment(v.Removed)
	if s.Reason == "" && !v.Removed.IsZero() {
		s.Reason = errRemoved.Error()
	}
	if s.State == checkout.VersionDraining && !v.LeftAt.IsZero() {
		s.DrainsUntil = moment(v.drainsUntil())
	}
	return s
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// PluginVersion tells of one version by its version or digest. Errors:
// checkout.ErrNotFound, checkout.ErrAmbiguous.
func (r *Registry) PluginVersion(ctx context.Context, plugin, ref string) (checkout.VersionStatus, error) {
	rec, err := r.recordOf(ctx, plugin)
	if err != nil {
		return checkout.VersionStatus{}, err
	}
	v, err := rec.resolve(ref)
	if err != nil {
		return checkout.VersionStatus{}, fmt.Errorf("plugin %s: %w", plugin, err)
	}
	return r.versionOf(ctx, plugin, rec, v)
}

// PluginBytes reads one version's bytes.
func (r *Registry) PluginBytes(ctx context.Context, plugin, ref string) ([]byte, error) {
	rec, err := r.recordOf(ctx, plugin)
	if err != nil {
		return nil, err
	}
	v, err := rec.resolve(ref)
	if err != nil {
		return nil, fmt.Errorf("plugin %s: %w", plugin, err)
	}
	b, err := r.options.State.Plugin(ctx, v.Digest)
	if gone := v.gone(); errors.Is(err, checkout.ErrNotFound) && gone != nil {
		err = fmt.Errorf("plugin %s: %w", plugin, gone)
	}
	return b, err
}
