package call

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Options are what a Runner is made of.
type Options struct {
	Journal  Journal
	Vault    Vault
	Sender   Sender
	Modules  Modules
	Accounts Accounts
	// Observer hears of rounds and requests; nil: nobody does.
	Observer Observer
	// Trapped hears of a plugin whose run failed; nil: nobody does.
	Trapped func(ctx context.Context, t Trap)
	// Clock tells the time; nil: the system's.
	Clock  checkout.Clock
	Logger *slog.Logger
	// Node names this process in intents, unlike any other that runs.
	Node string
}

// Runner runs plugin operations. It is safe for concurrent use.
type Runner struct {
	Options
	tokens tokenNames
}

// New makes a Runner.
func New(o Options) *Runner {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Observer == nil {
		o.Observer = deaf{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Runner{Options: o, tokens: tokenNames{byAccount: map[string]map[string]bool{}}}
}

// Run runs one operation to its end. Until a request that is not a plain read
// is about to leave, ctx may end the call; from then on it runs on by itself,
// under deadlines of its own. An error after that leaves the journal open, and
// the call is resumed when its alarm rings.
func (r *Runner) Run(ctx context.Context, c checkout.Call) (checkout.Ended, error) {
	began := r.now()
	p, err := r.begin(ctx, c)
	if err != nil {
		return checkout.Ended{}, naming(c, err)
	}
	defer p.module.Done()
	return p.toEnd(ctx, began)
}

// End closes the journal of a call that no order's commit closes. With a nil
// end it is closed as it is.
func (r *Runner) End(ctx context.Context, id string, end *checkout.JournalEnd) error {
	if end == nil {
		end = &checkout.JournalEnd{Call: id}
	}
	if err := r.Journal.End(ctx, *end); err != nil {
		return fmt.Errorf("end call %s: %w", id, err)
	}
	return nil
}

// Release gives back what an interim of this payment held exclusively. The
// Runner does so itself when the call that took it ends final.
func (r *Runner) Release(ctx context.Context, account, exclusive, payment string) error {
	if err := r.Vault.Release(ctx, account, leaseExclusive+exclusive, payment); err != nil {
		return fmt.Errorf("release %q of account %s: %w", exclusive, account, err)
	}
	return nil
}

// now is the clock in UTC.
func (r *Runner) now() time.Time { return r.Clock().UTC() }

// naming says which call of which plugin an error is about.
func naming(c checkout.Call, err error) error {
	return fmt.Errorf("%s %s@%s: call %s: %w", c.Export, c.Plugin.Name, c.Plugin.Version, c.ID, err)
}

// deaf is the Observer where there is none.
type deaf struct{}

func (deaf) Round(checkout.Call, Round)                            {}
func (deaf) Exchanged(checkout.Call, Exchanged)                    {}
func (deaf) Finished(checkout.Call, checkout.Ended, time.Duration) {}

var (
	_ checkout.Caller = (*Runner)(nil)
	_ Observer        = deaf{}
)
