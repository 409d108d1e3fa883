package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// chapter is a part of the story: what belongs together, in order.
type chapter struct {
	ID, Key, Title, Text string
	Lines                []storyLine
	at                   time.Time
}

// headings say what a chapter is about.
var headings = map[string][2]string{
	"order":   {"The shop makes an order", "One call to the API: a reference, an amount and its lines. The shop gets a pay link and sends the consumer there."},
	"choice":  {"The consumer chooses", "A page of the gateway. Looking at it starts nothing."},
	"start":   {"The plugin starts the payment", "It runs as WebAssembly, without network, clock or keys. It asks for a request; the gateway puts the credentials in, sends it, and lets the plugin run again with the answer."},
	"back":    {"The consumer comes back", "What a browser brings is a hint. It never books a payment."},
	"webhook": {"The bank tells the gateway", "The plugin checks the signature and fetches the results. They are kept before the bank gets its answer: nothing can be lost any more."},
	"ask":     {"The gateway asks the bank", "An open payment is asked about until the bank decides."},
	"refund":  {"Money goes back", "A refund is a payment in the other direction, with the same care."},
	"told":    {"The shop is told", "A signed notice for each event, in order, until the shop has it."},
	"other":   {"And then", ""},
}

// exports say to which chapter a plugin's operation belongs.
var exports = map[string]string{
	"create_payment": "start", "complete_payment": "back", "receive_webhook": "webhook", "get_payment": "ask",
	"refund_payment": "refund", "get_refund": "refund",
}

// pages and events that open a chapter of their own.
var (
	pageChapters  = map[string]string{"choose": "choice", "wait": "back", "result": "back"}
	eventChapters = map[string]string{"order.created": "order", "payment.created": "choice"}
)

// chapters tells an order's story in order. Entries of one plugin operation
// stay together, though others ran meanwhile.
func chapters(t timeline) []chapter {
	var blocks []chapter
	open := map[string]int{} // by export: the operation under way
	calls := map[string][]int{}
	for _, e := range t.Story {
		key := chapterOf(e)
		i, ok := open[e.Export]
		if e.Export == "" || !ok {
			i = len(blocks)
			blocks = append(blocks, chapter{Key: key, at: began(e)})
			if e.Export != "" {
				open[e.Export] = i
				calls[key] = append(calls[key], i)
			}
		}
		if e.Kind == "call" {
			delete(open, e.Export)
		}
		blocks[i].Lines = append(blocks[i].Lines, lineOf(e))
	}
	for _, e := range t.Events {
		l := eventLine(e)
		if i := around(blocks, e.At); eventChapters[e.Type] == "" && i >= 0 {
			blocks[i].Lines = append(blocks[i].Lines, l)
			continue
		}
		blocks = append(blocks, chapter{Key: cmp.Or(eventChapters[e.Type], "other"), at: e.At, Lines: []storyLine{l}})
	}
	return joined(blocks, t.Order.CreatedAt)
}

func chapterOf(e storyEntry) string {
	switch e.Kind {
	case "page":
		return cmp.Or(pageChapters[e.Title], "other")
	case "delivery":
		return "told"
	}
	return cmp.Or(exports[e.Export], "other")
}

// began is when an entry began: it is recorded when it ended.
func began(e storyEntry) time.Time { return e.At.Add(-time.Duration(e.Micros) * time.Microsecond) }

// near is how far an event may be from the end of the operation that made it.
const near = 50 * time.Millisecond

// around finds the operation that made an event: the one whose end is nearest.
func around(blocks []chapter, at time.Time) int {
	best, closest := -1, near
	for i, b := range blocks {
		for _, l := range b.Lines {
			if d := l.at.Sub(at).Abs(); l.Kind == "call" && d < closest {
				best, closest = i, d
			}
		}
	}
	return best
}

// joined sorts blocks and lines by time, and makes one of neighbours of one kind.
func joined(blocks []chapter, since time.Time) []chapter {
	slices.SortStableFunc(blocks, func(a, b chapter) int { return a.at.Compare(b.at) })
	var out []chapter
	for _, b := range blocks {
		if n := len(out); n > 0 && out[n-1].Key == b.Key {
			out[n-1].Lines = append(out[n-1].Lines, b.Lines...)
			continue
		}
		b.ID = "c" + strconv.Itoa(len(out)) + "-" + b.Key
		b.Title, b.Text = headings[b.Key][0], headings[b.Key][1]
		out = append(out, b)
	}
	told := map[string]bool{}
	for i := range out {
		if told[out[i].Key] { // said above
			out[i].Text = ""
		}
		told[out[i].Key] = true
		slices.SortStableFunc(out[i].Lines, func(a, b storyLine) int { return a.at.Compare(b.at) })
		for j := range out[i].Lines {
			out[i].Lines[j].Clock = clock(out[i].Lines[j].at, since)
		}
	}
	return out
}

// station is a stop on the payment's way.
type station struct {
	Icon, Title string
	Lit         bool
}

// stations light up as the payment passes them.
func stations(t *timeline) []station {
	list := []station{{"shop", "Shop", false}, {"page", "Gateway", false}, {"plugin", "Plugin", false}, {"bank", "Provider", false}, {"bell", "Webhook", false}, {"mail", "Shop told", false}}
	if t == nil {
		return list
	}
	list[0].Lit = true
	for _, e := range t.Story {
		switch {
		case e.Kind == "page":
			list[1].Lit = true
		case e.Kind == "round" && e.Export == "create_payment":
			list[1].Lit, list[2].Lit = true, true
		case e.Kind == "request" && e.Error == "":
			list[3].Lit = true
		case e.Export == "receive_webhook":
			list[4].Lit = true
		case e.Kind == "delivery" && e.Error == "" && !strings.HasPrefix(e.Title, "order.pending") && !strings.HasPrefix(e.Title, "order.open"):
			list[5].Lit = true
		}
	}
	return list
}
