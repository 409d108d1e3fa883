package telemetry

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestCalls_areHeardInOrderAndByPlugin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewStory(StoryOptions{})
		if found, last := s.Calls(t.Context(), "", -1); len(found) != 0 || last != 0 {
			t.Errorf("at the beginning: %v, %d", found, last)
		}
		s.ofCall("call_1", "ord_1", Entry{Title: "a", Plugin: "ideal@1.0.0"})
		s.ofCall("call_2", "", Entry{Title: "b", Plugin: "card@1.0.0"})
		s.ofCall("call_1", "ord_1", Entry{Title: "c", Plugin: "ideal@1.0.0"})
		found, last := s.Calls(t.Context(), "ideal", 0)
		if len(found) != 2 || found[0].Title != "a" || found[1].Title != "c" || found[1].Order != "ord_1" || last != 3 {
			t.Errorf("ideal: %+v, %d", found, last)
		}
		if found, last := s.Calls(t.Context(), "", 1); len(found) != 2 || last != 3 {
			t.Errorf("all after the first: %+v, %d", found, last)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if found, last := s.Calls(ctx, "ideal", 3); len(found) != 0 || last != 3 {
			t.Errorf("nothing new: %+v, %d", found, last)
		}
		go func() {
			time.Sleep(time.Second)
			s.ofCall("call_3", "", Entry{Title: "of another", Plugin: "card@1.0.0"})
			s.ofCall("call_4", "", Entry{Title: "d", Plugin: "ideal@1.1.0"})
		}()
		if found, last := s.Calls(t.Context(), "ideal", 3); len(found) != 1 || found[0].Title != "d" || last != 5 {
			t.Errorf("waited for: %+v, %d", found, last)
		}
	})
}

func TestCalls_areBounded(t *testing.T) {
	t.Parallel()
	s := NewStory(StoryOptions{})
	for range 3 * maxFeed {
		s.ofCall("call_1", "", Entry{Title: "a"})
	}
	if found, last := s.Calls(t.Context(), "", 0); len(found) > 2*maxFeed || len(found) < maxFeed || last != 3*maxFeed {
		t.Errorf("%d are remembered, the last is %d", len(found), last)
	}
}
