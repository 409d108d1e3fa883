package control

import (
	"sync"
	"time"
)

// journalSize bounds the journal; the oldest requests are forgotten first.
const journalSize = 10_000

// Request is one request that a simulator received. Query, headers and body are
// left out: they carry tokens and personal data.
type Request struct {
	At     time.Time `json:"at"`     // by the provider's clock, when the answer was ready
	Call   string    `json:"call"`   // the simulator's name for the call
	Method string    `json:"method"` // HTTP method
	Path   string    `json:"path"`   // path below the simulator's mount point
	Status int       `json:"status"` // HTTP status answered; 0: the connection was cut
	Fault  string    `json:"fault,omitempty"`
}

// Journal keeps the last 10,000 requests.
type Journal struct {
	mu    sync.Mutex
	ring  []Request
	next  int
	total int
}

// Add notes a request.
func (j *Journal) Add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.total++
	if len(j.ring) < journalSize {
		j.ring = append(j.ring, r)
		return
	}
	j.ring[j.next] = r
	j.next = (j.next + 1) % journalSize
}

// All returns the kept requests, oldest first, and how many there have been.
func (j *Journal) All() (kept []Request, total int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	kept = append(make([]Request, 0, len(j.ring)), j.ring[j.next:]...)
	return append(kept, j.ring[:j.next]...), j.total
}
