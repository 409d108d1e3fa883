package call

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// silent is a state that keeps its connections open and answers nothing: an
// operation ends with its caller's patience, or its own.
type silent struct {
	Journal
	Vault
}

func (silent) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 1800*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	return checkout.ErrUnavailable
}

func (s silent) Intent(ctx context.Context, _, _ string, _ map[string][]byte, _ time.Time) (bool, error) {
	return false, s.wait(ctx)
}

func (s silent) Token(ctx context.Context, _, _ string) (string, time.Time, error) {
	return "", time.Time{}, s.wait(ctx)
}

// Where the state stands still before anything has left, whoever asks is told
// so within the 2.5 s that a gateway has for it, however many tokens are kept.
func TestRun_stateStandsStill_isSaidInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, asking(post(payURL)))
		a := r.runner("a")
		a.Journal, a.Vault = silent{}, silent{}
		for _, name := range []string{"token", "another", "third"} {
			a.tokens.learn(accountID, name)
		}
		began := time.Now()
		_, err := a.Run(context.Background(), r.call(contract.CapturePayment))
		if took := time.Since(began); !errors.Is(err, checkout.ErrUnavailable) || took > 2*time.Second {
			t.Errorf("got %v after %v, want %v within 2s", err, took, checkout.ErrUnavailable)
		}
		if len(r.sent) != 0 {
			t.Errorf("%d requests left", len(r.sent))
		}
	})
}
