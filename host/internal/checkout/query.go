package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// Get reads an order of the key's shop.
func (s *Service) Get(ctx context.Context, k Key, id string) (order.Order, error) {
	rec, err := s.load(ctx, k, id)
	return rec.Order, err
}

// Wait reads an order as soon as something has happened to it, or after d.
func (s *Service) Wait(ctx context.Context, k Key, id string, d time.Duration) (order.Order, error) {
	first, err := s.load(ctx, k, id)
	if err != nil {
		return order.Order{}, err
	}
	rec, deadline := first, time.Now().Add(d)
	for rec.Version == first.Version {
		left := time.Until(deadline)
		if left <= 0 {
			break
		}
		if err := s.pause(ctx, id, min(left, 500*time.Millisecond)); err != nil {
			return rec.Order, err
		}
		if rec, err = s.load(ctx, k, id); err != nil {
			return order.Order{}, err
		}
	}
	return rec.Order, nil
}

// List reads orders of the key's shop, the newest first.
func (s *Service) List(ctx context.Context, k Key, reference string, f Filter) ([]order.Order, string, error) {
	if reference == "" {
		items, next, err := s.o.Store.List(ctx, k.Shop, f)
		if err != nil {
			return nil, "", fmt.Errorf("list orders of shop %s: %w", k.Shop, err)
		}
		kept := items[:0]
		for _, o := range items {
			if o.Live == k.Live {
				kept = append(kept, o)
			}
		}
		return kept, next, nil
	}
	ref, err := s.o.Store.FindReference(ctx, k.Shop, reference)
	if errors.Is(err, ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("find reference %q: %w", reference, err)
	}
	o, err := s.Get(ctx, k, ref.Order)
	if errors.Is(err, ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if f.Status != "" && o.Status() != f.Status {
		return nil, "", nil
	}
	return []order.Order{o}, "", nil
}

// Events reads the timeline.
func (s *Service) Events(ctx context.Context, k Key, id string, from int64, limit int) ([]order.Event, error) {
	if _, err := s.load(ctx, k, id); err != nil {
		return nil, err
	}
	events, err := s.o.Store.Events(ctx, id, from, limit)
	if err != nil {
		return nil, fmt.Errorf("events of order %s: %w", id, err)
	}
	return events, nil
}
