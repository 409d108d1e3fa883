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
	mux.Handle("GET /story/", http.StripPrefix("/story/", http.FileServerFS(storyFiles)))
	return mux
}

// timeline is what the operators' listener tells of an order.
type timeline struct {
	Order  storyOrder   `json:"order"`
	Events []storyEvent `json:"events"`
	Story  []storyEntry `json:"story"`
}

type storyOrder struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Status    string `json:"status"`
}

type storyEvent struct {
	Number int64     `json:"number"`
	Type   string    `json:"type"`
	At     time.Time `json:"at"`
}

type storyEntry struct {
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

func (s settings) storyPage(w http.ResponseWriter, r *http.Request) {
	page, err := s.latest(r.Context(), r.URL.Query().Get("order"))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
	}
	_ = storyTemplate.Execute(w, page) // the reader hung up
}

// storyTimeline gives the page's list alone, for its script.
func (s settings) storyTimeline(w http.ResponseWriter, r *http.Request) {
	page, err := s.latest(r.Context(), r.URL.Query().Get("order"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = storyTemplate.ExecuteTemplate(w, "list", page) // the reader hung up
}

type storyView struct {
	Found   bool
	Order   storyOrder
	Entries []storyLine
	Others  []string
}

// storyLine is one entry of the page's timeline.
type storyLine struct {
	Kind, Icon, Who, Title, Note, Clock, Error string
	Detail                                     string
}

// latest reads the story of an order, of the latest one where none is named.
func (s settings) latest(ctx context.Context, id string) (storyView, error) {
	var known struct {
		Items []string `json:"items"`
	}
	if err := s.operators(ctx, "/admin/v1/stories", &known); err != nil {
		return storyView{}, err
	}
	v := storyView{Others: known.Items}
	if id == "" && len(known.Items) > 0 {
		id = known.Items[0]
	}
	if id == "" || strings.ContainsAny(id, "/?#") {
		return v, nil
	}
	var t timeline
	if err := s.operators(ctx, "/admin/v1/orders/"+id, &t); err != nil {
		return v, err
	}
	v.Found, v.Order, v.Entries = true, t.Order, lines(t)
	return v, nil
}

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
