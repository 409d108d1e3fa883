package conformance

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Handler makes an http.Handler a world, without a network: every host that
// the plugin speaks to is answered by it.
func Handler(h http.Handler) http.RoundTripper { return handlerWorld{h} }

type handlerWorld struct{ handler http.Handler }

func (w handlerWorld) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "192.0.2.1:1234"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, in)
	return out.Result(), nil
}

// Step is one exchange of a [Script].
type Step struct {
	// Request is what must come: "POST https://api.example/v1/orders".
	Request string
	// Check looks at the whole request, credentials included. Nil takes any.
	Check func(r *http.Request, body []byte) error
	// Status, Header and Body are the answer. Status 0 means 200.
	Status int
	Header map[string]string
	Body   string
	// Error is what comes in place of an answer.
	Error *contract.ExchangeError
}

// Script is a world that expects exactly these exchanges in this order. A
// request that is not the next one is an error of [Drive].
type Script struct {
	mu    sync.Mutex
	steps []Step
	next  int
}

// NewScript makes a script.
func NewScript(steps ...Step) *Script { return &Script{steps: steps} }

// ErrScript says that a request was not the next of the script.
var ErrScript = errors.New("not in the script")

// RoundTrip implements [http.RoundTripper].
func (s *Script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := r.Method + " " + r.URL.String()
	if s.next == len(s.steps) {
		return nil, fmt.Errorf("%s: %w: it is over", got, ErrScript)
	}
	step := s.steps[s.next]
	if got != step.Request {
		return nil, fmt.Errorf("%s: %w: step %d is %s", got, ErrScript, s.next+1, step.Request)
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	if step.Check != nil {
		if err := step.Check(r, body); err != nil {
			return nil, fmt.Errorf("%s: %w: step %d: %w", got, ErrScript, s.next+1, err)
		}
	}
	s.next++
	if step.Error != nil {
		return nil, step.Error
	}
	resp := &http.Response{StatusCode: step.Status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(step.Body)), Request: r}
	if resp.StatusCode == 0 {
		resp.StatusCode = http.StatusOK
	}
	for name, value := range step.Header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

// Done says whether every step was taken.
func (s *Script) Done() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next < len(s.steps) {
		return fmt.Errorf("%w: step %d, %s, was not taken", ErrScript, s.next+1, s.steps[s.next].Request)
	}
	return nil
}
