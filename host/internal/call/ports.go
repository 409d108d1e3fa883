package call

import (
	"context"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Journal keeps what a call sent and was answered. Values are sealed by the
// store; field names are this package's.
type Journal interface {
	// Intent writes field if it is absent, and with it the others, in one
	// script. It is false if the field was there: another node owns the
	// request, and nothing was written. The alarm of an account's call rings
	// at alarm; an order's call has its order's alarm.
	Intent(ctx context.Context, call, field string, fields map[string][]byte, alarm time.Time) (bool, error)
	// Write adds fields.
	Write(ctx context.Context, call string, fields map[string][]byte) error
	// Read gives all fields. Error: checkout.ErrNoJournal.
	Read(ctx context.Context, call string) (map[string][]byte, error)
	// End closes a call's journal and drops its alarm. A journal that is there no more is no error.
	End(ctx context.Context, end checkout.JournalEnd) error
}

// Vault keeps an account's tokens, cached answers and leases. Values are
// sealed by the store.
type Vault interface {
	// Token gives a kept token and its end. Error: checkout.ErrNotFound.
	Token(ctx context.Context, account, name string) (value string, until time.Time, err error)
	// PutToken keeps one until its end.
	PutToken(ctx context.Context, account, name, value string, until time.Time) error
	// Cached gives an answer that may be used again. Error: checkout.ErrNotFound.
	Cached(ctx context.Context, account, key string) ([]byte, error)
	PutCached(ctx context.Context, account, key string, value []byte, ttl time.Duration) error
	// Lease takes a lease by name, or renews the holder's own. It is false if another holds it.
	Lease(ctx context.Context, account, name, holder string, ttl time.Duration) (bool, error)
	// Release gives it back, if the holder has it.
	Release(ctx context.Context, account, name, holder string) error
}

// Sender sends a request through the guarded client.
type Sender interface {
	Send(ctx context.Context, o egress.Outbound) egress.Answer
}

// Modules gives the loaded module of a digest with its manifest and grant.
type Modules interface {
	Module(ctx context.Context, digest string) (Module, error)
}

// Module is a plugin version, ready to run. It counts as in use until Done is called.
type Module struct {
	sandbox.Module
	Version checkout.Version
	Grant   checkout.Grant
	Done    func()
}

// Accounts gives an account with its secrets.
type Accounts interface {
	Account(id string) (checkout.Account, error)
}

// Observer hears of each round and request, for traces, metrics and the
// story of a payment. It gets no secret: bodies are as the guest sees them.
type Observer interface {
	Round(c checkout.Call, r Round)
	Exchanged(c checkout.Call, x Exchanged)
	Finished(c checkout.Call, e checkout.Ended, took time.Duration)
}

// Trap is a plugin's run that failed: it trapped, used up its fuel or memory,
// or gave no output.
type Trap struct {
	Plugin order.Plugin
	// About tells apart the payments, or the verified messages, for which it did;
	// "" where anybody could bring it about.
	About string
}

// Round is one run of the plugin.
type Round struct {
	Number  int
	Fuel    int64
	Elapsed time.Duration
	// Asked is how many requests it asked for, Error why it ended badly.
	Asked int
	Error string
}

// Exchanged is one request and what came of it.
type Exchanged struct {
	Round    int
	Exchange contract.Exchange
	Cached   bool
	Attempts int
	Took     time.Duration
}
