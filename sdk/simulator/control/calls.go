package control

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The faults that [Calls] itself carries out, on any call of any simulator.
const (
	SlowAnswer    = "slow_answer"
	ServerError   = "server_error"
	Unavailable   = "unavailable"
	HTMLAnswer    = "html_answer"
	Throttled     = "throttled"
	ResetBefore   = "reset_before"
	ResetAfter    = "reset_after"
	UnknownMember = "unknown_member"
)

// slowDelay is how long a slow answer takes unless the fault says otherwise.
const slowDelay = 3 * time.Second

// TransportFaults are the faults of [Calls] for these calls.
func TransportFaults(calls ...string) []Kind {
	return []Kind{
		{SlowAnswer, calls, "the answer takes `delay` (3s unless given)"},
		{ServerError, calls, "500 with an HTML body, nothing is carried out"},
		{Unavailable, calls, "503 with an empty body, nothing is carried out"},
		{HTMLAnswer, calls, "200 with an HTML body, nothing is carried out"},
		{Throttled, calls, "429 with Retry-After, nothing is carried out"},
		{ResetBefore, calls, "the connection is reset, nothing is carried out"},
		{ResetAfter, calls, "the call is carried out, then the connection is reset: its answer is lost"},
		{UnknownMember, calls, "a JSON answer carries a member that is not documented"},
	}
}

// Calls wraps the calls of a simulator: it notes each in the journal, and puts
// faults and scripted answers in the place of the real ones.
type Calls struct {
	Clock   *Clock
	Faults  *Faults
	Script  *Script
	Journal *Journal
}

// Handle wraps h as the call of this name.
func (c *Calls) Handle(call string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		note := Request{Call: call, Method: r.Method, Path: r.URL.Path}
		defer func() {
			note.At = c.Clock.Now()
			c.Journal.Add(note)
		}()
		if slow, on := c.Faults.Take(SlowAnswer, call); on {
			note.Fault = SlowAnswer
			if !pause(r.Context(), time.Duration(slow.Delay)) {
				return
			}
		}
		if name, a, on := c.instead(call); on {
			note.Fault, note.Status = name, a.status
			a.send(w)
			return
		}
		scripted, on := c.Script.take(call)
		if on && !scripted.Processed {
			note.Status = scripted.Status
			scriptedReply(scripted).send(w)
			return
		}
		got := &reply{header: http.Header{}}
		h(got, r)
		switch {
		case on:
			got = scriptedReply(scripted)
		case c.Faults.On(ResetAfter, call):
			note.Fault, got = ResetAfter, &reply{}
		case got.isObject() && c.Faults.On(UnknownMember, call):
			note.Fault = UnknownMember
			got.body = *bytes.NewBuffer(AddMember(got.body.Bytes()))
		}
		note.Status = got.status
		got.send(w)
	}
}

// AddMember puts a member that no protocol documents into a JSON object.
func AddMember(object []byte) []byte {
	inner, ok := bytes.CutPrefix(object, []byte("{"))
	if !ok {
		return object
	}
	comma := ","
	if bytes.HasPrefix(bytes.TrimSpace(inner), []byte("}")) {
		comma = ""
	}
	return append([]byte(`{"addedUnannounced":{"since":"today","list":[1,null]}`+comma), inner...)
}

// instead is what a fault answers without carrying the call out.
func (c *Calls) instead(call string) (string, *reply, bool) {
	const page = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"
	html := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	for _, f := range []struct {
		name   string
		status int
		header http.Header
		body   string
	}{
		{ServerError, http.StatusInternalServerError, html, page},
		{Unavailable, http.StatusServiceUnavailable, http.Header{}, ""},
		{HTMLAnswer, http.StatusOK, html, page},
		{Throttled, http.StatusTooManyRequests, http.Header{"Retry-After": {"2"}}, ""},
		{ResetBefore, 0, nil, ""},
	} {
		if c.Faults.On(f.name, call) {
			return f.name, &reply{status: f.status, header: f.header, body: *bytes.NewBufferString(f.body)}, true
		}
	}
	return "", nil, false
}

// pause waits d and tells whether the client is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		d = slowDelay
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// reply is an answer that is kept back until it is clear what is sent; status 0
// cuts the connection.
type reply struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func scriptedReply(a Answer) *reply {
	return &reply{status: a.Status, header: http.Header{"Content-Type": {a.ContentType}}, body: *bytes.NewBufferString(a.Body)}
}

// Header returns the headers to be sent.
func (p *reply) Header() http.Header { return p.header }

// WriteHeader sets the status; only the first counts.
func (p *reply) WriteHeader(status int) {
	if p.status == 0 {
		p.status = status
	}
}

// Write keeps b.
func (p *reply) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.body.Write(b)
}

func (p *reply) isObject() bool {
	return strings.HasPrefix(p.header.Get("Content-Type"), "application/json") && bytes.HasPrefix(p.body.Bytes(), []byte("{"))
}

func (p *reply) send(w http.ResponseWriter) {
	if p.status == 0 {
		cut(w)
		return
	}
	maps.Copy(w.Header(), p.header)
	if p.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(p.body.Len()))
	}
	w.WriteHeader(p.status)
	_, _ = w.Write(p.body.Bytes()) // the client may have gone; nothing is left to do then
}

var _ http.ResponseWriter = (*reply)(nil)
