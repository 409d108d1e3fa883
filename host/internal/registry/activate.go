package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// The steps of an activation.
const (
	stepBuild       = "build"
	stepDescribe    = "describe"
	stepCanned      = "canned"
	stepConformance = "conformance"
	stepSettings    = "settings"
	stepGrant       = "grant"
	stepSpread      = "spread"
	stepSwap        = "swap"
	stepDrain       = "drain"
)

// Activate has a version serve new payments, on every node. Until the last
// write nothing is changed, and whatever fails leaves the version that serves.
// Errors: checkout.ErrNotFound, ErrAmbiguous and ErrOlder, *checkout.AsksError,
// *checkout.NotProvenError.
func (r *Registry) Activate(ctx context.Context, plugin, ref string, a checkout.Activation) (checkout.Activated, error) {
	return r.change(ctx, plugin, a, didActivate, func(rec record) (recorded, error) { return rec.resolve(ref) })
}

// Rollback has the version serve again that served before, on every node. The
// one that it replaces is passed over until an operator activates it.
func (r *Registry) Rollback(ctx context.Context, plugin string, a checkout.Activation) (checkout.Activated, error) {
	a.Force = true
	return r.change(ctx, plugin, a, didRollback, func(rec record) (recorded, error) {
		v, ok := rec.previous()
		if !ok {
			return v, checkout.ErrNoRollback
		}
		return v, nil
	})
}

// change has the version serve that choose finds in the record, and waits
// until the nodes have swapped.
func (r *Registry) change(ctx context.Context, plugin string, a checkout.Activation, what string, choose func(record) (recorded, error)) (done checkout.Activated, err error) {
	s := steps{a.Progress}
	w, err := r.activate(ctx, s, plugin, a, what, choose)
	if err != nil {
		return done, err
	}
	rev := r.served.Load()
	err = s.run(stepDrain, func() error {
		if w.late == nil {
			done.Converged, done.Total = r.converge(ctx, s, plugin, rev)
		}
		done.Version = r.afterwards(ctx, plugin, w)
		return nil
	})
	return done, err
}

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

// activate proves a version, here and on the other nodes, and has it serve.
func (r *Registry) activate(ctx context.Context, s steps, plugin string, a checkout.Activation, what string, choose func(record) (recorded, error)) (w written, err error) {
	rec, err := r.recordOf(ctx, plugin)
	if err != nil {
		return w, err
	}
	v, err := choose(rec)
	if err == nil {
		err = rec.mayReplace(v, a.Force)
	}
	if err != nil {
		return w, fmt.Errorf("plugin %s: %w", plugin, err)
	}
	loaded, err := r.ready(ctx, s, rec, v.Digest, a.Confirm)
	if err == nil {
		must, most := what == didActivate && !a.Force && !a.Unasked, r.patience
		if what == didRollback {
			most = min(most, spreadBrief)
		}
		err = s.run(stepSpread, func() error { return r.spread(ctx, s, plugin, v.Digest, must, most) })
	}
	if err == nil {
		err = s.run(stepSwap, func() error { w, err = r.swap(ctx, plugin, rec.Active, loaded, a, what); return err })
	}
	if err != nil {
		return w, fmt.Errorf("plugin %s@%s: %w", plugin, v.Version, err)
	}
	r.options.Observer.PluginChanged(plugin, what)
	r.options.Logger.WarnContext(ctx, "plugin changed", "what", what, "plugin", plugin, "version", v.Version, "digest", v.Digest, "by", a.By)
	return w, nil
}

// mayReplace says whether a version may take the active one's place.
func (r record) mayReplace(v recorded, force bool) error {
	if err := v.gone(); err != nil {
		return err
	}
	if active, serves := r.find(r.Active); serves && !force && older(v.Version, active.Version) {
		return fmt.Errorf("%s, and %s serves: %w", v.Version, active.Version, checkout.ErrOlder)
	}
	return nil
}

