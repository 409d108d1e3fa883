package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// What of a plugin's bytes the state keeps though no payment needs them.
const (
	// keepGood is how many versions that served and were not passed over are
	// kept to go back to, of those that are signed and of those that are not.
	keepGood = 3
	// keepSigned and keepSaved are how long bytes stay after they served last:
	// saved is what comes unsigned through the operators' door, as plugin dev
	// brings it.
	keepSigned = 30 * 24 * time.Hour
	keepSaved  = time.Hour
	// dropAfter is how long after a version was marked its bytes go: so long a
	// node may still begin a payment with them.
	dropAfter = time.Minute
)

// A sweep is made every so often and looks at so many versions at most.
const (
	sweepEvery = 10 * time.Minute
	mostSwept  = 16
)

// Errors of bytes that are gone.
var (
	errRemoved = errors.New("its bytes were removed, since nothing needed them: install it again")
	errGoing   = errors.New("its bytes are being removed just now: try again in a minute")
	errGone    = errors.New("its bytes went meanwhile")
)

// going are bytes that are to go from the state.
type going struct {
	Digest string    `json:"digest"`
	At     time.Time `json:"at"`
	// Now says that a node lets them go at this moment: until it has they are
	// not taken in again.
	Now bool `json:"now,omitempty"`
}

func (r record) going(digest string) (going, bool) {
	i := slices.IndexFunc(r.Going, func(g going) bool { return g.Digest == digest })
	if i < 0 {
		return going{}, false
	}
	return r.Going[i], true
}

// stays gives a copy whose bytes with this digest are not to go.
func (r record) stays(digest string) record {
	r.Going = slices.DeleteFunc(slices.Clone(r.Going), func(g going) bool { return g.Digest == digest })
	return r
}

// goes gives a copy whose bytes with this digest are to go.
func (r record) goes(digest string, at time.Time) record {
	r = r.stays(digest).change(digest, func(v *recorded) { v.Removed = at })
	r.Going = append(r.Going, going{Digest: digest, At: at})
	return r
}

// saved says that a version came unsigned through the operators' door.
func (v recorded) saved() bool { return v.Signature == Unsigned && v.Source == fromAPI }

// touched is when something was last done with a version.
func (v recorded) touched() time.Time {
	return slices.MaxFunc([]time.Time{v.InstalledAt, v.ActivatedAt, v.LeftAt}, time.Time.Compare)
}

// outlived lists the versions that are of no use to operators any more; payments
// may need them still.
func (r record) outlived(now time.Time) []string {
	var kept []string
	good := map[bool]int{}
	for _, v := range r.good() {
		if good[v.saved()]++; good[v.saved()] <= keepGood {
			kept = append(kept, v.Digest)
		}
	}
	for _, w := range r.Wanted {
		kept = append(kept, w.Digest)
	}
	var list []string
	for _, v := range r.Versions {
		served := !v.ActivatedAt.IsZero() || v.Passed != ""
		switch {
		case v.Digest == r.Active || !v.Removed.IsZero() || slices.Contains(kept, v.Digest):
		case v.saved() && now.After(v.touched().Add(keepSaved)),
			served && now.After(v.touched().Add(keepSigned)) && now.After(v.drainsUntil()):
			list = append(list, v.Digest)
		}
	}
	return list
}

// sweeps has bytes go that nothing needs, until the context ends.
func (r *Registry) sweeps(ctx context.Context) {
	every := time.NewTicker(sweepEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if err := r.sweep(ctx); err != nil && ctx.Err() == nil {
				r.options.Logger.WarnContext(ctx, "plugin bytes that nothing needs were not removed", "error", err)
			}
		}
	}
}

