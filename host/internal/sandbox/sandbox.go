// Package sandbox runs plugins: it admits their bytes, rewrites them so that
// they count their own work, compiles them and calls their exports.
//
// A call starts from the same bytes every time, ends by itself once its fuel
// is used up, takes no more than its memory, and reaches nothing but its
// input, three pure host functions and a bounded log. Its clock and its
// randomness are given with the call, so the same call gives the same output
// and costs the same fuel. Every breach of a bound is an error of its own and
// never an empty success.
//
// The package is the only one that knows the Wasm engine. Whoever needs HTTP,
// secrets or the meaning of the JSON that crosses looks elsewhere.
package sandbox

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Engine compiles plugin bytes into modules. It is safe for concurrent use.
type Engine interface {
	// Load admits, rewrites and compiles wasm. label names the plugin in
	// errors ("ideal@1.2.0", or a file name before describe was read). Bytes
	// that are refused give an *AdmissionError; ctx bounds the compilation.
	Load(ctx context.Context, label string, wasm []byte) (Module, error)
	// Close closes every module that is still open as [Module.Close] does,
	// and refuses further loads with [ErrClosed].
	Close(ctx context.Context) error
}

// Gauge is what an engine can tell about its load. The engines of this
// package all have it.
type Gauge interface {
	// InUse tells how many sandboxes run a call at this moment, and the most
	// that ever did at once.
	InUse() (now, peak int)
	// Unproven tells how many modules are open whose sandboxes cannot be used
	// again, so that each of their calls takes the time to make one.
	Unproven() int
}

// Module is one loaded version of a plugin. It is safe for concurrent use:
// each call has a sandbox for itself, which starts from the same bytes.
type Module interface {
	// Digest is the hex SHA-256 of the bytes that were loaded.
	Digest() string
	// Exports lists the exported functions of the original module, sorted.
	Exports() []string
	// Call runs one export. Every error but a done context before the start
	// is a *CallError; no error comes with an output.
	Call(ctx context.Context, c Call) (Result, error)
	// Close refuses new calls with [ErrClosed], waits for those in flight up
	// to ctx's deadline and frees the code. After a deadline the last call in
	// flight frees it.
	Close(ctx context.Context) error
}

// Call is one run of one export.
type Call struct {
	// Export is the name of an exported function that takes nothing and
	// returns an i32.
	Export string
	// Input is at most contract.MaxInput bytes.
	Input []byte
	// Now is what WASI's wall clock answers throughout the call. The
	// monotonic clock moves by one microsecond each time it is read, and by
	// what the guest sleeps.
	Now time.Time
	// Entropy seeds what WASI's random_get answers: the ChaCha8 stream of
	// math/rand/v2.
	Entropy [32]byte
	// Host answers the host functions on secrets and signatures. Without it
	// these calls end with [ErrHostFunction]. An error ends the call with
	// that error wrapped. It runs on the calling goroutine, and what the guest
	// does with the answer depends on nothing else.
	Host func(ctx context.Context, name contract.HostFunction, input []byte) ([]byte, error)
	// Log takes what the guest logs at level info, warn or error: at most
	// contract.MaxLogLines lines of contract.MaxLogLine bytes, a longer one
	// cut and marked. Nil drops it. What is logged while the module starts up
	// is dropped too.
	Log func(level, line string)
	// Fuel is the budget; 0 stands for contract.RoundFuel.
	Fuel int64
}

// Result is what a call gave.
type Result struct {
	// Output is what the guest set, 1 to contract.MaxOutput bytes.
	Output []byte
	// Fuel is what the export used of its budget. Starting the module up has
	// a budget of its own and is not in it.
	Fuel int64
	// Elapsed is the time in the sandbox, start-up included, waiting for a
	// free one not.
	Elapsed time.Duration
}

// Limits are the bounds of an engine.
type Limits struct {
	// Concurrent is how many sandboxes run at once over all modules; 0 stands
	// for runtime.GOMAXPROCS(0). Further calls wait in order.
	Concurrent int
	// Resting is how many sandboxes wait for calls over all modules; 0 stands
	// for eight for each that runs at once. For one more, the one that has
	// waited longest is closed.
	Resting int
	// InstantiateTimeout bounds making a sandbox and starting its module up;
	// 0 stands for five seconds.
	InstantiateTimeout time.Duration
	// CacheDir keeps compiled code between processes. It is made if missing,
	// and refused unless it belongs to this user alone, since what it holds is
	// trusted as machine code. Empty for none.
	CacheDir string
	// Logger is told which modules cannot share sandboxes between calls. Nil
	// for none.
	Logger *slog.Logger
}

const (
	defaultInstantiateTimeout = 5 * time.Second
	restingForEach            = 8
)

func (l Limits) withDefaults() Limits {
	if l.Concurrent <= 0 {
		l.Concurrent = runtime.GOMAXPROCS(0)
	}
	if l.Resting <= 0 {
		l.Resting = restingForEach * l.Concurrent
	}
	if l.InstantiateTimeout <= 0 {
		l.InstantiateTimeout = defaultInstantiateTimeout
	}
	return l
}
