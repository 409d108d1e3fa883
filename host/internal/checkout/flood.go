package checkout

import (
	"container/list"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// What one address may send to one account before anything of it is verified:
// each such message costs a run of a plugin. A message that is verified gives
// its token back, so a provider runs out of none.
const (
	// floodBurst is how many tokens a full bucket holds.
	floodBurst = 200
	// floodPause is after how long a token comes back: 50 a second.
	floodPause = 20 * time.Millisecond
	// floodSenders is how many buckets are kept: those used last.
	floodSenders = 10_000
)

// ErrFlood: too many messages came from this address that nobody could verify; try again in a second.
var ErrFlood = errors.New("too many messages without a valid signature")

// flood holds the buckets.
type flood struct {
	mu       sync.Mutex
	bySender map[sender]*list.Element
	// latest holds each bucket, the one used last in front.
	latest list.List
}

type sender struct{ account, address string }

// bucket is full again at a time; each token that is out moves it on by a pause.
type bucket struct {
	sender sender
	full   time.Time
}

// senderOf names who sends: of an IPv6 address the network, since whoever has
// one address has them all.
func senderOf(account, ip string) sender {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return sender{account: account}
	}
	if addr = addr.Unmap(); addr.Is6() {
		if network, err := addr.Prefix(64); err == nil {
			return sender{account, network.String()}
		}
	}
	return sender{account, addr.String()}
}

// take takes a token, and is false if there is none.
func (f *flood) take(s sender, now time.Time) bool { return f.takeMore(s, 1, now) }

// takeMore takes n tokens, or none and is false.
func (f *flood) takeMore(s sender, n int, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.bucket(s)
	if b.full.Before(now) {
		b.full = now
	}
	if b.full.Sub(now) > time.Duration(floodBurst-n)*floodPause {
		return false
	}
	b.full = b.full.Add(time.Duration(n) * floodPause)
	return true
}

// give gives a token back.
func (f *flood) give(s sender) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.bucket(s)
	b.full = b.full.Add(-floodPause)
}

// bucket finds a sender's bucket, or makes one in the place of the one that
// was not used for the longest time.
func (f *flood) bucket(s sender) *bucket {
	if e, ok := f.bySender[s]; ok {
		f.latest.MoveToFront(e)
		return e.Value.(*bucket)
	}
	if f.bySender == nil {
		f.bySender = map[sender]*list.Element{}
	}
	if len(f.bySender) >= floodSenders {
		delete(f.bySender, f.latest.Remove(f.latest.Back()).(*bucket).sender)
	}
	b := &bucket{sender: s}
	f.bySender[s] = f.latest.PushFront(b)
	return b
}
