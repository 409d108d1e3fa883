package registry

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Where a version came from.
const (
	fromAPI    = "api"
	fromFolder = "folder"
)

// What changes a record.
const (
	didInstall    = "install"
	didActivate   = "activate"
	didRollback   = "rollback"
	didQuarantine = "quarantine"
	didRetire     = "retire"
	didRevoke     = "revoke"
)

// Bounds of a record.
const (
	recordSchema = 1
	maxHistory   = 200
	maxVersions  = 200
)

// record is what the state keeps of one plugin: its versions, which of them
// is active, and how that came about. Its methods change a copy that they
// return: nothing is true before it is in the state.
type record struct {
	Schema int    `json:"schema"`
	Active string `json:"active"`
	// Granted is what operators confirmed, where the configuration has no grant.
	Granted checkout.Asks `json:"granted"`
	// Versions are in the order in which they were installed.
	Versions []recorded              `json:"versions"`
	History  []checkout.PluginChange `json:"history"`
	// Wanted are those that nodes get ready for.
	Wanted []wanted `json:"wanted,omitempty"`
	// Going are bytes that are to go from the state.
	Going []going `json:"going,omitempty"`
}

// recorded is one version in a record.
type recorded struct {
	Version   string         `json:"version"`
	Digest    string         `json:"digest"`
	Kind      string         `json:"kind"`
	Size      int            `json:"size"`
	Signature SignatureState `json:"signature"`
	Signer    string         `json:"signer,omitempty"`
	// SignatureText is what was checked, and is checked again by every node.
	SignatureText string        `json:"signature_text,omitempty"`
	Source        string        `json:"source"`
	Asks          checkout.Asks `json:"asks"`
	InstalledAt   time.Time     `json:"installed_at"`
	// ActivatedAt and LeftAt are when it last became active and last ceased to
	// be; zero for never.
	ActivatedAt time.Time `json:"activated_at,omitzero"`
	LeftAt      time.Time `json:"left_at,omitzero"`
	// RefundWindow is how long after it left payments of it may be refunded.
	RefundWindow time.Duration `json:"refund_window"`
	// Removed is when its bytes were marked to go; zero: they are there.
	Removed time.Time `json:"removed,omitzero"`
	// Obstacle is what keeps it from being activated, "" for nothing.
	Obstacle string `json:"obstacle,omitempty"`
	// Revoked is when an operator said that it must never take a message again.
	Revoked time.Time `json:"revoked,omitzero"`
	// Passed says why it was passed over: quarantined, retired, revoked or rolled back from.
	Passed string `json:"passed,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// signature is its text, nil for none.
func (v recorded) signature() []byte {
	if v.SignatureText == "" {
		return nil
	}
	return []byte(v.SignatureText)
}

func readRecord(doc []byte) (record, error) {
	var r record
	if err := json.Unmarshal(doc, &r); err != nil {
		return r, fmt.Errorf("read the plugin's record: %w", err)
	}
	if r.Schema > recordSchema {
		return r, fmt.Errorf("the plugin's record has schema %d and this gateway reads up to %d: run the version that wrote it", r.Schema, recordSchema)
	}
	return r, nil
}

// find gives the version with this digest.
func (r record) find(digest string) (recorded, bool) {
	i := slices.IndexFunc(r.Versions, func(v recorded) bool { return v.Digest == digest })
	if i < 0 {
		return recorded{}, false
	}
	return r.Versions[i], true
}

// among gives those of the digests that are of this plugin.
func (r record) among(digests []string) []string {
	return slices.DeleteFunc(slices.Clone(digests), func(digest string) bool { _, ours := r.find(digest); return !ours })
}

// minDigest is how much of a digest names a version.
const minDigest = 12

// resolve finds a version by its version or by its digest, or by the
// beginning of that. Errors: checkout.ErrNotFound, checkout.ErrAmbiguous.
func (r record) resolve(ref string) (recorded, error) {
	ref = strings.TrimPrefix(ref, "sha256:")
	var found []recorded
	for _, v := range r.Versions {
		if v.Version == ref || len(ref) >= minDigest && strings.HasPrefix(v.Digest, ref) {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 0:
		return recorded{}, fmt.Errorf("version %q: %w", ref, checkout.ErrNotFound)
	case 1:
		return found[0], nil
	}
	names := make([]string, 0, len(found))
	for _, v := range found {
		names = append(names, v.Digest[:minDigest])
	}
	return recorded{}, fmt.Errorf("version %q: %w (%s)", ref, checkout.ErrAmbiguous, strings.Join(names, ", "))
}

// change gives a copy with one version changed.
func (r record) change(digest string, f func(*recorded)) record {
	r.Versions = slices.Clone(r.Versions)
	for i := range r.Versions {
		if r.Versions[i].Digest == digest {
			f(&r.Versions[i])
		}
	}
	return r
}

// did gives a copy with an entry in its history. The oldest installation goes
// where there are too many: of what served, a rollback needs to know.
func (r record) did(c checkout.PluginChange) record {
	r.History = append(slices.Clone(r.History), c)
	if len(r.History) > maxHistory {
		i := max(0, slices.IndexFunc(r.History, func(c checkout.PluginChange) bool { return c.What == didInstall }))
		r.History = slices.Delete(r.History, i, i+1)
	}
	return r
}

// install takes a version in, or tells again what was known of it.
func (r record) install(v recorded, by string) record {
	known, ok := r.find(v.Digest)
	if ok && known.Removed.IsZero() {
		return r.change(v.Digest, func(w *recorded) {
			if known.Signature == Unsigned {
				w.Signature, w.Signer, w.SignatureText = v.Signature, v.Signer, v.SignatureText
			}
			w.Obstacle = v.Obstacle
		})
	}
	if ok { // its bytes were gone: what is known of it stays
		r = r.back(v.Digest).change(v.Digest, func(w *recorded) {
			w.Signature, w.Signer, w.SignatureText = v.Signature, v.Signer, v.SignatureText
			w.Source, w.InstalledAt, w.Obstacle = v.Source, v.InstalledAt, v.Obstacle
		})
	} else {
		r = r.stays(v.Digest)
		r.Versions = append(slices.Clone(r.Versions), v)
	}
	r.Schema = recordSchema
	r = r.strike(v)
	return r.did(checkout.PluginChange{At: v.InstalledAt, What: didInstall, By: by, To: v.Digest})
}

// strike gives a copy without one of too many versions: one that nothing needs
// any more and that nobody passed over, or else the oldest that never served.
// One that did may be needed by its payments.
func (r record) strike(latest recorded) record {
	if len(r.Versions) <= maxVersions {
		return r
	}
	for _, useless := range []func(recorded) bool{
		func(v recorded) bool { return !v.Removed.IsZero() && v.Passed == "" },
		func(v recorded) bool { return v.ActivatedAt.IsZero() },
	} {
		i := slices.IndexFunc(r.Versions, func(v recorded) bool { return v.Digest != latest.Digest && useless(v) })
		if i < 0 {
			continue
		}
		if v := r.Versions[i]; v.Removed.IsZero() {
			r = r.goes(v.Digest, latest.InstalledAt)
		}
		r.Versions = slices.Delete(slices.Clone(r.Versions), i, i+1)
		break
	}
	return r
}

// activate has a version serve new payments.
func (r record) activate(digest string, c checkout.PluginChange) record {
	c.From, c.To = r.Active, digest
	r = r.leave(c.At)
	r = r.change(digest, func(v *recorded) {
		v.ActivatedAt, v.LeftAt, v.Passed, v.Reason, v.Obstacle = c.At, time.Time{}, "", "", ""
	})
	r.Active = digest
	return r.did(c)
}

// leave ends the active version's service.
func (r record) leave(at time.Time) record {
	if r.Active == "" {
		return r
	}
	r = r.change(r.Active, func(v *recorded) { v.LeftAt = at })
	r.Active = ""
	return r
}

// pass has the version that is active make way, for what, to the version
// "to"; "" leaves the plugin without one.
func (r record) pass(digest, to string, c checkout.PluginChange) record {
	c.From, c.To = r.Active, to
	if r.Active == digest {
		r = r.leave(c.At)
	}
	r = r.change(digest, func(v *recorded) { v.Passed, v.Reason = c.What, c.Reason })
	if to == "" || to == r.Active {
		return r.did(c)
	}
	return r.activate(to, c)
}

// previous is the version that served last before the active one and was not
// passed over since.
func (r record) previous() (recorded, bool) {
	good := r.good()
	if len(good) == 0 {
		return recorded{}, false
	}
	return good[0], true
}

// good lists the versions that served, were not passed over and do not serve
// now, the one that served last first.
func (r record) good() []recorded {
	var list []recorded
	for _, c := range slices.Backward(r.History) {
		if c.What == didInstall {
			continue
		}
		for _, digest := range []string{c.To, c.From} {
			v, ok := r.find(digest)
			if ok && digest != r.Active && !v.ActivatedAt.IsZero() && v.Passed == "" && v.Removed.IsZero() &&
				!slices.ContainsFunc(list, func(o recorded) bool { return o.Digest == digest }) {
				list = append(list, v)
			}
		}
	}
	return list
}

// undecided says whether nothing was done since the folder brought a version
// that never served.
func (r record) undecided(v recorded) bool {
	if v.Source != fromFolder || !v.ActivatedAt.IsZero() || v.Passed != "" {
		return false
	}
	last := len(r.History) - 1
	for last >= 0 && r.History[last].What == didInstall && r.History[last].To != v.Digest {
		last--
	}
	return last >= 0 && r.History[last].What == didInstall
}

// state says where a version stands, with open of its payments not final.
func (r record) state(v recorded, open int64, now time.Time) checkout.VersionState {
	switch {
	case v.Digest == r.Active:
		return checkout.VersionActive
	case !v.Revoked.IsZero():
		return checkout.VersionRevoked
	case v.Passed == didQuarantine:
		return checkout.VersionQuarantined
	case !v.Removed.IsZero():
		return checkout.VersionRetired
	case open > 0 || !v.ActivatedAt.IsZero() && now.Before(v.drainsUntil()):
		return checkout.VersionDraining
	case v.Passed == didRetire || !v.ActivatedAt.IsZero():
		return checkout.VersionRetired
	case v.Obstacle != "":
		return checkout.VersionInstalled
	}
	return checkout.VersionChecked
}

// drainsUntil is when the last payment of a version that serves no more can
// be refunded no more.
func (v recorded) drainsUntil() time.Time { return v.LeftAt.Add(v.RefundWindow) }

// older says whether a comes before b.
func older(a, b string) bool { return compareVersions(a, b) < 0 }

// compareVersions compares by the rules of Semantic Versioning. What cannot be
// read comes before what can.
func compareVersions(a, b string) int {
	x, errX := semver.StrictNewVersion(a)
	y, errY := semver.StrictNewVersion(b)
	switch {
	case errX != nil && errY != nil:
		return 0
	case errX != nil:
		return -1
	case errY != nil:
		return 1
	}
	return x.Compare(y)
}
