package checkout

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// VersionState is where a plugin version stands in its life. A shadow, which
// answers and is not heard, and a canary, which gets a part of the payments,
// would stand between checked and active.
type VersionState string

// The states of a version.
const (
	// VersionInstalled: the bytes are kept; something is still in the way of
	// activating them, and the reason says what.
	VersionInstalled VersionState = "installed"
	// VersionChecked: proven; it can be activated.
	VersionChecked VersionState = "checked"
	// VersionActive: it makes the new payments.
	VersionActive VersionState = "active"
	// VersionDraining: it makes none, and payments that it made are open or may
	// still be refunded.
	VersionDraining VersionState = "draining"
	// VersionRetired: it was active or taken away, and nothing needs it.
	VersionRetired VersionState = "retired"
	// VersionQuarantined: it trapped too often; an operator may activate it again.
	VersionQuarantined VersionState = "quarantined"
	// VersionRevoked: it is given no provider's message and never activated again.
	VersionRevoked VersionState = "revoked"
)

// PluginRecord is what the state keeps of a plugin's versions: a document of
// the registry's, and a number that each change raises.
type PluginRecord struct {
	Version int64
	Doc     []byte
}

// PluginSwap is a plugin's record that takes the place of the one that has this
// version, 0 for none.
type PluginSwap struct {
	Plugin  string
	Version int64
	Doc     []byte
}

// PluginRef names a version of a plugin: by its version, or by its digest.
type PluginRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// PluginNode is what a gateway process says of itself.
type PluginNode struct {
	ID string `json:"id"`
	// Revision is that of the plugins' records by which it serves.
	Revision int64 `json:"revision"`
	// Active has the digest that serves new payments, by plugin.
	Active map[string]string `json:"active"`
	// Loaded are the digests that it can run at once, Ready those of them that it
	// has proven.
	Loaded []string `json:"loaded"`
	Ready  []string `json:"ready"`
	// Refused has why it cannot run what an activation wants, by its id.
	Refused map[string]string `json:"refused,omitempty"`
	// Folder names the plugins that its folder holds.
	Folder []string `json:"folder"`
	// SeenAt is when it last said so, and Silent how long ago that is: both by
	// the state's clock, and set by it.
	SeenAt time.Time     `json:"-"`
	Silent time.Duration `json:"-"`
}

// PluginStatus is a plugin as operators see it.
type PluginStatus struct {
	Name string `json:"name"`
	// Active is the digest of the version that serves new payments, Previous of
	// the one that a rollback would bring back; "" for none.
	Active   string `json:"active"`
	Previous string `json:"previous"`
	// Versions are the latest installed first.
	Versions []VersionStatus `json:"versions"`
	// Nodes are the gateway processes and what of this plugin each runs.
	Nodes []NodeStatus `json:"nodes"`
	// FolderError is what is wrong with a file of this plugin in this node's folder.
	FolderError string         `json:"folder_error,omitempty"`
	History     []PluginChange `json:"history"`
}

// VersionStatus is one version as operators see it.
type VersionStatus struct {
	Name    string       `json:"name"`
	Version string       `json:"version"`
	Digest  string       `json:"digest"`
	Kind    string       `json:"kind"`
	State   VersionState `json:"state"`
	Reason  string       `json:"reason,omitempty"`
	Size    int          `json:"size"`
	// Signature is signed or unsigned, Signer the trusted key's name.
	Signature   string     `json:"signature"`
	Signer      string     `json:"signer,omitempty"`
	Source      string     `json:"source"` // api, folder
	InstalledAt time.Time  `json:"installed_at"`
	ActivatedAt *time.Time `json:"activated_at,omitempty"`
	// DrainsUntil is when the last payment that it made can be refunded no more.
	DrainsUntil *time.Time `json:"drains_until,omitempty"`
	// RemovedAt is when its bytes went, since nothing needed them.
	RemovedAt *time.Time `json:"removed_at,omitempty"`
	// Open counts payments of it that are not final.
	Open int64 `json:"open"`
	Asks Asks  `json:"asks"`
	// Warning is said after a change that is written and could not be looked up
	// again.
	Warning string `json:"warning,omitempty"`
}

// NodeStatus is what one gateway process runs of a plugin.
type NodeStatus struct {
	ID     string `json:"id"`
	Digest string `json:"digest"`
	// Loaded are the digests of the plugin that it can run at once, Ready those
	// of them that it has proven.
	Loaded []string  `json:"loaded"`
	Ready  []string  `json:"ready"`
	SeenAt time.Time `json:"seen_at"`
}

