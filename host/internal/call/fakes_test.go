package call

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// memJournal is a Journal in memory. It counts round trips.
type memJournal struct {
	mu     sync.Mutex
	calls  map[string]map[string][]byte
	alarms map[string]time.Time
	trips  int
	ended  map[string]bool
	// before and after are called with each step, before and after it is written.
	before, after func(field string) error
}

func newJournal() *memJournal {
	return &memJournal{calls: map[string]map[string][]byte{}, alarms: map[string]time.Time{}, ended: map[string]bool{}}
}

func (j *memJournal) Intent(_ context.Context, call, field string, fields map[string][]byte, alarm time.Time) (bool, error) {
	if j.before != nil {
		if err := j.before(field); err != nil {
			return false, err
		}
	}
	if !j.set(call, field, fields, alarm) {
		return false, nil
	}
	if j.after != nil {
		if err := j.after(field); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (j *memJournal) set(call, field string, fields map[string][]byte, alarm time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.trips++
	if _, there := j.calls[call][field]; there {
		return false
	}
	if j.calls[call] == nil {
		j.calls[call] = map[string][]byte{}
	}
	maps.Copy(j.calls[call], fields)
	j.alarms[call] = alarm
	return true
}

func (j *memJournal) Write(_ context.Context, call string, fields map[string][]byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.trips++
	maps.Copy(j.calls[call], fields)
	return nil
}

func (j *memJournal) Read(_ context.Context, call string) (map[string][]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.trips++
	if j.calls[call] == nil {
		return nil, checkout.ErrNoJournal
	}
	return maps.Clone(j.calls[call]), nil
}

func (j *memJournal) End(_ context.Context, end checkout.JournalEnd) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended[end.Call] = true
	if j.calls[end.Call] == nil {
		j.calls[end.Call] = map[string][]byte{}
	}
	maps.Copy(j.calls[end.Call], end.Fields)
	delete(j.alarms, end.Call)
	return nil
}

func (j *memJournal) has(call, field string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.calls[call][field] != nil
}

// text is everything that was written, in one string.
func (j *memJournal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	b, _ := json.Marshal(j.calls)
	for _, fields := range j.calls {
		for _, v := range fields {
			b = append(b, v...)
		}
	}
	return string(b)
}

// memVault is a Vault in memory.
type memVault struct {
	mu     sync.Mutex
	now    checkout.Clock
	tokens map[string]memToken
	cached map[string]memCached
	leases map[string]memLease
}

type memToken struct {
	value string
	until time.Time
}

type memCached struct {
	value []byte
	until time.Time
}

type memLease struct {
	holder string
	until  time.Time
}

func newVault(now checkout.Clock) *memVault {
	return &memVault{now: now, tokens: map[string]memToken{}, cached: map[string]memCached{}, leases: map[string]memLease{}}
}

func (v *memVault) Token(_ context.Context, account, name string) (string, time.Time, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, ok := v.tokens[account+"/"+name]
	if !ok || !t.until.After(v.now()) {
		return "", time.Time{}, checkout.ErrNotFound
	}
	return t.value, t.until, nil
}

func (v *memVault) PutToken(_ context.Context, account, name, value string, until time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tokens[account+"/"+name] = memToken{value, until}
	return nil
}

func (v *memVault) Cached(_ context.Context, account, key string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c, ok := v.cached[account+"/"+key]
	if !ok || !c.until.After(v.now()) {
		return nil, checkout.ErrNotFound
	}
	return c.value, nil
}

func (v *memVault) PutCached(_ context.Context, account, key string, value []byte, ttl time.Duration) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cached[account+"/"+key] = memCached{value, v.now().Add(ttl)}
	return nil
}

func (v *memVault) Lease(_ context.Context, account, name, holder string, ttl time.Duration) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	l := v.leases[account+"/"+name]
	if l.holder != "" && l.holder != holder && l.until.After(v.now()) {
		return false, nil
	}
	v.leases[account+"/"+name] = memLease{holder, v.now().Add(ttl)}
	return true, nil
}

func (v *memVault) Release(_ context.Context, account, name, holder string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.leases[account+"/"+name].holder == holder {
		delete(v.leases, account+"/"+name)
	}
	return nil
}

func (v *memVault) holder(account, name string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.leases[account+"/"+name].holder
}

// native is a module that runs a provider of the guest SDK without Wasm, or
// raw, which gives each round's output.
type native struct {
	provider guest.Provider
	raw      func(c sandbox.Call) ([]byte, error)
}

func (n native) Digest() string              { return "digest" }
func (n native) Exports() []string           { return nil }
func (n native) Close(context.Context) error { return nil }

func (n native) Call(ctx context.Context, c sandbox.Call) (sandbox.Result, error) {
	if err := ctx.Err(); err != nil {
		return sandbox.Result{}, err
	}
	if n.raw != nil {
		out, err := n.raw(c)
		return sandbox.Result{Output: out, Fuel: 1}, err
	}
	var broken error
	out := guest.Run(n.provider, contract.Export(c.Export), c.Input, guest.HostFuncs{
		Call: func(name contract.HostFunction, input []byte) ([]byte, error) {
			b, err := c.Host(ctx, name, input)
			if err != nil {
				broken = err
			}
			return b, err
		},
		Log: func(level guest.Level, text string) { c.Log(string(level), text) },
	})
	if broken != nil {
		return sandbox.Result{}, &sandbox.CallError{Label: "test@1.0.0", Export: c.Export, Err: broken}
	}
	return sandbox.Result{Output: out, Fuel: 1}, nil
}
