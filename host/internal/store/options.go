package store

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/seal"
)

// Options say where the state is and how long it is kept. Zero values stand
// for the defaults.
type Options struct {
	// URL says where Redis is:
	//
	//	redis://user:password@host:6379/0             one server; rediss:// with TLS
	//	unix:///run/redis.sock?db=0                   one server on this machine
	//	redis://host1:6379,host2:6379,host3:6379      a Cluster; rediss:// with TLS
	//	redis+cluster://host:6379                     a Cluster by one of its nodes
	//	redis+sentinel://host1:26379,host2:26379/mymaster?db=0
	//
	// rediss+cluster and rediss+sentinel are the same with TLS. Sentinels that
	// want a password of their own: ?sentinel_username=…&sentinel_password=….
	// OpenEmbedded takes no URL.
	URL string
	// TLS is for rediss URLs; nil means the system's roots and the host's name.
	TLS *tls.Config
	// Seal seals what is written. It is required.
	Seal *seal.Ring
	// Clock is the gateway's. Default: time.Now.
	Clock checkout.Clock
	// Log gets the client's own messages, at level debug. Default: slog.Default.
	Log *slog.Logger

	// PoolSize is how many connections a node keeps to each server.
	PoolSize int
	// Timeout bounds every operation. At most, and by default, 1.8 s.
	Timeout time.Duration

	// Hold is how long a claimed alarm is held. Default: 60 s.
	Hold time.Duration
	// AnswerTTL is how long an idempotent answer lives after it ended. Default: 24 h.
	AnswerTTL time.Duration
	// AnswerWait is how long after its request a create may be answered: its key
	// is kept for that much longer than an answer. A call takes half of it at the
	// most. Default: 1 h.
	AnswerWait time.Duration
	// OrderTTL is how long a final order is kept. Default: 400 days.
	OrderTTL time.Duration
	// JournalTTL is how long an ended journal is kept: from the end of an
	// account's call, and of a call of an order that is final. Default: 30 days.
	JournalTTL time.Duration
	// JournalWait is added where the order is not final yet when the call
	// ends, for the time until it is: an order's journals are found by their
	// ids alone, so the commit that ends the order cannot renew them. An
	// authorisation and the questions after it take less. Default: 90 days.
	JournalWait time.Duration
	// OrphanTTL is how long an orphan is kept. Default: 30 days.
	OrphanTTL time.Duration
}

const (
	day        = 24 * time.Hour
	maxTimeout = 1800 * time.Millisecond
)

func (o Options) withDefaults() (Options, error) {
	if o.Seal == nil {
		return o, errors.New("open the state: no state key")
	}
	if o.Timeout > maxTimeout {
		return o, fmt.Errorf("open the state: timeout %s: at most %s", o.Timeout, maxTimeout)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.PoolSize == 0 {
		o.PoolSize = max(32, 8*runtime.GOMAXPROCS(0))
	}
	for _, d := range []struct {
		value *time.Duration
		std   time.Duration
	}{
		{&o.Timeout, maxTimeout},
		{&o.Hold, time.Minute},
		{&o.AnswerTTL, day},
		{&o.AnswerWait, time.Hour},
		{&o.OrderTTL, 400 * day},
		{&o.JournalTTL, 30 * day},
		{&o.JournalWait, 90 * day},
		{&o.OrphanTTL, 30 * day},
	} {
		if *d.value < 0 {
			return o, fmt.Errorf("open the state: negative time %s", *d.value)
		}
		if *d.value == 0 {
			*d.value = d.std
		}
	}
	return o, nil
}

// foreignTTL is how long look-ups live that lie in another slot than their
// order, so that the commit which ends the order cannot renew them.
func (o Options) foreignTTL() time.Duration { return 2 * o.OrderTTL }
