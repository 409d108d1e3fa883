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
	v, err := r.choose(ctx, s, plugin, a, what, choose)
	if err != nil {
		return done, err
	}
	rev := r.served.Load()
	err = s.run(stepDrain, func() error {
		done.Converged, done.Total = r.converge(ctx, plugin, rev)
		done.Version, err = r.PluginVersion(ctx, plugin, v.Digest)
		return err
	})
	return done, err
}

func (r *Registry) choose(ctx context.Context, s steps, plugin string, a checkout.Activation, what string, choose func(record) (recorded, error)) (recorded, error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	rec, err := r.recordOf(ctx, plugin)
	if err != nil {
		return recorded{}, err
	}
	v, err := choose(rec)
	if err != nil {
		return v, fmt.Errorf("plugin %s: %w", plugin, err)
	}
	return v, r.activate(ctx, s, plugin, rec, v, a, what)
}

// activate proves a version and has it serve on this node and in the state.
func (r *Registry) activate(ctx context.Context, s steps, plugin string, rec record, v recorded, a checkout.Activation, what string) error {
	active, serves := rec.find(rec.Active)
	if serves && !a.Force && older(v.Version, active.Version) {
		return fmt.Errorf("plugin %s: %s, and %s serves: %w", plugin, v.Version, active.Version, checkout.ErrOlder)
	}
	loaded, err := r.ready(ctx, s, rec, v.Digest, a.Confirm)
	if err == nil {
		err = s.run(stepSwap, func() error {
			change := checkout.PluginChange{At: r.now(), What: what, By: a.By}
			if err := r.edit(ctx, plugin, func(now record) (record, bool, error) { return swap(now, loaded, what, change) }); err != nil {
				return err
			}
			return r.sync(ctx)
		})
	}
	if err != nil {
		return fmt.Errorf("plugin %s@%s: %w", plugin, v.Version, err)
	}
	r.options.Observer.PluginChanged(plugin, what)
	r.options.Logger.WarnContext(ctx, "plugin changed", "what", what, "plugin", plugin, "version", v.Version, "digest", v.Digest, "by", a.By)
	return nil
}

// swap is the one write of an activation.
func swap(now record, v *version, what string, change checkout.PluginChange) (record, bool, error) {
	asks, err := asksOf(v.Manifest)
	if err != nil {
		return now, false, err
	}
	if _, known := now.find(v.Digest); !known {
		return now, false, fmt.Errorf("it was struck off the record meanwhile: %w", checkout.ErrNotFound)
	}
	if now.Active == v.Digest {
		return now, false, nil
	}
	now.Granted = union(now.Granted, asks)
	if what == didRollback && now.Active != "" {
		return now.pass(now.Active, v.Digest, change), true, nil
	}
	return now.activate(v.Digest, change), true, nil
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
	err = r.edit(ctx, plugin, func(now record) (record, bool, error) {
		to := now.Active
		if to == v.Digest {
			to = ""
		}
		return now.pass(v.Digest, to, change), true, nil
	})
	if err == nil {
		err = r.sync(ctx)
	}
	if err != nil {
		return checkout.VersionStatus{}, fmt.Errorf("plugin %s@%s: %w", plugin, v.Version, err)
	}
	r.options.Observer.PluginChanged(plugin, didRetire)
	r.options.Logger.WarnContext(ctx, "plugin changed", "what", didRetire, "plugin", plugin, "version", v.Version, "digest", v.Digest, "by", by)
	return r.PluginVersion(ctx, plugin, v.Digest)
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
