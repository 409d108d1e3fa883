package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// ErrNoJournal: a call left no journal, so no request of it that matters left the host.
var ErrNoJournal = errors.New("no journal of this call")

// Caller runs plugin operations: rounds, requests, journal, outcome.
type Caller interface {
	// Run runs one operation to its end. Its error is the host's own trouble
	// (state not available, plugin not there); all else is in Ended.
	Run(ctx context.Context, c Call) (Ended, error)
	// Resume goes on with a call whose node is gone, from its journal. Errors: ErrNoJournal.
	Resume(ctx context.Context, id string, onInterim func(context.Context, contract.Interim) error) (Call, Ended, error)
	// Release gives back what an interim of this payment held exclusively.
	Release(ctx context.Context, account, exclusive, payment string) error
	// End closes the journal of a call that no order's commit closes.
	End(ctx context.Context, id string, end *JournalEnd) error
}

// Call is one plugin operation.
type Call struct {
	// ID is minted before the first try; its partition is the order's, or the account's.
	ID      string
	Export  contract.Export
	Plugin  order.Plugin
	Account string
	// Order, Payment and Operation say what it is for; empty on an account's call.
	Order     string
	Payment   string
	Operation string
	// Input is the operation's input, frozen.
	Input json.RawMessage
	// Now is when the call begins.
	Now time.Time
	// message is the browser's, on complete_payment.
	message *contract.Message
	// onward takes where complete_payment sends the consumer on to; nil: nobody waits.
	onward chan<- contract.Action
	// own says that news counts for payments of this plugin's bytes alone.
	own bool
	// OnInterim commits an interim before its request leaves; nil where the
	// operation may have none. An error ends the call, nothing sent.
	OnInterim func(context.Context, contract.Interim) error `json:"-"`
}

// Ended is how an operation ended: with Result or Failure.
type Ended struct {
	Result  json.RawMessage
	Failure *contract.Failure
	// Outcome is the host's word on the writes of the call: known,
	// not_attempted (no write left) or unknown (one left without an answer).
	Outcome order.Outcome
	// Verified says that in this call a signature held by host function, or a
	// request was answered 2xx, cached answers aside.
	Verified bool
	// At is when the last answer came, or when the call ended.
	At time.Time
	// Journal is to go with the commit that ends the call; nil if there is no journal.
	Journal *JournalEnd
}

// Registry knows plugin versions.
type Registry interface {
	// Methods lists what the active versions offer, in the order of rank and id.
	Methods() []Offer
	// Active is the version that serves new payments and an account's webhooks. Error: ErrNotFound.
	Active(plugin string) (Version, error)
	// Version is the one with these bytes, loaded from the store if need be. Error: ErrNotFound.
	Version(ctx context.Context, digest string) (Version, error)
}

// Revoker is a Registry that knows of bytes that must be given no message.
type Revoker interface {
	Revoked(digest string) bool
}

// Version is a plugin version that is loaded.
type Version struct {
	order.Plugin
	Manifest contract.Manifest
}

// Offer is a method of an active version.
type Offer struct {
	Version Version
	Method  contract.Method
	// Rules are the method's, completed by the manifest's.
	Rules contract.Rules
}
