package omnikassa

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// The bank's error codes.
const (
	codeAuthentication  = 5001 // 401: token; 403: stale timestamp
	codeMerchantOrderID = 5002
	codeNotFound        = 5004 // ours: the bank's code for an unknown order or card is not published
	codeInvalid         = 5017
	codeBrand           = 5024
	codeRefund          = 5500 // ours: the bank's refund codes are not published
)

// apiError is an error answer of the bank. Which of the two messages is filled
// differs by call; newer calls add title and status.
type apiError struct {
	HTTP            int    `json:"-"`
	ErrorCode       int    `json:"errorCode"`
	ErrorMessage    string `json:"errorMessage,omitempty"`
	ConsumerMessage string `json:"consumerMessage,omitempty"`
	Title           string `json:"title,omitempty"`
	Status          int    `json:"status,omitempty"`
}

// errAuthentication answers a token that is missing, of the wrong kind or
// expired, as captured from the bank.
func errAuthentication() *apiError {
	return &apiError{HTTP: http.StatusUnauthorized, ErrorCode: codeAuthentication,
		ErrorMessage: "Full authentication is required to access this resource"}
}

// errTimestamp answers an announce whose timestamp is not the current time.
func errTimestamp() *apiError {
	return &apiError{HTTP: http.StatusForbidden, ErrorCode: codeAuthentication,
		ConsumerMessage: "The timestamp of the order announcement is invalid"}
}

// invalid answers an announce with a wrong member.
func invalid(message string) *apiError {
	return &apiError{HTTP: http.StatusUnprocessableEntity, ErrorCode: codeInvalid, ConsumerMessage: message}
}

// refusedRefund answers a refund call; 404 for an unknown transaction or refund.
func refusedRefund(status int, name, title string) *apiError {
	return &apiError{HTTP: status, ErrorCode: codeRefund, ErrorMessage: name, Title: title, Status: status}
}

// notFound answers the newer calls about something the bank does not know.
func notFound(message string) *apiError {
	return &apiError{HTTP: http.StatusNotFound, ErrorCode: codeNotFound, ErrorMessage: message,
		Title: http.StatusText(http.StatusNotFound), Status: http.StatusNotFound}
}

func (s *Simulator) refuse(w http.ResponseWriter, e *apiError) { s.write(w, e.HTTP, e) }

func (s *Simulator) write(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the bank writes & in addresses as it is
	if err := e.Encode(v); err != nil {
		s.cfg.Logger.Error("encode an answer", "error", err)
		http.Error(w, "the simulator could not encode its answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(bytes.TrimSpace(b.Bytes())); err != nil {
		s.cfg.Logger.Debug("write an answer", "error", err)
	}
}
