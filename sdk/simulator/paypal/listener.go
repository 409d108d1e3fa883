package paypal

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
)

// hook is a listener (openapi, webhook).
type hook struct {
	ID    string      `json:"id"`
	URL   string      `json:"url"`
	Types []eventType `json:"event_types"`
}

type eventType struct {
	Name string `json:"name"`
}

// hookView is a listener as it is answered.
type hookView struct {
	*hook
	Links []link `json:"links"`
}

func (h *hook) view(base string) hookView {
	own := base + "/v1/notifications/webhooks/" + h.ID
	return hookView{h, []link{self(own, ""), {own, "delete", http.MethodDelete}}}
}

func (h *hook) wants(kind string) bool {
	return slices.ContainsFunc(h.Types, func(t eventType) bool { return t.Name == "*" || t.Name == kind })
}

// addHook answers POST /v1/notifications/webhooks.
func (s *Simulator) addHook(q *request) (answer, *apiError) {
	h := &hook{}
	if e := q.decode(h); e != nil {
		return answer{}, e
	}
	switch {
	case h.URL == "" || checkURL(h.URL) != nil:
		return answer{}, refuseField("INVALID_PARAMETER_SYNTAX", "/url", h.URL)
	case len(h.Types) == 0:
		return answer{}, refuseField("INVALID_ARRAY_MIN_ITEMS", "/event_types", "")
	}
	h.ID = newID(17)
	s.hooks = append(s.hooks, h)
	return answer{status: http.StatusCreated, full: h.view(q.base)}, nil
}

// listHooks answers GET /v1/notifications/webhooks.
func (s *Simulator) listHooks(q *request) (answer, *apiError) {
	list := []hookView{}
	for _, h := range s.hooks {
		list = append(list, h.view(q.base))
	}
	return answer{status: http.StatusOK, full: map[string]any{"webhooks": list}}, nil
}

func (s *Simulator) findHook(q *request) (int, *apiError) {
	i := slices.IndexFunc(s.hooks, func(h *hook) bool { return h.ID == q.id })
	if i < 0 {
		return 0, missing("webhook_id", q.id)
	}
	return i, nil
}

// getHook answers GET /v1/notifications/webhooks/{id}.
func (s *Simulator) getHook(q *request) (answer, *apiError) {
	i, e := s.findHook(q)
	if e != nil {
		return answer{}, e
	}
	return answer{status: http.StatusOK, full: s.hooks[i].view(q.base)}, nil
}

// deleteHook answers DELETE /v1/notifications/webhooks/{id}.
func (s *Simulator) deleteHook(q *request) (answer, *apiError) {
	i, e := s.findHook(q)
	if e != nil {
		return answer{}, e
	}
	s.hooks = slices.Delete(s.hooks, i, i+1)
	return answer{status: http.StatusNoContent}, nil
}

func (s *Simulator) findEvent(id string) (*event, *apiError) {
	i := slices.IndexFunc(s.events, func(e *event) bool { return e.id == id })
	if i < 0 {
		return nil, missing("event_id", id)
	}
	return s.events[i], nil
}

// getEvent answers GET /v1/notifications/webhooks-events/{id}.
func (s *Simulator) getEvent(q *request) (answer, *apiError) {
	found, e := s.findEvent(q.id)
	if e != nil {
		return answer{}, e
	}
	return answer{status: http.StatusOK, full: found.body}, nil
}

// resendEvent answers POST /v1/notifications/webhooks-events/{id}/resend.
func (s *Simulator) resendEvent(q *request) (answer, *apiError) {
	found, e := s.findEvent(q.id)
	if e != nil {
		return answer{}, e
	}
	for _, h := range s.hooks {
		if h.wants(found.kind) {
			s.deliverAt(found, h, maxDeliveries, q.now) // once
		}
	}
	return answer{status: http.StatusAccepted, full: found.body}, nil
}

// verification is the body of verify-webhook-signature; all is required (openapi).
type verification struct {
	Algorithm string          `json:"auth_algo"`
	CertURL   string          `json:"cert_url"`
	ID        string          `json:"transmission_id"`
	Signature string          `json:"transmission_sig"`
	Time      string          `json:"transmission_time"`
	WebhookID string          `json:"webhook_id"`
	Event     json.RawMessage `json:"webhook_event"` // its bytes as they stand in the body
}

// verifySignature answers POST /v1/notifications/verify-webhook-signature. The
// event is checked as it stands in the body: one that was written anew fails.
func (s *Simulator) verifySignature(q *request) (answer, *apiError) {
	var in verification
	if e := q.decode(&in); e != nil {
		return answer{}, e
	}
	for _, f := range [][2]string{
		{"auth_algo", in.Algorithm}, {"cert_url", in.CertURL}, {"transmission_id", in.ID}, {"transmission_sig", in.Signature},
		{"transmission_time", in.Time}, {"webhook_id", in.WebhookID}, {"webhook_event", string(in.Event)},
	} {
		if f[1] == "" {
			return answer{}, refuseField("MISSING_REQUIRED_PARAMETER", "/"+f[0], "")
		}
	}
	status := "FAILURE"
	if s.holds(in) {
		status = "SUCCESS"
	}
	return answer{status: http.StatusOK, full: map[string]string{"verification_status": status}}, nil
}

// holds says whether a signature does. The certificate's address is one that was
// handed out, whatever the Host of the call that asks: without a PublicURL each
// has the base of its own time.
func (s *Simulator) holds(in verification) bool {
	known := slices.ContainsFunc(s.hooks, func(h *hook) bool { return h.ID == in.WebhookID })
	signature, err := base64.StdEncoding.DecodeString(in.Signature)
	if !known || err != nil || in.Algorithm != algorithm || !s.certificates[in.CertURL] {
		return false
	}
	sum := sha256.Sum256([]byte(signedText(in.ID, in.Time, in.WebhookID, in.Event)))
	return rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, sum[:], signature) == nil
}
