package call

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

const tokenURL = "https://psp.example/token"

// bearing captures with a kept token.
var bearing = native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
	fetch := contract.Request{
		Method: "GET", URL: tokenURL, Auth: &contract.Auth{Bearer: "key"},
		Keep: map[string]contract.Keep{"token": {Pointer: "/token", TTLS: 60}},
	}
	resp, err := c.DoWithToken(contract.Request{Method: "POST", URL: payURL}, "token", fetch)
	if err == nil && !resp.OK() {
		err = &contract.Failure{Code: contract.Unauthorized, Message: "refused"}
	}
	return succeeded, err
})}

// bank is a provider that hands out tokens, each of which replaces the one before.
type bank struct {
	r       *room
	mu      sync.Mutex
	fetched int
	valid   string
	used    []string
	// hold, if set, keeps fetches waiting.
	hold chan struct{}
}

func (b *bank) answer(o egress.Outbound) egress.Answer {
	if o.Request.URL != tokenURL {
		b.mu.Lock()
		defer b.mu.Unlock()
		token, uses, _ := o.Secrets.Secret("token")
		b.used = append(b.used, token+" "+strings.Join(uses, ","))
		if token != b.valid {
			return b.r.status(401, "")
		}
		return b.r.ok("")
	}
	if b.hold != nil {
		<-b.hold
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fetched++
	b.valid = canary + strings.Repeat("+", b.fetched)
	a := b.r.ok(`{"token":"***"}`)
	a.Kept = map[string]egress.Kept{"token": {Value: b.valid, TTL: 57 * time.Second}}
	return a
}

func TestRun_token(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		// before is done to the room; kept is the token in the vault, valid what the bank takes.
		kept, valid string
		learnt      bool
		masked      bool // the vault has the answer of the fetch too
		fetched     int
		used        string
	}{
		{name: "none kept", fetched: 1, used: canary + "+ bearer"},
		{name: "kept and known", kept: "t0", valid: "t0", learnt: true, used: "t0 bearer"},
		{name: "kept and refused", kept: "t0", learnt: true, fetched: 1, used: "t0 bearer " + canary + "+ bearer"},
		{name: "kept by another node", kept: "t1", valid: "t1", masked: true, used: "t1 bearer"},
		{name: "kept by another node, its answer gone", kept: "t1", valid: "t1", fetched: 1, used: canary + "+ bearer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, bearing)
			b := &bank{r: r, valid: tt.valid}
			r.answer = b.answer
			a := r.runner("a")
			if tt.kept != "" {
				_ = r.vault.PutToken(context.Background(), accountID, "token", tt.kept, r.now().Add(time.Minute))
			}
			if tt.learnt {
				a.tokens.learn(accountID, "token")
			}
			if tt.masked {
				fetch := contract.Request{Method: "GET", URL: tokenURL, Auth: &contract.Auth{Bearer: "key"}, Keep: map[string]contract.Keep{"token": {Pointer: "/token", TTLS: 60}}}
				_ = r.vault.PutCached(context.Background(), accountID, cacheKey("keep", fetch), []byte(`{"status":200,"body":"{\"token\":\"***\"}"}`), time.Minute)
			}
			e, err := a.Run(context.Background(), r.call(contract.CapturePayment))
			if err != nil || e.Failure != nil {
				t.Fatalf("got %+v, %v", e, err)
			}
			if got := strings.Join(b.used, " "); b.fetched != tt.fetched || got != tt.used {
				t.Errorf("fetched %d times, used %q; want %d, %q", b.fetched, got, tt.fetched, tt.used)
			}
			if h := r.vault.holder(accountID, leaseFetch+"token"); h != "" {
				t.Errorf("the lease is still held by %q", h)
			}
		})
	}
}

func TestRun_tokenExpired_notAmongTheSecrets(t *testing.T) {
	t.Parallel()
	r := newRoom(t, bearing)
	b := &bank{r: r}
	r.answer = b.answer
	a := r.runner("a")
	for range 2 {
		if _, err := a.Run(context.Background(), r.call(contract.CapturePayment)); err != nil {
			t.Fatal(err)
		}
		r.journal.calls = map[string]map[string][]byte{}
		r.later(time.Minute)
	}
	if b.fetched != 2 {
		t.Errorf("fetched %d times, want once for each call", b.fetched)
	}
}

