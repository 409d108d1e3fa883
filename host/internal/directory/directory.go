// Package directory knows shops, their API keys and their accounts: those of
// the configuration file, which stay as they are, and those that operators add
// while the gateway runs. The latter are one record in the state, sealed there,
// which every node follows. What both have is the file's.
package directory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
)

// State keeps the record. After checkout.ErrUnavailable a swap may be done or not.
type State interface {
	ShopsVersion(ctx context.Context) (int64, error)
	ShopsRecord(ctx context.Context) (doc []byte, version int64, err error)
	SwapShopsRecord(ctx context.Context, version int64, doc []byte) (bool, error)
}

// Plugins knows what accounts are held to.
type Plugins interface {
	// OfProvider lists the active versions of a provider's plugins.
	OfProvider(provider string) []checkout.Version
	// Fits holds an account to the plugins of its provider: their settings, their
	// methods, and what they are granted. No error holds a secret.
	Fits(a checkout.Account) error
}

// Options are what a Directory is made of.
type Options struct {
	// Config is the file's, which is valid.
	Config config.Config
	State  State
	Clock  checkout.Clock
	Logger *slog.Logger
	// Learned hears of values that no log line may hold, before any of them is
	// used; nil: nobody.
	Learned func(values ...string)
}

// Directory is safe for concurrent use.
type Directory struct {
	o       Options
	plugins Plugins
	file    *config.Directory
	view    atomic.Pointer[view]
	// reading is held by one look at the state: what is read later is not older,
	// unless the state went back. It guards loaded: the start is over.
	reading sync.Mutex
	loaded  bool
	// again says that the state was away, so that it may have come back older;
	// refused is the version that this node cannot serve, 0 for none. Both are
	// Run's alone.
	again   bool
	refused int64
}

// Load reads what the state has. A record that cannot be served by this
// configuration is an error that says what to do.
func Load(ctx context.Context, o Options) (*Directory, error) {
	if o.Learned == nil {
		o.Learned = func(...string) {}
	}
	file, err := config.NewDirectory(o.Config)
	if err != nil {
		return nil, fmt.Errorf("read shops and accounts: %w", err)
	}
	d := &Directory{o: o, file: file}
	d.view.Store(&view{Directory: file})
	if err := d.sync(ctx); err != nil {
		return nil, fmt.Errorf("shops and accounts that were added by operators: %w", err)
	}
	return d, nil
}

// Hold gives the plugins that accounts are held to, before any is added.
func (d *Directory) Hold(p Plugins) { d.plugins = p }

// lookEvery is how often a node looks whether another one changed something.
const lookEvery = 250 * time.Millisecond

// Run follows the state until the context ends.
func (d *Directory) Run(ctx context.Context) error {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			err := d.follow(ctx)
			if err != nil && !failed && ctx.Err() == nil {
				d.o.Logger.ErrorContext(ctx, "shops not taken over from the state: those that were known go on", "error", err)
			}
			failed = err != nil
		}
	}
}

// follow brings the node up to what the state says now. A version that cannot
// be served is read once.
func (d *Directory) follow(ctx context.Context) error {
	version, err := d.o.State.ShopsVersion(ctx)
	if err != nil {
		d.again = true
		return err
	}
	if !d.again && (version == d.view.Load().version || version == d.refused && version > 0) {
		return nil
	}
	err = d.sync(ctx)
	d.again, d.refused = errors.Is(err, checkout.ErrUnavailable), 0
	if err != nil {
		d.refused = version
	}
	return err
}

// sync reads the record and serves it. One that cannot be served leaves what
// was served in place, unless it is for its live accounts alone: then it is
// served without them, so that keys that were ended end here too.
func (d *Directory) sync(ctx context.Context) error {
	d.reading.Lock()
	defer d.reading.Unlock()
	doc, version, err := d.o.State.ShopsRecord(ctx)
	if err != nil {
		return err
	}
	r, err := readRecord(doc)
	if err != nil {
		return err
	}
	v, err := d.read(r, version)
	if err != nil {
		var without error
		if v, without = d.read(r.withoutLive(), version); without != nil || !d.loaded {
			return err
		}
		err = fmt.Errorf("%w: %w", errLeftOut, err)
	}
	d.loaded = true
	d.o.Learned(r.secrets()...)
	if was := d.view.Swap(v); was.version != version {
		d.o.Logger.InfoContext(ctx, "shops taken over from the state", "version", version, "shops", len(v.record.Shops), "accounts", len(v.record.Accounts))
	}
	return err
}

// errLeftOut: all but the live accounts is served.
var errLeftOut = errors.New("this gateway is not fit for the live accounts that were added, and leaves them out")

// look is sync for those who want to see what there is.
func (d *Directory) look(ctx context.Context) error {
	err := d.sync(ctx)
	if errors.Is(err, errLeftOut) {
		return nil
	}
	return err
}

// read makes a view of a record, if the whole is sound.
func (d *Directory) read(r record, version int64) (*view, error) {
	c, _ := merge(d.o.Config, r, d.now(), false)
	if version > 0 {
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("what is in the state does not go with this configuration: %w", named(c, err))
		}
	}
	return d.build(version, r, d.now())
}

// current is what is served now: keys and secrets that have ended are out of it.
func (d *Directory) current() *view {
	v := d.view.Load()
	if v.until.IsZero() || d.now().Before(v.until) {
		return v
	}
	next, err := d.build(v.version, v.record, d.now())
	if err != nil { // it was built before, with more keys
		d.o.Logger.Error("the shops of the state cannot be served", "error", err)
		next = &view{Directory: d.file}
	}
	d.view.CompareAndSwap(v, next)
	return next
}

func (d *Directory) now() time.Time { return d.o.Clock().UTC() }
