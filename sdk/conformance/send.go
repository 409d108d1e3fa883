package conformance

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// tick is what an exchange takes on the driver's clock.
const tick = 40 * time.Millisecond

// meet sends the requests of a round, one after the other, and notes what came.
func (d *driver) meet(ctx context.Context, need contract.Need) error {
	for _, req := range need.Requests {
		d.clock = d.clock.Add(tick + time.Duration(req.AfterMS)*time.Millisecond)
		resp, err := d.send(context.WithValue(ctx, sendingKey{}, sending{req, need.Interim != nil}), req)
		x := contract.Exchange{Request: req, At: d.clock}
		var lost *contract.ExchangeError
		switch {
		case err == nil:
			x.Response = &resp
		case errors.As(err, &lost):
			x.Error = lost
		default:
			return fmt.Errorf("%s %s: %w", req.Method, req.URL, err)
		}
		d.transcript.Exchanges = append(d.transcript.Exchanges, x)
	}
	return d.checkAnswers()
}

// sending is what a request on the wire is for the plugin.
type sending struct {
	contract.Request
	interim bool
}

type sendingKey struct{}

// sent tells of a request on the wire.
func sent(r *http.Request) sending {
	s, _ := r.Context().Value(sendingKey{}).(sending)
	return s
}

// send sends one request. An error that is no [contract.ExchangeError] is the
// plugin's breach of the contract.
func (d *driver) send(ctx context.Context, req contract.Request) (contract.Response, error) {
	r, err := d.request(req)
	if err != nil { // of which a token that is missing is told to the plugin
		return contract.Response{}, err
	}
	if d.call.World == nil {
		return contract.Response{}, errors.New("the call has no world to send it to")
	}
	timeout := contract.DefaultTimeout
	if req.TimeoutMS > 0 {
		timeout = time.Duration(req.TimeoutMS) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resp, err := d.call.World.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return contract.Response{}, exchangeError(err)
	}
	defer resp.Body.Close()
	limit := contract.MaxAnswer
	if req.Consumes {
		limit = contract.MaxConsumedAnswer
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	switch {
	case err != nil:
		return contract.Response{}, exchangeError(err)
	case len(body) > limit:
		return contract.Response{}, &contract.ExchangeError{Kind: contract.ErrorTooLarge, Sent: contract.SentYes, Message: fmt.Sprintf("the answer has more than %d bytes", limit)}
	}
	return d.response(req, resp, body)
}

// request builds the HTTP request with its credentials.
func (d *driver) request(req contract.Request) (*http.Request, error) {
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil, err
	}
	if err := d.keeper.granted(d.manifest.Hosts, u); err != nil {
		return nil, err
	}
	r, err := http.NewRequest(req.Method, req.URL, bytes.NewReader(req.Bytes()))
	if err != nil {
		return nil, err
	}
	for name, value := range req.Headers {
		r.Header.Set(name, value)
	}
	if req.Auth != nil {
		err = d.keeper.authorize(r, req.Bytes(), *req.Auth)
	}
	return r, err
}

// response hides secrets and takes tokens out.
func (d *driver) response(req contract.Request, resp *http.Response, body []byte) (contract.Response, error) {
	out := contract.Response{Status: resp.StatusCode, Headers: map[string][]string{}}
	if out.OK() && len(req.Keep) > 0 {
		var err error
		if body, err = d.keeper.keep(req.Keep, body); err != nil {
			return out, err
		}
	}
	for name, values := range resp.Header {
		for _, v := range values {
			name := strings.ToLower(name)
			out.Headers[name] = append(out.Headers[name], d.keeper.scrub(v))
		}
	}
	if utf8.Valid(body) {
		out.Body = d.keeper.scrub(string(body))
	} else {
		out.BodyBase64 = []byte(d.keeper.scrub(string(body)))
	}
	return out, nil
}

// checkAnswers holds the bodies of all answers to their bound.
func (d *driver) checkAnswers() error {
	n := 0
	for _, x := range d.transcript.Exchanges {
		if x.Response != nil {
			n += len(x.Response.Bytes())
		}
	}
	if n > contract.MaxAnswers {
		return fmt.Errorf("all answers have %d bytes, at most %d are allowed", n, contract.MaxAnswers)
	}
	return nil
}

// exchangeError is what the plugin is told of an error of the world. That a
// request is not in the script is the test's concern, not the plugin's.
func exchangeError(err error) error {
	var e *contract.ExchangeError
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, ErrScript):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe, Message: err.Error()}
	}
	return &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentMaybe, Message: err.Error()}
}

// basicValue is the value of the authorization header of RFC 7617.
func basicValue(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}
