package checkout

import (
	"fmt"
	"testing"
	"time"
)

// What is kept of senders is bounded, and the one used last stays.
func TestFlood_manySenders_keepsTheLatest(t *testing.T) {
	var f flood
	now := time.Now()
	busy := sender{"acc", "busy"}
	for i := range floodSenders + floodBurst {
		f.take(sender{"acc", fmt.Sprint(i)}, now)
		if i%50 == 0 {
			f.take(busy, now)
		}
	}
	if len(f.bySender) != floodSenders || f.latest.Len() != floodSenders {
		t.Errorf("%d buckets, %d in the list, want %d", len(f.bySender), f.latest.Len(), floodSenders)
	}
	if f.take(busy, now) {
		t.Error("the bucket that was used all the time is full again")
	}
}
