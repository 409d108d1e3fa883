package order

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Schema is the number of the document's layout. A document with a higher one
// is refused.
const Schema = 1

// MaxAttempts is how many payments an order may have.
const MaxAttempts = 20

// MaxAmount bounds every amount, in minor units: 10^15 is ten million million
// euro, stays exact in the floating numbers of shops, and leaves room to add.
const MaxAmount = 1_000_000_000_000_000

// Money is an amount in minor units of an ISO 4217 currency.
type Money = contract.Money

// Order is what a shop wants paid. It mirrors the shop's own order and is
// found by the shop's reference. Status, amounts and attention are derived:
// they are methods.
type Order struct {
	Schema int `json:"schema"`
	// ID is ord_, two hex digits of the partition, and a ULID.
	ID string `json:"id"`
	// Shop and Reference name the shop's own order.
	Shop      string `json:"shop"`
	Reference string `json:"reference"`
	// Live says that real money moves; orders of test keys never mix with it.
	Live        bool            `json:"live,omitempty"`
	Amount      Money           `json:"amount"`
	Description string          `json:"description,omitempty"`
	Lines       []contract.Line `json:"lines,omitempty"`

	Customer        contract.Customer `json:"customer,omitzero"`
	BillingAddress  contract.Address  `json:"billing_address,omitzero"`
	ShippingAddress contract.Address  `json:"shipping_address,omitzero"`
	// Locale is a BCP 47 tag, Country ISO 3166-1 alpha-2.
	Locale  string `json:"locale,omitempty"`
	Country string `json:"country,omitempty"`

	// Methods restricts the choice; empty means all that fit.
	Methods []string             `json:"methods,omitempty"`
	Capture contract.CaptureMode `json:"capture"`

	ReturnURL string            `json:"return_url,omitempty"`
	CancelURL string            `json:"cancel_url,omitempty"`
	NotifyURL string            `json:"notify_url,omitempty"`
	Metadata  map[string]string `json:"metadata,omitempty"`
	// Secret is the random half of the pay link.
	Secret string `json:"secret"`

	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	ExpiresAt time.Time `json:"expires_at"`

	// CancelledAt is set when the shop cancelled the order or replaced it;
	// SupersededBy is the order that replaced it.
	CancelledAt  time.Time `json:"cancelled_at,omitzero"`
	SupersededBy string    `json:"superseded_by,omitempty"`
	// ExpiredAt is set when the order's time ran out with nothing paid or under way.
	ExpiredAt time.Time `json:"expired_at,omitzero"`
	// OverpaidAt is when more than the amount was first seen; it is cleared when the excess went back.
	OverpaidAt time.Time `json:"overpaid_at,omitzero"`

	Payments []Payment `json:"payments,omitempty"`
	// Raised is attention that does not follow from the payments: an orphan, a plugin's own.
	Raised []Attention `json:"raised,omitempty"`
	// ControlReference is a fiscal control unit's reference.
	ControlReference string `json:"control_reference,omitempty"`
	// LastEvent is the number of the last event; they are numbered from 1 without gaps.
	LastEvent int64 `json:"last_event"`
}

// Attention asks an operator to look at an order.
type Attention struct {
	Code AttentionCode `json:"code"`
	// Payment is the payment it is about, if it is about one.
	Payment string `json:"payment,omitempty"`
	Message string `json:"message"`
}

