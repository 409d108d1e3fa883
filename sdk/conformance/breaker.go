package conformance

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// breaker stands between the plugin and a world. It breaks one request of a
// call, or has something happen before or beside one.
type breaker struct {
	world http.RoundTripper
	// before runs before the first request for which only holds is carried out.
	before func()
	only   func(r *http.Request) bool
	// beside runs while the first request that has an interim is under way.
	beside func()
	// fault breaks request number at, counted from 0; of those alone that count,
	// if that is said; or all of them.
	fault  *fault
	at     int
	counts func(r *http.Request) bool
	all    bool

	n int
	// hit says that there was such a request, wrote that it was no read, and
	// answered that a later one was answered 2xx.
	hit, wrote, answered bool
}

// fault is a way in which an exchange goes wrong.
type fault struct {
	name string
	// carried says that the provider carries the request out all the same.
	carried bool
	lost    *contract.ExchangeError
	status  int
	header  map[string]string
	body    string
}

// retryAfter is what a provider asks for with 429, in seconds.
const retryAfter = "7"

// faults are those of the network, of proxies and of providers.
func faults() []fault {
	const page = "<!DOCTYPE html><html><head><title>Error</title></head><body>Something went wrong</body></html>"
	html := map[string]string{"Content-Type": "text/html"}
	return []fault{
		{name: "refused", lost: &contract.ExchangeError{Kind: contract.ErrorRefused, Sent: contract.SentNo, Message: "connection refused"}},
		{name: "lost before", lost: &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe, Message: "no answer"}},
		{name: "lost after", carried: true, lost: &contract.ExchangeError{Kind: contract.ErrorLost, Sent: contract.SentMaybe, Message: "the host went down"}},
		{name: "reset", carried: true, lost: &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentYes, Message: "connection reset"}},
		{name: "500", status: 500, header: html, body: page},
		{name: "500 after", carried: true, status: 500, header: html, body: page},
		{name: "503 empty", status: 503},
		{name: "429", status: 429, header: map[string]string{"Retry-After": retryAfter}},
		{name: "HTML", carried: true, status: 200, header: html, body: page},
		{name: "empty", carried: true, status: 200},
		{name: "oversized", carried: true, status: 200, body: strings.Repeat(" ", contract.MaxConsumedAnswer+1)},
		{name: "bad UTF-8", carried: true, status: 200, body: "{\"\xff\xfe\": \"\xc3\x28\"}"},
		{name: "redirect", status: 302, header: map[string]string{"Location": "https://elsewhere.example/"}},
	}
}

// noRead is a request that changes something.
func noRead(r *http.Request) bool { return sent(r).Effective() != contract.Read }

// RoundTrip implements [http.RoundTripper].
func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.counts != nil && !b.counts(r) {
		return b.carry(r)
	}
	n := b.n
	b.n++
	if before := b.before; before != nil && b.only(r) {
		b.before = nil
		before()
	}
	if beside := b.beside; beside != nil && sent(r).interim {
		b.beside = nil
		return b.meanwhile(r, beside)
	}
	if b.fault == nil || n != b.at && !b.all {
		return b.carry(r)
	}
	b.hit, b.wrote = true, noRead(r)
	return b.fault.meet(b.world, r)
}

// carry has the world answer a request.
func (b *breaker) carry(r *http.Request) (*http.Response, error) {
	resp, err := b.world.RoundTrip(r)
	b.answered = b.answered || b.hit && err == nil && resp.StatusCode < 300
	return resp, err
}

// meet is what the fault makes of a request.
func (f *fault) meet(world http.RoundTripper, r *http.Request) (*http.Response, error) {
	if f.carried {
		resp, err := world.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if err := resp.Body.Close(); err != nil {
			return nil, err
		}
	}
	if f.lost != nil {
		return nil, f.lost
	}
	resp := &http.Response{StatusCode: f.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(f.body)), Request: r}
	for name, value := range f.header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

// meanwhile runs something while the provider is at work on a request.
func (b *breaker) meanwhile(r *http.Request, beside func()) (*http.Response, error) {
	x, ok := b.world.(Expecter)
	if !ok {
		return b.world.RoundTrip(r)
	}
	type outcome struct {
		resp *http.Response
		err  error
	}
	done := make(chan outcome, 1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		resp, err := b.world.RoundTrip(r) //nolint:bodyclose // whoever sent it closes it
		cancel()                          // it may be over before anybody looked
		done <- outcome{resp, err}
	}()
	if err := x.Underway(ctx); err == nil {
		beside()
	}
	o := <-done
	return o.resp, o.err
}
