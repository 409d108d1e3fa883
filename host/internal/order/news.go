package order

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// farFuture is how far ahead of its arrival an occurred_at may lie: a clock
// may be off, a wrong year may not win for ever.
const farFuture = 24 * time.Hour

// maxAttentionCode and maxAttentionMessage bound what a plugin may ask an
// operator to read, in characters.
const (
	maxAttentionCode    = 64
	maxAttentionMessage = 500
)

// priced says which types are about money and need an amount to count.
func priced(t contract.UpdateType) bool {
	switch t {
	case contract.UpdateCaptured, contract.UpdateRefunded, contract.UpdateChargedBack:
		return true
	}
	return false
}

// occurred gives the time that is booked for an update: what it says, or the
// stand-in. Times far ahead of the arrival count as missing.
func occurred(said, standIn, arrived time.Time) time.Time {
	if said.IsZero() {
		return utc(standIn)
	}
	if said.After(arrived.Add(farFuture)) {
		return time.Time{}
	}
	return utc(said)
}

// utc drops what JSON does not keep: the location and the monotonic clock.
func utc(t time.Time) time.Time { return t.UTC().Round(0) }

// note joins one report of a type at a time. It says whether the type is new.
func (n *News) note(t contract.UpdateType, at time.Time) bool {
	latest, known := n.At[t]
	if !known || at.After(latest) {
		put(&n.At, t, at)
	}
	if since, ok := n.Since[t]; !at.IsZero() && (!ok || at.Before(since)) {
		put(&n.Since, t, at)
	}
	return !known
}

// fall joins a failure or an expiry that the host concludes without the
// provider's word: it is the oldest news there is, so that any word wins.
func (n *News) fall(t contract.UpdateType) { n.note(t, time.Time{}) }

// book joins one verified update. own is the operation of the host that the
// update's item names by id, or nil. It says whether the type is new.
func (n *News) book(u contract.Update, at time.Time, asked Money, own *Operation) (fresh bool) {
	if a := u.Attention; a != nil {
		n.ask(cut(a.Code, maxAttentionCode), cut(a.Message, maxAttentionMessage))
	}
	item, ok := n.price(u, at, asked, own)
	if !ok {
		return false
	}
	fresh = n.note(u.Type, at)
	switch {
	case u.Item != nil && (u.Item.ProviderReference != "" || own != nil):
		n.bookItem(u, item, own)
	case u.Type == contract.UpdateCaptureFailed || u.Type == contract.UpdateRefundFailed:
		// A failure that names no operation releases none.
	default:
		n.bookTotal(u.Type, item)
	}
	return fresh
}

// price takes an update's amounts. False: it is about money that does not
// count, which it has noted.
func (n *News) price(u contract.Update, at time.Time, asked Money, own *Operation) (Item, bool) {
	amount := u.Amount
	if amount.IsZero() && own != nil && priced(u.Type) {
		amount = own.Amount
	}
	if amount.IsZero() && u.Type == contract.UpdateAuthorized {
		amount = asked
	}
	switch {
	case amount.IsZero() && priced(u.Type), amount.Value < 0, amount.Value > MaxAmount, amount.Value == 0 && u.Type == contract.UpdateCaptured:
		put(&n.Unpriced, u.Type, true)
		return Item{}, false
	case !amount.IsZero() && amount.Currency != asked.Currency:
		if amount.Value > n.Foreign[amount.Currency] {
			put(&n.Foreign, amount.Currency, amount.Value)
		}
		return Item{}, false
	case amount.Value == 0 && priced(u.Type):
		return Item{}, false
	}
	side := func(m Money) int64 {
		if m.Currency != asked.Currency || m.Value < 0 || m.Value > MaxAmount {
			return 0
		}
		return m.Value
	}
	i := Item{Amount: amount.Value, Tip: side(u.Tip), Surcharge: side(u.Surcharge), Fee: side(u.Fee), At: at}
	i.Counted = max(0, i.Amount-i.Tip-i.Surcharge)
	return i, true
}

func (n *News) bookTotal(t contract.UpdateType, i Item) {
	if i.Amount > n.Totals[t] {
		put(&n.Totals, t, i.Amount)
	}
	if t == contract.UpdateCaptured {
		n.Counted = max(n.Counted, i.Counted)
	}
	n.Tip, n.Surcharge, n.Fee = max(n.Tip, i.Tip), max(n.Surcharge, i.Surcharge), max(n.Fee, i.Fee)
}

func (n *News) bookItem(u contract.Update, i Item, own *Operation) {
	if own != nil {
		i.ID = own.ID
		n.keep(&n.Own, u.Type, own.ID, i)
	}
	if ref := u.Item.ProviderReference; ref != "" {
		n.keep(&n.Items, u.Type, ref, i)
	}
}

// keep joins an item into one of the two sets.
func (n *News) keep(set *map[contract.UpdateType]map[string]Item, t contract.UpdateType, key string, i Item) {
	items := (*set)[t]
	if was, ok := items[key]; ok {
		i = was.join(i)
	}
	put(&items, key, i)
	put(set, t, items)
}

func (i Item) join(j Item) Item {
	at := i.At
	if at.IsZero() || (!j.At.IsZero() && j.At.Before(at)) {
		at = j.At
	}
	return Item{
		ID: max(i.ID, j.ID), Amount: max(i.Amount, j.Amount), Counted: max(i.Counted, j.Counted),
		Tip: max(i.Tip, j.Tip), Surcharge: max(i.Surcharge, j.Surcharge), Fee: max(i.Fee, j.Fee), At: at,
	}
}

// ask joins a plugin's attention: of two messages for a code the larger text stays.
func (n *News) ask(code, message string) {
	if code == "" {
		return
	}
	if was, ok := n.Attention[code]; !ok || message > was {
		put(&n.Attention, code, message)
	}
}

// amount is what came together of a type, in minor units.
func (n News) amount(t contract.UpdateType) int64 {
	value := func(i Item) int64 { return i.Amount }
	return max(n.Totals[t], sum(n.Items[t], value), sum(n.Own[t], value))
}

// side is a tip, a surcharge or a fee: reported beside totals, or by items of any type.
func (n News) side(total int64, value func(Item) int64) int64 {
	var items, own int64
	for _, t := range [...]contract.UpdateType{contract.UpdateAuthorized, contract.UpdateCaptured} {
		items = max(items, sum(n.Items[t], value))
		own = max(own, sum(n.Own[t], value))
	}
	return max(total, items, own)
}

// counted is the most that counted towards the order at any time.
func (n News) counted() int64 {
	value := func(i Item) int64 { return i.Counted }
	return max(n.Counted, sum(n.Items[contract.UpdateCaptured], value), sum(n.Own[contract.UpdateCaptured], value))
}

// sum adds without running over: beyond what an int64 holds it stays.
func sum(items map[string]Item, value func(Item) int64) int64 {
	const full = int64(1) << 58 // room for MaxAttempts of them
	var total int64
	for _, i := range items {
		total = min(full, total+value(i))
	}
	return total
}

func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// cut shortens a text to so many characters.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
