package paypal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// maxRequestID is the longest PayPal-Request-Id (openapi, Orders).
const maxRequestID = 108

// operation carries out one call of the API, with the lock held.
type operation func(q *request) (answer, *apiError)

// request is a call that was let in.
type request struct {
	*http.Request
	body []byte // raw
	id   string // of the resource in the path
	base string // for links
	now  time.Time
}

// answer is what a call gives: the whole resource, and the short form of it.
type answer struct {
	status int
	full   any
	// minimal is what Prefer: return=minimal, the default, gets; nil means the
	// same as full. Calls without that header's choice leave it.
	minimal any
	// empty sends the minimal answer as 204 without a body.
	empty bool
}

// stored is the answer that a repeated request id gets.
type stored struct {
	request [sha256.Size]byte
	status  int
	body    json.RawMessage // nil: none
}

// short is the minimal form of a resource (openapi, parameter prefer).
type short struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Links  []link `json:"links"`
}

// api lets a call in: token, mock response, body, request id; then runs it.
func (s *Simulator) api(call string, do operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, v := s.handle(call, do, w, r)
		s.write(w, status, v)
	}
}

func (s *Simulator) handle(call string, do operation, w http.ResponseWriter, r *http.Request) (int, any) {
	if !s.authorised(r, call) {
		e := failed(http.StatusUnauthorized)
		return e.status, e
	}
	if e, ok := mocked(r); ok {
		return e.status, e
	}
	q := &request{Request: r, id: r.PathValue("id"), base: s.publicURL(r), now: s.clock.Now().UTC()}
	var e *apiError
	if q.body, e = readBody(w, r); e != nil {
		return e.status, e
	}
	key, e := s.requestKey(q)
	if e != nil {
		return e.status, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = q.base
	if key != "" {
		if s.faults.On(faultInProgress, call) {
			e := refuse("PREVIOUS_REQUEST_IN_PROGRESS")
			return e.status, e
		}
		if before, ok := s.answers[key]; ok {
			return before.again(q)
		}
	}
	a, e := do(q)
	if e != nil {
		return e.status, e
	}
	status, v := a.choose(r)
	if key != "" {
		s.answers[key] = store(q, status, v)
	}
	return status, v
}

// again answers a repeated request id: the stored answer with 200, nothing is
// done. With another body it is refused: the code is of PayPal's older APIs,
// its use here the simulator's choice.
func (before stored) again(q *request) (int, any) {
	if before.request != sha256.Sum256(bytes.TrimSpace(q.body)) {
		e := refuseHeader("DUPLICATE_REQUEST_ID", "PayPal-Request-Id")
		return e.status, e
	}
	if before.body == nil {
		return before.status, nil
	}
	return http.StatusOK, before.body
}

func store(q *request, status int, v any) stored {
	out := stored{request: sha256.Sum256(bytes.TrimSpace(q.body)), status: status}
	if v != nil {
		out.body, _ = json.Marshal(v) // what is answered always encodes
	}
	return out
}

// choose picks the form that the header Prefer asks for.
func (a answer) choose(r *http.Request) (int, any) {
	representation := false
	for _, p := range strings.Split(r.Header.Get("Prefer"), ",") {
		representation = representation || strings.EqualFold(strings.TrimSpace(p), "return=representation")
	}
	switch {
	case !representation && a.empty:
		return http.StatusNoContent, nil
	case !representation && a.minimal != nil:
		return a.status, a.minimal
	}
	return a.status, a.full
}

// requestKey is the idempotency key of a POST with a request id, or "".
func (s *Simulator) requestKey(q *request) (string, *apiError) {
	id := q.Header.Get("PayPal-Request-Id")
	if q.Method != http.MethodPost || id == "" {
		return "", nil
	}
	if len(id) > maxRequestID {
		return "", refuseHeader("INVALID_STRING_LENGTH", "PayPal-Request-Id")
	}
	return q.Method + " " + q.URL.Path + " " + id, nil
}

// readBody reads the body of a call. A body that is not empty must be JSON, and
// by its content type too; empty ones may say anything, as PayPal's SDKs do.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *apiError) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, refuse("MALFORMED_REQUEST_JSON")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || (media != "application/json" && media != "application/json-patch+json") {
		return nil, failed(http.StatusUnsupportedMediaType)
	}
	if !json.Valid(body) {
		return nil, refuse("MALFORMED_REQUEST_JSON")
	}
	return body, nil
}

// decode reads a body into a struct; unknown members are passed over. An empty
// body is an empty object.
func (q *request) decode(into any) *apiError {
	if q.body == nil {
		return nil
	}
	err := json.Unmarshal(q.body, into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return refuseField("INVALID_PARAMETER_SYNTAX", "/"+strings.ReplaceAll(kind.Field, ".", "/"), kind.Value)
	case err != nil:
		return refuse("MALFORMED_REQUEST_JSON")
	}
	return nil
}
