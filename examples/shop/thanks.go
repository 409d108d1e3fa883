package shop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxReturn is how old a return may be, and how far its clock may be ahead.
const (
	maxReturn = 24 * time.Hour
	maxAhead  = 5 * time.Minute
)

var errForged = errors.New("the return's signature does not fit")

// verifyReturn checks that the gateway sent the consumer here: the signature
// is the hex HMAC-SHA256, with the notice secret, over return.v1, order,
// status, reference and timestamp, joined by line feeds.
func (s *shop) verifyReturn(q url.Values) error {
	for _, name := range []string{"order", "status", "reference", "timestamp", "signature"} {
		if v := q[name]; len(v) != 1 || v[0] == "" {
			return errForged
		}
	}
	given, err := hex.DecodeString(q.Get("signature"))
	if err != nil {
		return errForged
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(strings.Join([]string{"return.v1", q.Get("order"), q.Get("status"), q.Get("reference"), q.Get("timestamp")}, "\n")))
	if !hmac.Equal(given, mac.Sum(nil)) {
		return errForged
	}
	at, err := time.Parse(time.RFC3339, q.Get("timestamp"))
	if now := s.now(); err != nil || now.Sub(at) > maxReturn || at.Sub(now) > maxAhead {
		return errors.New("the return is too old or its time is wrong")
	}
	return nil
}

// thanks takes the consumer back. What the address says is not believed: the
// shop shows what it knows from notices and by asking.
func (s *shop) thanks(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if err := s.verifyReturn(q); err != nil {
		slog.Warn("return refused", "error", err)
		s.problemPage(w, r, http.StatusForbidden, "odd_return", "odd_return_text")
		return
	}
	s.showOrder(w, r, q.Get("reference"), true)
}

// order shows an order with the notices that came about it.
func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	s.showOrder(w, r, r.PathValue("reference"), false)
}

// showOrder shows what the shop knows of an order, after asking once more
// where it is not settled.
func (s *shop) showOrder(w http.ResponseWriter, r *http.Request, reference string, back bool) {
	p, ok := s.book.find(reference)
	if !ok {
		s.problemPage(w, r, http.StatusNotFound, "no_order", "no_order_text")
		return
	}
	if p.ID != "" && waiting(p.Status) {
		if o, err := s.gateway.get(r.Context(), p.ID); err != nil {
			slog.Warn("order not read", "reference", reference, "error", err)
		} else {
			s.book.learn(o, s.now())
			p, _ = s.book.find(reference)
		}
	}
	view := s.orderView(r, p, back)
	pg := s.pageOf(r, view.Heading, view)
	pg.Refresh, pg.market = view.Watch, p.Market // at the prices it was ordered at
	s.render(w, http.StatusOK, "order.html", pg)
}

// status tells the order page's script whether there is news: what it read
// changes when the order or its notices do.
func (s *shop) status(w http.ResponseWriter, r *http.Request) {
	p, ok := s.book.find(r.PathValue("reference"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(p.mark())) // the reader hung up
}
