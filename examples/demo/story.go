package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"
)

//go:embed story.html story.js story.css
var storyFiles embed.FS

var storyTemplate = template.Must(template.ParseFS(storyFiles, "story.html"))

// story shows the latest payment live, from the operators' timeline.
func (s settings) story() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /story", s.storyPage)
	mux.HandleFunc("GET /story/timeline", s.storyTimeline)
	for _, name := range []string{"story.css", "story.js"} {
		mux.HandleFunc("GET /story/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Content-Type-Options", "nosniff")
			http.ServeFileFS(w, r, storyFiles, name)
		})
	}
	return mux
}

// timeline is what the operators' listener tells of an order.
type timeline struct {
	Order  storyOrder   `json:"order"`
	Events []storyEvent `json:"events"`
	Story  []storyEntry `json:"story"`
}

type storyOrder struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"created_at"`
}

type storyEvent struct {
	Number int64     `json:"number"`
	Type   string    `json:"type"`
	At     time.Time `json:"at"`
}

type storyEntry struct {
	Number int64           `json:"number"`
	At     time.Time       `json:"at"`
	Kind   string          `json:"kind"`
	Title  string          `json:"title"`
	Plugin string          `json:"plugin"`
	Export string          `json:"export"`
	Fuel   int64           `json:"fuel"`
	Micros int64           `json:"micros"`
	Status int             `json:"status"`
	Error  string          `json:"error"`
	Detail json.RawMessage `json:"detail"`
}

func (s settings) storyPage(w http.ResponseWriter, r *http.Request) { s.show(w, r, "story.html") }

// storyTimeline gives the page's list alone, for its script.
func (s settings) storyTimeline(w http.ResponseWriter, r *http.Request) { s.show(w, r, "list") }

func (s settings) show(w http.ResponseWriter, r *http.Request, name string) {
	view, err := s.latest(r.Context(), r.URL.Query().Get("order"))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if err != nil {
		view.Trouble = err.Error()
		w.WriteHeader(http.StatusBadGateway)
	}
	_ = storyTemplate.ExecuteTemplate(w, name, view) // the reader hung up
}

// storyView is the page.
type storyView struct {
	Found    bool
	Trouble  string
	Order    storyOrder
	Going    bool // there may be more to come
	Stations []station
	Sums     []sum
	Chapters []chapter
	Others   []string
}

// latest reads the story of an order, of the latest one where none is named.
func (s settings) latest(ctx context.Context, id string) (storyView, error) {
	v := storyView{Going: true, Stations: stations(nil)}
	var known struct {
		Items []string `json:"items"`
	}
	if err := s.operators(ctx, "/admin/v1/stories", &known); err != nil {
		return v, err
	}
	if id == "" && len(known.Items) > 0 {
		id = known.Items[0]
	}
	for _, other := range known.Items[:min(len(known.Items), maxOthers)] {
		if other != id {
			v.Others = append(v.Others, other)
		}
	}
	if id == "" || strings.ContainsAny(id, "/?#%") {
		return v, nil
	}
	var t timeline
	if err := s.operators(ctx, "/admin/v1/orders/"+id, &t); err != nil {
		return v, err
	}
	v.Found, v.Order, v.Going = true, t.Order, t.Order.Status == "open" || t.Order.Status == "pending"
	v.Chapters = chapters(t)
	v.Stations, v.Sums = stations(&t), sums(t)
	return v, nil
}

// maxOthers is how many other orders the page leads to.
const maxOthers = 6

func (s settings) operators(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Admin+path, nil)
	if err != nil {
		return fmt.Errorf("ask the operators' listener: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+s.AdminKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the operators' listener: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the operators' listener answered %s", resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 8<<20)).Decode(into); err != nil {
		return fmt.Errorf("read the timeline: %w", err)
	}
	return nil
}
