package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// trouble are the first words of replies that say that Redis cannot serve
// now, as against a mistake in what was asked.
var trouble = []string{
	"LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "OOM", "MISCONF", "TRYAGAIN",
	"BUSY", "NOAUTH", "WRONGPASS", "UNKILLABLE", "MOVED", "ASK", "ERR max number of clients",
}

// classify turns an error of the client into one of the store's. parent is
// the caller's context, before the store set its own bound.
func classify(parent context.Context, err error) error {
	if err == nil || isOurs(err) {
		return err
	}
	if errors.Is(parent.Err(), context.Canceled) {
		return context.Cause(parent)
	}
	var reply redis.Error
	if errors.As(err, &reply) {
		for _, word := range trouble {
			if strings.HasPrefix(reply.Error(), word) {
				return fmt.Errorf("%w: %w", checkout.ErrUnavailable, err)
			}
		}
		return err
	}
	return fmt.Errorf("%w: %w", checkout.ErrUnavailable, err)
}

// isOurs says that an error needs no second look.
func isOurs(err error) bool {
	for _, ours := range []error{
		checkout.ErrNotFound, checkout.ErrMoved, checkout.ErrSchema, checkout.ErrUnavailable, checkout.ErrCursor, checkout.ErrNoJournal,
		checkout.ErrIdentifier, ErrRecord, errMisuse,
	} {
		if errors.Is(err, ours) {
			return true
		}
	}
	return false
}

// ErrRecord is the error of a record that is there and cannot be read. The
// error it comes with names the key and the reason, never what is in it.
var ErrRecord = errors.New("unreadable record")

// errMisuse: the caller asked for what cannot be.
var errMisuse = errors.New("cannot be written")

func misuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errMisuse, fmt.Sprintf(format, args...))
}
