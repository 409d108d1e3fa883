package registry

import (
	"context"
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// written is a change that is in the state: of which version, and the record.
// late is why this node does not serve by it yet; nil: it does.
type written struct {
	digest string
	record record
	late   error
}

// afterwards tells of a version after a change of it was written: as the state
// has it now, or else as it was written, with a warning.
func (r *Registry) afterwards(ctx context.Context, plugin string, w written) checkout.VersionStatus {
	err := w.late
	if err == nil {
		v, errNow := r.PluginVersion(ctx, plugin, w.digest)
		if errNow == nil {
			return v
		}
		err = errNow
	}
	known, _ := w.record.find(w.digest)
	v := w.record.statusOf(plugin, known, 0, r.now())
	v.Warning = fmt.Sprintf("this is written and stands, and every node follows it by itself; it could not be looked up again (%v), so how many nodes serve by it is not known", err)
	return v
}

// mayReplace says whether a version may take the active one's place.
func (r record) mayReplace(v recorded, force bool) error {
	if err := v.gone(); err != nil {
		return err
	}
	if !v.Revoked.IsZero() {
		return errRevoked
	}
	if active, serves := r.find(r.Active); serves && !force && older(v.Version, active.Version) {
		return fmt.Errorf("%s, and %s serves: %w", v.Version, active.Version, checkout.ErrOlder)
	}
	return nil
}

// swap has the targets serve, in one write of the state, and on this node. What
// was checked is checked again on what the state says now.
func (r *Registry) swap(ctx context.Context, a checkout.Activation, what string, targets []*target) ([]written, error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	var names []string
	err := each(targets, func(t *target) error {
		names = append(names, t.plugin)
		if err := r.fits(t.loaded, targets...); err != nil {
			return err
		}
		// It begins anew: what it trapped on before is not held against it.
		return r.options.State.ForgetTraps(ctx, t.known.Digest)
	})
	if err != nil {
		return nil, err
	}
	change := checkout.PluginChange{At: r.now(), What: what, By: a.By}
	now, err := r.writeAll(ctx, names, func(now map[string]record) (changed []string, err error) {
		return changed, each(targets, func(t *target) error {
			next, swapped, err := r.swapped(now[t.plugin], t, a, change)
			if swapped {
				now[t.plugin], changed = next, append(changed, t.plugin)
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	late := r.syncWritten(ctx, names...)
	var all []written
	for _, t := range targets {
		all = append(all, written{digest: t.known.Digest, record: now[t.plugin], late: late})
	}
	return all, nil
}

// swapped gives a record as it is after a target began to serve; false where
// it did already.
func (r *Registry) swapped(now record, t *target, a checkout.Activation, change checkout.PluginChange) (record, bool, error) {
	known, ok := now.find(t.known.Digest)
	switch {
	case !ok:
		return now, false, fmt.Errorf("it was struck off the record meanwhile: %w", checkout.ErrNotFound)
	case now.Active == t.known.Digest:
		return now, false, nil
	case change.What == didRollback && now.Active != t.rec.Active:
		return now, false, checkout.ErrChanged
	}
	if err := errors.Join(now.mayReplace(known, a.Force), r.checkGrant(t.loaded, now, a.Confirm)); err != nil {
		return now, false, err
	}
	next, err := now.swap(t.loaded, change.What, change)
	return next, err == nil, err
}

// swap is the one write of an activation.
func (r record) swap(v *version, what string, change checkout.PluginChange) (record, error) {
	asks, err := asksOf(v.Manifest)
	if err != nil {
		return r, err
	}
	r = r.unwant(v.Digest)
	r.Granted = union(r.Granted, asks)
	if what == didRollback && r.Active != "" {
		return r.pass(r.Active, v.Digest, change), nil
	}
	return r.activate(v.Digest, change), nil
}
