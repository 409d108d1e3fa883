package host

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// A body that does not come is given up; one that has come bounds nothing
// that the handler does.
func TestHurry(t *testing.T) {
	t.Parallel()
	const patience = 200 * time.Millisecond
	e := gin.New()
	e.Use(hurry(patience))
	e.POST("/", func(c *gin.Context) {
		if _, err := io.ReadAll(c.Request.Body); err != nil {
			c.String(http.StatusBadRequest, "cut")
			return
		}
		select { // longer than a body may take
		case <-time.After(3 * patience):
			c.String(http.StatusOK, "done")
		case <-c.Request.Context().Done():
			c.String(http.StatusInternalServerError, "gone")
		}
	})
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	for name, c := range map[string]struct {
		body   string
		length int
		want   int
	}{
		"never comes":  {"", 9, 400},
		"stops midway": {"half", 9, 400},
		"comes whole":  {"whole", 5, 200},
		"is empty":     {"", 0, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", c.length, c.body); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != c.want {
				t.Errorf("got %d, want %d", resp.StatusCode, c.want)
			}
		})
	}
}
