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
	return r.change(ctx, a, didActivate, resolved(plugin, ref))
}

// ActivateAll is Activate for versions of several plugins: all of them begin to
// serve in one write, or none. Plugins that share a provider change their
// settings schema so.
func (r *Registry) ActivateAll(ctx context.Context, refs []checkout.PluginRef, a checkout.Activation) (checkout.Activated, error) {
	var targets []*target
	for _, ref := range refs {
		if slices.ContainsFunc(targets, func(t *target) bool { return t.plugin == ref.Name }) {
			return checkout.Activated{}, fmt.Errorf("plugin %s is named twice: one version of it serves: %w", ref.Name, checkout.ErrAmbiguous)
		}
		targets = append(targets, resolved(ref.Name, ref.Version))
	}
	return r.change(ctx, a, didActivate, targets...)
}

// Rollback has the version serve again that served before, on every node. The
// one that it replaces is passed over until an operator activates it.
func (r *Registry) Rollback(ctx context.Context, plugin string, a checkout.Activation) (checkout.Activated, error) {
	a.Force = true
	return r.change(ctx, a, didRollback, &target{plugin: plugin, choose: func(rec record) (recorded, error) {
		v, ok := rec.previous()
		if !ok {
			return v, checkout.ErrNoRollback
		}
		return v, nil
	}})
}

// target is a version that is to serve: which one, choose finds in its
// plugin's record; the rest is known then.
type target struct {
	plugin string
	choose func(record) (recorded, error)
	rec    record
	known  recorded
	loaded *version
}

// resolved is a target by its name.
func resolved(plugin, ref string) *target {
	return &target{plugin: plugin, choose: func(rec record) (recorded, error) { return rec.resolve(ref) }}
}

// each does something for every target; an error names the plugin.
func each(targets []*target, do func(*target) error) error {
	for _, t := range targets {
		if err := do(t); err != nil {
			name := t.plugin
			if t.known.Version != "" {
				name += "@" + t.known.Version
			}
			return fmt.Errorf("plugin %s: %w", name, err)
		}
	}
	return nil
}

// change has the targets serve, and waits until the nodes have swapped.
func (r *Registry) change(ctx context.Context, a checkout.Activation, what string, targets ...*target) (done checkout.Activated, err error) {
	s := steps{a.Progress}
	w, err := r.activate(ctx, s, a, what, targets...)
	if err != nil {
		return done, err
	}
	rev := r.served.Load()
	err = s.run(stepDrain, func() error {
		if w[0].late == nil {
			done.Converged, done.Total = r.converge(ctx, s, targets, rev)
		}
		for i, t := range targets {
			done.Versions = append(done.Versions, r.afterwards(ctx, t.plugin, w[i]))
		}
		done.Version = done.Versions[0]
		return nil
	})
	return done, err
}

// activate proves the targets, here and on the other nodes, and has them serve.
func (r *Registry) activate(ctx context.Context, s steps, a checkout.Activation, what string, targets ...*target) (w []written, err error) {
	err = each(targets, func(t *target) (err error) {
		if t.rec, err = r.recordOf(ctx, t.plugin); err != nil {
			return err
		}
		v, err := t.choose(t.rec)
		if err == nil {
			err = t.rec.mayReplace(v, a.Force)
		}
		t.known = v
		return err
	})
	if err == nil {
		err = r.ready(ctx, s, a, what, targets)
	}
	if err == nil {
		err = s.run(stepSwap, func() error { w, err = r.swap(ctx, a, what, targets); return err })
	}
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		r.options.Observer.PluginChanged(t.plugin, what)
		r.options.Logger.WarnContext(ctx, "plugin changed", "what", what, "plugin", t.plugin, "version", t.known.Version, "digest", t.known.Digest, "by", a.By)
	}
	return w, nil
}

// ready builds and proves the targets, with what they need around them now,
// and has the other nodes do so.
func (r *Registry) ready(ctx context.Context, s steps, a checkout.Activation, what string, targets []*target) error {
	must, most := what == didActivate && !a.Force && !a.Unasked, r.patience
	if what == didRollback {
		most = min(most, spreadBrief)
	}
	for _, step := range []struct {
		name string
		do   func(*target) error
	}{
		{stepBuild, func(t *target) (err error) { t.loaded, err = r.version(ctx, t.known.Digest); return err }},
		{stepCanned, func(t *target) error { return t.loaded.prove(ctx) }},
		{stepConformance, func(t *target) error { return t.loaded.conform(ctx) }},
		{stepSettings, func(t *target) error { return r.fits(t.loaded, targets...) }},
		{stepGrant, func(t *target) error { return r.checkGrant(t.loaded, t.rec, a.Confirm) }},
		{stepSpread, func(t *target) error { return r.spread(ctx, s, t.plugin, t.known.Digest, must, most) }},
	} {
		if err := s.run(step.name, func() error { return each(targets, step.do) }); err != nil {
			return err
		}
	}
	return nil
}

// fits checks the accounts and the other plugins of the provider, with targets
// in place of what serves of theirs.
func (r *Registry) fits(v *version, targets ...*target) error {
	all := maps.Clone(r.serving.Load().active)
	if all == nil {
		all = map[string]*version{}
	}
	for _, t := range targets {
		all[t.plugin] = t.loaded
	}
	all[v.Name] = v
	maps.DeleteFunc(all, func(_ string, o *version) bool { return o.Manifest.Provider != v.Manifest.Provider })
	if err := checkProviders(all); err != nil {
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
