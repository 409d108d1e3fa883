// Package console is what operators reach on their own listener: health,
// readiness, metrics, the timeline of orders, plugins, which they install,
// activate, roll back and retire, and shops, which they add and try.
package console

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/telemetry"
	"github.com/kassette-pay/kassette/host/internal/view"
)

// Store is what the console needs of the state.
type Store interface {
	Ping(ctx context.Context) error
	Load(ctx context.Context, id string) (checkout.Record, error)
	Events(ctx context.Context, id string, from int64, limit int) ([]order.Event, error)
}

// Options are what a console is made of.
type Options struct {
	Store   Store
	Plugins Plugins
	Shops   Shops
	View    view.Maker
	Story   *telemetry.Story
	Metrics http.Handler
	// Key is asked of operators for all but health, readiness and metrics.
	Key    string
	Clock  checkout.Clock
	Logger *slog.Logger
}

// readyTimeout is how long the state may take to answer a readiness check.
const readyTimeout = 2 * time.Second

type console struct {
	Options
	key [sha256.Size]byte
}

// New makes the operators' handler.
func New(o Options) http.Handler {
	c := &console{Options: o, key: sha256.Sum256([]byte(o.Key))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", c.health)
	mux.HandleFunc("GET /ready", c.ready)
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("GET /admin/v1/stories", c.guard(c.stories))
	mux.HandleFunc("GET /admin/v1/orders/{id}", c.guard(c.order))
	mux.HandleFunc("GET /admin/v1/orders/{id}/story", c.guard(c.story))
	c.pluginRoutes(mux)
	c.shopRoutes(mux)
	return mux
}

// health says that the process is alive.
func (c *console) health(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]string{"status": "ok"})
}

// ready says whether the node can take requests: the state can be written.
func (c *console) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := c.Store.Ping(ctx); err != nil {
		c.Logger.Warn("not ready", "error", err)
		w.Header().Set("Retry-After", "2")
		write(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "why": "the state cannot be reached"})
		return
	}
	write(w, http.StatusOK, map[string]string{"status": "ready"})
}

// guard asks for the operators' key.
func (c *console) guard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		sum := sha256.Sum256([]byte(given))
		if !ok || c.Key == "" || subtle.ConstantTimeCompare(sum[:], c.key[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="operators"`)
			problem(w, http.StatusUnauthorized, "unauthorized", "Send the operators' key as a bearer token: KASSETTE_ADMIN_KEY.")
			return
		}
		next(w, r)
	}
}

// timeline is an order with everything that is known of it.
type timeline struct {
	Order  view.Order        `json:"order"`
	Told   int64             `json:"told"`
	Busy   *checkout.Busy    `json:"busy"`
	Events []view.Event      `json:"events"`
	Story  []telemetry.Entry `json:"story"`
}

const maxEvents = 1000

func (c *console) order(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	rec, err := c.Store.Load(r.Context(), id)
	if err != nil {
		c.fail(w, id, err)
		return
	}
	events, err := c.Store.Events(r.Context(), id, 1, maxEvents)
	if err != nil {
		c.fail(w, id, err)
		return
	}
	t := timeline{Order: c.View.Order(rec.Order, c.Clock()), Told: rec.Told, Busy: rec.Busy, Events: []view.Event{}, Story: c.Story.Entries(id)}
	for _, e := range events {
		t.Events = append(t.Events, c.View.Event(id, e))
	}
	write(w, http.StatusOK, t)
}

func (c *console) fail(w http.ResponseWriter, id string, err error) {
	if errors.Is(err, checkout.ErrNotFound) {
		problem(w, http.StatusNotFound, "not_found", "There is no order "+strconv.Quote(id)+".")
		return
	}
	c.Logger.Error("timeline not read", "order", id, "error", err)
	w.Header().Set("Retry-After", "2")
	problem(w, http.StatusServiceUnavailable, "unavailable", "The state cannot be reached. Try again shortly.")
}

// stories lists the orders whose stories this node remembers, the latest first.
func (c *console) stories(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]any{"items": c.Story.Orders()})
}

// story streams what happens to an order as server-sent events, what is known
// already first.
func (c *console) story(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		problem(w, http.StatusNotImplemented, "no_stream", "This server cannot stream; read /admin/v1/orders/{id} instead.")
		return
	}
	known, news, cancel := c.Story.Subscribe(r.PathValue("id"))
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	for _, e := range known {
		send(w, e)
	}
	flusher.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case e, ok := <-news:
			if !ok {
				return
			}
			send(w, e)
			flusher.Flush()
		}
	}
}

func send(w http.ResponseWriter, e telemetry.Entry) {
	b, err := json.Marshal(e)
	if err == nil {
		fmt.Fprintf(w, "data: %s\n\n", b)
	}
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the operator hung up
}

func problem(w http.ResponseWriter, status int, kind, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problemDetails{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: kind, Detail: detail})
}
