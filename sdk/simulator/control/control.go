// Package control is what the provider simulators have in common: a clock that
// can be moved, an agenda of what falls due by it, fault switches, scripted
// answers, a journal of the requests received, and the control API through
// which tests and people operate all of these.
//
// The package knows no provider. A simulator wraps each of its calls with
// [Calls.Handle], puts what happens later into an [Agenda], and answers the
// control API with [Handler].
package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// maxBody bounds a request to the control API, in bytes.
const maxBody = 1 << 20

// API is what a simulator answers on its control API. Each function gets the
// raw request body and returns what is to be encoded as the JSON answer.
type API struct {
	Next   func(ctx context.Context, body []byte) (any, error) // POST /next: what happens next
	Faults func(ctx context.Context, body []byte) (any, error) // POST /faults: set and clear fault switches
	Clock  func(ctx context.Context, body []byte) (any, error) // POST /clock: move the provider's clock
	Notify func(ctx context.Context, body []byte) (any, error) // POST /notify: send notifications now
	Books  func() any                                          // GET /books: all that the simulator knows
}

// Handler serves an [API] below its mount point. A refused request is answered
// with the status of its [Problem] and the body {"error": "..."}; any other
// error with 500.
func Handler(a API) http.Handler {
	mux := http.NewServeMux()
	for path, f := range map[string]func(context.Context, []byte) (any, error){
		"/next": a.Next, "/faults": a.Faults, "/clock": a.Clock, "/notify": a.Notify,
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { serve(w, r, f) })
	}
	mux.HandleFunc("GET /books", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, a.Books()) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, refusal{Error: r.Method + " " + r.URL.Path +
			" is not part of the control API; it has POST /next, POST /faults, POST /clock, POST /notify and GET /books"})
	})
	return mux
}

type refusal struct {
	Error string `json:"error"`
}

func serve(w http.ResponseWriter, r *http.Request, f func(context.Context, []byte) (any, error)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, refusal{Error: "read the request: " + err.Error()})
		return
	}
	v, err := f(r.Context(), body)
	if err == nil {
		answer(w, http.StatusOK, v)
		return
	}
	status := http.StatusInternalServerError
	var p *Problem
	if errors.As(err, &p) {
		status = p.Status
	}
	answer(w, status, refusal{Error: err.Error()})
}

func answer(w http.ResponseWriter, status int, v any) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"encode the answer"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the client may have gone; nothing is left to do then
}
