package store

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// partitions is how many there are.
const partitions = 256

// The keys of a partition: what is due, held, given up, the commits, and what
// stands there while it heals.
type partitionKeys struct{ due, held, fence, dead, seq, heal string }

func keysOf(p checkout.Partition) partitionKeys {
	return partitionKeys{
		due: key(p, "due"), held: key(p, "held"), fence: key(p, "fence"),
		dead: key(p, "dead"), seq: key(p, "seq"), heal: key(p, "heal"),
	}
}

// key is the name of a key in a partition. The braces are the Cluster's hash
// tag, and the first in the name: whatever follows, the slot is the partition's.
func key(p checkout.Partition, name string) string { return "k:{p" + p.String() + "}:" + name }

// ownKey is the name of a key that belongs to no order: it lies in the
// partition of its own name.
func ownKey(parts ...string) string {
	name := strings.Join(parts, ":")
	return key(checkout.PartitionOfName(name), name)
}

func orderKey(p checkout.Partition, id string) string  { return key(p, "order:"+id) }
func eventsKey(p checkout.Partition, id string) string { return key(p, "events:"+id) }
func callKey(p checkout.Partition, id string) string   { return key(p, "call:"+id) }
func listKey(p checkout.Partition, shop string) string { return key(p, "list:"+word(shop)) }
func liveKey(p checkout.Partition, account string) string {
	return key(p, "live:"+word(account))
}
func pinKey(p checkout.Partition, digest string) string { return key(p, "pin:"+word(digest)) }

// neededKey says until when final payments may still need a plugin's bytes.
func neededKey(p checkout.Partition, digest string) string { return key(p, "needed:"+word(digest)) }
func paymentKey(p checkout.Partition, reference string) string {
	return key(p, "pay:"+word(reference))
}
func referenceKey(p checkout.Partition, shop, reference string) string {
	return key(p, "ref:"+word(shop)+":"+hash(reference))
}
func bookKey(p checkout.Partition, at time.Time) string {
	return key(p, "book:"+at.UTC().Format(time.DateOnly))
}

func answerKey(p checkout.Partition, c checkout.Claim) string {
	return key(p, "op:"+word(c.Scope)+":"+hash(c.Subject, c.Key))
}

func numberKeys(account string) (counter string, tie func(n int64) string) {
	name := "num:" + word(account)
	p := checkout.PartitionOfName(name)
	return key(p, name), func(n int64) string { return key(p, name+":"+strconv.FormatInt(n, 10)) }
}

func orphanKeys(account string) (byID, times string) {
	name := "orphans:" + word(account)
	p := checkout.PartitionOfName(name)
	return key(p, name), key(p, name+":at")
}

// word is a name as it may stand in a key: itself if it is short and plain,
// or else ~ and its hash, which no plain name begins with. Two names never
// share a word, and no name brings a colon, a brace or a line break into a key.
func word(name string) string {
	if len(name) == 0 || len(name) > 64 {
		return "~" + hash(name)
	}
	for i := range len(name) {
		c := name[i]
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.'
		if !plain {
			return "~" + hash(name)
		}
	}
	return name
}

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// hash is SHA-256 in base32 of parts that are told apart by their lengths.
func hash(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		_, _ = h.Write([]byte(strconv.Itoa(len(part)) + ":" + part)) // never fails
	}
	return base32Lower.EncodeToString(h.Sum(nil))
}
