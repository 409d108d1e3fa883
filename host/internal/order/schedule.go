package order

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shortestPause is the least time between two questions, whatever the rule says.
const shortestPause = 15 * time.Second

// unknownPause is the longest between two questions about an unknown outcome
// while the payment has not expired.
const unknownPause = time.Hour

// pollable says whether get_payment may be asked at all: the plugin has it, a
// rule allows it, and its number is not used up.
func (p Payment) pollable() bool {
	r := p.Rules.Polling
	return r != nil && p.can(contract.GetPayment) && (r.AtMost <= 0 || p.Polls < r.AtMost)
}

// question gives the time of the next get_payment of an attempt that is
// waited for, until 30 days after the provider counts as silent.
func (p Payment) question(silent time.Time) (time.Time, bool) {
	if !p.pollable() {
		return time.Time{}, false
	}
	rule := p.Rules.Polling
	last := later(p.CreatedAt, p.PolledAt)
	wait := pause(rule, p.Polls)
	if p.Outcome == OutcomeUnknown {
		wait = min(wait, unknownPause)
	}
	at := last.Add(wait)
	if n := len(p.NotFound); n > 0 {
		at = p.NotFound[n-1].Add(notFoundApart)
	}
	if p.PolledAt.Before(p.ExpiresAt) && (rule.OnlyAfterExpiry || at.After(p.ExpiresAt)) {
		at = p.ExpiresAt
	}
	if at.After(silent) {
		at = last.Add(day)
	}
	return at, !at.After(silent.Add(askedDaily))
}

// lapse gives the time at which an attempt ends by the host's word, if it
// does: at its expiry where the provider, asked after it, never said that
// money is under way; else when nobody asks any more.
func (p Payment) lapse() (time.Time, bool) {
	if !p.Started || p.Outcome == OutcomeUnknown {
		return time.Time{}, false
	}
	switch p.Status() {
	case PaymentCreated, PaymentPending:
	default:
		return time.Time{}, false
	}
	_, underWay := p.News.At[contract.UpdatePending]
	_, approved := p.News.At[contract.UpdateApproved]
	if !underWay && !approved && (!p.pollable() || !p.AnsweredAt.Before(p.ExpiresAt)) {
		return p.ExpiresAt, true
	}
	return p.ExpiresAt.Add(silentAfter + askedDaily), true
}

// pause is the wait before the next question after so many: the first, times
// the factor for each one before, within the rule's bound, 15 seconds and a day.
func pause(r *contract.PollingRule, asked int) time.Duration {
	shortest, longest := int64(shortestPause/time.Second), int64(day/time.Second)
	if r.MaxIntervalS > 0 {
		longest = max(shortest, min(longest, r.MaxIntervalS))
	}
	s := min(max(r.FirstAfterS, shortest), longest)
	for range asked {
		if r.Factor <= 1 || s >= longest {
			break
		}
		s = min(longest, s*min(r.Factor, longest))
	}
	return time.Duration(s) * time.Second
}

// growing doubles a pause for each earlier try, up to a day.
func growing(first time.Duration, tries int) time.Duration {
	d := first
	for i := 0; i < tries && d < day; i++ {
		d *= 2
	}
	return min(d, day)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
