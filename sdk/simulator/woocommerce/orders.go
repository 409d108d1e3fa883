package woocommerce

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPage is the most that per_page may ask for (1.1).
const maxPage = 100

// asked gives the order that the path names. The caller holds s.mu.
func (s *Simulator) asked(r *http.Request) (*order, *apiError) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if o := s.find(id); err == nil && o != nil {
		return o, nil
	}
	return nil, noOrder()
}

func (s *Simulator) getOrder(r *http.Request, _ http.Header) (int, any, *apiError) {
	o, err := s.asked(r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.document(o), nil
}

// listOrders lists orders, newest first unless told otherwise; the trash is left
// out. Totals are in headers (1.1).
func (s *Simulator) listOrders(r *http.Request, h http.Header) (int, any, *apiError) {
	q := r.URL.Query()
	fits, refused := s.filter(q)
	if refused != nil {
		return 0, nil, refused
	}
	var list []*order
	for _, o := range s.orders {
		if fits(o) {
			list = append(list, o)
		}
	}
	by := map[string]func(a, b *order) int{
		"id": func(a, b *order) int { return a.id - b.id }, "date": func(a, b *order) int { return a.created.Compare(b.created) },
		"modified": func(a, b *order) int { return a.changed.Compare(b.changed) },
	}[orElse(q.Get("orderby"), "date")]
	if by == nil {
		return 0, nil, invalidParam("orderby")
	}
	slices.SortStableFunc(list, by)
	if orElse(q.Get("order"), "desc") == "desc" {
		slices.Reverse(list)
	}
	part, refused := paged(list, q, h)
	if refused != nil {
		return 0, nil, refused
	}
	out := []document{}
	for _, o := range part {
		out = append(out, s.document(o))
	}
	return http.StatusOK, out, nil
}

// filter reads status, search, after and modified_after (1.1). A time without a
// zone is the shop's own, which is WordPress's rule; both bounds are exclusive,
// which is this simulator's choice.
func (s *Simulator) filter(q url.Values) (func(o *order) bool, *apiError) {
	times := map[string]time.Time{}
	for _, name := range []string{"after", "modified_after"} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			if t, err = time.Parse(stamp, text); err != nil {
				return nil, invalidParam(name)
			}
			t = t.Add(-s.cfg.Offset)
		}
		times[name] = t
	}
	var wanted []string
	if text := q.Get("status"); text != "" && text != "any" {
		wanted = strings.Split(text, ",")
	}
	for _, status := range wanted {
		if !slices.Contains(statuses, status) {
			return nil, invalidParam("status[0]")
		}
	}
	search := strings.ToLower(q.Get("search"))
	return func(o *order) bool {
		switch {
		case len(wanted) == 0 && (o.status == Trash || o.status == AutoDraft), len(wanted) > 0 && !slices.Contains(wanted, o.status):
			return false
		case !times["after"].IsZero() && !o.created.After(times["after"]), !times["modified_after"].IsZero() && !o.changed.After(times["modified_after"]):
			return false
		}
		return search == "" || strings.Contains(strings.ToLower(o.number+" "+o.billing["email"]+" "+o.billing["last_name"]), search)
	}, nil
}

// paged gives the page that was asked for, 10 a page unless told otherwise, and
// writes the totals.
func paged[T any](list []T, q url.Values, h http.Header) ([]T, *apiError) {
	page, size := 1, 10
	for name, into := range map[string]*int{"page": &page, "per_page": &size} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || name == "per_page" && n > maxPage {
				return nil, invalidParam(name)
			}
			*into = n
		}
	}
	h.Set("X-WP-Total", strconv.Itoa(len(list)))
	h.Set("X-WP-TotalPages", strconv.Itoa((len(list)+size-1)/size))
	from := min((page-1)*size, len(list))
	return list[from:min(from+size, len(list))], nil
}

func orElse(text, unset string) string {
	if text == "" {
		return unset
	}
	return text
}

// change is the body of a PUT on an order. Members that it lacks stay as they are.
type change struct {
	Status        *string         `json:"status"`
	SetPaid       bool            `json:"set_paid"`
	TransactionID *string         `json:"transaction_id"`
	Note          *string         `json:"customer_note"`
	Title         *string         `json:"payment_method_title"`
	Method        *string         `json:"payment_method"`
	Manual        bool            `json:"manual_update"`
	MetaData      json.RawMessage `json:"meta_data"`
}

// putOrder changes an order: properties, then the status, then set_paid, which
// acts only while the order needs payment. So transaction_id is stored even where
// nothing else happens, over whatever was there (1.4).
func (s *Simulator) putOrder(r *http.Request, _ http.Header) (int, any, *apiError) {
	o, refused := s.asked(r)
	if refused != nil {
		return 0, nil, refused
	}
	var c change
	if refused := readBody(r, &c); refused != nil {
		return 0, nil, refused
	}
	if c.Status != nil && !slices.Contains(statuses, *c.Status) {
		return 0, nil, invalidParam("status")
	}
	rows, refused := s.metaOf(o.meta, c.MetaData)
	if refused != nil {
		return 0, nil, refused
	}
	o.meta = rows
	for into, from := range map[*string]*string{&o.transaction: c.TransactionID, &o.note: c.Note, &o.title: c.Title, &o.gateway: c.Method} {
		if from != nil {
			*into = *from
		}
	}
	if c.Status != nil {
		s.move(o, *c.Status)
	}
	if c.SetPaid {
		s.pay(o)
	}
	s.touch(o, updated)
	return http.StatusOK, s.document(o), nil
}

// metaOf gives meta data with those of a body: {id?, key, value} (1.2). The caller
// holds s.mu.
func (s *Simulator) metaOf(list []meta, body json.RawMessage) ([]meta, *apiError) {
	if len(body) == 0 {
		return list, nil
	}
	var in []meta
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, invalidParam("meta_data")
	}
	list = slices.Clone(list)
	for _, m := range in {
		if m.Key == "" && m.ID == 0 {
			return nil, invalidParam("meta_data")
		}
		list = s.setMeta(list, m.ID, m.Key, m.Value)
	}
	return list, nil
}

// readBody reads a JSON body.
func readBody(r *http.Request, into any) *apiError {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return invalidParam(kind.Field)
	case err != nil:
		return &apiError{http.StatusBadRequest, "rest_invalid_json", "Invalid JSON body passed."}
	}
	return nil
}
