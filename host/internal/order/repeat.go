package order

import "time"

// RepeatVerdict says what to do when a shop creates an order with a reference
// that it has used before.
type RepeatVerdict string

// The verdicts.
const (
	// RepeatSame: answer with the order that is there.
	RepeatSame RepeatVerdict = "same"
	// RepeatSupersede: the cart changed and nothing is under way; Cancel the old order with SupersededBy and make a new one.
	RepeatSupersede RepeatVerdict = "supersede"
	// RepeatConflict: the cart changed while an attempt is under way, or money came in already.
	RepeatConflict RepeatVerdict = "conflict"
	// RepeatPaid: paid or authorized already.
	RepeatPaid RepeatVerdict = "already_paid"
	// RepeatNew: cancelled or expired; make a new order.
	RepeatNew RepeatVerdict = "new"
)

// Repeat decides what a create with the reference of an existing order does.
// An open order whose time is over at now takes no more payments: without an
// attempt under way it is superseded even for the same cart.
func Repeat(existing Order, amount Money, now time.Time) RepeatVerdict {
	switch existing.Status() {
	case Paid, Authorized:
		return RepeatPaid
	case Cancelled, Expired:
		return RepeatNew
	}
	busy := len(existing.LiveAttempts()) > 0 || existing.Amounts().Captured.Value > 0
	over := !now.Before(existing.ExpiresAt)
	switch {
	case existing.Amount == amount && (busy || !over):
		return RepeatSame
	case busy:
		return RepeatConflict
	}
	return RepeatSupersede
}
