package control

import (
	"slices"
	"strings"
	"sync"
)

// Answer is a scripted answer: the next call of this name gets it in place of
// the simulator's own.
type Answer struct {
	Call        string `json:"call"`
	Status      int    `json:"status"`       // HTTP status, 200 to 599
	ContentType string `json:"content_type"` // application/json unless given
	Body        string `json:"body"`         // sent as it is
	Processed   bool   `json:"processed"`    // true: the call is carried out first and only its answer replaced
}

// Script queues scripted answers.
type Script struct {
	calls []string

	mu    sync.Mutex
	queue []Answer
}

// NewScript returns an empty script for these calls.
func NewScript(calls ...string) *Script { return &Script{calls: calls} }

// Check refuses answers that cannot be queued, with a [Problem].
func (s *Script) Check(answers ...Answer) error {
	for i, a := range answers {
		if !slices.Contains(s.calls, a.Call) {
			return Bad("scripted answer %d: unknown call %q; known calls are %s", i+1, a.Call, strings.Join(s.calls, ", "))
		}
		if a.Status < 200 || a.Status > 599 {
			return Bad("scripted answer %d: status %d is not an HTTP status from 200 to 599", i+1, a.Status)
		}
	}
	return nil
}

// Add queues answers: all, or on a [Problem] none.
func (s *Script) Add(answers ...Answer) error {
	if err := s.Check(answers...); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, answers...)
	return nil
}

// Left is how many scripted answers still wait.
func (s *Script) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

func (s *Script) take(call string) (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.queue, func(a Answer) bool { return a.Call == call })
	if i < 0 {
		return Answer{}, false
	}
	a := s.queue[i]
	s.queue = slices.Delete(s.queue, i, i+1)
	if a.ContentType == "" {
		a.ContentType = "application/json"
	}
	return a, true
}
