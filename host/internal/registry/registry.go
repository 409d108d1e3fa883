// Package registry knows plugin versions: it takes them in, checks that each is
// what it says and asks for no more than it is granted, keeps their bytes and
// which of them is active in the state, where every node sees it, and gives
// them to whoever runs them.
//
// A version comes from the folder or through the operators' door. Nothing of
// its bytes is looked at before its signature holds. Activating one is to
// build it, to prove it, and then one write in the state: whatever fails
// before leaves the version that serves in service. A payment stays with the
// bytes that made it; they are loaded from the state when they are needed.
//
// A file that is bad in any way stops the start, with an error that names the
// file and says what to do: an operator who put it there expects its methods.
// One that turns up later changes nothing. A file that is taken away takes its
// methods away at the next start.
package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
)

// State keeps plugins: their bytes by digest, so that a payment can stay with
// the version that made it, and their records. The store has it.
type State interface {
	// PutPlugin keeps a plugin's bytes by digest.
	PutPlugin(ctx context.Context, digest string, b []byte) error
	// Plugin reads them. Error: checkout.ErrNotFound.
	Plugin(ctx context.Context, digest string) ([]byte, error)
	// DropPlugin lets them go.
	DropPlugin(ctx context.Context, digest string) error
	// PluginsRevision is raised by every change of a record.
	PluginsRevision(ctx context.Context) (int64, error)
	// PluginRecords reads all records, with their revision.
	PluginRecords(ctx context.Context) (map[string]checkout.PluginRecord, int64, error)
	// SwapPluginRecords writes some, all or none, each in place of that which has
	// this version; it is false where one was changed meanwhile.
	SwapPluginRecords(ctx context.Context, swaps ...checkout.PluginSwap) (bool, error)
	// PluginTrapped counts the payments for which bytes trapped within the window.
	PluginTrapped(ctx context.Context, digest, payment string, window time.Duration) (int64, error)
	// ForgetTraps has bytes count as if they had never trapped.
	ForgetTraps(ctx context.Context, digest string) error
	// Pinned counts payments, not final, that bytes made.
	Pinned(ctx context.Context, digest string) (int64, error)
	// PluginNeeded is until when payments, final, may still need bytes.
	PluginNeeded(ctx context.Context, digest string) (time.Time, error)
	// NodeSeen, Nodes and NodeGone keep what each gateway process runs.
	NodeSeen(ctx context.Context, n checkout.PluginNode) error
	Nodes(ctx context.Context) ([]checkout.PluginNode, error)
	NodeGone(ctx context.Context, id string) error
}

// Options are what a Registry is made of.
type Options struct {
	// Dir is the folder with the plugins' .wasm files.
	Dir    string
	Engine sandbox.Engine
	State  State
	// Node names this process among those that share the state.
	Node string
	// TrustedKeys are those of which one must have signed each plugin.
	TrustedKeys []TrustedKey
	// AllowUnsigned lets plugins without a signature run. One that is there must
	// hold all the same. It is refused where an account is live.
	AllowUnsigned bool
	// Grants are what the configuration lets each plugin do, by its name. Of a
	// plugin that is not among them, operators confirm what it may.
	Grants map[string]checkout.Grant
	// Accounts lists those whose settings must fit their plugins' schemas; nil: none.
	Accounts func() []checkout.Account
	// Clock tells the time; nil: the system's.
	Clock  checkout.Clock
	Logger *slog.Logger
	// Observer hears of what operators should; nil: nobody does.
	Observer Observer
}

// Observer hears of plugins that trap, and of changes.
type Observer interface {
	// PluginTrapped hears of each trap: counted are those that quarantine.
	PluginTrapped(plugin, version string, counted bool)
	// PluginChanged hears what this node did to a plugin: activate, rollback,
	// quarantine, retire, revoke; or that nothing_left of it can serve.
	PluginChanged(plugin, what string)
}