// swap has a version serve in the state and on this node. What was checked is
// checked again on what the state says now; from is what served when it was.
func (r *Registry) swap(ctx context.Context, plugin, from string, v *version, a checkout.Activation, what string) (written, error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	if err := r.fits(v); err != nil {
		return written{}, err
	}
	// It begins anew: what it trapped on before is not held against it.
	if err := r.options.State.ForgetTraps(ctx, v.Digest); err != nil {
		return written{}, err
	}
	change := checkout.PluginChange{At: r.now(), What: what, By: a.By}
	rec, err := r.write(ctx, plugin, func(now record) (record, bool, error) {
		known, ok := now.find(v.Digest)
		if !ok {
			return now, false, fmt.Errorf("it was struck off the record meanwhile: %w", checkout.ErrNotFound)
		}
		if now.Active == v.Digest {
			return now, false, nil
		}
		if what == didRollback && now.Active != from {
			return now, false, checkout.ErrChanged
		}
		if err := errors.Join(now.mayReplace(known, a.Force), r.checkGrant(v, now, a.Confirm)); err != nil {
			return now, false, err
		}
		next, err := now.swap(v, what, change)
		return next, true, err
	})
	if err != nil {
		return written{}, err
	}
	return written{digest: v.Digest, record: rec, late: r.syncWritten(ctx, plugin)}, nil
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

// ready builds and proves a version, with what it needs around it now.
func (r *Registry) ready(ctx context.Context, s steps, rec record, digest, confirm string) (v *version, err error) {
	err = s.run(stepBuild, func() error { v, err = r.version(ctx, digest); return err })
	if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{stepCanned, func() error { return v.prove(ctx) }},
		{stepConformance, func() error { return v.conform(ctx) }},
		{stepSettings, func() error { return r.fits(v) }},
		{stepGrant, func() error { return r.checkGrant(v, rec, confirm) }},
	} {
		if err := s.run(step.name, step.do); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// fits checks the accounts and the other plugins of the provider.
func (r *Registry) fits(v *version) error {
	active := map[string]*version{}
	for name, other := range r.serving.Load().active {
		if other.Manifest.Provider == v.Manifest.Provider {
			active[name] = other
		}
	}
	maps.Copy(active, map[string]*version{v.Name: v})
	if err := checkProviders(active); err != nil {
		return err
	}
	var errs []error
	for _, a := range r.options.Accounts() {
		if a.Provider == v.Manifest.Provider {
			errs = append(errs, CheckAccount(a, v.Manifest))
		}
	}
	return errors.Join(errs...)
}

// Retire takes a version out of service, and its methods where it is active.
// Payments that it made go on.
func (r *Registry) Retire(ctx context.Context, plugin, ref, by string) (checkout.VersionStatus, error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	rec, err := r.recordOf(ctx, plugin)
	if err != nil {
		return checkout.VersionStatus{}, err
	}
	v, err := rec.resolve(ref)
	if err != nil {
		return checkout.VersionStatus{}, fmt.Errorf("plugin %s: %w", plugin, err)
	}
	change := checkout.PluginChange{At: r.now(), What: didRetire, By: by, Reason: "retired by an operator"}
	now, err := r.write(ctx, plugin, func(now record) (record, bool, error) {
		to := now.Active
		if to == v.Digest {
			to = ""
		}
		return now.pass(v.Digest, to, change), true, nil
	})
	if err != nil {
		return checkout.VersionStatus{}, fmt.Errorf("plugin %s@%s: %w", plugin, v.Version, err)
	}
	late := r.syncWritten(ctx, plugin)
	r.options.Observer.PluginChanged(plugin, didRetire)
	r.options.Logger.WarnContext(ctx, "plugin changed", "what", didRetire, "plugin", plugin, "version", v.Version, "digest", v.Digest, "by", by)
	return r.afterwards(ctx, plugin, written{v.Digest, now, late}), nil
}

// recordOf reads a plugin's record as it is now.
func (r *Registry) recordOf(ctx context.Context, plugin string) (record, error) {
	if err := r.readRecords(ctx); err != nil {
		return record{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	rec, ok := r.records[plugin]
	if !ok {
		return rec, fmt.Errorf("plugin %q: %w", plugin, checkout.ErrNotFound)
	}
	return rec, nil
}

// steps tells whoever waits how far an activation is.
type steps struct {
	tell func(checkout.ActivationStep)
}

// count tells how many of the nodes a step has come to so far, where there is
// more than this one.
func (s steps) count(step string) func(nodes, total int) {
	var last checkout.ActivationStep
	return func(nodes, total int) {
		next := checkout.ActivationStep{Step: step, State: "running", Nodes: nodes, Total: total}
		if s.tell != nil && total > 1 && next != last {
			s.tell(next)
		}
		last = next
	}
}

// run does a step; what fails in it is named after it.
func (s steps) run(step string, do func() error) error {
	began := time.Now()
	say := func(state string) {
		if s.tell != nil {
			s.tell(checkout.ActivationStep{Step: step, State: state, Ms: time.Since(began).Milliseconds()})
		}
	}
	say("started")
	err := do()
	if err == nil {
		say("done")
		return nil
	}
	say("failed")
	var known *checkout.NotProvenError
	var asks *checkout.AsksError
	if errors.As(err, &known) || errors.As(err, &asks) || errors.Is(err, checkout.ErrUnavailable) || step == stepSwap || step == stepDrain {
		return err
	}
	return &checkout.NotProvenError{Step: step, Err: err}
}
