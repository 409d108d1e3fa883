package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/console"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/telemetry"
	"github.com/kassette-pay/kassette/host/internal/view"
)

const id = "ord_0001M81J18G041JSGWA8HX4WR5Q1"

type state struct {
	down  error
	order order.Order
	event []order.Event
}

func (s state) Ping(context.Context) error { return s.down }

func (s state) Load(_ context.Context, given string) (checkout.Record, error) {
	if s.down != nil {
		return checkout.Record{}, s.down
	}
	if given != id {
		return checkout.Record{}, checkout.ErrNotFound
	}
	return checkout.Record{Order: s.order, Told: 1}, nil
}

func (s state) Events(context.Context, string, int64, int) ([]order.Event, error) {
	return s.event, nil
}

func newConsole(t *testing.T, s state) (*httptest.Server, *telemetry.Story) {
	t.Helper()
	s.order, s.event = madeOrder(t)
	story := telemetry.NewStory(telemetry.StoryOptions{})
	srv := httptest.NewServer(console.New(console.Options{
		Store: s, View: view.Maker{PublicURL: "https://pay.example"}, Story: story, Metrics: telemetry.NewMetrics().Handler(),
		Key: "operators-key", Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(srv.Close)
	return srv, story
}

func madeOrder(t *testing.T) (order.Order, []order.Event) {
	t.Helper()
	o, events, err := order.New(order.Spec{
		ID: id, Secret: "pay-link-secret", Shop: "demo", Reference: "r1", Amount: order.Money{Value: 4999, Currency: "EUR"}, ReturnURL: "https://shop.example/",
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return o, events
}

func get(t *testing.T, url, key string) (*http.Response, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // a story never ends
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	sc := bufio.NewScanner(resp.Body)
	for sc.Scan() {
		b.WriteString(sc.Text() + "\n")
	}
	return resp, b.String()
}

func TestConsole_asksForTheKey(t *testing.T) {
	srv, _ := newConsole(t, state{})
	for _, path := range []string{"/admin/v1/stories", "/admin/v1/orders/" + id, "/admin/v1/orders/" + id + "/story"} {
		for _, key := range []string{"", "wrong", "operators-ke", "operators-key2", "OPERATORS-KEY"} {
			if resp, body := get(t, srv.URL+path, key); resp.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "KASSETTE_ADMIN_KEY") {
				t.Errorf("%s with %q: %d %s", path, key, resp.StatusCode, body)
			}
		}
	}
}

func TestConsole_withoutAKey_letsNobodyIn(t *testing.T) {
	srv := httptest.NewServer(console.New(console.Options{Story: telemetry.NewStory(telemetry.StoryOptions{}), Metrics: http.NotFoundHandler()}))
	defer srv.Close()
	if resp, _ := get(t, srv.URL+"/admin/v1/stories", ""); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %d", resp.StatusCode)
	}
}

func TestConsole_open(t *testing.T) {
	up, _ := newConsole(t, state{})
	down, _ := newConsole(t, state{down: errors.New("connection refused")})
	for _, c := range []struct {
		url  string
		want int
	}{
		{up.URL + "/health", 200}, {down.URL + "/health", 200},
		{up.URL + "/ready", 200}, {down.URL + "/ready", 503},
		{up.URL + "/metrics", 200},
	} {
		resp, body := get(t, c.url, "")
		if resp.StatusCode != c.want || strings.Contains(body, "connection refused") {
			t.Errorf("%s: %d %s, want %d", c.url, resp.StatusCode, body, c.want)
		}
		if c.want == 503 && resp.Header.Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
	}
}

func TestConsole_timeline(t *testing.T) {
	srv, story := newConsole(t, state{})
	story.Page(id, "choose")
	resp, body := get(t, srv.URL+"/admin/v1/orders/"+id, "operators-key")
	var got struct {
		Order  struct{ ID, Status string }
		Events []struct{ Type string }
		Story  []struct{ Kind, Title string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if got.Order.ID != id || got.Order.Status != "open" || len(got.Events) == 0 || len(got.Story) != 1 {
		t.Errorf("got %+v", got)
	}
	if resp, _ := get(t, srv.URL+"/admin/v1/orders/ord_nope", "operators-key"); resp.StatusCode != 404 {
		t.Errorf("unknown order: %d", resp.StatusCode)
	}
	if _, body := get(t, srv.URL+"/admin/v1/stories", "operators-key"); !strings.Contains(body, id) {
		t.Errorf("stories %s", body)
	}
}

func TestConsole_stateDown_saysSo(t *testing.T) {
	srv, _ := newConsole(t, state{down: errors.New("no route")})
	if resp, body := get(t, srv.URL+"/admin/v1/orders/"+id, "operators-key"); resp.StatusCode != 503 || strings.Contains(body, "no route") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func TestConsole_story_streamsWhatIsKnownAndWhatComes(t *testing.T) {
	srv, story := newConsole(t, state{})
	story.Page(id, "choose")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/admin/v1/orders/"+id+"/story", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer operators-key")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	sc := bufio.NewScanner(resp.Body)
	next := func() string {
		for sc.Scan() {
			if data, ok := strings.CutPrefix(sc.Text(), "data: "); ok {
				return data
			}
		}
		t.Fatal("the stream ended")
		return ""
	}
	if first := next(); !strings.Contains(first, "choose") {
		t.Errorf("first %s", first)
	}
	story.Page(id, "result")
	if second := next(); !strings.Contains(second, "result") {
		t.Errorf("second %s", second)
	}
}
