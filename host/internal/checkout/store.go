package checkout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Errors of a store.
var (
	// ErrNotFound: there is no such record.
	ErrNotFound = errors.New("not found")
	// ErrMoved: the order's version is not the one that was read; read again.
	ErrMoved = errors.New("the order changed meanwhile")
	// ErrUnavailable: the state cannot be reached; nothing was changed as far as is known.
	ErrUnavailable = errors.New("the state is not available")
	// ErrFull: the state has room for what is open alone; no new order is taken.
	ErrFull = fmt.Errorf("%w for new orders: it is nearly full", ErrUnavailable)
	// ErrSchema: the record was written by a newer version.
	ErrSchema = errors.New("record of a newer version")
	// ErrCursor: the cursor is not one that a listing gave.
	ErrCursor = errors.New("no such page")
)

// Store keeps orders, what is due, idempotent answers and orphans.
type Store interface {
	OrderStore
	AlarmStore
	AccountStore
	BookStore
	// Ping says whether the state can be read and written.
	Ping(ctx context.Context) error
}

// OrderStore keeps orders. Each commit is one script: it compares the
// version and then writes everything.
type OrderStore interface {
	// ClaimKey ties a create's idempotency key to its body. It is false if the key came with another body before.
	ClaimKey(ctx context.Context, shop, key, fingerprint string) (bool, error)
	// Create writes a new order, unless its reference is taken by one that is
	// neither cancelled nor expired, or its claim is known.
	Create(ctx context.Context, c Creation) (Created, error)
	// Supersede writes a new order and, in the same script, the commit that ends the one it replaces.
	Supersede(ctx context.Context, c Creation, old Commit) error
	// Load reads an order. Error: ErrNotFound.
	Load(ctx context.Context, id string) (Record, error)
	// Commit writes a step. Errors: ErrMoved. A claim that is known writes nothing: the result says so.
	Commit(ctx context.Context, c Commit) (Claimed, error)
	// Answered gives what is known of a claim, to a caller that waits for the first to end.
	Answered(ctx context.Context, orderOrReference string, p Partition, claim Claim) (Claimed, error)
	// Events reads events numbered from `from` (1 is the first), at most limit.
	Events(ctx context.Context, id string, from int64, limit int) ([]order.Event, error)
	// List reads a shop's orders, the newest first. Cursor is "" for the first page.
	List(ctx context.Context, shop string, f Filter) (items []order.Order, next string, err error)
	// FindReference gives the latest order of a shop's reference. Error: ErrNotFound.
	FindReference(ctx context.Context, shop, reference string) (Reference, error)
	// FindPayment gives the order that holds a payment of this account. Error: ErrNotFound.
	FindPayment(ctx context.Context, account string, key contract.PaymentKey) (orderID string, err error)
	// Learn ties a provider's reference of an account to a payment. It is false if it belongs to another.
	Learn(ctx context.Context, account, providerReference string, to PaymentAddress) (bool, error)
	// NextNumber takes the next integer of an account's counter, which begins at start, and ties it to the payment.
	NextNumber(ctx context.Context, account string, start int64, to PaymentAddress) (int64, error)
}

// BookStore reads the book, which commits write.
type BookStore interface {
	// Book reads the lines of a day (UTC), of all shops, in the order of their
	// time. It ends with the first error.
	Book(ctx context.Context, on time.Time) iter.Seq2[order.BookLine, error]
}

// PaymentAddress says where a payment is.
type PaymentAddress struct {
	Order   string `json:"order"`
	Payment string `json:"payment"`
}

// Record is an order as it was read.
type Record struct {
	Order   order.Order
	Version int64
	// Told is the number of the last event that the shop has.
	Told int64
	// Tries counts the failed deliveries of the next one.
	Tries int
	// Busy is the call that runs on the order, if one does.
	Busy *Busy
	// Healing says that commits to the order's partition may have been lost:
	// until all that lies there is asked about, nothing ends by itself.
	Healing bool
}

// Busy says which call runs on an order. Others wait up to 10 s.
type Busy struct {
	Payment string          `json:"payment"`
	Call    string          `json:"call"`
	Export  contract.Export `json:"export"`
	// Operation is the capture or refund that the call is for.
	Operation string `json:"operation,omitempty"`
	// Until is when the call is taken over if it has not ended.
	Until time.Time `json:"until"`
	// Interim says that the call goes on in the background: cancel_payment
	// and get_payment may run beside it.
	Interim bool `json:"interim,omitempty"`
}

// Claim is an idempotency key with what it asks for.
type Claim struct {
	// Scope is the shop, Subject the order's id or, on create, its reference.
	Scope, Subject, Key string
	// Fingerprint is the SHA-256 of the request in hex.
	Fingerprint string
	// Operation is the id of what is asked for.
	Operation string
}

// Claimed is what is known of a claim.
type Claimed struct {
	// Known: the claim was there before.
	Known bool
	// Mismatch: it was there with another fingerprint.
	Mismatch bool
	// Operation is the id that the first one asked for.
	Operation string
	// Answer is its answer, nil while it runs.
	Answer *Answer
}

// Answer is a kept answer of the API: the same status and bytes for 24 hours.
type Answer struct {
	Status int    `json:"status"`
	Body   []byte `json:"body"`
	// Location is the answer's Location header, if it has one.
	Location string `json:"location,omitempty"`
}

