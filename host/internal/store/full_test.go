//go:build unix

package store_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// fill sets the server's memory so that so many hundredths of it are in use; 0: no bound.
func fill(t *testing.T, c *redis.Client, hundredths int64) {
	t.Helper()
	most := int64(0)
	if hundredths > 0 {
		info, err := c.Info(t.Context(), "memory").Result()
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(info, "\nused_memory:")
		used, _, _ := strings.Cut(rest, "\r\n")
		n, err := strconv.ParseInt(used, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		most = n * 100 / hundredths
	}
	if err := c.ConfigSet(t.Context(), "maxmemory", strconv.FormatInt(most, 10)).Err(); err != nil {
		t.Fatal(err)
	}
}

// Beyond 85 % of its memory the state takes no new order, and goes on with
// those that are open: their money is not to be lost for want of room.
func TestRedis_nearlyFull_takesNoNewOrders(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	s, c := open(t, server.URL(), store.Options{}), server.Client()
	first := newOrder(t, "A-1")
	if _, err := s.Create(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	rec, err := s.Load(t.Context(), first.Order.ID)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, c, 50)
	made(t, s, "A-2")

	fill(t, c, 92)
	next := newOrder(t, "A-3")
	if _, err := s.Create(t.Context(), next); !errors.Is(err, checkout.ErrFull) || !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("a new order: got %v, want %v", err, checkout.ErrFull)
	}
	if _, err := s.Load(t.Context(), next.Order.ID); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("the order that was refused: %v", err)
	}
	changed := newOrder(t, "A-1")
	changed.Claim.Key = "another"
	if err := s.Supersede(t.Context(), changed, cancel(t, rec, changed.Order.ID)); !errors.Is(err, checkout.ErrFull) {
		t.Errorf("a changed cart: got %v, want %v", err, checkout.ErrFull)
	}
	if again, err := s.Create(t.Context(), first); err != nil || !again.Known {
		t.Errorf("a repeat of the first: got %+v, %v, want it known", again, err)
	}
	if _, err := s.Commit(t.Context(), cancel(t, rec, "")); err != nil {
		t.Errorf("a step of an open order: %v", err)
	}

	fill(t, c, 0)
	if _, err := s.Create(t.Context(), next); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
