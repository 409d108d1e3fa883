package adminclient

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// flaky is a gateway that fails in turn, and keeps the bodies that it read.
type flaky struct {
	*httptest.Server
	mu     sync.Mutex
	turns  []string // hang up, 503, half; then it answers
	bodies []string
}

func newFlaky(t *testing.T, turns ...string) (*flaky, *Client) {
	t.Helper()
	f := &flaky{turns: turns}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.bodies = append(f.bodies, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		turn := ""
		if len(f.turns) > 0 {
			turn, f.turns = f.turns[0], f.turns[1:]
		}
		switch turn {
		case "hang up":
			panic(http.ErrAbortHandler)
		case "503":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"code":"not_confirmed","detail":"Nobody knows."}`)
		case "half":
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"created":`)
		case "409":
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"code":"exists","detail":"There is one."}`)
		default:
			_, _ = io.WriteString(w, `{"created":true,"changed":true,"id":"s","shop":{"id":"s"}}`)
		}
	}))
	t.Cleanup(f.Close)
	c, err := New(f.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

// A change whose answer is lost is asked for again in the same words; what was
// answered is not.
func TestPost_lostAnswers(t *testing.T) {
	was := pauses
	t.Cleanup(func() { pauses = was })
	pauses = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
	for name, c := range map[string]struct {
		turns []string
		sent  int
		want  string // of the error
	}{
		"answered":          {nil, 1, ""},
		"lost, then there":  {[]string{"hang up", "503", "half"}, 4, ""},
		"lost for ever":     {[]string{"503", "503", "503", "503", "503"}, 4, "Nobody knows (kassette shop list tells whether it was done)"},
		"refused":           {[]string{"409"}, 1, "There is one (kassette shop rotate-key gives it a new key"},
		"lost, and refused": {[]string{"hang up", "409"}, 2, "There is one"},
	} {
		f, client := newFlaky(t, c.turns...)
		done, err := client.AddShop(t.Context(), NewShop{ID: "s", NoticeSecret: "whsec_x"}, false)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || err == nil && !done.Created {
			t.Errorf("%s: got %+v, %v, want %q", name, done, err, c.want)
		}
		if len(f.bodies) != c.sent {
			t.Errorf("%s: sent %d times, want %d", name, len(f.bodies), c.sent)
		}
		for _, b := range f.bodies {
			if b != f.bodies[0] {
				t.Errorf("%s: sent %s after %s", name, b, f.bodies[0])
			}
		}
	}
	f, client := newFlaky(t)
	f.Close()
	pauses = []time.Duration{time.Hour}
	if _, err := client.AddShop(t.Context(), NewShop{}, false); err == nil || !strings.Contains(err.Error(), "is it running") {
		t.Errorf("nobody there: got %v, and at once", err)
	}
	_, client = newFlaky(t, "503", "503")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var p *Problem
	if _, err := client.AddShop(ctx, NewShop{}, false); !errors.As(err, &p) {
		t.Errorf("who is called off waits no longer: %v", err)
	}
}

func TestShopRequests(t *testing.T) {
	f, c := newFlaky(t)
	ctx := t.Context()
	for want, do := range map[string]func() error{
		`GET /admin/v1/shops `:       func() error { _, err := c.Shops(ctx); return err },
		`GET /admin/v1/shops/a%2Fb `: func() error { _, err := c.Shop(ctx, "a/b"); return err },
		`POST /admin/v1/shops?dry_run=true {"id":"s","name":"","contact":{},`: func() error { _, err := c.AddShop(ctx, NewShop{ID: "s"}, true); return err },
		`POST /admin/v1/shops/s/keys {"id":"k"`:                               func() error { _, err := c.AddKey(ctx, "s", NewKey{ID: "k"}); return err },
		`POST /admin/v1/shops/s/form-keys {"id":"f"`:                          func() error { _, err := c.AddFormKey(ctx, "s", NewFormKey{ID: "f"}); return err },
		`POST /admin/v1/shops/s/form-keys/f/end {}`:                           func() error { _, err := c.EndFormKey(ctx, "s", "f"); return err },
		`POST /admin/v1/shops/s/accounts {"id":"a"`:                           func() error { _, err := c.AddAccount(ctx, "s", NewAccount{ID: "a"}, false); return err },
		`POST /admin/v1/shops/s/keys/k/rotate {"overlap":"1h0m0s","hash":"ab"}`: func() error {
			_, err := c.RotateKey(ctx, "s", "k", Rotation{Overlap: "1h0m0s", Hash: "ab"})
			return err
		},
		`POST /admin/v1/shops/s/notice-secret/rotate {"now":true,"secret":"whsec"}`: func() error {
			_, err := c.RotateNoticeSecret(ctx, "s", Rotation{Now: true, Secret: "whsec"})
			return err
		},
		`POST /admin/v1/shops/s/test {"platform":"magento"}`: func() error { _, err := c.TestShop(ctx, "s", ShopTestSpec{Platform: "magento"}); return err },
	} {
		if err := do(); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if got := f.bodies[len(f.bodies)-1]; !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What is made here is what a gateway takes.
func TestNewSecrets(t *testing.T) {
	t.Parallel()
	for live, prefix := range map[bool]string{false: "kas_test_", true: "kas_live_"} {
		key, hash := NewAPIKey(live)
		if other, _ := NewAPIKey(live); !strings.HasPrefix(key, prefix) || len(key) != len(prefix)+43 || hash != HashOf(key) || key == other {
			t.Errorf("got %d characters and %s", len(key), hash)
		}
	}
	if b, err := json.Marshal(NewNoticeSecret() + NewFormSecret()); err != nil || strings.Count(string(b), "whsec_") != 1 || strings.Count(string(b), "form_") != 1 {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
}
