package telemetry

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// shelf keeps the tracks that were used last. Its owner holds the lock.
type shelf struct {
	max    int
	byName map[string]*track
	// names are in the order of their last use.
	names []string
}

// track is the entries of one order or call.
type track struct {
	entries   []Entry
	count     int64
	listeners []chan Entry
	// left hears of each listener that ended, forget that the track did.
	left   func()
	forget func()
}

func newShelf(n int) shelf { return shelf{max: n, byName: map[string]*track{}} }

// get finds or begins a track and makes it the last used. Beyond the bound
// the one that was not used for longest goes.
func (s *shelf) get(name string) *track {
	if i := slices.Index(s.names, name); i >= 0 {
		s.names = slices.Delete(s.names, i, i+1)
	}
	s.names = append(s.names, name)
	t := s.byName[name]
	if t == nil {
		t = &track{}
		s.byName[name] = t
	}
	if len(s.names) > s.max {
		s.byName[s.names[0]].end()
		delete(s.byName, s.names[0])
		s.names = slices.Delete(s.names, 0, 1)
	}
	return t
}

// add numbers an entry and hands it to those who listen and keep up.
func (t *track) add(e Entry) {
	t.count++
	e.Number = t.count
	if len(t.entries) >= maxEntries {
		t.entries = slices.Delete(t.entries, 0, len(t.entries)-maxEntries+1)
	}
	t.entries = append(t.entries, e)
	for _, ch := range t.listeners {
		select {
		case ch <- e:
		default: // it is behind and will see the gap
		}
	}
}

// drop ends one listener; a second time is nothing.
func (t *track) drop(ch chan Entry) {
	if i := slices.Index(t.listeners, ch); i >= 0 {
		t.listeners = slices.Delete(t.listeners, i, i+1)
		close(ch)
		t.left()
	}
}

// end ends all listeners.
func (t *track) end() {
	for len(t.listeners) > 0 {
		t.drop(t.listeners[0])
	}
	if t.forget != nil {
		t.forget()
	}
}

// secretWords are the words in names of members and headers that a story
// never shows. It shows more than a log does: signatures and bodies are what
// it is about.
var secretWords = map[string]bool{
	"authorization": true, "token": true, "tokens": true, "secret": true, "secrets": true, "password": true, "passphrase": true,
	"credential": true, "credentials": true, "cookie": true, "cookies": true, "authentication": true,
}

// hideMembers hides members of a document by their names, and those of
// documents that stand in it as texts, such as the body of a webhook. A text
// with none stays as it is.
func hideMembers(doc []byte) []byte {
	out, _ := hide(doc)
	return out
}

// hide is hideMembers, and says whether there was anything to hide.
func hide(doc []byte) (out []byte, found bool) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return doc, false
	}
	tree = scrub(tree, func(name string) bool {
		is := hasWord(name, secretWords)
		found = found || is
		return is
	})
	tree = eachText(tree, func(text string) string {
		if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
			return text
		}
		clean, hidden := hide([]byte(text))
		if !hidden {
			return text
		}
		found = true
		return string(clean)
	})
	out, err := json.Marshal(tree)
	if err != nil {
		return doc, false
	}
	return out, found
}

// eachText changes the texts of a tree.
func eachText(tree any, change func(string) string) any {
	switch t := tree.(type) {
	case string:
		return change(t)
	case map[string]any:
		for name, v := range t {
			t[name] = eachText(v, change)
		}
	case []any:
		for i, v := range t {
			t[i] = eachText(v, change)
		}
	}
	return tree
}
