package call

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const (
	leaseFetch = "fetch:"
	// maxFetchWait bounds the wait for somebody else's fetch of a token.
	maxFetchWait = 20 * time.Second
	fetchPause   = 50 * time.Millisecond
	// maxCache bounds how long an answer is used again, whatever the plugin says.
	maxCache = 24 * time.Hour
)

// prepare does what comes before an intent: waiting, cached answers, and one
// fetch of a token at a time.
func (p *process) prepare(ctx context.Context, j *job) error {
	if err := pause(ctx, time.Duration(j.Request.AfterMS)*time.Millisecond); err != nil {
		return err
	}
	if j.Request.CacheS > 0 {
		p.fromCache(ctx, j, cacheKey("get", j.Request))
	}
	for _, name := range slices.Sorted(maps.Keys(j.Request.Keep)) {
		if err := p.fetch(ctx, j, name); err != nil || j.settled {
			return err
		}
	}
	return nil
}

// fetch waits for its turn to fetch a token. If another call fetched it
// meanwhile, its answer serves: the guest sees no token in either.
func (p *process) fetch(ctx context.Context, j *job, name string) error {
	deadline := time.NewTimer(min(maxFetchWait, timeout(j.Request)))
	defer deadline.Stop()
	ttl := intentLife + timeout(j.Request) + grace
	for wait := fetchPause; ; wait = min(2*wait, time.Second) {
		ours, err := p.Vault.Lease(ctx, p.call.Account, leaseFetch+name, p.ledger.owner, ttl)
		if err != nil {
			p.Logger.WarnContext(ctx, "lease for a token", p.attributes("token", name, "error", err)...)
			return nil
		}
		if ours {
			j.fetches = append(j.fetches, name)
		}
		if p.fetchedElsewhere(ctx, j, name) || ours {
			return nil
		}
		next := time.NewTimer(wait)
		select {
		case <-next.C:
		case <-deadline.C:
			next.Stop()
			return nil // proceed: a second fetch does no harm
		case <-ctx.Done():
			next.Stop()
			return ctx.Err()
		}
	}
}

// fetchedElsewhere answers a fetch with the vault's token, if that is not the
// one which this call already has.
func (p *process) fetchedElsewhere(ctx context.Context, j *job, name string) bool {
	if len(j.Request.Keep) != 1 {
		return false
	}
	value, until, err := p.Vault.Token(ctx, p.call.Account, name)
	if err != nil || value == p.secrets.kept[name] || !until.After(p.now()) {
		return false
	}
	p.fromCache(ctx, j, cacheKey("keep", j.Request))
	if j.settled {
		j.found = map[string]string{name: value}
	}
	return j.settled
}

// fromCache answers a request with an earlier answer to the same, if there is one.
func (p *process) fromCache(ctx context.Context, j *job, key string) {
	b, err := p.Vault.Cached(ctx, p.call.Account, key)
	if err != nil {
		if !errors.Is(err, checkout.ErrNotFound) {
			p.Logger.WarnContext(ctx, "read cached answer", p.attributes("error", err)...)
		}
		return
	}
	var r contract.Response
	if err := json.Unmarshal(b, &r); err != nil {
		p.Logger.WarnContext(ctx, "read cached answer", p.attributes("error", err)...)
		return
	}
	j.Response, j.At, j.Cached, j.settled = &r, p.now(), true, true
}

// keep puts away what a request's answer leaves behind: tokens and answers
// that may be used again. What cannot be put away is only fetched again.
func (p *process) keep(ctx context.Context, j *job) {
	maps.Copy(p.secrets.kept, j.found)
	if j.Response == nil || !j.Response.OK() || j.Cached {
		return
	}
	now := p.now()
	var errs []error
	life := time.Duration(0)
	for name, k := range j.kept {
		p.secrets.kept[name] = k.Value
		p.tokens.learn(p.call.Account, name)
		errs = append(errs, p.Vault.PutToken(ctx, p.call.Account, name, k.Value, now.Add(k.TTL)))
		life = k.TTL
	}
	if len(j.kept) == 1 {
		errs = append(errs, p.putCached(ctx, cacheKey("keep", j.Request), *j.Response, life))
	}
	if j.Request.CacheS > 0 {
		ttl := min(time.Duration(min(j.Request.CacheS, int64(maxCache/time.Second)))*time.Second, maxCache)
		errs = append(errs, p.putCached(ctx, cacheKey("get", j.Request), *j.Response, ttl))
	}
	if err := errors.Join(errs...); err != nil {
		p.Logger.WarnContext(ctx, "keep for later calls", p.attributes("error", err)...)
	}
}

func (p *process) putCached(ctx context.Context, key string, r contract.Response, ttl time.Duration) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return p.Vault.PutCached(ctx, p.call.Account, key, b, ttl)
}

// giveBack releases the leases of a round, also for a caller who is gone.
func (p *process) giveBack(ctx context.Context, jobs []*job) {
	ctx = context.WithoutCancel(ctx)
	for _, j := range jobs {
		for _, name := range j.fetches {
			if err := p.Vault.Release(ctx, p.call.Account, leaseFetch+name, p.ledger.owner); err != nil {
				p.Logger.WarnContext(ctx, "release lease", p.attributes("token", name, "error", err)...)
			}
		}
	}
}

// cacheKey is the same for the same request. It holds names of secrets, no values.
func cacheKey(kind string, r contract.Request) string {
	r.CacheS, r.TimeoutMS, r.AfterMS, r.Repeat = 0, 0, 0, nil
	b, err := json.Marshal(r)
	if err != nil { // a request that came as JSON always encodes
		return ""
	}
	h := sha256.Sum256(b)
	return kind + ":" + hex.EncodeToString(h[:])
}