// Payment is one attempt to pay an order by one method through one plugin
// version.
type Payment struct {
	// ID is pay_ and a ULID. Reference is the provider's order number: two hex
	// digits of the partition and 22 base32 characters, upper case.
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Number    int64  `json:"number,omitempty"`

	Method        string               `json:"method"`
	MethodOptions map[string]string    `json:"method_options,omitempty"`
	Account       string               `json:"account"`
	Plugin        Plugin               `json:"plugin"`
	Capture       contract.CaptureMode `json:"capture"`
	// Rules are the manifest's at the time of the attempt.
	Rules contract.Rules `json:"rules"`
	// Operations are the plugin's exports at the time of the attempt. Empty: not known, so each is taken to be there.
	Operations []contract.Export `json:"operations,omitempty"`
	// Settle says that the account gives a second payment of a paid order back by itself.
	Settle bool `json:"settle,omitempty"`
	// Amount is what was asked of the provider.
	Amount Money `json:"amount"`
	// IdempotencyKey is a UUID, the same whenever the payment is created at the provider.
	IdempotencyKey string    `json:"idempotency_key"`
	CreatedAt      time.Time `json:"created_at"`
	// ExpiresAt is no later than the order's.
	ExpiresAt time.Time `json:"expires_at"`

	// Started says that create_payment has ended, in whatever way.
	Started bool    `json:"started,omitempty"`
	Outcome Outcome `json:"outcome"`
	// UnknownCall is the call whose outcome is unknown.
	UnknownCall contract.Export  `json:"unknown_call,omitempty"`
	Action      *contract.Action `json:"action,omitempty"`
	// Exclusive is what the host holds for this payment until it is final.
	Exclusive string `json:"exclusive,omitempty"`
	// ProviderReferences are all that are known, the newest last.
	ProviderReferences []string          `json:"provider_references,omitempty"`
	State              []byte            `json:"state,omitempty"`
	Failure            *contract.Failure `json:"failure,omitempty"`
	Brand              string            `json:"brand,omitempty"`

	News         News                   `json:"news"`
	Captures     []Operation            `json:"captures,omitempty"`
	Refunds      []Operation            `json:"refunds,omitempty"`
	Transactions []contract.Transaction `json:"transactions,omitempty"`
	Receipt      *contract.Receipt      `json:"receipt,omitempty"`

	// CancelRequestedAt is set while a cancellation is wanted: the shop's or the consumer's. It is
	// cleared when the provider refuses. CancelTries counts the calls, CancelTriedAt is when the last
	// one ended, CancelAccepted says that the provider is at it.
	CancelRequestedAt time.Time `json:"cancel_requested_at,omitzero"`
	CancelTries       int       `json:"cancel_tries,omitempty"`
	CancelTriedAt     time.Time `json:"cancel_tried_at,omitzero"`
	CancelAccepted    bool      `json:"cancel_accepted,omitempty"`
	// NotFound are the times at which the provider did not know the payment, after an unknown outcome.
	NotFound []time.Time `json:"not_found,omitempty"`
	// Polls counts get_payment, PolledAt is when the last one ended, AnsweredAt when the last one had an answer.
	Polls      int       `json:"polls,omitempty"`
	PolledAt   time.Time `json:"polled_at,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	// Completes counts complete_payment, CompletedAt is when the last one ended,
	// Completed says that it had a result.
	Completes   int       `json:"completes,omitempty"`
	CompletedAt time.Time `json:"completed_at,omitzero"`
	Completed   bool      `json:"completed,omitempty"`
	// RemindedAt is when an alarm last looked at how long the payment has been waiting.
	RemindedAt time.Time `json:"reminded_at,omitzero"`
	// SettleTries counts attempts to give an overpayment back, SettleTriedAt is when the last one ended.
	SettleTries   int       `json:"settle_tries,omitempty"`
	SettleTriedAt time.Time `json:"settle_tried_at,omitzero"`
}

// Plugin names the bytes that a payment stays with.
type Plugin struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Digest is the SHA-256 of the bytes in hex.
	Digest string `json:"digest"`
}

// Operation is a capture or a refund, the shop's own or one made at the
// provider.
type Operation struct {
	// ID is cap_ or ref_ and 26 characters; derived by hash where the shop asked.
	ID     string `json:"id"`
	Amount Money  `json:"amount"`
	// Final, on a capture, gives the rest of the authorisation back.
	Final             bool                     `json:"final,omitempty"`
	Reason            string                   `json:"reason,omitempty"`
	Lines             []contract.Line          `json:"lines,omitempty"`
	IdempotencyKey    string                   `json:"idempotency_key,omitempty"`
	ProviderReference string                   `json:"provider_reference,omitempty"`
	Status            contract.OperationStatus `json:"status"`
	Outcome           Outcome                  `json:"outcome"`
	// Origin is "shop" or "provider".
	Origin    string            `json:"origin"`
	Failure   *contract.Failure `json:"failure,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	EndedAt   time.Time         `json:"ended_at,omitzero"`
	// Polls counts get_refund, PolledAt is when the last one ended.
	Polls    int       `json:"polls,omitempty"`
	PolledAt time.Time `json:"polled_at,omitzero"`
	// NotFound are the times at which the provider did not know the operation, after an unknown outcome.
	NotFound []time.Time `json:"not_found,omitempty"`
	// Receipt is what was printed of a refund, for the customer.
	Receipt *contract.Receipt `json:"receipt,omitempty"`
}

