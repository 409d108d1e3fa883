package egress

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"golang.org/x/net/http/httpguts"
)

// maxHeaders bounds a request's headers and an answer's.
const maxHeaders = 64 << 10

// maxLabel bounds how much of a path stands in messages.
const maxLabel = 200

// plan is a request that has passed every check.
type plan struct {
	out      Outbound
	url      *url.URL
	hostport string
	rules    Host
	header   http.Header
	timeout  time.Duration
	maxBody  int64
	// label names the request in messages: method and URL without its query.
	label string
}

// plan checks a request against its grant. Nothing has been sent when it fails.
func (c *Client) plan(o Outbound) (*plan, error) {
	if o.Secrets == nil {
		o.Secrets = noSecrets{}
	}
	r := o.Request
	p := &plan{out: o, timeout: orElse(o.Timeout, contract.DefaultTimeout), maxBody: orElse(o.MaxBody, contract.MaxAnswer)}
	if err := checkMethod(r.Method); err != nil {
		return nil, err
	}
	var err error
	if p.url, p.hostport, err = parseURL(r.URL); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	path := p.url.EscapedPath()
	if len(path) > maxLabel {
		path = path[:maxLabel] + "…"
	}
	p.label = r.Method + " " + p.url.Scheme + "://" + p.url.Host + path
	if p.rules, err = grant(o.Hosts, p.url.Scheme, p.hostport); err != nil {
		return nil, fmt.Errorf("%s: %w", p.label, err)
	}
	if p.header, err = headers(r.Headers); err != nil {
		return nil, fmt.Errorf("%s: %w", p.label, err)
	}
	if p.header.Get("User-Agent") == "" {
		p.header.Set("User-Agent", c.opt.UserAgent)
	}
	if r.Body != "" && r.BodyBase64 != nil {
		return nil, fmt.Errorf("%s: both body and body_base64 are set", p.label)
	}
	if err := checkKeep(r.Keep); err != nil {
		return nil, fmt.Errorf("%s: %w", p.label, err)
	}
	if _, _, err := p.request(c.opt.Clock()); err != nil {
		return nil, err
	}
	return p, nil
}

// request builds what is sent, credentials anew. The second result are
// credentials made of secrets, which must not come back to the guest either.
func (p *plan) request(now time.Time) (*http.Request, []string, error) {
	u := *p.url
	req := &http.Request{
		Method: p.out.Request.Method, URL: &u, Host: u.Host, Header: p.header.Clone(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	body := p.out.Request.Bytes()
	made, err := authorize(req, body, p.out, now)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", p.label, err)
	}
	// net/http sends some requests again by itself if a connection that was
	// kept alive breaks: those it takes for idempotent and whose body it can
	// have twice. A body without GetBody, and names of headers it does not
	// see, keep it from that; only what may be repeated anyway goes without.
	switch {
	case len(body) > 0:
		req.Body, req.ContentLength = io.NopCloser(once{bytes.NewReader(body)}), int64(len(body))
	case (req.Method == http.MethodGet || req.Method == http.MethodHead || req.Method == http.MethodOptions) && !p.out.Request.Repeatable():
		req.Body = io.NopCloser(once{bytes.NewReader(nil)})
	}
	return req, made, nil
}

// once hides all of a reader but Read.
type once struct{ io.Reader }

func checkMethod(method string) error {
	if method == "" || len(method) > 32 || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		return errors.New("the method is no HTTP method in capitals")
	}
	if method == http.MethodConnect || method == http.MethodTrace {
		return fmt.Errorf("method %s is not sent", method)
	}
	return nil
}

// reserved names the headers that are the host's own.
var reserved = map[string]bool{
	"host": true, "content-length": true, "transfer-encoding": true, "connection": true, "expect": true,
	"keep-alive": true, "upgrade": true, "te": true, "trailer": true, "http2-settings": true,
}

func headers(from map[string]string) (http.Header, error) {
	h := make(http.Header, len(from)+2)
	size := 0
	for name, value := range from {
		if err := checkHeader(name, value); err != nil {
			return nil, err
		}
		if hasHeader(h, name) {
			return nil, fmt.Errorf("header %s is set twice", strings.ToLower(name))
		}
		if size += len(name) + len(value); size > maxHeaders {
			return nil, errors.New("the headers are too large")
		}
		setHeader(h, name, value)
	}
	return h, nil
}

// setHeader writes the keys by which net/http would take a request for
// idempotent in lower case, as it does not look for them: names are the same
// in any case.
func setHeader(h http.Header, name, value string) {
	if lower := strings.ToLower(name); lower == "idempotency-key" || lower == "x-idempotency-key" {
		h[lower] = []string{value}
		return
	}
	h.Set(name, value)
}

func hasHeader(h http.Header, name string) bool {
	_, lower := h[strings.ToLower(name)]
	return lower || len(h.Values(name)) > 0
}

func checkHeader(name, value string) error {
	lower := strings.ToLower(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return errors.New("a header's name has characters that it may not have")
	case reserved[lower] || strings.HasPrefix(lower, "proxy-"):
		return fmt.Errorf("header %s cannot be set", lower)
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("header %s holds a control character", lower)
	}
	return nil
}

// noSecrets stands where a request has none: the caller signed it.
type noSecrets struct{}

func (noSecrets) Secret(string) (string, []string, bool) { return "", nil, false }
func (noSecrets) Values() []string                       { return nil }
