//go:build wasip1

// The guest that the tests of the sandbox run: each export does one thing to it.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"
)

func main() {}

var calls int

// describe answers a fixed text.
//
//go:wasmexport describe
func describe() int32 { output([]byte(`{"name":"guest"}`)); return 0 }

// echo answers its input.
//
//go:wasmexport echo
func echo() int32 { output(input()); return 0 }

// world answers what it sees of time, chance and earlier calls.
//
//go:wasmexport world
func world() int32 {
	calls++
	seen := map[string]int{}
	for i := range 100 {
		seen[fmt.Sprint(i)] = i
	}
	var order []string
	for k := range seen { // in the order of the map's seed
		order = append(order, k)
	}
	random := make([]byte, 16)
	rand.Read(random)
	before := time.Now()
	time.Sleep(time.Hour)
	b, _ := json.Marshal(map[string]any{
		"calls": calls, "order": strings.Join(order, " "), "random": random,
		"now": before.UTC().Format(time.RFC3339Nano), "slept": time.Since(before) >= time.Hour,
		"args": len(os.Args), "env": len(os.Environ()),
	})
	output(b)
	return 0
}

// work does what a plugin does: it reads JSON, sorts, and writes JSON.
//
//go:wasmexport work
func work() int32 {
	var in map[string]any
	if err := json.Unmarshal(input(), &in); err != nil {
		return 1
	}
	var keys []string
	for k := range in {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	b, _ := json.Marshal(map[string]any{"keys": keys, "in": in})
	output(b)
	return 0
}

//go:wasmexport mac
func mac() int32 { output(read(secretMAC(give(input())))); return 0 }

// mac_many asks the host for as many MACs as a budget allows.
//
//go:wasmexport mac_many
func macMany() int32 {
	h := give(input())
	for {
		free(secretMAC(h))
	}
}

//go:wasmexport logs
func logs() int32 {
	for i := range 100 {
		logInfo(give(fmt.Appendf(nil, "line %d", i)))
	}
	output([]byte("done"))
	return 0
}

//go:wasmexport logs_long
func logsLong() int32 {
	logDebug(give([]byte("not shown")))
	logInfo(give([]byte(strings.Repeat("é", 10_000))))
	output([]byte("done"))
	return 0
}

//go:wasmexport panics
func panics() int32 { panic("a secret\nin two lines") }

//go:wasmexport exits
func exits() int32 { os.Exit(0); return 0 }

//go:wasmexport silent
func silent() int32 { return 0 }

//go:wasmexport returns_7
func returns7() int32 { output([]byte("x")); return 7 }

//go:wasmexport sets_error
func setsError() int32 { errorSet(give([]byte("no\nluck"))); output([]byte("x")); return 0 }

//go:wasmexport output_outside
func outputOutside() int32 { outputSet(1<<40, 16); return 0 }

//go:wasmexport output_large
func outputLarge() int32 { outputSet(alloc(2<<20), 2<<20); return 0 }

//go:wasmexport store_outside
func storeOutside() int32 { store(8, 1<<40); output([]byte("x")); return 0 }

//go:wasmexport spin
func spin() int32 {
	for {
		calls++
	}
}

//go:wasmexport hoards
func hoards() int32 {
	var all [][]byte
	for {
		all = append(all, make([]byte, 1<<20))
		calls += len(all)
	}
}

//go:wasmexport recurses
func recurses() int32 { return int32(deeper(calls)) }

//go:noinline
func deeper(n int) int { return deeper(n+1) + 1 }
