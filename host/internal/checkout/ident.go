package checkout

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"
)

// Partition is one of 256 parts of the state. All keys of an order lie in
// one, so that one script commits a step; its id and the references of its
// payments name it.
type Partition byte

// PartitionOf is the partition of the order that a shop calls by this reference.
func PartitionOf(shop, reference string) Partition {
	return PartitionOfName(shop + "\x00" + reference)
}

// PartitionOfName is the partition of what belongs to no order: an account's
// calls, tokens and orphans, plugin bytes, idempotency keys.
func PartitionOfName(name string) Partition {
	sum := sha256.Sum256([]byte(name))
	return Partition(sum[0])
}

// String writes two hex digits.
func (p Partition) String() string { return hex.EncodeToString([]byte{byte(p)}) }

// ErrIdentifier is the error of an id that no order, payment or call can have.
var ErrIdentifier = errors.New("no such id")

// The prefixes of ids.
const (
	prefixOrder   = "ord_"
	prefixPayment = "pay_"
	prefixCall    = "call_"
	prefixCapture = "cap_"
	prefixRefund  = "ref_"
)

// NewOrderID mints the id of an order: ord_, the partition, a ULID.
func NewOrderID(p Partition, now time.Time) string { return prefixOrder + p.String() + newULID(now) }

// NewCallID mints the id of a plugin call: call_, the partition, a ULID.
func NewCallID(p Partition, now time.Time) string { return prefixCall + p.String() + newULID(now) }

// NewPaymentID mints the id of a payment.
func NewPaymentID(now time.Time) string { return prefixPayment + newULID(now) }

func newULID(now time.Time) string {
	return ulid.MustNew(ulid.Timestamp(now), rand.Reader).String()
}

// PartitionOfID finds the partition in the id of an order or a call.
func PartitionOfID(id string) (Partition, error) {
	for _, prefix := range []string{prefixOrder, prefixCall} {
		if rest, ok := strings.CutPrefix(id, prefix); ok && len(rest) == 2+ulid.EncodedSize {
			return parsePartition(id, rest[:2])
		}
	}
	return 0, fmt.Errorf("id %q: %w", id, ErrIdentifier)
}

var base32Reference = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewReference mints the reference by which a provider knows a payment: the
// partition and 22 base32 characters, all of A-Z0-9.
func NewReference(p Partition) string {
	b := make([]byte, 14)
	_, _ = rand.Read(b) // never fails
	return strings.ToUpper(p.String()) + base32Reference.EncodeToString(b)[:22]
}

// PartitionOfReference finds the partition in a payment's reference.
func PartitionOfReference(reference string) (Partition, error) {
	if len(reference) != 24 {
		return 0, fmt.Errorf("reference %q: %w", reference, ErrIdentifier)
	}
	return parsePartition(reference, reference[:2])
}

func parsePartition(id, digits string) (Partition, error) {
	b, err := hex.DecodeString(digits)
	if err != nil {
		return 0, fmt.Errorf("id %q: %w", id, ErrIdentifier)
	}
	return Partition(b[0]), nil
}

// NewSecret mints 160 random bits in base32, lower case: the second half of a pay link.
func NewSecret() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails
	return strings.ToLower(base32Reference.EncodeToString(b))
}

// derivedID is the id of a capture or refund: a hash of what asks for it, so
// that a repeat asks for the same operation even after the state lost it.
func derivedID(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return prefix + strings.ToLower(base32Reference.EncodeToString(sum[:])[:26])
}

var spaceKassette = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/kassette-pay/kassette"))

// idempotencyKey is the UUID that a provider is given for an operation, the
// same whenever it is asked for.
func idempotencyKey(operation string) string {
	return uuid.NewSHA1(spaceKassette, []byte(operation)).String()
}
