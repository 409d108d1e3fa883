package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// actors say who acts in an entry, by its kind.
var actors = map[string]struct{ icon, who string }{
	"page":     {"◻", "Consumer"},
	"round":    {"▣", "Plugin"},
	"request":  {"⇄", "Provider"},
	"call":     {"✓", "Gateway"},
	"delivery": {"✉", "Shop"},
	"event":    {"●", "Order"},
}

// pageTitles say what a consumer saw.
var pageTitles = map[string]string{"choose": "looks at the ways to pay", "wait": "waits for the bank", "result": "sees the result"}

type timed struct {
	at   time.Time
	line storyLine
}

// lines puts events and entries into one timeline.
func lines(t timeline) []storyLine {
	var all []timed
	for _, e := range t.Events {
		all = append(all, timed{e.At, lineOf("event", e.Type, "", "", nil)})
	}
	for _, e := range t.Story {
		title := e.Title
		switch e.Kind {
		case "page":
			title = pageTitles[e.Title]
		case "round":
			title = e.Plugin + " runs " + e.Export
		}
		all = append(all, timed{e.At, lineOf(e.Kind, title, note(e), e.Error, e.Detail)})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	out := make([]storyLine, len(all))
	for i, x := range all {
		out[i] = x.line
		out[i].Clock = x.at.Local().Format("15:04:05.000")
	}
	return out
}

func lineOf(kind, title, note, failure string, detail json.RawMessage) storyLine {
	a := actors[kind]
	l := storyLine{Kind: kind, Icon: a.icon, Who: a.who, Title: title, Note: note, Error: failure}
	if len(detail) > 0 {
		var b bytes.Buffer
		if json.Indent(&b, detail, "", "  ") == nil {
			l.Detail = b.String()
		}
	}
	return l
}

func note(e storyEntry) string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Fuel > 0 {
		parts = append(parts, fmt.Sprintf("%.2f M fuel", float64(e.Fuel)/1e6))
	}
	switch {
	case e.Micros >= 1000:
		parts = append(parts, fmt.Sprintf("%.1f ms", float64(e.Micros)/1e3))
	case e.Micros > 0:
		parts = append(parts, fmt.Sprintf("%d µs", e.Micros))
	}
	return strings.Join(parts, " · ")
}
