package host

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// bodyTime is how long a request's body may take to come. Anybody may send one
// to webhooks and pages; a shop's fits a mobile line.
const bodyTime = 20 * time.Second

// hurry breaks off a body that takes longer than d. It bounds the body alone:
// how long the answer takes is the handler's.
func hurry(d time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.Body == nil || c.Request.Body == http.NoBody {
			return
		}
		control := http.NewResponseController(c.Writer)
		if control.SetReadDeadline(time.Now().Add(d)) != nil {
			return // no connection of its own
		}
		c.Request.Body = &hurried{ReadCloser: c.Request.Body, ended: func() { _ = control.SetReadDeadline(time.Time{}) }}
	}
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
