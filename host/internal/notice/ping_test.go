package notice_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/notice"
)

func pinger(t *testing.T, clock func() time.Time) *notice.Teller {
	t.Helper()
	client := egress.New(egress.Options{})
	t.Cleanup(client.Close)
	return notice.New(notice.Options{Sender: client, Clock: clock})
}

// A ping is signed as any notice is, and tells nothing.
func TestPing(t *testing.T) {
	t.Parallel()
	var header http.Header
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 1000)
		n, _ := r.Body.Read(b)
		header, body = r.Header.Clone(), string(b[:n])
		w.Header().Set("Date", now.Add(90*time.Second).Format(http.TimeFormat))
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("The signature fits." + strings.Repeat(" ", 4000)))
	}))
	defer srv.Close()
	shop := checkout.Shop{ID: "demo", Origins: []string{srv.URL}, NoticeSecrets: secrets, AllowPrivate: true, AllowHTTP: true}
	n := pinger(t, func() time.Time { return now })
	got, err := n.Ping(t.Context(), shop, srv.URL+"/notices")
	if err != nil || got.Status != 202 || !strings.HasPrefix(got.Body, "The signature fits.") || len(got.Body) > 200 || !got.HasClock || got.Ahead != 90*time.Second {
		t.Errorf("got %+v, %v", got, err)
	}
	if body != `{"data":{},"timestamp":"2026-11-22T12:00:00Z","type":"ping"}` {
		t.Errorf("sent %s", body)
	}
	for _, secret := range secrets {
		wh, err := standardwebhooks.NewWebhookRaw(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.VerifyIgnoringTimestamp([]byte(body), header); err != nil {
			t.Errorf("not signed: %v", err)
		}
	}
	for i := range 20 { // however often it fails, the breaker is not opened
		if got, err = n.Ping(t.Context(), shop, "http://127.0.0.1:1/"); err != nil || got.Status != 0 || got.Kind != "blocked" {
			t.Fatalf("ping %d to a foreign address: %+v, %v", i, got, err)
		}
	}
	srv.Close()
	n = pinger(t, func() time.Time { return now }) // without a connection that is still kept
	for i := range 20 {
		if got, err = n.Ping(t.Context(), shop, srv.URL); err != nil || got.Kind != "refused" || got.Error == "" {
			t.Fatalf("ping %d to nobody: %+v, %v", i, got, err)
		}
	}
	shop.NoticeSecrets = nil
	if _, err := n.Ping(context.Background(), shop, srv.URL); err == nil {
		t.Error("a ping without a secret")
	}
}

// A header has whole seconds: what lies within the exchange is no difference.
func TestPing_clocks(t *testing.T) {
	t.Parallel()
	for said, want := range map[time.Duration]time.Duration{
		-time.Second: 0, 0: 0, 2 * time.Second: 0, 3 * time.Second: 0, 4 * time.Second: time.Second, time.Hour: time.Hour - 3*time.Second,
		-2 * time.Second: -time.Second, -time.Hour: -time.Hour + time.Second,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", now.Add(said).Format(http.TimeFormat))
		}))
		calls := 0
		clock := func() time.Time { calls++; return now.Add(time.Duration(min(calls-1, 1)) * 3 * time.Second) } // it took 3 s
		shop := checkout.Shop{Origins: []string{srv.URL}, NoticeSecrets: secrets, AllowPrivate: true, AllowHTTP: true}
		got, err := pinger(t, clock).Ping(t.Context(), shop, srv.URL)
		srv.Close()
		if err != nil || got.Ahead != want {
			t.Errorf("said %s: ahead by %s, %v, want %s", said, got.Ahead, err, want)
		}
	}
}
