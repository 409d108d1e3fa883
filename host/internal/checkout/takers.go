package checkout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// receive runs a message through the version that takes the account's: the
// active one of the plugin that it names. Where there is none (its file was
// taken away) or it refuses, the bytes of payments that are still live are
// tried, the newest first; bytes that are revoked never. Error: [ErrFlood].
func (s *Service) receive(ctx context.Context, a Account, n *incoming) error {
	from := senderOf(a.ID, n.message.RemoteIP)
	if !s.flood.take(from, s.now()) {
		return fmt.Errorf("account %q, address %s: %w", a.ID, from.address, ErrFlood)
	}
	err := s.tryEach(ctx, a, n)
	if n.verified {
		s.flood.give(from)
	}
	return err
}

func (s *Service) tryEach(ctx context.Context, a Account, n *incoming) error {
	active, missing := s.o.Registry.Active(a.WebhookPlugin)
	if missing != nil && !errors.Is(missing, ErrNotFound) {
		return fmt.Errorf("plugin %q of account %q: %w", a.WebhookPlugin, a.ID, missing)
	}
	if missing == nil {
		if err := s.receiveBy(ctx, a, n, active.Plugin, false); err != nil || !n.refused {
			return err
		}
	}
	older, err := s.live.versions(s, ctx, a, active.Digest)
	if err != nil {
		return err
	}
	tried := missing == nil
	for _, p := range older {
		if p.Digest == active.Digest || s.revoked(p) {
			continue
		}
		// Beside an active version older bytes speak for their own payments
		// alone; without one they are all there is.
		again := &incoming{message: n.message, consumer: n.consumer}
		if err := s.receiveBy(ctx, a, again, p, missing == nil); err != nil {
			return err
		}
		if !tried || !again.refused {
			*n = *again
		}
		if tried = true; !again.refused {
			return nil
		}
	}
	if !tried {
		return fmt.Errorf("plugin %q of account %q, which has no live payments: %w", a.WebhookPlugin, a.ID, missing)
	}
	return nil
}

// revoked says whether bytes must be given no message (plugin-contract.md, Versions).
func (s *Service) revoked(p order.Plugin) bool {
	r, ok := s.o.Registry.(Revoker)
	return ok && r.Revoked(p.Digest)
}

func (s *Service) receiveBy(ctx context.Context, a Account, n *incoming, p order.Plugin, own bool) error {
	now := s.now()
	c := Call{
		ID: NewCallID(PartitionOfName(a.ID), now), Export: contract.ReceiveWebhook, Plugin: p, Account: a.ID,
		Input: encode(contract.WebhookInput{Message: n.message}), Now: now, own: own,
	}
	e, err := s.o.Caller.Run(ctx, c)
	if err != nil {
		return fmt.Errorf("%s of account %s: %w", c.Export, a.ID, err)
	}
	return s.take(ctx, n, c, e)
}

// liveLife is how long the bytes of an account's live payments are believed: no
// payment is made with bytes that are not active, so the list only shrinks.
// For liveSwap after another version became active here, other nodes may still
// make payments with the one before, and the list is believed for liveBrief.
const (
	liveLife  = time.Minute
	liveSwap  = 10 * time.Second
	liveBrief = 2 * time.Second
)

// liveVersions remembers which bytes the live payments of accounts were made
// with, so that bad messages, which anybody can send, cost no reads.
type liveVersions struct {
	mu        sync.Mutex
	byAccount map[string]liveBytes
}

// liveBytes is the list of an account.
type liveBytes struct {
	plugins []order.Plugin
	active  string    // beside which version it was read,
	seen    time.Time // and when that one was first seen
	until   time.Time // it is believed
}

// versions lists the bytes of an account's live payments: those of the plugin
// that takes its webhooks before others of the provider, the newest first.
func (l *liveVersions) versions(s *Service, ctx context.Context, a Account, active string) ([]order.Plugin, error) {
	l.mu.Lock()
	known := l.byAccount[a.ID]
	l.mu.Unlock()
	now := s.now()
	if known.active == active && now.Before(known.until) {
		return known.plugins, nil
	}
	next := liveBytes{active: active, seen: now}
	if known.active == active && !known.seen.IsZero() {
		next.seen = known.seen
	}
	next.until = now.Add(liveLife)
	if now.Before(next.seen.Add(liveSwap)) {
		next.until = now.Add(liveBrief)
	}
	made, err := s.madeWith(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	list := make([]order.Plugin, 0, len(made))
	for p := range made {
		list = append(list, p)
	}
	slices.SortFunc(list, func(x, y order.Plugin) int {
		return cmp.Or(cmp.Compare(btoi(y.Name == a.WebhookPlugin), btoi(x.Name == a.WebhookPlugin)), made[y].Compare(made[x]), cmp.Compare(x.Digest, y.Digest))
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byAccount == nil {
		l.byAccount = map[string]liveBytes{}
	}
	next.plugins = list
	l.byAccount[a.ID] = next
	return list, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// madeWith gives the bytes of an account's live payments, each with the time
// of the latest payment.
func (s *Service) madeWith(ctx context.Context, account string) (map[order.Plugin]time.Time, error) {
	live, err := s.o.Store.Live(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("live payments of account %s: %w", account, err)
	}
	made := map[order.Plugin]time.Time{}
	for _, to := range live {
		rec, err := s.o.Store.Load(ctx, to.Order)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read order %s: %w", to.Order, err)
		}
		if p, ok := rec.Order.Payment(to.Payment); ok && p.CreatedAt.After(made[p.Plugin]) {
			made[p.Plugin] = p.CreatedAt
		}
	}
	return made, nil
}
