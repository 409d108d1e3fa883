package egress

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// tried is what came of one sending.
type tried struct {
	Answer
	retryAfter time.Duration
	// stale: a connection that was kept alive turned out to be dead; nothing left.
	stale bool
	times int
}

// try sends a request once.
func (c *Client) try(ctx context.Context, p *plan) tried {
	req, made, err := p.request(c.opt.Clock())
	if err != nil {
		return tried{Answer: c.blocked(err)}
	}
	transport, err := c.pools.transport(p.rules)
	if err != nil {
		return tried{Answer: c.blocked(fmt.Errorf("%s: %w", p.label, err))}
	}
	track := &tracker{}
	resp, err := transport.RoundTrip(req.WithContext(track.trace(ctx)))
	if err != nil {
		e := failure(ctx, err, track)
		e.Message = p.label + ": " + p.clean(e.Message, made)
		return tried{Answer: Answer{Error: e}, times: track.times(), stale: e.Kind == contract.ErrorReset && track.stale()}
	}
	defer func() { _ = resp.Body.Close() }() // a broken body was reported by reading it
	t := tried{times: track.times(), retryAfter: retryAfter(resp.Header, c.opt.Clock())}
	body, e := read(ctx, resp, p.maxBody)
	if e != nil {
		e.Message = p.label + ": " + p.clean(e.Message, made)
		t.Error = e
		return t
	}
	t.Response, t.Kept = p.answer(resp, body, made)
	return t
}

// read reads a body to its end and no further than its bound.
func read(ctx context.Context, resp *http.Response, bound int64) ([]byte, *contract.ExchangeError) {
	broken := func(kind contract.ErrorKind, message string) *contract.ExchangeError {
		return &contract.ExchangeError{Kind: kind, Sent: contract.SentYes, Message: message}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 599 {
		return nil, broken(contract.ErrorReset, fmt.Sprintf("status %d is no answer", resp.StatusCode))
	}
	tooLarge := fmt.Sprintf("the answer is larger than %d bytes", bound)
	if resp.ContentLength > bound && resp.Request.Method != http.MethodHead {
		return nil, broken(contract.ErrorTooLarge, tooLarge)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bound+1))
	switch {
	case int64(len(body)) > bound:
		return nil, broken(contract.ErrorTooLarge, tooLarge)
	case err == nil:
		return body, nil
	}
	return nil, broken(orElse(contextKind(ctx, err), contract.ErrorReset), fmt.Sprintf("the answer broke off after %d bytes: %v", len(body), err))
}

// answer makes of a response what the guest may see, and takes tokens out of it.
func (p *plan) answer(resp *http.Response, body []byte, made []string) (*contract.Response, map[string]Kept) {
	var kept map[string]Kept
	hide := slices.Concat(p.out.Secrets.Values(), made)
	if r := p.out.Request; len(r.Keep) > 0 && resp.StatusCode < 300 && json.Valid(body) {
		var values []string
		kept, values, body = take(r.Keep, body)
		hide = append(hide, values...)
	}
	m := NewMask(hide)
	r := &contract.Response{Status: resp.StatusCode, Headers: make(map[string][]string, len(resp.Header))}
	for name, values := range resp.Header {
		name = strings.ToLower(name)
		for _, v := range values {
			r.Headers[name] = append(r.Headers[name], m.Text(strings.ToValidUTF8(v, "\uFFFD")))
		}
	}
	if body = m.Body(body); utf8.Valid(body) {
		r.Body = string(body)
	} else {
		r.BodyBase64 = body
	}
	return r, kept
}

// clean takes secrets out of a message.
func (p *plan) clean(message string, made []string) string {
	return NewMask(slices.Concat(p.out.Secrets.Values(), made)).Text(message)
}

// failure says why there is no answer.
func failure(ctx context.Context, err error, track *tracker) *contract.ExchangeError {
	e := &contract.ExchangeError{Sent: track.outcome(), Message: err.Error()}
	var dial *dialError
	switch {
	case errors.As(err, &dial):
		e.Kind = dial.kind
	case strings.Contains(err.Error(), "server response headers exceeded"), strings.Contains(err.Error(), "response header list larger"):
		e.Kind, e.Sent = contract.ErrorTooLarge, contract.SentYes
		e.Message = fmt.Sprintf("the answer's headers are larger than %d bytes", maxHeaders)
	default:
		e.Kind = orElse(contextKind(ctx, err), contract.ErrorReset)
	}
	if e.Kind == contract.ErrorTimeout && dial == nil {
		e.Message = "no answer in time"
	}
	return e
}

// contextKind is timeout or lost where the wait ended for that, else "".
func contextKind(ctx context.Context, err error) contract.ErrorKind {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		return contract.ErrorTimeout
	case cause != nil:
		return contract.ErrorLost
	}
	return timeoutKind(err)
}
