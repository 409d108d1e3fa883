package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// A version is quarantined that traps for so many different payments within
// so much time.
const (
	trapsToQuarantine = 3
	trapWindow        = time.Minute
)

// Trapped hears that a plugin's bytes trapped, and returns at once. The third
// payment within a minute for which they did takes them out of service, and
// the last good version comes back. A trap that anybody can bring about
// raises an alarm and counts for nothing.
func (r *Registry) Trapped(ctx context.Context, t call.Trap) {
	r.options.Observer.PluginTrapped(t.Plugin.Name, t.Plugin.Version, t.About != "")
	log := r.options.Logger.With("plugin", t.Plugin.Name, "version", t.Plugin.Version, "digest", t.Plugin.Digest)
	if t.About == "" {
		log.ErrorContext(ctx, "ALARM: a plugin trapped on what nobody verified; it goes on serving")
		return
	}
	r.beside(func() {
		n, err := r.options.State.PluginTrapped(ctx, t.Plugin.Digest, t.About, trapWindow)
		if err == nil && n >= trapsToQuarantine {
			err = r.quarantine(ctx, t.Plugin.Name, t.Plugin.Digest, fmt.Sprintf("it trapped for %d payments within %s", n, trapWindow))
		}
		if err != nil {
			log.ErrorContext(ctx, "a plugin's trap was not counted", "error", err)
		}
	})
}

// quarantine takes a version out of service that trapped.
func (r *Registry) quarantine(ctx context.Context, plugin, digest, reason string) error {
	_, err := r.takeOut(ctx, plugin, digest, checkout.PluginChange{At: r.now(), What: didQuarantine, By: "traps", Reason: reason})
	return err
}

// errRevoked is why a revoked version is not activated, whoever asks.
var errRevoked = errors.New("it is revoked, which is not taken back: activate another version")

// Revoke marks a version as one that is never given a provider's message and
// never activated again. Where it serves, the last good one comes back that
// still may. Its payments' own calls go on with its bytes.
func (r *Registry) Revoke(ctx context.Context, plugin, ref, by string) (checkout.VersionStatus, error) {
	rec, err := r.recordOf(ctx, plugin)
	if err != nil {
		return checkout.VersionStatus{}, err
	}
	v, err := rec.resolve(ref)
	if err != nil {
		return checkout.VersionStatus{}, fmt.Errorf("plugin %s: %w", plugin, err)
	}
	w, err := r.takeOut(ctx, plugin, v.Digest, checkout.PluginChange{At: r.now(), What: didRevoke, By: by, Reason: "revoked by an operator"})
	if err != nil {
		return checkout.VersionStatus{}, fmt.Errorf("plugin %s@%s: %w", plugin, v.Version, err)
	}
	return r.afterwards(ctx, plugin, w), nil
}

// Revoked implements [checkout.Revoker].
func (r *Registry) Revoked(digest string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range r.records {
		if v, ok := rec.find(digest); ok && !v.Revoked.IsZero() {
			return true
		}
	}
	return false
}

// takeOut passes a version over, for what the change says. Where it serves, the
// last good one comes back that still may: the accounts fit its settings and it
// asks for no more than is granted now. Where there is none the plugin's
// methods go, which is an alarm.
func (r *Registry) takeOut(ctx context.Context, plugin, digest string, change checkout.PluginChange) (w written, err error) {
	w.digest = digest
	rec, err := r.recordOf(ctx, plugin)
	if err != nil {
		return w, err
	}
	may, whyNot := map[string]bool{}, []string{}
	if rec.Active == digest {
		may, whyNot = r.mayReturn(ctx, rec)
	}
	var back string
	changed, served := false, false
	w.record, err = r.write(ctx, plugin, func(rec record) (record, bool, error) {
		v, ok := rec.find(digest)
		if changed = ok && v.Passed != change.What && (change.What != didRevoke || v.Revoked.IsZero()); !changed {
			return rec, false, nil
		}
		if change.What == didRevoke {
			rec = rec.unwant(digest).change(digest, func(v *recorded) { v.Revoked = change.At })
		}
		back, served = rec.Active, rec.Active == digest
		if served {
			back = ""
			for _, good := range rec.good() {
				if back == "" && may[good.Digest] {
					back = good.Digest
				}
			}
		}
		c := change
		if served && back == "" {
			c.Reason += "; " + nothingGood
		}
		return rec.pass(digest, back, c), true, nil
	})
	if err != nil || !changed {
		return w, err
	}
	r.options.Observer.PluginChanged(plugin, change.What)
	log := r.options.Logger.With("plugin", plugin, "digest", digest, "reason", change.Reason)
	log.ErrorContext(ctx, "ALARM: plugin "+alarmWords[change.What], "active", back)
	if served && back == "" {
		r.options.Observer.PluginChanged(plugin, "nothing_left")
		log.ErrorContext(ctx, "ALARM: "+nothingGood+": its methods are gone until somebody activates one", "earlier", whyNot)
	}
	w.late = r.syncWritten(ctx, plugin)
	return w, nil
}

// alarmWords are what was done to a version that is taken out.
var alarmWords = map[string]string{didQuarantine: "quarantined", didRevoke: "revoked"}

// nothingGood is said where a plugin is left without a version.
const nothingGood = "no earlier version can take its place"

// mayReturn says which of the good versions may serve as things are now, and
// why the others may not.
func (r *Registry) mayReturn(ctx context.Context, rec record) (may map[string]bool, whyNot []string) {
	may = map[string]bool{}
	for _, known := range rec.good() {
		v, err := r.version(ctx, known.Digest)
		if err == nil {
			err = errors.Join(r.fits(v), r.checkGrant(v, rec, ""))
		}
		if err == nil {
			may[known.Digest] = true
			return may, whyNot
		}
		whyNot = append(whyNot, fmt.Sprintf("%s: %v", known.Version, err))
	}
	return may, whyNot
}
