//go:build wasip1

package main

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// What follows keeps something from call to call in each way that Go has, as
// ../leaks/leaks.c does for C.

func answer(v uint64) int32 {
	output(binary.LittleEndian.AppendUint64(nil, v))
	return 0
}

// A variable.
var variable uint64

//go:wasmexport create_payment
func createPayment() int32 { variable++; return answer(variable) }

// A list on the heap.
var list []*[1 << 10]byte

//go:wasmexport complete_payment
func completePayment() int32 {
	list = append(list, new([1 << 10]byte))
	return answer(uint64(len(list)))
}

// A goroutine that outlives its call.
var ticks = func() chan uint64 {
	c := make(chan uint64)
	go func() {
		for i := uint64(1); ; i++ {
			c <- i
		}
	}()
	return c
}()

//go:wasmexport get_payment
func getPayment() int32 { return answer(<-ticks) }

// A block of the kernel, whose bytes are not set.
//
//go:wasmexport receive_webhook
func receiveWebhook() int32 {
	b := alloc(64)
	seen := load(b)
	store(b, 42)
	return answer(seen)
}

// Randomness and time.
//
//go:wasmexport capture_payment
func capturePayment() int32 {
	var b [8]byte
	rand.Read(b[:])
	return answer(binary.LittleEndian.Uint64(b[:]) ^ uint64(time.Since(begun)))
}

var begun = time.Now()

// What the runtime drew at start-up: the seed of its maps.
var places = func() map[int]int {
	m := map[int]int{}
	for i := range 100 {
		m[i] = i
	}
	return m
}()

//go:wasmexport cancel_payment
func cancelPayment() int32 {
	var order uint64
	for k := range places {
		order = order*31 + uint64(k)
	}
	return answer(order)
}
