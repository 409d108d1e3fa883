package egress

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

const (
	// maxAttempts bounds how often a repeatable request is sent.
	maxAttempts = 3
	// maxStale bounds how often a request goes on to the next connection
	// because the one it got was dead before anything was written.
	maxStale = 8
	// firstPause is the pause after the first attempt, before jitter; each further one is three times as long.
	firstPause = 200 * time.Millisecond
)

// repeat sends a request, again if it may be and that may help.
func (c *Client) repeat(ctx context.Context, p *plan) Answer {
	var last Answer
	sent, stale, attempts := contract.SentNo, 0, 0
	for {
		done, err := c.breakers.allow(p.out.Breaker, p.hostport)
		if err != nil {
			if attempts == 0 {
				last = c.blocked(fmt.Errorf("%s: %w", p.label, err))
			}
			break
		}
		t := c.try(ctx, p)
		if t.stale && stale < maxStale && ctx.Err() == nil {
			stale++
			done(Answer{Error: &contract.ExchangeError{Kind: contract.ErrorBlocked}})
			continue
		}
		last = t.Answer
		done(last)
		attempts += t.times
		sent = later(sent, last)
		wait, again := c.again(ctx, p, t, attempts)
		if !again || c.pause(ctx, wait) != nil {
			break
		}
	}
	last.Attempts = attempts
	if last.Error != nil {
		last.Error.Sent = sent
		if attempts > 1 {
			last.Error.Message += fmt.Sprintf(" (sent %d times)", attempts)
		}
	}
	return last
}

// later keeps what is known of all sendings together: the worst.
func later(sofar contract.Sent, a Answer) contract.Sent {
	now := contract.SentYes
	if a.Error != nil {
		now = a.Error.Sent
	}
	if sofar == contract.SentYes || (sofar == contract.SentMaybe && now == contract.SentNo) {
		return sofar
	}
	return now
}

// again says whether a request is to be sent once more, and after which pause.
func (c *Client) again(ctx context.Context, p *plan, t tried, attempts int) (time.Duration, bool) {
	if !p.out.Request.Repeatable() || attempts >= maxAttempts || !passing(t.Answer) {
		return 0, false
	}
	pause := firstPause
	for range attempts - 1 {
		pause *= 3
	}
	pause = max(time.Duration(float64(pause)*c.jitter()), t.retryAfter)
	deadline, ok := ctx.Deadline()
	return pause, ok && time.Until(deadline) > pause
}

// passing says that another try may have a better end.
func passing(a Answer) bool {
	if a.Response != nil {
		return a.Response.Status == http.StatusTooManyRequests || a.Response.Status >= 500
	}
	switch a.Error.Kind {
	case contract.ErrorReset, contract.ErrorRefused, contract.ErrorDNS:
		return true
	}
	return false
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(n)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