// sweep lets go of bytes that were marked a while ago, and marks those that
// neither an operator nor a payment needs. Two nodes may do so at once.
func (r *Registry) sweep(ctx context.Context) error {
	if err := r.readRecords(ctx); err != nil {
		return err
	}
	nodes, err := r.options.State.Nodes(ctx)
	if err != nil {
		return err
	}
	serving := map[string]bool{}
	for _, n := range nodes {
		for _, digest := range n.Active {
			serving[digest] = true
		}
	}
	r.mu.Lock()
	records := maps.Clone(r.records)
	r.mu.Unlock()
	left := mostSwept
	for name, rec := range records {
		for _, g := range rec.Going {
			if r.now().Before(g.At.Add(dropAfter)) || left == 0 {
				continue
			}
			left--
			if err := r.drop(ctx, name, g.Digest, serving[g.Digest]); err != nil {
				return fmt.Errorf("plugin %s: %w", name, err)
			}
		}
		for _, digest := range rec.outlived(r.now()) {
			if left == 0 {
				return nil
			}
			left--
			if err := r.mark(ctx, name, digest, serving[digest]); err != nil {
				return fmt.Errorf("plugin %s: %w", name, err)
			}
		}
	}
	return nil
}

// mark has a version's bytes go at a later sweep, unless a payment needs them.
func (r *Registry) mark(ctx context.Context, plugin, digest string, serving bool) error {
	needed, err := r.needed(ctx, digest)
	if err != nil || needed || serving {
		return err
	}
	return r.edit(ctx, plugin, func(now record) (record, bool, error) {
		if !slices.Contains(now.outlived(r.now()), digest) {
			return now, false, nil
		}
		return now.goes(digest, r.now()), true, nil
	})
}

// drop lets marked bytes go, unless a payment began with them meanwhile: then
// they stay, or come back. While they go nobody takes them in, and what is
// marked nobody activates.
func (r *Registry) drop(ctx context.Context, plugin, digest string, serving bool) error {
	needed, err := r.needed(ctx, digest)
	if err != nil {
		return err
	}
	stay, claimed := needed || serving, false
	err = r.edit(ctx, plugin, func(now record) (record, bool, error) {
		g, marked := now.going(digest)
		claimed = marked && !stay
		switch {
		case !marked || stay && g.Now:
			return now, false, nil
		case stay:
			return now.back(digest), true, nil
		}
		g.Now = true
		now = now.stays(digest)
		now.Going = append(now.Going, g)
		return now, true, nil
	})
	if err != nil || !claimed {
		return err
	}
	b, err := r.options.State.Plugin(ctx, digest)
	if err != nil && !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	if err := r.options.State.DropPlugin(ctx, digest); err != nil {
		return err
	}
	needed, err = r.needed(ctx, digest)
	if (needed || err != nil) && b != nil {
		err = errors.Join(err, r.options.State.PutPlugin(ctx, digest, b))
	}
	if err != nil {
		return err
	}
	r.options.Logger.InfoContext(ctx, "plugin bytes removed, unless a payment began with them just now", "plugin", plugin, "digest", digest, "began", needed)
	return r.edit(ctx, plugin, func(now record) (record, bool, error) {
		if needed {
			return now.back(digest), true, nil
		}
		return now.stays(digest), true, nil
	})
}

// back gives a copy whose bytes with this digest are there.
func (r record) back(digest string) record {
	return r.stays(digest).change(digest, func(v *recorded) { v.Removed = time.Time{} })
}

// needed says whether a payment needs bytes: it is not final, or may be
// refunded or heard of late.
func (r *Registry) needed(ctx context.Context, digest string) (bool, error) {
	open, err := r.options.State.Pinned(ctx, digest)
	if err != nil || open > 0 {
		return true, err
	}
	until, err := r.options.State.PluginNeeded(ctx, digest)
	return r.now().Before(until), err
}

// gone says why a version cannot serve whose bytes were removed.
func (v recorded) gone() error {
	if v.Removed.IsZero() {
		return nil
	}
	return fmt.Errorf("%w (%s): %w", errRemoved, v.Removed.Format(time.DateOnly), checkout.ErrNotFound)
}
