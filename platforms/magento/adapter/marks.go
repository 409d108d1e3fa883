package main

import (
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// mark is what the adapter left in a comment: that an event of one of the gateway's
// orders was told. One of a credit memo says until when it was not: it is written
// before the memo, and counts once the order's refunded total has come to it. One of
// what could not be done says so, and does not count.
type mark struct {
	id     int64 // the comment's
	order  string
	number int64
	kind   string
}

// The kinds of marks beside that of what was told.
const (
	until   = " to " // with an amount behind it
	refused = " refused"
)

// marks reads the order's comments. Those that a shopper can see are not ours: some
// shops let shoppers write comments.
func (d document) marks() []mark {
	var list []mark
	for _, n := range d.Comments {
		if n.Visible.isOn() {
			continue
		}
		_, rest, found := cutLast(string(n.Comment), "[kassette ")
		inner, closed := strings.CutSuffix(rest, "]")
		name, kind, other := strings.Cut(inner, " ")
		if other {
			kind = " " + kind
		}
		order, number, dot := cutLast(name, ".")
		count, err := strconv.ParseInt(number, 10, 64)
		if !found || !closed || !dot || err != nil || count < 1 {
			continue
		}
		id, _ := strconv.ParseInt(string(n.ID), 10, 64) // without one the list's order counts
		list = append(list, mark{id, order, count, kind})
	}
	return list
}

// heard says whether the order has this event's news, or newer: a mark of its
// number, or a higher one that the order has come to.
func (t *teller) heard() bool {
	for _, m := range t.doc.marks() {
		if m.order == t.order.ID && m.number >= t.event.Number && m.number <= max(t.order.Version, t.event.Number) && t.holds(m) {
			return true
		}
	}
	return false
}

// holds says whether what a mark announced is done.
func (t *teller) holds(m mark) bool {
	if m.kind == "" {
		return true
	}
	p := t.charged()
	amount, announced := strings.CutPrefix(m.kind, until)
	to, err := minor(amount, p.currency)
	if !announced || amount == "" || err != nil {
		return false
	}
	refunded, err := p.minor(t.doc.Refunded)
	return err == nil && refunded >= to
}

// marked says whether this event left a mark of a kind already.
func (t *teller) marked(kind string) bool {
	for _, m := range t.doc.marks() {
		if m.order == t.order.ID && m.number == t.event.Number && strings.HasPrefix(m.kind, kind) {
			return true
		}
	}
	return false
}

// refuse says once what could not be done, and is the final failure that says so.
func (t *teller) refuse(code contract.FailureCode, said string) error {
	if !t.marked(refused) {
		if err := t.write("ATTENTION: "+said, refused); err != nil {
			return err
		}
	}
	return failure(code, "order "+clean(string(t.doc.IncrementID), 40)+" of the shop: "+said)
}

// isCurrent says whether this is the gateway's order that the shop heard of last: a
// cart that was paid by a second one is not cancelled when the first one expires.
func (t *teller) isCurrent() bool {
	newest := mark{id: -1, order: t.order.ID}
	for _, m := range t.doc.marks() {
		if m.id > newest.id {
			newest = m
		}
	}
	return newest.order == t.order.ID
}

// charged is the purse that the gateway's order is in. Where neither fits it is that
// of the order's currency.
func (t *teller) charged() purse {
	p := t.doc.purse(inOrder)
	if base := t.doc.purse(inBase); t.order.Amount.Currency == base.currency && p.currency != base.currency {
		return base
	}
	return p
}

// cutLast cuts around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
