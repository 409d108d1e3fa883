package bambora

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// The simulator's codes of a refusal (document, 8: the provider's own are not
// published).
const (
	codeAuth        = "SB-AUTH"
	codeField       = "SB-FIELD"
	codeDupOrder    = "SB-DUPORDER"
	codeNotFound    = "SB-NOTFOUND"
	codeCurrency    = "SB-CURRENCY"
	codeOverCapture = "SB-OVERCAPTURE"
	codeOverCredit  = "SB-OVERCREDIT"
	codeNoDelete    = "SB-NODELETE"
	codeAcquirer    = "SB-ACQUIRER"
)

// apiError is a refusal. Merchant is the text for the merchant.
type apiError struct {
	status   int
	code     string
	merchant string
}

// Error returns the text for the merchant.
func (e *apiError) Error() string { return e.merchant }

// field refuses a member of a request.
func field(path, format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, codeField, path + ": " + fmt.Sprintf(format, args...)}
}

// meta stands in every answer.
type meta struct {
	Result  bool    `json:"result"`
	Message message `json:"message"`
	Action  *action `json:"action,omitempty"`
}

type message struct {
	EndUser  *string `json:"enduser"`
	Merchant *string `json:"merchant"`
}

type action struct {
	Code   string `json:"code"`
	Source string `json:"source"`
	Type   string `json:"type"`
}

// good is the meta of an answer that is no refusal.
func good() meta {
	text := "The request was completed."
	return meta{Result: true, Message: message{EndUser: &text, Merchant: &text}}
}

func (s *Simulator) refuse(w http.ResponseWriter, e *apiError) {
	text := "The payment could not be completed."
	s.write(w, e.status, map[string]any{"meta": meta{
		Message: message{EndUser: &text, Merchant: &e.merchant},
		Action:  &action{Code: e.code, Source: "sandbox", Type: "error"},
	}})
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
	w.WriteHeader(status)
	if _, err := w.Write(bytes.TrimSpace(b.Bytes())); err != nil {
		s.cfg.Logger.Debug("write an answer", "error", err)
	}
}
