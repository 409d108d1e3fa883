package telemetry

import (
	"context"
	"strings"
	"sync"
)

// maxFeed is how many of the latest entries the feed remembers.
const maxFeed = 1000

// Heard is an entry of a plugin call, in the order in which the node heard of it.
type Heard struct {
	// ID counts from 1 and never repeats in this process.
	ID    int64  `json:"id"`
	Call  string `json:"call"`
	Order string `json:"order,omitempty"`
	Entry
}

// feed has the latest entries of all plugin calls, for a developer who
// watches a plugin at work.
type feed struct {
	mu   sync.Mutex
	last int64
	all  []Heard
	news chan struct{} // closed, and made anew, when something is added
}

func (f *feed) add(call, order string, e Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.all = append(f.all, Heard{ID: f.last, Call: call, Order: order, Entry: e})
	if len(f.all) > 2*maxFeed {
		f.all = append([]Heard(nil), f.all[len(f.all)-maxFeed:]...)
	}
	if f.news != nil {
		close(f.news)
		f.news = nil
	}
}

// after gives the entries of a plugin, "" for all, with a greater id, and what
// is closed when there are more.
func (f *feed) after(plugin string, id int64) ([]Heard, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := []Heard{}
	for _, h := range f.all {
		name, _, _ := strings.Cut(h.Plugin, "@")
		if h.ID > id && (plugin == "" || name == plugin) {
			found = append(found, h)
		}
	}
	if f.news == nil {
		f.news = make(chan struct{})
	}
	return found, f.news
}

// Calls gives what plugin calls did after the entry with this id: of one
// plugin, or of all where it is "". It waits for something until ctx ends.
// last is the id to ask with next; with an id that is negative it is given at
// once, with nothing.
func (s *Story) Calls(ctx context.Context, plugin string, id int64) (found []Heard, last int64) {
	for {
		found, news := s.feed.after(plugin, id)
		switch {
		case id < 0:
			return []Heard{}, s.feed.newest()
		case len(found) > 0:
			return found, found[len(found)-1].ID
		}
		select {
		case <-ctx.Done():
			return found, id
		case <-news:
		}
	}
}

func (f *feed) newest() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}
