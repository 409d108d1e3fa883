package conformance

import (
	"io"
	"net/http"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// breaker stands between the plugin and a world, and breaks one request of a call.
type breaker struct {
	world http.RoundTripper
	// before runs before a request for which only holds is carried out.
	before func()
	only   func(r *http.Request) bool
	// fault breaks request number at, counted from 0.
	fault *fault
	at    int

	n int
	// hit says that there was such a request, write that it was no read.
	hit, write bool
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
		{name: "429", status: 429, header: map[string]string{"Retry-After": "7"}},
		{name: "HTML", carried: true, status: 200, header: html, body: page},
		{name: "empty", carried: true, status: 200},
		{name: "oversized", carried: true, status: 200, body: strings.Repeat(" ", contract.MaxConsumedAnswer+1)},
		{name: "bad UTF-8", carried: true, status: 200, body: "{\"\xff\xfe\": \"\xc3\x28\"}"},
		{name: "redirect", status: 302, header: map[string]string{"Location": "https://elsewhere.example/"}},
	}
}

// RoundTrip implements [http.RoundTripper].
func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	n := b.n
	b.n++
	if b.before != nil && b.only(r) {
		b.before()
	}
	if b.fault == nil || n != b.at {
		return b.world.RoundTrip(r)
	}
	b.hit, b.write = true, r.Method != http.MethodGet && r.Method != http.MethodHead
	if b.fault.carried {
		resp, err := b.world.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if err := resp.Body.Close(); err != nil {
			return nil, err
		}
	}
	if b.fault.lost != nil {
		return nil, b.fault.lost
	}
	resp := &http.Response{StatusCode: b.fault.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(b.fault.body)), Request: r}
	for name, value := range b.fault.header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}
