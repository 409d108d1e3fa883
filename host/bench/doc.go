// Package bench measures the gateway, next to a peer that does the same work
// without it, in the same run. `make bench` runs it and writes docs/bench.md
// with the raw output beside it.
//
//   - BenchmarkAnnounce: orders created and announced at a bank, through the
//     whole gateway, and through a plain Gin handler that makes the same writes
//     to the same Redis with the same scripts and sends the bank the same
//     request, but has no plugin, no rounds and no guarded client. Both have
//     the bank, the callers and redis-server on the same machine.
//   - BenchmarkTrips: round trips to Redis of what shops and banks ask for.
//     These are counts at a proxy in front of Redis, equal in every run.
//   - BenchmarkModule: the size of a plugin, and how long loading it takes.
//   - BenchmarkRound, in each plugin's own folder: one run of its code in the
//     sandbox and of the same code in the process.
//
// The sandbox beside everything else that runs an untrusted function from Go is
// measured by host/bench/sandbox, a module of its own: `make bench-sandbox`.
//
// Read ratios, not times: a time says which machine ran, a ratio compares two
// things that took turns on it, slice by slice or round by round, and is the
// median of many such pairs. A ratio to a cheap peer is large without being
// slow: the times beside it say what it comes to. Nothing here fails for being
// slow, and nothing is measured by `go test` alone.
package bench
