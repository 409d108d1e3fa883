package host

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// bodyTime is how long a request's body may take to come. Anybody may send one
// to webhooks and pages; a shop's fits a mobile line. uploadTime is that of
// operators, who send plugins.
const (
	bodyTime   = 20 * time.Second
	uploadTime = 2 * time.Minute
)

// hurry breaks off a body that takes longer than d. It bounds the body alone:
// how long the answer takes is the handler's.
func hurry(d time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) { hurryBody(c.Writer, c.Request, d) }
}

// hurryAll is hurry around a handler.
func hurryAll(d time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hurryBody(w, r, d)
		next.ServeHTTP(w, r)
	})
}

func hurryBody(w http.ResponseWriter, r *http.Request, d time.Duration) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	control := http.NewResponseController(w)
	if control.SetReadDeadline(time.Now().Add(d)) != nil {
		return // no connection of its own
	}
	r.Body = &hurried{ReadCloser: r.Body, ended: func() { _ = control.SetReadDeadline(time.Time{}) }}
}

// hurried is a body with a deadline, which ends with the body: what is read
// from the connection afterwards only tells whether the caller is still there.
// It stays with a body that broke off, whose rest the server still reads.
type hurried struct {
	io.ReadCloser
	ended func()
}

// Read implements [io.Reader].
func (h *hurried) Read(b []byte) (int, error) {
	n, err := h.ReadCloser.Read(b)
	if errors.Is(err, io.EOF) {
		h.ended()
	}
	return n, err
}
