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
	slow := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		select { // longer than a body may take
		case <-time.After(3 * patience):
		case <-r.Context().Done():
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	e := gin.New()
	e.Use(hurry(patience))
	e.POST("/", func(c *gin.Context) { slow(c.Writer, c.Request) })
	for name, h := range map[string]http.Handler{"gateway": e, "operators": hurryAll(patience, http.HandlerFunc(slow))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(h)
			t.Cleanup(srv.Close)
			hurries(t, srv.URL)
		})
	}
}

func hurries(t *testing.T, url string) {
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
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
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
