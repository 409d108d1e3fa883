package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
	"github.com/kassette-pay/kassette/host/internal/view"
)

const (
	typeJSON    = "application/json"
	typeProblem = "application/problem+json"
)

// attempted says whether money may have moved.
type attempted string

const (
	attemptedNo      attempted = "no"
	attemptedYes     attempted = "yes"
	attemptedUnknown attempted = "unknown"
)

// problem is an error as RFC 9457 writes it.
type problem struct {
	Type      string           `json:"type"`
	Title     string           `json:"title"`
	Status    int              `json:"status"`
	Detail    string           `json:"detail"`
	RequestID string           `json:"request_id"`
	Attempted attempted        `json:"attempted"`
	Errors    []strict.Problem `json:"errors,omitempty"`
	// Reason is a stable word where one problem has several causes.
	Reason  string        `json:"reason,omitempty"`
	Failure *view.Failure `json:"failure,omitempty"`
	Payment string        `json:"payment,omitempty"`
	Order   *view.Order   `json:"order,omitempty"`

	kind  problemKind
	cause error
}

// problem makes one of the catalogue.
func (a *API) problem(c *gin.Context, kind problemKind, detail string) problem {
	e := byKind[kind]
	p := problem{
		Type: a.PublicURL + "/docs/problems#" + string(kind), Title: e.Title, Status: e.Status, Detail: detail,
		RequestID: of(c).id, Attempted: attemptedNo, kind: kind,
	}
	if e.Unsure && c.Request.Method == http.MethodPost {
		p.Attempted = attemptedUnknown
	}
	return p
}

// invalid is the problem of a request whose members are wrong.
func (a *API) invalid(c *gin.Context, errs []strict.Problem) problem {
	p := a.problem(c, problemInvalid, "See errors: "+strings.TrimSpace(errs[0].Pointer+" "+errs[0].Message)+".")
	if n := len(errs); n > 1 {
		p.Detail = "See errors: there are " + strconv.Itoa(n) + "."
	}
	p.Errors = errs
	return p
}

// refuse sends a problem and ends the request.
func (a *API) refuse(c *gin.Context, p problem) {
	x, e := of(c), byKind[p.kind]
	x.problem, x.cause = p.kind, p.cause
	if p.kind == problemUnauthorized {
		c.Header("WWW-Authenticate", `Bearer realm="kassette", error="invalid_token"`)
	}
	if e.Retry > 0 {
		c.Header("Retry-After", strconv.Itoa(e.Retry))
	}
	a.send(c, a.answerOf(p))
	c.Abort()
}

// answerOf writes a problem as it is sent, and kept.
func (a *API) answerOf(p problem) checkout.Answer {
	body, err := view.JSON(p)
	if err != nil { // no view holds what cannot be written; if one ever does, the status still counts
		a.Logger.Error("write a problem", "kind", p.kind, "error", err)
		body = []byte("{}\n")
	}
	return checkout.Answer{Status: p.Status, Body: body}
}

// answer writes a view as it is sent, and kept.
func (a *API) answer(c *gin.Context, status int, v any, location string) checkout.Answer {
	body, err := view.JSON(v)
	if err != nil {
		p := a.problem(c, problemInternal, "The answer could not be written.")
		a.Logger.Error("write an answer", "request_id", p.RequestID, "error", err)
		return a.answerOf(p)
	}
	return checkout.Answer{Status: status, Body: body, Location: location}
}

// send sends an answer, new or kept.
func (a *API) send(c *gin.Context, answer checkout.Answer) {
	kind := typeJSON
	if answer.Status >= http.StatusBadRequest {
		kind = typeProblem
	}
	if answer.Location != "" {
		c.Header("Location", answer.Location)
	}
	c.Data(answer.Status, kind, answer.Body)
}
