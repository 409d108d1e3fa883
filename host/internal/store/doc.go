// Package store keeps the state of the gateway in Redis: orders, what is due,
// idempotent answers, journals of plugin calls, and what belongs to accounts.
//
// [Redis] implements checkout.Store, call.Journal and call.Vault on one Redis
// (6.2 or newer, or Valkey), on Sentinel, on a Cluster, or on the embedded
// one that [OpenEmbedded] runs in the process.
//
// # Steps
//
// Each change is one Lua script, scripts/*.lua: reads and checks first, then
// commands that cannot fail, since Redis does not roll back. A script decodes
// no document and no amount; what it stores was computed here. Every script
// may be sent twice with the effect of once: a client whose connection breaks
// sends it again, and the sealed bytes of a step, which hold a random nonce,
// tell the same step from another one.
//
// # Keys
//
// Every key is k:{pXX}:…, where XX is one of 256 partitions: a script's keys
// share a slot of the Cluster. All keys of an order are in the partition that
// its id names; what belongs to no order is in the partition of the hash of
// its own name. What comes from outside is hashed or escaped in a key's name.
//
// # What a reader of Redis sees
//
// Documents, events, book lines, answers, journals, tokens and orphans are
// sealed (package seal) with the name of their key as associated data. In
// clear are ids, statuses, the amount beside a shop's reference, times,
// counters, and the bytes of plugins.
//
// # When Redis is away
//
// Every operation ends within two seconds with an error that wraps
// checkout.ErrUnavailable, and works again when Redis does.
package store
