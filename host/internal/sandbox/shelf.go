package sandbox

import (
	"container/list"
	"sync"
)

// shelf is where the sandboxes of all modules rest, the one that rests longest
// in front. It bounds their number: each holds the memory of a guest, and of a
// hundred modules only some are busy.
type shelf struct {
	mu   sync.Mutex
	most int
	list list.List
}

// add puts one on the shelf and gives the one that has to go for it, or nil.
func (s *shelf) add(r *resting) (old *resting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.place = s.list.PushBack(r)
	if s.list.Len() <= s.most {
		return nil
	}
	old, _ = s.list.Remove(s.list.Front()).(*resting)
	return old
}

// remove takes some off the shelf; what is not there any more is left alone.
func (s *shelf) remove(list ...*resting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range list {
		s.list.Remove(r.place)
	}
}
