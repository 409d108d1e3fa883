package registry

import (
	"context"
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

func (r *Registry) quarantine(ctx context.Context, plugin, digest, reason string) error {
	change := checkout.PluginChange{At: r.now(), What: didQuarantine, By: "traps", Reason: reason}
	var back string
	changed := false
	err := r.edit(ctx, plugin, func(rec record) (record, bool, error) {
		v, ok := rec.find(digest)
		if changed = ok && v.Passed != didQuarantine; !changed {
			return rec, false, nil
		}
		if back = rec.Active; back == digest {
			last, _ := rec.previous()
			back = last.Digest
		}
		return rec.pass(digest, back, change), true, nil
	})
	if err != nil || !changed {
		return err
	}
	r.options.Observer.PluginChanged(plugin, didQuarantine)
	r.options.Logger.ErrorContext(ctx, "ALARM: plugin quarantined", "plugin", plugin, "digest", digest, "reason", reason, "active", back)
	return r.sync(ctx)
}
