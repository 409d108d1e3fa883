package egress

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestAnswer_redirectIsAnAnswer(t *testing.T) {
	t.Parallel()
	inner := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", inner.URL+"/latest/meta-data")
			w.WriteHeader(status)
		})
		r := mustAnswer(t, newClient(t, Options{}).Send(t.Context(), to(s.URL, contract.Request{})))
		if r.Status != status || r.Header("location") != inner.URL+"/latest/meta-data" {
			t.Errorf("got %d %v", r.Status, r.Headers)
		}
	}
}

func TestAnswer_bombsStayPacked(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 64<<20))
	_ = z.Close()
	var asked atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	o := to(s.URL, contract.Request{})
	r := mustAnswer(t, newClient(t, Options{}).Send(t.Context(), o))
	if len(r.BodyBase64) != bomb.Len() || r.Body != "" || asked.Load() != "" {
		t.Errorf("got %d bytes, asked for %q, want %d as they came", len(r.Bytes()), asked.Load(), bomb.Len())
	}
	o.MaxBody = int64(bomb.Len()) - 1
	mustFail(t, newClient(t, Options{}).Send(t.Context(), o), contract.ErrorTooLarge, contract.SentYes, "larger than")
}

func TestAnswer_body(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := base64.StdEncoding.DecodeString(r.Header.Get("X-Body"))
		w.Header()["X-Odd"] = []string{"one", "tw\xff"}
		_, _ = w.Write(body)
	})
	c := newClient(t, Options{})
	for _, tc := range []struct {
		name, body string
		text       bool
	}{
		{"empty", "", true}, {"text", "€ 49,99", true}, {"json", `{"a":1}`, true},
		{"latin 1", "\xe9", false}, {"exactly the bound", strings.Repeat("x", 1000), true},
	} {
		o := to(s.URL, contract.Request{Headers: map[string]string{"X-Body": base64.StdEncoding.EncodeToString([]byte(tc.body))}})
		o.MaxBody = 1000
		r := mustAnswer(t, c.Send(t.Context(), o))
		if string(r.Bytes()) != tc.body || (r.BodyBase64 == nil) != tc.text {
			t.Errorf("%s: got %q, base64 %v", tc.name, r.Bytes(), r.BodyBase64 != nil)
		}
		if fmt.Sprint(r.Headers["x-odd"]) != "[one tw\uFFFD]" {
			t.Errorf("%s: got headers %v", tc.name, r.Headers)
		}
		for name := range r.Headers {
			if name != strings.ToLower(name) {
				t.Errorf("%s: header %s has capitals", tc.name, name)
			}
		}
	}
}

func TestAnswer_headHasALengthAndNoBody(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "999999999") })
	r := mustAnswer(t, newClient(t, Options{}).Send(t.Context(), to(s.URL, contract.Request{Method: "HEAD"})))
	if r.Status != 200 || len(r.Bytes()) != 0 {
		t.Errorf("got %+v", r)
	}
}

// TestRequest_asItArrives shows what a server sees, over both versions of HTTP.
func TestRequest_asItArrives(t *testing.T) {
	t.Parallel()
	for _, h2 := range []bool{false, true} {
		s, ca := serveTLS(t, h2, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = fmt.Fprintf(w, "%s %s len=%d te=%v body=%q type=%q key=%q agent=%q ae=%q", r.Method, r.URL, r.ContentLength, r.TransferEncoding,
				body, r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key"), r.UserAgent(), r.Header.Get("Accept-Encoding"))
		})
		c := newClient(t, Options{})
		no := false
		for _, tc := range []struct {
			req  contract.Request
			want string
		}{
			{contract.Request{URL: s.URL + "/a?b=c%20d"}, `GET /a?b=c%20d len=0 te=[] body="" type="" key="" agent="Kassette" ae=""`},
			{contract.Request{Headers: map[string]string{"User-Agent": "x", "Idempotency-Key": "k"}}, `GET / len=0 te=[] body="" type="" key="k" agent="x" ae=""`},
			{contract.Request{Method: "POST"}, `POST / len=0 te=[] body="" type="" key="" agent="Kassette" ae=""`},
			{contract.Request{Method: "POST", Headers: map[string]string{"idempotency-key": "k"}}, `POST / len=0 te=[] body="" type="" key="k" agent="Kassette" ae=""`},
			{contract.Request{Method: "POST", Body: "a=b", Headers: map[string]string{"content-type": "t/t"}}, `POST / len=3 te=[] body="a=b" type="t/t" key="" agent="Kassette" ae=""`},
			{contract.Request{Method: "PUT", BodyBase64: []byte("\xff")}, `PUT / len=1 te=[] body="\xff" type="" key="" agent="Kassette" ae=""`},
			{contract.Request{Method: "DELETE", Repeat: &no}, `DELETE / len=0 te=[] body="" type="" key="" agent="Kassette" ae=""`},
		} {
			o := to(s.URL, tc.req)
			o.Hosts[0].CA = ca
			if got := mustAnswer(t, c.Send(t.Context(), o)).Body; got != tc.want {
				t.Errorf("HTTP/2 %v: got  %s\nwant %s", h2, got, tc.want)
			}
		}
		// A read that may not be repeated looks the same on HTTP/1.
		o := to(s.URL, contract.Request{Consumes: true})
		o.Hosts[0].CA = ca
		if got := mustAnswer(t, c.Send(t.Context(), o)).Body; !h2 && !strings.HasPrefix(got, "GET / len=0 te=[]") {
			t.Errorf("got %s", got)
		}
	}
}
