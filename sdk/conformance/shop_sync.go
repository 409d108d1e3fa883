package conformance

import (
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// sync runs sync_shop once.
func (d *shopDesk) sync(cursor string) (contract.SyncResult, *contract.Failure, error) {
	return shopResult[contract.SyncResult](d, contract.SyncShop, contract.SyncInput{Cursor: cursor})
}

// synced is what one run of the schedule found, over all its turns.
type synced struct {
	orders   []contract.OrderRequest
	commands []contract.Command
	findings []contract.Finding
	// next is where the next run goes on.
	next  string
	turns int
}

func (s *synced) has(key string) bool {
	return slices.ContainsFunc(s.orders, func(r contract.OrderRequest) bool { return r.Metadata[contract.MetadataOrderID] == key })
}

// syncAll runs sync_shop until there is no more, as a host's schedule does.
func (d *shopDesk) syncAll(cursor string) (synced, error) {
	s := synced{next: cursor}
	for s.turns < contract.MaxTurns {
		s.turns++
		r, failure, err := d.sync(s.next)
		if err != nil {
			return s, err
		}
		if failure != nil {
			return s, fmt.Errorf("sync_shop: %w", failure)
		}
		s.orders, s.commands, s.findings = append(s.orders, r.Orders...), append(s.commands, r.Commands...), append(s.findings, r.Findings...)
		for _, o := range r.Orders {
			d.checkRequest(o)
		}
		s.next = r.Next
		if !r.More {
			return s, nil
		}
	}
	return s, fmt.Errorf("sync_shop still has more after %d turns", s.turns)
}

// begun is the cursor of a schedule that has run before.
func (d *shopDesk) begun() (string, error) {
	s, err := d.syncAll("")
	return s.next, err
}

// lost places an order of which the gateway does not hear.
func (d *shopDesk) lost(amount contract.Money) (string, error) {
	key, err := d.world.Place(d.ctx, amount)
	if err != nil {
		return key, err
	}
	return key, d.world.Lose(d.ctx)
}