// TestRun_manyNodesWithoutToken_oneFetch lets forty calls on four nodes find
// no token at once.
func TestRun_manyNodesWithoutToken_oneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, bearing)
		b := &bank{r: r, hold: make(chan struct{})}
		r.answer = b.answer
		nodes := []*Runner{r.runner("a"), r.runner("b"), r.runner("c"), r.runner("d")}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				c := r.call(contract.CapturePayment)
				c.ID += string(rune('A' + i))
				if e, err := nodes[i%4].Run(context.Background(), c); err != nil || e.Failure != nil || e.Outcome != order.OutcomeKnown {
					t.Errorf("call %d: got %+v, %v", i, e, err)
				}
			})
		}
		synctest.Wait() // all wait for the one fetch or for its lease
		close(b.hold)
		wg.Wait()
		if b.fetched != 1 || len(b.used) != 40 {
			t.Errorf("fetched %d times for %d requests, want 1 for 40", b.fetched, len(b.used))
		}
	})
}

func TestRun_tokenLeaseNeverFree_proceedsAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, bearing)
		b := &bank{r: r}
		r.answer = b.answer
		_, _ = r.vault.Lease(context.Background(), accountID, leaseFetch+"token", "somebody", time.Hour)
		began := time.Now()
		if e := r.run(r.call(contract.CapturePayment)); e.Failure != nil || b.fetched != 1 {
			t.Errorf("got %v after %d fetches, want a result after 1", e.Failure, b.fetched)
		}
		if took := time.Since(began); took != contract.DefaultTimeout {
			t.Errorf("waited %v, want %v", took, contract.DefaultTimeout)
		}
	})
}

func TestRun_vaultDown_tokenIsFetched(t *testing.T) {
	t.Parallel()
	r := newRoom(t, bearing)
	b := &bank{r: r}
	r.answer = b.answer
	a := r.runner("a")
	a.Vault = downVault{}
	e, err := a.Run(context.Background(), r.call(contract.CapturePayment))
	if err != nil || e.Failure != nil || b.fetched != 1 {
		t.Errorf("got %+v, %v after %d fetches; want a result after 1", e, err, b.fetched)
	}
}

// downVault does not answer.
type downVault struct{}

func (downVault) Token(context.Context, string, string) (string, time.Time, error) {
	return "", time.Time{}, checkout.ErrUnavailable
}
func (downVault) PutToken(context.Context, string, string, string, time.Time) error {
	return checkout.ErrUnavailable
}
func (downVault) Cached(context.Context, string, string) ([]byte, error) {
	return nil, checkout.ErrUnavailable
}
func (downVault) PutCached(context.Context, string, string, []byte, time.Duration) error {
	return checkout.ErrUnavailable
}
func (downVault) Lease(context.Context, string, string, string, time.Duration) (bool, error) {
	return false, checkout.ErrUnavailable
}
func (downVault) Release(context.Context, string, string, string) error {
	return checkout.ErrUnavailable
}

func TestRun_cachedAnswer(t *testing.T) {
	t.Parallel()
	brands, other, dear := get(statusURL), get(statusURL), get(statusURL)
	brands.CacheS, other.CacheS, dear.CacheS = 60, 60, 1<<40
	other.Auth = &contract.Auth{Bearer: "key"}
	r := newRoom(t, asking(brands))
	r.script(status(503, ""), status(200, "first"), status(200, "second"))
	steps := []struct {
		name     string
		module   native
		later    time.Duration
		sent     int
		verified bool
	}{
		{"not 2xx is not kept", asking(brands), 0, 1, false},
		{"kept", asking(brands), 0, 2, true},
		{"used again", asking(brands), 59 * time.Second, 2, false},
		{"not for another authentication", asking(other), 0, 3, true},
		{"not for ever", asking(brands), 2 * time.Second, 4, true},
		{"bounded", asking(dear), maxCache, 5, true},
	}
	for _, s := range steps {
		r.module = s.module
		r.later(s.later)
		e := r.run(r.call(contract.CapturePayment))
		if len(r.sent) != s.sent || e.Verified != s.verified {
			t.Errorf("%s: sent %d, verified %v; want %d, %v", s.name, len(r.sent), e.Verified, s.sent, s.verified)
		}
	}
	if x := r.seen.exchanged[2]; !x.Cached || x.Exchange.Response.Body != "first" {
		t.Errorf("the cached exchange: got %+v", x)
	}
}

func TestRun_afterMS_waitsBeforeTheIntent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		later := post(payURL)
		later.AfterMS = 20_000
		r := newRoom(t, asking(later))
		began := time.Now()
		r.journal.before = func(field string) error {
			if took := time.Since(began); field == fieldStep(0) && took != 20*time.Second {
				t.Errorf("the intent was written after %v, want 20 s", took)
			}
			return nil
		}
		if e := r.run(r.call(contract.CapturePayment)); e.Failure != nil {
			t.Error(e.Failure)
		}
	})
}