// PluginChange is an entry of a plugin's audit trail.
type PluginChange struct {
	At time.Time `json:"at"`
	// What is install, activate, rollback, quarantine, retire or revoke; By is who asked: an
	// operator's address, folder, or traps.
	What string `json:"what"`
	By   string `json:"by"`
	// From and To are the active digests before and after.
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Asks is what a version asks the operator for.
type Asks struct {
	Hosts []string `json:"hosts"`
	// Secrets has what each may be used for: "bearer", "mac:sha512".
	Secrets    map[string][]string `json:"secrets"`
	Operations []contract.Export   `json:"operations"`
	// HostSettings are settings that the operator writes a base URL into; its
	// host is granted for that account.
	HostSettings []string `json:"host_settings"`
}

// Empty says that nothing is asked for.
func (a Asks) Empty() bool { return len(a.Hosts)+len(a.Secrets)+len(a.Operations) == 0 }

// Lines lists hosts, secrets with their uses, and operations, one each:
// "host api.bank.example", "secret api_key (bearer)".
func (a Asks) Lines() []string {
	lines := []string{}
	for _, h := range a.Hosts {
		lines = append(lines, "host "+h)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
		line := "secret " + name
		if uses := a.Secrets[name]; len(uses) > 0 {
			line += " (" + strings.Join(uses, ", ") + ")"
		}
		lines = append(lines, line)
	}
	for _, o := range a.Operations {
		lines = append(lines, "operation "+string(o))
	}
	return lines
}

// String joins the lines.
func (a Asks) String() string { return strings.Join(a.Lines(), ", ") }

// Activation is what an activation asks for.
type Activation struct {
	// Force allows a version that is older than the active one, and one that
	// not every node is ready for.
	Force bool
	// Confirm is the digest of the difference that the operator has seen; more
	// are joined by commas.
	Confirm string
	// By is who asks, for the audit trail. Unasked says that nobody did: a file came.
	By      string
	Unasked bool
	// Progress hears of each step as it begins and ends; nil: nobody does.
	Progress func(ActivationStep)
}

// ActivationStep is one step of an activation: build, describe, canned,
// conformance, settings, grant, spread, swap or drain.
type ActivationStep struct {
	Step  string `json:"step"`
	State string `json:"state"` // started, running, done, failed
	Ms    int64  `json:"ms"`
	// Nodes of Total have come so far, in spread and drain.
	Nodes int `json:"nodes,omitempty"`
	Total int `json:"total,omitempty"`
}

// Activated is what came of an activation.
type Activated struct {
	// Version is the first, or the only one, of Versions.
	Version  VersionStatus   `json:"version"`
	Versions []VersionStatus `json:"versions"`
	// Converged of Total live nodes run it.
	Converged int `json:"converged"`
	Total     int `json:"total"`
}

// Errors of what operators do with plugins.
var (
	// ErrOlder: the version is older than the active one.
	ErrOlder = errors.New("it is older than the active version; force it if you mean it, or roll back")
	// ErrChanged: somebody else changed the active version meanwhile.
	ErrChanged = errors.New("the active version was changed meanwhile: look at it again")
	// ErrUnsure: the state did not say whether a change was written.
	ErrUnsure = errors.New("whether it was written is not known")
	// ErrNoRollback: no version before the active one can serve.
	ErrNoRollback = errors.New("no earlier version can serve: none was active before, or they were rolled back, quarantined or retired; activate one by its version")
	// ErrAmbiguous: more than one version fits what was named.
	ErrAmbiguous = errors.New("more than one version is called that: name it by its digest")
)

// NotProvenError says in which step an activation ended. Nothing was changed.
type NotProvenError struct {
	Step string
	Err  error
}

// Error names the step.
func (e *NotProvenError) Error() string { return fmt.Sprintf("%s: %v", e.Step, e.Err) }

// Unwrap gives the cause.
func (e *NotProvenError) Unwrap() error { return e.Err }

// SignerChange is another signer's plugin in the place of one's; "" is nobody.
type SignerChange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// String says who takes whose place.
func (c SignerChange) String() string {
	nobody := func(name string) string {
		if name == "" {
			return "nobody"
		}
		return name
	}
	return fmt.Sprintf("signer %s in place of %s", nobody(c.To), nobody(c.From))
}

// AsksError says what a version asks for beyond what was granted or confirmed.
type AsksError struct {
	Difference Asks
	// Signer is that another one signed it than what served before; nil: it is the same.
	Signer *SignerChange
	// Digest names the difference; an activation that confirms it goes through.
	Digest string
	// File says that the configuration holds the plugin's grant, so that it is
	// widened there and by nothing else.
	File bool
}

// Lines lists the difference, one each.
func (e *AsksError) Lines() []string {
	lines := e.Difference.Lines()
	if e.Signer != nil {
		lines = append(lines, e.Signer.String())
	}
	return lines
}

// Error lists the difference.
func (e *AsksError) Error() string {
	text := strings.Join(e.Lines(), ", ")
	if e.File {
		return fmt.Sprintf("it asks for more than its grant in the configuration: %s; grant it there and start anew, or stay with the version before", text)
	}
	return fmt.Sprintf("it asks for more than was granted: %s; look at it and confirm", text)
}
