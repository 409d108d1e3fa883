package console

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// refuse answers with what went wrong.
func (c *console) refuse(w http.ResponseWriter, err error) {
	p := c.problemOf(err)
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "2")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the operator hung up
}

// problemDetails is a problem document (RFC 9457) with what tells operators
// what to do.
type problemDetails struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	// Step is where an activation ended.
	Step string `json:"step,omitempty"`
	// Difference is what is asked for over what was granted.
	Difference *difference `json:"difference,omitempty"`
	// Errors are what is wrong with members of what was sent.
	Errors []checkout.MemberError `json:"errors,omitempty"`
}

// difference is what an operator confirms, by its digest.
type difference struct {
	checkout.Asks
	Signer *checkout.SignerChange `json:"signer,omitempty"`
	Digest string                 `json:"digest"`
}

func (c *console) problemOf(err error) problemDetails {
	p := problemDetails{Type: "about:blank", Status: http.StatusUnprocessableEntity, Code: "refused", Detail: err.Error()}
	var step *checkout.NotProvenError
	var asks *checkout.AsksError
	var invalid *checkout.InvalidError
	switch {
	case errors.Is(err, checkout.ErrUnsure):
		c.Logger.Error("plugins changed, or not", "error", err)
		p.Status, p.Code, p.Detail = http.StatusServiceUnavailable, "unsure", "The state did not say whether the change was written: kassette plugin list shows it as soon as the state can be reached, and to try again does no harm."
	case errors.Is(err, checkout.ErrUnavailable):
		c.Logger.Error("operator not answered", "error", err)
		p.Status, p.Code, p.Detail = http.StatusServiceUnavailable, "unavailable", "The state cannot be reached. Try again shortly."
	case errors.Is(err, checkout.ErrAmbiguous):
		p.Status, p.Code = http.StatusConflict, "ambiguous"
	case errors.Is(err, checkout.ErrOlder):
		p.Status, p.Code = http.StatusConflict, "older_version"
	case errors.Is(err, checkout.ErrChanged):
		p.Status, p.Code = http.StatusConflict, "changed_meanwhile"
	case errors.Is(err, checkout.ErrNoRollback):
		p.Status, p.Code = http.StatusConflict, "nothing_to_roll_back_to"
	case errors.Is(err, checkout.ErrInFile):
		p.Status, p.Code = http.StatusConflict, "in_file"
	case errors.Is(err, checkout.ErrExists):
		p.Status, p.Code = http.StatusConflict, "exists"
	case errors.Is(err, checkout.ErrSchema):
		p.Status, p.Code = http.StatusConflict, "newer_record"
	case errors.As(err, &invalid):
		p.Code, p.Errors = "invalid", invalid.Members
	case errors.As(err, &asks):
		p.Status, p.Code, p.Difference = http.StatusConflict, "asks_unconfirmed", &difference{asks.Difference, asks.Signer, asks.Digest}
		if asks.File {
			p.Code = "beyond_grant"
		}
	case errors.As(err, &step):
		p.Code, p.Step = "not_proven", step.Step
	case errors.Is(err, checkout.ErrNotFound):
		p.Status, p.Code = http.StatusNotFound, "not_found"
	}
	p.Title = http.StatusText(p.Status)
	return p
}
