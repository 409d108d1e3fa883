package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// SyncEvery is how often a shop is asked what its webhooks lost, over all nodes.
const SyncEvery = 5 * time.Minute

// Synced is how far sync_shop has come for an account.
type Synced struct {
	// Cursor is where the next run begins.
	Cursor string `json:"cursor,omitempty"`
	// At is when the last run ended, Findings what it found that an operator
	// should know.
	At       time.Time          `json:"at"`
	Findings []contract.Finding `json:"findings,omitempty"`
}

// syncTime bounds one run, so that it ends before the next one may begin.
const syncTime = SyncEvery - 30*time.Second

// SyncShops asks each shop that has an adapter what its webhooks lost, all at
// once, unless a node did so within [SyncEvery]. One that fails is asked again
// the next time; one that has more than a run's time goes on where it stopped.
func (s *Service) SyncShops(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	var all sync.WaitGroup
	for _, a := range s.o.Directory.All() {
		all.Go(func() {
			v, ok, err := s.shopPlugin(a)
			if err == nil && ok {
				err = s.syncShop(ctx, adapter{a, v.Plugin})
			}
			if err != nil {
				s.o.Logger.Warn("shop not asked what its webhooks lost", "account", a.ID, "shop", a.Shop, "error", err)
			}
		})
	}
	all.Wait()
}

func (s *Service) syncShop(ctx context.Context, a adapter) error {
	ours, err := s.o.Store.Lease(ctx, a.ID, "sync", NewSecret(), SyncEvery)
	if err != nil || !ours {
		return err
	}
	at, err := s.o.Store.Synced(ctx, a.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	at.Findings = nil
	for range contract.MaxTurns {
		c := s.accountCall(a, contract.SyncShop, contract.SyncInput{Cursor: at.Cursor})
		e, err := s.o.Caller.Run(ctx, c)
		if err != nil {
			return fmt.Errorf("%s of account %s: %w", c.Export, a.ID, err)
		}
		more := false
		if at, more, err = s.takeSync(ctx, a, at, c, e); err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// takeSync does what the end of a sync_shop found, keeps how far it came, and
// closes its journal. An order that cannot be had does not hold up the others.
func (s *Service) takeSync(ctx context.Context, a adapter, at Synced, c Call, e Ended) (Synced, bool, error) {
	ctx = context.WithoutCancel(ctx)
	at.At = s.now()
	if e.Failure != nil {
		s.note(a, &at, contract.Finding{Level: contract.FindingError, Text: "the shop could not be asked: " + e.Failure.Error()})
		return at, false, errors.Join(s.o.Store.SetSynced(ctx, a.ID, at), s.endCall(ctx, c, e))
	}
	var r contract.SyncResult
	if err := json.Unmarshal(e.Result, &r); err != nil {
		return at, false, errors.Join(fmt.Errorf("result of %s, account %s: %w", c.Export, c.Account, err), s.endCall(ctx, c, e))
	}
	s.note(a, &at, r.Findings...)
	for _, o := range r.Orders {
		switch _, _, err := s.wanted(ctx, a, o); {
		case err == nil:
		case unwanted(err):
			s.note(a, &at, contract.Finding{Level: contract.FindingError, Text: err.Error(), Fix: "correct the order in the shop; it is read again when it changes"})
		default:
			return at, false, errors.Join(err, s.endCall(ctx, c, e))
		}
	}
	if err := s.commands(ctx, a, r.Commands); err != nil {
		return at, false, errors.Join(err, s.endCall(ctx, c, e))
	}
	at.Cursor = r.Next
	return at, r.More, errors.Join(s.o.Store.SetSynced(ctx, a.ID, at), s.endCall(ctx, c, e))
}

// maxFindings bounds those that are kept of a run.
const maxFindings = 100

// note logs what an operator should know of a shop, and keeps it.
func (s *Service) note(a adapter, at *Synced, findings ...contract.Finding) {
	for _, f := range findings {
		s.o.Logger.Warn("shop: "+f.Text, "account", a.ID, "level", f.Level, "fix", f.Fix)
		if len(at.Findings) < maxFindings {
			at.Findings = append(at.Findings, f)
		}
	}
}
