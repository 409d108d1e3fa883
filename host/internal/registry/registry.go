// Package registry knows plugin versions: it loads them from a folder at the
// start, checks that each is what it says and asks for no more than it is
// granted, keeps their bytes in the state, and gives them to whoever runs them.
//
// A file that is bad in any way stops the start, with an error that names the
// file and says what to do: an operator who put it there expects its methods.
// Nothing of a file is looked at before its signature holds.
// A file that is taken away takes its methods away at the next start; payments
// that are open go on with the bytes in the state.
package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
)

// Bytes keeps plugins' bytes by digest, so that a payment can stay with the
// version that made it. The store has it.
type Bytes interface {
	// PutPlugin keeps a plugin's bytes by digest.
	PutPlugin(ctx context.Context, digest string, b []byte) error
	// Plugin reads them. Error: checkout.ErrNotFound.
	Plugin(ctx context.Context, digest string) ([]byte, error)
}

// Options are what a Registry is made of.
type Options struct {
	// Dir is the folder with the plugins' .wasm files.
	Dir    string
	Engine sandbox.Engine
	Bytes  Bytes
	// TrustedKeys are those of which one must have signed each plugin.
	TrustedKeys []TrustedKey
	// AllowUnsigned lets plugins without a signature run. One that is there must
	// hold all the same. It is refused where an account is live.
	AllowUnsigned bool
	// Grants are what the operator lets each plugin do, by its name.
	Grants map[string]checkout.Grant
	// Accounts are those whose settings must fit their plugins' schemas.
	Accounts []checkout.Account
	Logger   *slog.Logger
}

// Registry holds the versions that are loaded. It is safe for concurrent use.
type Registry struct {
	options Options
	trust   trust
	// active are the versions that serve new payments, by plugin; offers what
	// they offer. Neither changes once the registry is loaded.
	active map[string]*version
	offers []checkout.Offer

	mu       sync.Mutex
	byDigest map[string]*version
	closed   bool
	uses     sync.WaitGroup // one for each Module that is not Done
	fetches  singleflight.Group
}

// version is one that is loaded.
type version struct {
	checkout.Version
	module sandbox.Module
	file   string
	// signature is zero where the bytes came from the state.
	signature Signature
}

// Load reads the folder. The error joins what is wrong with each file, as
// [FileError]s, and with accounts; then nothing is loaded.
func Load(ctx context.Context, o Options) (*Registry, error) {
	keys, err := readTrust(o.TrustedKeys)
	if err == nil {
		err = checkUnsigned(o.AllowUnsigned, o.Accounts)
	}
	if err != nil {
		return nil, err
	}
	r := &Registry{options: o, trust: keys, active: map[string]*version{}, byDigest: map[string]*version{}}
	if err = r.readDir(ctx); err == nil {
		err = errors.Join(r.checkProviders(), r.checkAccounts())
	}
	if err == nil {
		err = r.keep(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	r.warnUnsigned(ctx)
	for _, v := range r.active {
		for _, m := range v.Manifest.Methods {
			r.offers = append(r.offers, checkout.Offer{Version: v.Version, Method: m, Rules: m.Rules.Over(v.Manifest.Rules)})
		}
	}
	slices.SortFunc(r.offers, func(a, b checkout.Offer) int {
		return cmp.Or(cmp.Compare(a.Method.Rank, b.Method.Rank), cmp.Compare(a.Method.ID, b.Method.ID), cmp.Compare(a.Version.Name, b.Version.Name))
	})
	return r, nil
}

// keep puts the bytes of every version into the state, before the first
// payment that uses them.
func (r *Registry) keep(ctx context.Context) error {
	for _, v := range r.byDigest {
		b, err := readModule(v.file)
		if err == nil && digestOf(b) != v.Digest {
			err = errors.New("the file changed while it was loaded; start again")
		}
		if err == nil {
			err = r.options.Bytes.PutPlugin(ctx, v.Digest, b)
		}
		if err != nil {
			return &FileError{File: v.file, Err: fmt.Errorf("keep the bytes of %s@%s: %w", v.Name, v.Plugin.Version, err)}
		}
		r.options.Logger.InfoContext(ctx, "plugin loaded", "plugin", v.Name, "version", v.Plugin.Version, "digest", v.Digest, "file", v.file, "signature", v.signature.State, "signer", v.signature.Signer, "active", r.active[v.Name] == v)
	}
	return nil
}

// Methods implements [checkout.Registry].
func (r *Registry) Methods() []checkout.Offer { return slices.Clone(r.offers) }

// Active implements [checkout.Registry].
func (r *Registry) Active(plugin string) (checkout.Version, error) {
	v, ok := r.active[plugin]
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
	v, err := r.version(ctx, digest)
	if err != nil {
		return call.Module{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return call.Module{}, fmt.Errorf("plugin %s@%s: %w", v.Name, v.Plugin.Version, sandbox.ErrClosed)
	}
	r.uses.Add(1)
	return call.Module{Module: v.module, Version: v.Version, Grant: r.options.Grants[v.Name], Done: sync.OnceFunc(r.uses.Done)}, nil
}

// Close refuses new uses, waits for those that are under way up to ctx's
// deadline, and closes every module.
func (r *Registry) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	loaded := make([]*version, 0, len(r.byDigest))
	for _, v := range r.byDigest {
		loaded = append(loaded, v)
	}
	r.mu.Unlock()
	idle := make(chan struct{})
	go func() { r.uses.Wait(); close(idle) }()
	var errs []error
	select {
	case <-idle:
	case <-ctx.Done():
		errs = append(errs, fmt.Errorf("close plugins: calls are still under way: %w", ctx.Err()))
	}
	for _, v := range loaded {
		errs = append(errs, v.module.Close(ctx))
	}
	return errors.Join(errs...)
}

var (
	_ checkout.Registry = (*Registry)(nil)
	_ call.Modules      = (*Registry)(nil)
)
