package control

import (
	"slices"
	"strings"
	"sync"
)

// Fault is one switched-on fault.
type Fault struct {
	Name  string   `json:"name"`            // which fault, one of the simulator's kinds
	Call  string   `json:"call,omitempty"`  // only this call; empty: every call the fault fits
	Times int      `json:"times,omitempty"` // only the next so many times; 0: until cleared
	Delay Duration `json:"delay,omitempty"` // for faults that take time: how long, 3 s unless given
	Count int      `json:"count,omitempty"` // for faults that make many of something: how many
}

// Kind is a fault that a simulator knows.
type Kind struct {
	Name  string   `json:"name"`
	Calls []string `json:"calls"` // the calls it fits
	Means string   `json:"means"` // what it does, in a sentence
}

// Faults are a simulator's fault switches. The methods may be called from
// several goroutines.
type Faults struct {
	kinds []Kind

	mu     sync.Mutex
	active []Fault
}

// NewFaults returns the switches for these kinds, all off.
func NewFaults(kinds ...Kind) *Faults { return &Faults{kinds: kinds} }

// Kinds lists the faults that can be set.
func (f *Faults) Kinds() []Kind { return slices.Clone(f.kinds) }

// Set switches faults on, beside those that are on: all of them, or on a
// [Problem] none. An unknown name is answered with the known ones.
func (f *Faults) Set(faults ...Fault) error {
	for _, one := range faults {
		i := slices.IndexFunc(f.kinds, func(k Kind) bool { return k.Name == one.Name })
		if i < 0 {
			return Bad("unknown fault %q; known faults are %s", one.Name, strings.Join(f.names(), ", "))
		}
		if k := f.kinds[i]; one.Call != "" && !slices.Contains(k.Calls, one.Call) {
			return Bad("fault %q does not fit the call %q; it fits %s", one.Name, one.Call, strings.Join(k.Calls, ", "))
		}
		if one.Times < 0 || one.Count < 0 || one.Delay < 0 {
			return Bad("fault %q: times, count and delay must not be negative", one.Name)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = append(f.active, faults...)
	return nil
}

// Clear switches the named faults off, all of them if no name is given.
func (f *Faults) Clear(names ...string) error {
	for _, name := range names {
		if !slices.Contains(f.names(), name) {
			return Bad("unknown fault %q; known faults are %s", name, strings.Join(f.names(), ", "))
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = slices.DeleteFunc(f.active, func(one Fault) bool {
		return len(names) == 0 || slices.Contains(names, one.Name)
	})
	return nil
}

// Take tells whether the fault is on for this call, and counts one use of it.
func (f *Faults) Take(name, call string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, one := range f.active {
		if one.Name != name || !f.fits(one, call) {
			continue
		}
		if one.Times > 0 {
			if f.active[i].Times--; f.active[i].Times == 0 {
				f.active = slices.Delete(f.active, i, i+1)
			}
		}
		return one, true
	}
	return Fault{}, false
}

// On is Take for a yes or no.
func (f *Faults) On(name, call string) bool {
	_, on := f.Take(name, call)
	return on
}

// Active lists what is switched on, with the uses that are left.
func (f *Faults) Active() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Fault{}, f.active...)
}

// Apply serves POST /faults: {"clear": true, "off": [names], "faults": [...]}, in
// that order. The answer lists what is on and what can be set.
func (f *Faults) Apply(body []byte) (any, error) {
	var in struct {
		Clear  bool     `json:"clear"`
		Off    []string `json:"off"`
		Faults []Fault  `json:"faults"`
	}
	if err := Decode(body, &in); err != nil {
		return nil, err
	}
	trial := NewFaults(f.kinds...) // refuse the whole request before anything is changed
	if err := trial.Set(in.Faults...); err != nil {
		return nil, err
	}
	if in.Clear || len(in.Off) > 0 {
		names := in.Off
		if in.Clear {
			names = nil
		}
		if err := f.Clear(names...); err != nil {
			return nil, err
		}
	}
	if err := f.Set(in.Faults...); err != nil {
		return nil, err
	}
	return struct {
		Active []Fault `json:"active"`
		Known  []Kind  `json:"known"`
	}{f.Active(), f.Kinds()}, nil
}

func (f *Faults) fits(one Fault, call string) bool {
	if one.Call != "" {
		return one.Call == call
	}
	for _, k := range f.kinds {
		if k.Name == one.Name {
			return slices.Contains(k.Calls, call)
		}
	}
	return false
}

func (f *Faults) names() []string {
	var names []string
	for _, k := range f.kinds {
		names = append(names, k.Name)
	}
	return names
}
