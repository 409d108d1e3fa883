package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gowebpki/jcs"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
)

// maxBody bounds the body of a request of the API.
const maxBody = 1 << 20

// readBody reads a body whole, or says why not.
func (a *API) readBody(c *gin.Context, limit int64) ([]byte, *problem) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		p := a.problem(c, problemTooLarge, fmt.Sprintf("The body may have %d bytes.", limit))
		p.Attempted = attemptedNo
		return nil, &p
	case err != nil:
		p := a.problem(c, problemMalformed, "The body broke off before its end.")
		p.Errors, p.cause = []strict.Problem{{Message: "the body broke off"}}, err
		return nil, &p
	}
	return body, nil
}

// decode reads a body as one JSON object, with the function. Empty is as {}
// where that is allowed.
func (a *API) decode(c *gin.Context, body []byte, mayBeEmpty bool, read func(*strict.Object)) *problem {
	if len(body) == 0 && mayBeEmpty {
		body = []byte("{}")
	} else if p := a.mediaType(c); p != nil {
		return p
	}
	v, err := strict.Parse(body)
	var bad *strict.SyntaxError
	if errors.As(err, &bad) {
		p := a.problem(c, problemMalformed, sentence("The body cannot be read: "+bad.Error(), ""))
		p.Errors = []strict.Problem{bad.Problem}
		return &p
	}
	doc := strict.NewDocument(v)
	o := doc.Object()
	read(o)
	o.End()
	if errs := doc.Problems(); len(errs) > 0 {
		p := a.invalid(c, errs)
		return &p
	}
	return nil
}

// mediaType refuses what is not plain JSON in UTF-8.
func (a *API) mediaType(c *gin.Context) *problem {
	given := c.GetHeader("Content-Type")
	kind, params, err := mime.ParseMediaType(given)
	charset := params["charset"]
	ok := err == nil && kind == typeJSON && (charset == "" || strings.EqualFold(charset, "utf-8"))
	if encoding := c.GetHeader("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		ok = false
	}
	if ok {
		return nil
	}
	p := a.problem(c, problemMediaType, "The body must be application/json in UTF-8, not compressed.")
	return &p
}

// idempotency reads the Idempotency-Key; nil where there is none.
func (a *API) idempotency(c *gin.Context, needed bool, body []byte) (*checkout.Idempotency, *problem) {
	values := c.Request.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		if !needed {
			return nil, nil
		}
		p := a.problem(c, problemKeyMissing, "This request needs the header Idempotency-Key.")
		return nil, &p
	}
	if len(values) > 1 || !printable(values[0]) {
		p := a.problem(c, problemKeyInvalid, "Send one Idempotency-Key of 1 to 255 printable ASCII characters.")
		return nil, &p
	}
	fingerprint, err := fingerprint(c.Request.Method, c.Request.URL.Path, body)
	if err != nil {
		p := a.problem(c, problemMalformed, "The body has no canonical form.")
		p.Errors, p.cause = []strict.Problem{{Message: err.Error()}}, err
		return nil, &p
	}
	return &checkout.Idempotency{Key: values[0], Fingerprint: fingerprint}, nil
}

func printable(key string) bool {
	for i := range len(key) {
		if key[i] < ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= 255
}

// fingerprint tells requests apart: the SHA-256 of method, path and canonical
// body (RFC 8785), so that the order of members and white space do not count.
func fingerprint(method, path string, body []byte) (string, error) {
	canonical := []byte("{}")
	if len(body) > 0 {
		var err error
		if canonical, err = jcs.Transform(body); err != nil {
			return "", fmt.Errorf("canonical form of the body: %w", err)
		}
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n%s\n", method, path) // a hash takes all
	_, _ = h.Write(canonical)
	return hex.EncodeToString(h.Sum(nil)), nil
}
