package openapitest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport sends requests through base and holds every exchange against the
// document. What does not fit is the error of the request.
func (c *Checker) Transport(base http.RoundTripper) http.RoundTripper {
	return transport{c, base}
}

// Client is an HTTP client that follows no redirect and sends through the
// [Checker.Transport] over http.DefaultTransport.
func (c *Checker) Client() *http.Client {
	return &http.Client{
		Transport:     c.Transport(http.DefaultTransport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type transport struct {
	checker *Checker
	base    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	x := Exchange{Method: r.Method, Path: r.URL.Path}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("read the request's body: %w", err)
		}
		if err := r.Body.Close(); err != nil {
			return nil, fmt.Errorf("close the request's body: %w", err)
		}
		r = r.Clone(r.Context())
		r.Body, x.Request = io.NopCloser(bytes.NewReader(body)), body
	}
	answer, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if closeErr := answer.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s %s: %w", r.Method, r.URL.Path, err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	x.Status, x.Header, x.Body = answer.StatusCode, answer.Header, body
	if err := t.checker.Check(x); err != nil {
		return nil, err
	}
	return answer, nil
}

var _ http.RoundTripper = transport{}