// Registry holds the versions that are loaded. It is safe for concurrent use.
type Registry struct {
	options Options
	trust   trust
	serving atomic.Pointer[serving]
	// changing lets one operator's change run at a time on this node, syncing one
	// look at the state that changes what serves, reading one look at all records.
	changing, syncing, reading sync.Mutex
	// served is the revision of the records by which this node serves.
	served atomic.Int64

	mu       sync.Mutex
	byDigest map[string]*version
	records  map[string]record
	rev      int64
	// again is when to look at the records though none has changed; zero for not.
	again time.Time
	// files has what this node's folder held when it was last looked at.
	files map[string]fileSeen
	// refused has why this node cannot run what an activation wants, by its id.
	refused map[string]string
	// patience is how long an activation waits for the other nodes to be ready,
	// swapFor how long then for them to swap, and editFor bounds a change of a record.
	patience, swapFor, editFor time.Duration

	closed  bool
	besides sync.WaitGroup // what goes on beside calls and changes
	uses    sync.WaitGroup // one for each Module that is not Done
	fetches singleflight.Group
}

// serving is what is active on this node: it is put in place as a whole, and
// whoever reads it reads one state of affairs.
type serving struct {
	active map[string]*version
	offers []checkout.Offer
}

// version is one that is loaded.
type version struct {
	checkout.Version
	module sandbox.Module
	size   int
	// file is where it came from, "" where it came from elsewhere.
	file      string
	signature Signature
	text      []byte // of the signature
	// proven and conforms say which proofs were run in this process.
	proven, conforms atomic.Bool

	// uses and idle are guarded by the registry: the calls under way, and since
	// when there are none.
	uses int
	idle time.Time
}

// Load reads the state and the folder, and has what is new in the folder
// serve. The error joins what is wrong with each file, as [FileError]s, and
// with accounts; then nothing is loaded and nothing was written.
func Load(ctx context.Context, o Options) (*Registry, error) {
	if o.Accounts == nil {
		o.Accounts = func() []checkout.Account { return nil }
	}
	keys, err := readTrust(o.TrustedKeys)
	if err == nil {
		err = checkUnsigned(o.AllowUnsigned, o.Accounts())
	}
	if err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Observer == nil {
		o.Observer = deaf{}
	}
	r := &Registry{options: o, trust: keys, byDigest: map[string]*version{}, records: map[string]record{}, files: map[string]fileSeen{}, refused: map[string]string{}, patience: spreadFor, swapFor: 2 * time.Second, editFor: editTime}
	r.serving.Store(&serving{})
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	r.warnUnsigned(ctx)
	return r, nil
}

func (r *Registry) start(ctx context.Context) error {
	if err := r.readRecords(ctx); err != nil {
		return err
	}
	found, err := r.readDir(ctx)
	if err != nil {
		return err
	}
	plan, err := r.plan(ctx, found)
	if err != nil {
		return err
	}
	active, _ := r.loadActive(ctx, plan)
	if err := errors.Join(checkProviders(active), r.checkAccounts(active)); err != nil {
		return err
	}
	if err := r.carryOut(ctx, found, plan); err != nil {
		return err
	}
	return r.sync(ctx)
}

// serve puts what is active in place.
func (r *Registry) serve(active map[string]*version) {
	s := &serving{active: active}
	for _, v := range active {
		for _, m := range v.Manifest.Methods {
			s.offers = append(s.offers, checkout.Offer{Version: v.Version, Method: m, Rules: m.Rules.Over(v.Manifest.Rules)})
		}
	}
	slices.SortFunc(s.offers, func(a, b checkout.Offer) int {
		return cmp.Or(cmp.Compare(a.Method.Rank, b.Method.Rank), cmp.Compare(a.Method.ID, b.Method.ID), cmp.Compare(a.Version.Name, b.Version.Name))
	})
	r.serving.Store(s)
}

