package adminclient

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Plugin is a plugin with its versions, the latest installed first.
type Plugin struct {
	Name string `json:"name"`
	// Active is the digest of the version that takes new payments, Previous of
	// the one that a rollback brings back; "" for none.
	Active      string    `json:"active"`
	Previous    string    `json:"previous"`
	Versions    []Version `json:"versions"`
	Nodes       []Node    `json:"nodes"`
	FolderError string    `json:"folder_error,omitempty"`
}

// Find gives the version of a digest; the zero Version if there is none.
func (p Plugin) Find(digest string) Version {
	i := slices.IndexFunc(p.Versions, func(v Version) bool { return v.Digest == digest && digest != "" })
	if i < 0 {
		return Version{}
	}
	return p.Versions[i]
}

// Version is one version of a plugin.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
	Kind    string `json:"kind"`
	// State is installed, checked, active, draining, retired, quarantined or revoked.
	State       string     `json:"state"`
	Reason      string     `json:"reason,omitempty"`
	Size        int        `json:"size"`
	Signature   string     `json:"signature"`
	Signer      string     `json:"signer,omitempty"`
	Source      string     `json:"source"`
	InstalledAt time.Time  `json:"installed_at"`
	ActivatedAt *time.Time `json:"activated_at,omitempty"`
	DrainsUntil *time.Time `json:"drains_until,omitempty"`
	// RemovedAt is when its bytes went, since nothing needed them.
	RemovedAt *time.Time `json:"removed_at,omitempty"`
	// Open counts payments of it that are not final.
	Open int64 `json:"open"`
	Asks Asks  `json:"asks"`
	// Warning is said after a change that is written and could not be looked up again.
	Warning string `json:"warning,omitempty"`
}

// Node is a gateway process and what it runs of a plugin.
type Node struct {
	ID     string    `json:"id"`
	Digest string    `json:"digest"`
	SeenAt time.Time `json:"seen_at"`
}

// Asks is what a version asks the operator for.
type Asks struct {
	Hosts []string `json:"hosts"`
	// Secrets has what each may be used for.
	Secrets    map[string][]string `json:"secrets"`
	Operations []string            `json:"operations"`
	// HostSettings are settings that hold an address of each account.
	HostSettings []string `json:"host_settings"`
}

// Ask is one thing that is asked for.
type Ask struct{ Kind, What string }

// List gives all of it: hosts, host settings, secrets with their uses, operations.
func (a Asks) List() []Ask {
	var list []Ask
	for _, h := range a.Hosts {
		list = append(list, Ask{"host", h})
	}
	for _, s := range a.HostSettings {
		list = append(list, Ask{"host", "that of the setting " + s + ", of each account"})
	}
	for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
		list = append(list, Ask{"secret", name + ": " + strings.Join(a.Secrets[name], ", ")})
	}
	for _, o := range a.Operations {
		list = append(list, Ask{"operation", o})
	}
	return list
}

// Activation is what an operator says to an activation.
type Activation struct {
	// Force allows a version that is older than the active one, and one that
	// not every node is ready for.
	Force bool `json:"force"`
	// Confirm is the digest of the difference that the operator has seen.
	Confirm string `json:"confirm"`
	// Versions are those that [Client.ActivateAll] names.
	Versions []Ref `json:"versions,omitempty"`
	// Progress hears of each step; nil: nobody does.
	Progress func(Step) `json:"-"`
}

// Ref names a version of a plugin, by its version or its digest.
type Ref struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Step is a step of an activation as it begins or ends.
type Step struct {
	Step string `json:"step"`
	// State is started, running, done or failed.
	State  string `json:"state"`
	Millis int64  `json:"ms"`
	// Nodes of Total have come so far, where the step waits for them.
	Nodes int `json:"nodes,omitempty"`
	Total int `json:"total,omitempty"`
}

// Activated is what came of an activation.
type Activated struct {
	// Version is the first, or the only one, of Versions.
	Version  Version   `json:"version"`
	Versions []Version `json:"versions"`
	// Converged of Total gateway processes run it.
	Converged int `json:"converged"`
	Total     int `json:"total"`
}

// The codes of problems that a client can do something about.
const (
	CodeUnconfirmed = "asks_unconfirmed"
	CodeOlder       = "older_version"
	codeUnavailable = "unavailable"
)

// Problem is what a gateway refuses, and why.
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	// Step is where an activation ended.
	Step string `json:"step,omitempty"`
	// Difference is what a version asks for over what was granted.
	Difference *Difference `json:"difference,omitempty"`

	// aboutShops says that it was asked about shops.
	aboutShops bool
}

// Difference is what an operator confirms, by its digest.
type Difference struct {
	Asks
	// Signer is that another one signed the version than what served before.
	Signer *SignerChange `json:"signer,omitempty"`
	Digest string        `json:"digest"`
}

// List gives all of it, the signer last.
func (d Difference) List() []Ask {
	list := d.Asks.List()
	if d.Signer != nil {
		list = append(list, d.Signer.Ask())
	}
	return list
}

// SignerChange is another signer's plugin in the place of one's; "" is nobody.
type SignerChange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Ask is how operators are asked for it.
func (c SignerChange) Ask() Ask {
	return Ask{"signer", cmp.Or(c.To, "nobody") + " in place of " + cmp.Or(c.From, "nobody")}
}

// Last gives the version that was activated last, the active one if there is
// one; the zero Version if none ever was.
func (p Plugin) Last() Version {
	last := p.Find(p.Active)
	for _, v := range p.Versions {
		if last.ActivatedAt == nil && v.ActivatedAt != nil || last.Digest != p.Active && v.ActivatedAt != nil && v.ActivatedAt.After(*last.ActivatedAt) {
			last = v
		}
	}
	return last
}

// hints say what to do where the gateway cannot know.
var hints = map[string]string{
	CodeOlder:       "--force does it",
	"not_found":     "kassette plugin list shows what there is",
	"ambiguous":     "kassette plugin list shows the digests",
	"exists":        "kassette shop rotate-key gives it a new key or notice secret",
	"not_confirmed": "kassette shop list tells whether it was done",
	"unauthorized":  "set it to the admin_key of the gateway's configuration",
}

// Error is what the gateway says, and what to do.
func (p *Problem) Error() string {
	text := p.Detail
	if p.Step != "" && !strings.HasPrefix(text, p.Step) {
		text = "step " + p.Step + ": " + text
	}
	hint := hints[p.Code]
	if p.aboutShops && p.Code == "not_found" {
		hint = "kassette shop list shows what there is"
	}
	if hint == "" && p.Code == codeUnavailable {
		hint = "nothing was changed"
	}
	if hint != "" {
		text = strings.TrimRight(text, ".") + " (" + hint + ")"
	}
	return text
}

// Heard is what a call of a plugin did: a round, a request that was sent for
// it, or its end.
type Heard struct {
	ID int64 `json:"id"`
	// Call tells calls apart.
	Call string    `json:"call"`
	At   time.Time `json:"at"`
	// Kind is round, request or call.
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	Plugin string `json:"plugin"`
	Fuel   int64  `json:"fuel,omitempty"`
	Micros int64  `json:"micros,omitempty"`
	// Status is an HTTP status, 0 where there is none.
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
	// Detail is JSON, secrets as ***.
	Detail json.RawMessage `json:"detail,omitempty"`
}