// Creation is a new order with its first events.
type Creation struct {
	Order  order.Order
	Events []order.Event
	Claim  *Claim
	// Answer is kept with the claim, nil if it comes with a later commit.
	Answer *Answer
	// Next is when the order's alarm rings.
	Next time.Time
}

// Created says what came of a creation. With Taken set nothing was written.
type Created struct {
	Claimed
	// Taken is the order that has the reference.
	Taken *Reference
}

// Reference is what a store keeps beside a shop's reference, in clear.
type Reference struct {
	Order  string
	Status order.Status
	// Live says that an attempt is under way.
	Live   bool
	Amount order.Money
}

// Commit is a step of one order.
type Commit struct {
	// Order is the order after the step, Version the one at which it was read.
	Order   order.Order
	Version int64
	Events  []order.Event
	// SetBusy starts a call; ClearBusy ends the call named, if it is the one that runs.
	SetBusy   *Busy
	ClearBusy string
	// Claim is compared and written with the step, Answer ends it.
	Claim  *Claim
	Answer *Answer
	// Journal ends the call's journal in the same script.
	Journal *JournalEnd
	// Next is when the order's alarm rings next; zero: never.
	Next time.Time
	// Alarm is the claimed alarm that this step finishes, if there is one.
	Alarm *Alarm
}

// JournalEnd is what a call's journal still lacks when the call has ended.
type JournalEnd struct {
	Call string
	// Fields are the answers of plain reads that no intent has carried yet, by the journal's field names.
	Fields map[string][]byte
}

// Filter narrows a listing.
type Filter struct {
	Status                 order.Status
	CreatedFrom, CreatedTo time.Time
	Cursor                 string
	// Limit is at most 256.
	Limit int
}

// Alarm is something due that this node has claimed.
type Alarm struct {
	Partition Partition
	// Member is an order's id, the same with /tell, or the id of an account's call.
	Member string
	// Token fences: what was claimed anew by another node is not finished by the first.
	Token int64
}

// AlarmStore claims what is due.
type AlarmStore interface {
	// DuePartitions looks at the heads of all partitions in one pipeline.
	DuePartitions(ctx context.Context) ([]Partition, error)
	// ClaimDue moves up to limit due members of a partition to held, for 60 s by the store's clock.
	ClaimDue(ctx context.Context, p Partition, limit int) ([]Alarm, error)
	// Renew holds a claimed alarm for another 60 s. It is false if it was lost.
	Renew(ctx context.Context, a Alarm) (bool, error)
	// PutBack makes a claimed alarm due again at a time.
	PutBack(ctx context.Context, a Alarm, at time.Time) error
	// Drop ends a claimed alarm that has nothing left to do.
	Drop(ctx context.Context, a Alarm) error
	// Tell notes how far the shop has been told.
	Tell(ctx context.Context, t Telling) error
	// Dead lists deliveries that were given up, with the time.
	Dead(ctx context.Context, limit int) ([]Delivery, error)
	// Redeliver makes an order's delivery due now.
	Redeliver(ctx context.Context, orderID string) error
}

// Telling is the end of a delivery: told up to event Told. With Again set it
// is due again then, with Dead it is given up.
type Telling struct {
	Alarm Alarm
	Order string
	Told  int64
	Again time.Time
	Dead  bool
	// Tries counts failed deliveries of the next event.
	Tries int
}

// Delivery is one that was given up.
type Delivery struct {
	Order string
	At    time.Time
}

// AccountStore keeps what belongs to an account.
type AccountStore interface {
	// Live lists the payments of an account that are not final.
	Live(ctx context.Context, account string) ([]PaymentAddress, error)
	// AddOrphan keeps verified news that matches no payment, 30 days. The same news is kept once.
	AddOrphan(ctx context.Context, o Orphan) error
	// Orphans lists those of an account.
	Orphans(ctx context.Context, account string) ([]Orphan, error)
	// DropOrphan ends one that found its payment.
	DropOrphan(ctx context.Context, account, id string) error
	// PutPlugin keeps a plugin's bytes by digest, before the first payment that uses them.
	PutPlugin(ctx context.Context, digest string, b []byte) error
	// Plugin reads them. Error: ErrNotFound.
	Plugin(ctx context.Context, digest string) ([]byte, error)
	// Lease takes a lease by name, or renews the holder's own. It is false if another holds it.
	Lease(ctx context.Context, account, name, holder string, ttl time.Duration) (bool, error)
	// Release gives it back, if the holder has it.
	Release(ctx context.Context, account, name, holder string) error
	// Synced reads how far the shop of an account was asked. Error: ErrNotFound.
	Synced(ctx context.Context, account string) (Synced, error)
	// SetSynced keeps it.
	SetSynced(ctx context.Context, account string, at Synced) error
}

// Orphan is verified news of an account that matches no payment.
type Orphan struct {
	// ID is a hash of the news.
	ID      string          `json:"id"`
	Account string          `json:"account"`
	Update  contract.Update `json:"update"`
	Source  contract.Export `json:"source"`
	At      time.Time       `json:"at"`
	Plugin  order.Plugin    `json:"plugin"`
}