// Methods implements [checkout.Registry].
func (r *Registry) Methods() []checkout.Offer { return slices.Clone(r.serving.Load().offers) }

// Active implements [checkout.Registry].
func (r *Registry) Active(plugin string) (checkout.Version, error) {
	v, ok := r.serving.Load().active[plugin]
	if !ok {
		return checkout.Version{}, fmt.Errorf("plugin %q: %w", plugin, checkout.ErrNotFound)
	}
	return v.Version, nil
}

// Version implements [checkout.Registry].
func (r *Registry) Version(ctx context.Context, digest string) (checkout.Version, error) {
	v, err := r.version(ctx, digest)
	if err != nil {
		return checkout.Version{}, err
	}
	return v.Version, nil
}

// Module implements [call.Modules].
func (r *Registry) Module(ctx context.Context, digest string) (call.Module, error) {
	for {
		v, err := r.version(ctx, digest)
		if err != nil {
			return call.Module{}, err
		}
		ok, err := r.use(v)
		if err != nil {
			return call.Module{}, err
		}
		if ok {
			return call.Module{Module: v.module, Version: v.Version, Grant: r.grantOf(v), Done: sync.OnceFunc(func() { r.done(v) })}, nil
		}
	}
}

// use counts a version as in use. It is false if it was let go meanwhile.
func (r *Registry) use(v *version) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false, fmt.Errorf("plugin %s@%s: %w", v.Name, v.Plugin.Version, sandbox.ErrClosed)
	}
	if r.byDigest[v.Digest] != v {
		return false, nil
	}
	v.uses++
	r.uses.Add(1)
	return true, nil
}

func (r *Registry) done(v *version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v.uses--
	v.idle = r.options.Clock()
	r.uses.Done()
}

// keepIdle is how long a version that is not active stays loaded unused.
const keepIdle = 5 * time.Minute

// unload lets versions go that nothing has used for a while, but for what is
// active and what a rollback would bring back; what needs one again loads it
// from the state.
func (r *Registry) unload(ctx context.Context) {
	active, before := r.serving.Load().active, r.options.Clock().Add(-keepIdle)
	r.mu.Lock()
	var gone []*version
	for digest, v := range r.byDigest {
		previous, _ := r.records[v.Name].previous()
		if v.uses == 0 && active[v.Name] != v && previous.Digest != digest && v.idle.Before(before) {
			gone = append(gone, v)
			delete(r.byDigest, digest)
		}
	}
	r.mu.Unlock()
	for _, v := range gone {
		if err := v.module.Close(ctx); err != nil {
			r.options.Logger.WarnContext(ctx, "plugin not let go", "plugin", v.Name, "version", v.Plugin.Version, "error", err)
		}
	}
}

// Close refuses new uses, waits for those that are under way up to ctx's
// deadline, and closes every module.
func (r *Registry) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	idle := make(chan struct{})
	go func() { r.uses.Wait(); r.besides.Wait(); close(idle) }()
	var errs []error
	select {
	case <-idle:
	case <-ctx.Done():
		errs = append(errs, fmt.Errorf("close plugins: calls are still under way: %w", ctx.Err()))
	}
	r.mu.Lock()
	loaded := slices.Collect(maps.Values(r.byDigest))
	r.mu.Unlock()
	for _, v := range loaded {
		errs = append(errs, v.module.Close(ctx))
	}
	return errors.Join(errs...)
}

// beside does something that nobody waits for but Close.
func (r *Registry) beside(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.besides.Go(do)
	}
}

// deaf is the Observer where there is none.
type deaf struct{}

func (deaf) PluginTrapped(string, string, bool) {}
func (deaf) PluginChanged(string, string)       {}

var (
	_ checkout.Registry = (*Registry)(nil)
	_ checkout.Revoker  = (*Registry)(nil)
	_ call.Modules      = (*Registry)(nil)
	_ Observer          = deaf{}
)