// The origins of an operation.
const (
	OriginShop     = "shop"
	OriginProvider = "provider"
)

// News is the set of what a provider reported of a payment. It is a join:
// adding the same again, or in another order, ends in the same set.
//
// An amount (captured, refunded, charged back) is the largest of three: the
// largest total, the sum over provider references (Items), and the sum over
// the host's own operations (Own). Each can only grow.
type News struct {
	// At is, for each type that was reported, the latest time at which it was so; the zero time
	// where none was given. Since is the earliest that was given.
	At    map[contract.UpdateType]time.Time `json:"at,omitempty"`
	Since map[contract.UpdateType]time.Time `json:"since,omitempty"`
	// Totals are the largest totals reported, by type, in the payment's currency.
	Totals map[contract.UpdateType]int64 `json:"totals,omitempty"`
	// Items are single captures, refunds and chargebacks, by type and provider reference; for
	// capture_failed and refund_failed they have no amount.
	Items map[contract.UpdateType]map[string]Item `json:"items,omitempty"`
	// Own are the same by type and the host's id of the operation, whether a result or an update told.
	Own map[contract.UpdateType]map[string]Item `json:"own,omitempty"`
	// Counted is the largest that one total of captured, less its own tip and surcharge, came to.
	Counted int64 `json:"counted,omitempty"`
	// Foreign are the largest amounts reported in another currency: they never count.
	Foreign map[string]int64 `json:"foreign,omitempty"`
	// Unpriced are the types that came without a usable amount though they need one.
	Unpriced map[contract.UpdateType]bool `json:"unpriced,omitempty"`
	// Tip, Surcharge and Fee are the largest reported beside totals, in minor units of the payment's currency.
	Tip       int64 `json:"tip,omitempty"`
	Surcharge int64 `json:"surcharge,omitempty"`
	Fee       int64 `json:"fee,omitempty"`
	// Attention is what the plugin asked for, by code.
	Attention map[string]string `json:"attention,omitempty"`
}

// Item is one capture, refund or chargeback as the provider reports it: the
// largest amounts and the earliest time, in minor units of the payment's currency.
type Item struct {
	// ID is the host's id of the operation, where the provider gave it.
	ID     string `json:"id,omitempty"`
	Amount int64  `json:"amount"`
	// Counted is the largest that one report, less its own tip and surcharge, came to.
	Counted   int64     `json:"counted,omitempty"`
	Tip       int64     `json:"tip,omitempty"`
	Surcharge int64     `json:"surcharge,omitempty"`
	Fee       int64     `json:"fee,omitempty"`
	At        time.Time `json:"at,omitzero"`
}

// Amounts are the amounts of a payment or an order, in one currency.
type Amounts struct {
	Authorized  Money `json:"authorized"`
	Captured    Money `json:"captured"`
	Refunded    Money `json:"refunded"`
	Reserved    Money `json:"reserved"`
	Released    Money `json:"released"`
	ChargedBack Money `json:"charged_back"`
	Tip         Money `json:"tip"`
	Surcharge   Money `json:"surcharge"`
	Fee         Money `json:"fee"`
}
