package main

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// storyLine is one step of the story.
type storyLine struct {
	ID, Kind, Who, Title, Clock, Error string
	Notes                              []string
	Fuel                               int64 // in thousands; 0 where nothing ran
	Detail                             template.HTML
	at                                 time.Time
}

// actors say who acts, by the kind of an entry.
var actors = map[string]string{
	"page": "Consumer", "request": "To the provider", "call": "Result", "delivery": "Signed notice", "webhook": "Webhook", "api": "API",
}

// pageTitles say what a consumer saw.
var pageTitles = map[string]string{"choose": "looks at the ways to pay", "wait": "waits for the bank", "result": "sees how it ended"}

func lineOf(e storyEntry) storyLine {
	l := storyLine{ID: "e" + strconv.FormatInt(e.Number, 10), Kind: e.Kind, Who: actors[e.Kind], Title: masked(e.Title), Error: masked(e.Error), Detail: pretty(e.Detail), at: e.At}
	switch e.Kind {
	case "page":
		if title, ok := pageTitles[e.Title]; ok {
			l.Title = title
		}
	case "round":
		l.Who, l.Fuel = e.Plugin, e.Fuel/1000
	case "request":
		l.Title = shortURL(l.Title)
	case "call":
		l.Title = e.Export
	case "delivery":
		l.Title, _, _ = strings.Cut(l.Title, " → ")
	}
	if e.Status != 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Fuel > 0 {
		l.Notes = append(l.Notes, millions(e.Fuel)+" of fuel")
	}
	if e.Micros > 0 {
		l.Notes = append(l.Notes, span(time.Duration(e.Micros)*time.Microsecond))
	}
	return l
}

func eventLine(e storyEvent) storyLine {
	return storyLine{ID: "v" + strconv.FormatInt(e.Number, 10), Kind: "event", Who: "Event " + strconv.FormatInt(e.Number, 10), Title: e.Type, at: e.At}
}

// shortURL leaves the path of a request's title: "POST http://host/a/b".
func shortURL(title string) string {
	verb, raw, ok := strings.Cut(title, " ")
	u, err := url.Parse(raw)
	if !ok || err != nil || u.Path == "" {
		return title
	}
	return verb + " " + u.Path
}

// clock is how long after the order was made something was.
func clock(at, since time.Time) string {
	if since.IsZero() {
		return at.Local().Format("15:04:05.000")
	}
	return "+" + span(max(0, at.Sub(since)))
}

// span writes a duration as people read it.
func span(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return fmt.Sprintf("%d.%d s", d/time.Second, d%time.Second/(100*time.Millisecond))
	case d >= time.Millisecond:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	}
	return fmt.Sprintf("%d µs", d/time.Microsecond)
}

// millions writes a number of instructions.
func millions(n int64) string {
	if n < 1_000_000 {
		return fmt.Sprintf("%d k", n/1000)
	}
	return fmt.Sprintf("%d.%d M", n/1_000_000, n%1_000_000/100_000)
}

// sum is a figure above the story.
type sum struct{ Figure, Of string }

// sums count what the payment took.
func sums(t timeline) []sum {
	var rounds, requests, notices int
	var fuel int64
	var inside time.Duration
	for _, e := range t.Story {
		switch e.Kind {
		case "round":
			rounds++
			fuel += e.Fuel
			inside += time.Duration(e.Micros) * time.Microsecond
		case "request":
			requests++
		case "delivery":
			notices++
		}
	}
	return []sum{
		{strconv.Itoa(rounds), "runs of the plugin"}, {millions(fuel), "instructions (fuel)"}, {span(inside), "in the sandbox"},
		{strconv.Itoa(requests), "requests to the provider"}, {strconv.Itoa(notices), "notices to the shop"},
	}
}
