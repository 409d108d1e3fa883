package call

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// A journal is a log: fields step:0, step:1 and so on, each an [entry], and
// in the end the field end. A step is written only if it is not there, so each
// is decided once. Two nodes that run the same call meet at the next step: one
// writes it and goes on, the other finds it taken and stops before it sends
// anything. That holds for answers too: whoever gives a request up as lost and
// whoever comes late with its answer cannot both be believed. And it holds
// before the first step: a call that left no trace is given up by a step of its
// own, so that a node which was only slow cannot send for it any more.
//
// Each step says until when its writer is at work. Who has not written the
// next one by then leaves the call to others, and they leave it alone before.
func fieldStep(n int) string { return "step:" + strconv.Itoa(n) }

const fieldEnd = "end"

// maxJournal bounds the requests and answers in one call's journal. What goes
// beyond is kept by its digest, and then the call cannot be replayed; what can
// be had only once is kept whole.
const maxJournal = 256 << 10

// entry is a step of a call: an intent, or the answers to one. Plain reads and
// the answers of host functions since the step before go with it.
type entry struct {
	// By is who wrote it. Nobody else goes on with the call before Until.
	By    string    `json:"by"`
	Until time.Time `json:"until,omitzero"`
	// Begin stands in the first.
	Begin *frozen        `json:"begin,omitempty"`
	Sums  map[string]sum `json:"sums,omitempty"`
	// Rounds that were answered. The requests of an intent's round are in the intent.
	Rounds [][]exchanged `json:"rounds,omitempty"`
	Intent *intent       `json:"intent,omitempty"`
	// GivenUp says that the call began nothing and must not any more.
	GivenUp bool   `json:"given_up,omitempty"`
	End     *ended `json:"end,omitempty"`
}

// frozen is what a call began with.
type frozen struct {
	Call     checkout.Call   `json:"call"`
	Now      time.Time       `json:"now"`
	Entropy  []byte          `json:"entropy"`
	Settings json.RawMessage `json:"settings"`
	Secrets  []string        `json:"secrets,omitempty"`
}

// intent says that the step's writer sends the requests of a round, and until
// when it may begin. Without requests it takes over the one before.
type intent struct {
	NotAfter time.Time          `json:"not_after"`
	Requests []contract.Request `json:"requests,omitempty"`
	// Partial says that the journal had no room for the requests' bodies.
	Partial bool `json:"partial,omitempty"`
	// Exclusive is what an interim of the call holds.
	Exclusive string `json:"exclusive,omitempty"`
}

// exchanged is a request and what came of it.
type exchanged struct {
	contract.Exchange
	Cached   bool `json:"cached,omitempty"`
	Attempts int  `json:"attempts,omitempty"`
	// Omitted is the digest of an answer for which the journal had no room.
	Omitted string `json:"omitted_sha256,omitempty"`
}

// ended is how a call ended. A result that does not fit is left out.
type ended struct {
	Result   json.RawMessage   `json:"result,omitempty"`
	Failure  *contract.Failure `json:"failure,omitempty"`
	Outcome  order.Outcome     `json:"outcome"`
	Verified bool              `json:"verified,omitempty"`
	At       time.Time         `json:"at"`
}

// ledger writes a call's journal.
type ledger struct {
	journal Journal
	call    string
	owner   string
	// steps is how many are written, next what goes with the next one.
	steps int
	next  entry
	// until is when the call is left to others.
	until time.Time
	// left is the room for requests and answers.
	left int
}

// begun says whether there is a journal.
func (l *ledger) begun() bool { return l.steps > 0 }

// sums keeps what host functions answered for the first time.
func (l *ledger) sums(fresh map[string]sum) {
	if l.next.Sums == nil {
		l.next.Sums = map[string]sum{}
	}
	maps.Copy(l.next.Sums, fresh)
}

// intend keeps the requests of a round whole if there is room for them.
func (l *ledger) intend(i intent) {
	if !l.spend(i.Requests) {
		i.Requests, i.Partial = slices.Clone(i.Requests), true
		for n := range i.Requests {
			i.Requests[n].Body, i.Requests[n].BodyBase64 = "", nil
		}
	}
	l.next.Intent = &i
}

// answer keeps answers whole as long as there is room; those that can be had
// only once always.
func (l *ledger) answer(round []exchanged, intended bool) {
	round = slices.Clone(round)
	for i, x := range round {
		consumes := x.Request.Consumes
		if intended {
			x.Request = contract.Request{}
		}
		if !l.spend(x) && !consumes {
			x = x.omit()
		}
		round[i] = x
	}
	l.next.Rounds = append(l.next.Rounds, round)
}

// spend takes room for v; false if there is not enough.
func (l *ledger) spend(v any) bool {
	b, err := json.Marshal(v)
	if err != nil || len(b) > l.left {
		return false
	}
	l.left -= len(b)
	return true
}

// omit leaves of an exchange what says how it went.
func (x exchanged) omit() exchanged {
	x.Request.Body, x.Request.BodyBase64 = "", nil
	var body []byte
	if x.Response != nil {
		body = x.Response.Bytes()
		x.Response = &contract.Response{Status: x.Response.Status}
	}
	sum := sha256.Sum256(body)
	x.Omitted = hex.EncodeToString(sum[:])
	return x
}

// maxTries is how often a step is tried where the state does not answer.
const maxTries = 3

// maxFirst is how long the first step is tried in all. Nothing has left yet, so
// whoever asks is told in time that the state is away, and asks again.
const maxFirst = 1500 * time.Millisecond

// commit writes the next step; false if somebody else has written it. A state
// that did not answer may have written it all the same: then it is there, by us.
func (l *ledger) commit(ctx context.Context, until, alarm time.Time) (bool, error) {
	if !l.begun() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, maxFirst)
		defer cancel()
	}
	l.next.By, l.next.Until = l.owner, until
	field := fieldStep(l.steps)
	value, err := json.Marshal(l.next)
	if err != nil {
		return false, fmt.Errorf("journal %s: %w", field, err)
	}
	var won bool
	for try := range maxTries {
		won, err = l.journal.Intent(ctx, l.call, field, map[string][]byte{field: value}, alarm)
		if err == nil && !won && try > 0 {
			won, err = l.holds(ctx, field, value)
		}
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return false, fmt.Errorf("journal %s: %w", field, err)
	}
	if won {
		l.steps, l.next, l.until = l.steps+1, entry{}, until
	}
	return won, nil
}

func (l *ledger) holds(ctx context.Context, field string, value []byte) (bool, error) {
	fields, err := l.journal.Read(ctx, l.call)
	if err != nil {
		return false, err
	}
	return bytes.Equal(fields[field], value), nil
}

// end gives what the commit that ends the call is to write.
func (l *ledger) end(e ended) (*checkout.JournalEnd, error) {
	if !l.spend(e) {
		e.Result = nil
	}
	l.next.By, l.next.End = l.owner, &e
	value, err := json.Marshal(l.next)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", fieldEnd, err)
	}
	return &checkout.JournalEnd{Call: l.call, Fields: map[string][]byte{fieldEnd: value}}, nil
}
