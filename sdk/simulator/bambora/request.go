package bambora

import (
	"net/http"
	"strings"
	"time"
)

// paymentRequest is a link to pay by (document, 7.6): a session whose window
// stands for as long as the link is open.
type paymentRequest struct {
	id, status             string
	reference, description string
	createdAt              time.Time
	session                *session
}

// The states of a payment request. Only closed is known of the provider.
const (
	requestOpen    = "open"
	requestClosed  = "closed"
	requestDeleted = "deleted"
)

func (q *paymentRequest) object() object {
	return object{
		"meta": good(), "id": q.id, "status": q.status, "reference": q.reference, "description": q.description, "createddate": stamp(q.createdAt),
	}
}

// createRequest serves POST /paymentrequests.
func (s *Simulator) createRequest(w http.ResponseWriter, r *http.Request) {
	f, body, refused := readFields(w, r)
	if refused != nil {
		s.refuse(w, refused)
		return
	}
	o := f.session("parameters.")
	q := &paymentRequest{status: requestOpen, reference: f.text("reference"), description: f.text("description"), session: o}
	f.address(false, "termsurl")
	if f.err != nil {
		s.refuse(w, f.err)
		return
	}
	o.request, o.payment = body, q
	s.mu.Lock()
	refused = s.open(o)
	q.id, q.createdAt = newToken(), s.clock.Now()
	if refused == nil {
		s.requests[q.id] = q
	}
	s.mu.Unlock()
	if refused != nil {
		s.refuse(w, refused)
		return
	}
	s.write(w, http.StatusOK, object{"meta": good(), "id": q.id, "url": s.publicURL(r) + "/" + o.token})
}

// listRequests serves GET /paymentrequests: all on one page.
func (s *Simulator) listRequests(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []object{}
	for _, o := range s.list {
		if q := o.payment; q != nil && q.status != requestDeleted {
			one := q.object()
			delete(one, "meta")
			list = append(list, one)
		}
	}
	s.write(w, http.StatusOK, object{"meta": good(), "paymentrequests": list, "lastevaluatedkey": nil})
}

// readRequest serves GET /paymentrequests/{id}.
func (s *Simulator) readRequest(w http.ResponseWriter, r *http.Request) {
	s.withRequest(w, r, func(q *paymentRequest) { s.write(w, http.StatusOK, q.object()) })
}

// deleteRequest serves DELETE /paymentrequests/{id}: its window is closed.
func (s *Simulator) deleteRequest(w http.ResponseWriter, r *http.Request) {
	s.withRequest(w, r, func(q *paymentRequest) {
		q.status = requestDeleted
		delete(s.sessions, q.session.token)
		s.write(w, http.StatusOK, object{"meta": good()})
	})
}

// mailRequest serves POST /paymentrequests/{id}/email-notifications. Nothing is
// mailed.
func (s *Simulator) mailRequest(w http.ResponseWriter, r *http.Request) {
	f, _, refused := readFields(w, r)
	if refused == nil {
		if !strings.Contains(f.text("to.email"), "@") {
			f.bad("to.email", "it is no address")
		}
		refused = f.err
	}
	if refused != nil {
		s.refuse(w, refused)
		return
	}
	s.withRequest(w, r, func(*paymentRequest) { s.write(w, http.StatusOK, object{"meta": good()}) })
}

func (s *Simulator) withRequest(w http.ResponseWriter, r *http.Request, f func(q *paymentRequest)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.requests[r.PathValue("id")]
	if !ok || q.status == requestDeleted {
		s.refuse(w, &apiError{http.StatusNotFound, codeNotFound, "there is no such payment request"})
		return
	}
	f(q)
}
