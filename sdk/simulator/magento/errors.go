package magento

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// apiError is a refusal: a text that is a template, and what fills it (document,
// 2.1).
type apiError struct {
	status     int
	message    string
	parameters any // a map by name, or a list for %1, %2, …
}

// Error returns the template.
func (e *apiError) Error() string { return e.message }

func refusal(status int, message string) *apiError {
	return &apiError{status: status, message: message}
}

func bad(message string, parameters ...any) *apiError {
	e := refusal(http.StatusBadRequest, message)
	if len(parameters) > 0 {
		e.parameters = parameters
	}
	return e
}

// unauthorized is the answer both to a missing right and to a caller that the
// shop does not know: the second is nobody, who has no rights (document, 2.1).
func unauthorized(right string) *apiError {
	return &apiError{http.StatusUnauthorized, "The consumer isn't authorized to access %resources.", map[string]string{"resources": right}}
}

// required refuses a request that lacks a member.
func required(name string) *apiError {
	return &apiError{http.StatusBadRequest, `"%fieldName" is required. Enter and try again.`, map[string]string{"fieldName": name}}
}

// missing is the answer for an entity that does not exist.
func missing() *apiError {
	return refusal(http.StatusNotFound, "The entity that was requested doesn't exist. Verify the entity and try again.")
}

func noRoute() *apiError {
	return refusal(http.StatusNotFound, "Request does not match any route.")
}

func (s *Simulator) refuse(w http.ResponseWriter, e *apiError) {
	body := map[string]any{"message": e.message}
	if e.parameters != nil {
		body["parameters"] = e.parameters
	}
	s.write(w, e.status, body)
}

func (s *Simulator) write(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		s.cfg.Logger.Error("encode an answer", "error", err)
		http.Error(w, "the simulator could not encode its answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	if _, err := w.Write(bytes.TrimSpace(b.Bytes())); err != nil {
		s.cfg.Logger.Debug("write an answer", "error", err)
	}
}
