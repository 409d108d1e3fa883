package woocommerce

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The statuses of a webhook.
const (
	HookActive   = "active"
	HookPaused   = "paused"
	HookDisabled = "disabled"
)

// topics that concern orders (2).
var topics = []string{"order.created", "order.updated", "order.deleted", "order.restored"}

// Hook is a webhook as it is made.
type Hook struct {
	Name   string `json:"name"`
	Topic  string `json:"topic"`
	URL    string `json:"delivery_url"`
	Secret string `json:"secret"`
}

type hook struct {
	Hook
	id       int
	status   string
	failures int
}

// AddHook has the merchant make a webhook in the admin. Its ping is sent at once.
func (s *Simulator) AddHook(ctx context.Context, in Hook) (id int, err error) {
	s.mu.Lock()
	h, refused := s.addHook(in)
	s.mu.Unlock()
	if refused != nil {
		return 0, refused
	}
	s.ping(ctx, h)
	return h.id, nil
}

// SetHook has the merchant set a webhook's status.
func (s *Simulator) SetHook(id int, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hooks {
		if h.id == id {
			h.status = status
		}
	}
}

// addHook makes a webhook, whatever its address: one that can never be delivered
// is taken too (2, trap 6). The caller holds s.mu.
func (s *Simulator) addHook(in Hook) (*hook, *apiError) {
	u, err := url.Parse(in.URL)
	switch {
	case !slices.Contains(topics, in.Topic): // those of coupons, customers, products and actions are not simulated
		return nil, &apiError{http.StatusBadRequest, "woocommerce_rest_webhook_invalid_topic", "Webhook topic is required and must be valid."}
	case err != nil || u.Scheme != "http" && u.Scheme != "https":
		return nil, &apiError{http.StatusBadRequest, "woocommerce_rest_webhook_invalid_delivery_url", "Webhook delivery URL must be a valid URL starting with http:// or https://."}
	}
	h := &hook{Hook: in, id: len(s.hooks) + 1, status: HookActive}
	s.hooks = append(s.hooks, h)
	return h, nil
}

// hookView leaves the secret out.
type hookView struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Status   string `json:"status"`
	Topic    string `json:"topic"`
	Resource string `json:"resource"`
	Event    string `json:"event"`
	URL      string `json:"delivery_url"`
}

func (h *hook) view() hookView {
	resource, event, _ := strings.Cut(h.Topic, ".")
	return hookView{h.id, h.Name, h.status, h.Topic, resource, event, h.URL}
}

func (s *Simulator) listHooks(r *http.Request, head http.Header) (int, any, *apiError) {
	q := r.URL.Query()
	list := []hookView{}
	for _, h := range slices.Backward(s.hooks) {
		if status := q.Get("status"); status == "" || status == "all" || status == h.status {
			list = append(list, h.view())
		}
	}
	part, refused := paged(list, q, head)
	return http.StatusOK, part, refused
}

func (s *Simulator) askedHook(r *http.Request) (*hook, *apiError) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 1 || id > len(s.hooks) {
		return nil, &apiError{http.StatusNotFound, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID."}
	}
	return s.hooks[id-1], nil
}

func (s *Simulator) getHook(r *http.Request, _ http.Header) (int, any, *apiError) {
	h, refused := s.askedHook(r)
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, h.view(), nil
}

// postHook makes a webhook. Its ping goes out when the queue runs: this simulator
// sends nothing while it answers.
func (s *Simulator) postHook(r *http.Request, _ http.Header) (int, any, *apiError) {
	var in Hook
	if refused := readBody(r, &in); refused != nil {
		return 0, nil, refused
	}
	h, refused := s.addHook(in)
	if refused != nil {
		return 0, nil, refused
	}
	s.queue = append(s.queue, delivery{hook: h, ping: true})
	return http.StatusCreated, h.view(), nil
}

// putHook changes a webhook's status. Its count of failures stays, which is this
// simulator's choice: one more and it is disabled again.
func (s *Simulator) putHook(r *http.Request, _ http.Header) (int, any, *apiError) {
	h, refused := s.askedHook(r)
	if refused != nil {
		return 0, nil, refused
	}
	var in struct {
		Status *string `json:"status"`
		URL    *string `json:"delivery_url"`
	}
	if refused := readBody(r, &in); refused != nil {
		return 0, nil, refused
	}
	if in.Status != nil && !slices.Contains([]string{HookActive, HookPaused, HookDisabled}, *in.Status) {
		return 0, nil, invalidParam("status")
	}
	for into, from := range map[*string]*string{&h.status: in.Status, &h.URL: in.URL} {
		if from != nil {
			*into = *from
		}
	}
	return http.StatusOK, h.view(), nil
}
