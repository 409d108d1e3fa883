package magento

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// What the module tells the gateway (platforms/magento/README.md).
const (
	commandCancel  = "cancel"
	commandCapture = "capture"
)

// pauses are those of the module's outbox between two tries; after the last a row
// is given up.
var pauses = []time.Duration{
	time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// row is a message of the module's outbox: Magento Open Source has no webhooks of
// its own (document, 3.7).
type row struct {
	number    int
	kind      string // cancel, capture, placed or ping
	order     *order
	createdAt time.Time
	tries     int
	status    int // the latest answer's; 0: none
	told      bool
	givenUp   bool
}

// tell puts a row into the outbox, once for each order and kind, and has it sent
// after what changed the order is saved. The caller holds s.mu.
func (s *Simulator) tell(o *order, kind string) {
	if o.draft.Method != moduleMethod || slices.ContainsFunc(o.messages, func(r *row) bool { return r.kind == kind }) {
		return
	}
	r := &row{number: len(s.outbox) + 1, kind: kind, order: o, createdAt: s.clock.Now()}
	o.messages, s.outbox = append(o.messages, r), append(s.outbox, r)
	if s.cfg.WebhookURL == "" || s.faults.On(faultLostMessage, callOutbox) {
		return
	}
	s.post.At(r.createdAt, func(ctx context.Context, due time.Time) { s.try(ctx, due, r) })
}

// try sends a row, and again after a pause where it did not arrive.
func (s *Simulator) try(ctx context.Context, due time.Time, r *row) {
	times := 1
	if s.faults.On(faultDuplicate, callOutbox) {
		times = 2
	}
	status := 0
	for range times {
		status = s.send(ctx, due, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.tries, r.status = r.tries+1, status
	r.told = status >= 200 && status < 300
	passing := status == 0 || status >= 500 || status == http.StatusConflict || status == http.StatusTooEarly || status == http.StatusTooManyRequests
	r.givenUp = !r.told && (!passing || r.tries > len(pauses))
	if !r.told && !r.givenUp {
		s.post.At(due.Add(pauses[r.tries-1]), func(ctx context.Context, due time.Time) { s.try(ctx, due, r) })
	}
}

// send posts a row and gives the answer's status, 0 for none.
func (s *Simulator) send(ctx context.Context, due time.Time, r *row) int {
	req, err := s.message(ctx, due, r)
	if err != nil {
		s.cfg.Logger.Error("write a message to the gateway", "error", err)
		return 0
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // so that the connection can be used again
	return resp.StatusCode
}

// message writes a row as it is sent: signed like a notice, after the Standard
// Webhooks specification, under the same id at every try.
func (s *Simulator) message(ctx context.Context, due time.Time, r *row) (*http.Request, error) {
	s.mu.Lock()
	body, err := r.body()
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.WebhookURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	order := 0
	if r.order != nil {
		order = r.order.id
	}
	id := fmt.Sprintf("magento-%d-%s-%d", order, r.kind, r.number)
	secret, at := s.cfg.NoticeSecret, due
	switch {
	case s.faults.On(faultWrongSignature, callOutbox):
		secret = "whsec_bm90IHRoZSBzZWNyZXQgb2YgdGhpcyBzaG9wIQ=="
	case s.faults.On(faultOldMessage, callOutbox):
		at = due.Add(-time.Hour)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Kassette-Magento/1.0.0")
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", stamp)
	req.Header.Set("webhook-signature", Sign(secret, id, stamp, body))
	return req, nil
}

// Sign signs a message with a secret of the form whsec_….
func Sign(secret, id, timestamp string, body []byte) string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")) // Config checks it
	h := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(h, "%s.%s.%s", id, timestamp, body) // a hash takes all
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// body is the envelope (platforms/magento/README.md). A placed order comes whole,
// as the REST API shows it.
func (r *row) body() ([]byte, error) {
	data := object{}
	switch r.kind {
	case commandCancel, commandCapture:
		data["command"] = object{"type": r.kind, "reference": r.order.increment}
		data["order"] = object{
			"entity_id": r.order.id, "increment_id": r.order.increment, "state": r.order.state, "status": r.order.status, "kassette_order": r.order.checkout,
		}
	case kindPlaced:
		data["order"] = r.order.object()
	}
	kind := "order." + r.kind
	if r.kind == kindPing {
		kind = kindPing
	}
	return json.Marshal(object{"type": kind, "timestamp": r.createdAt.UTC().Format("2006-01-02T15:04:05Z"), "data": data})
}

// What the module sends besides commands.
const (
	kindPlaced = "placed"
	kindPing   = "ping"
)

// Ping has the module try the gateway's door, and gives the answer's status.
func (s *Simulator) Ping(ctx context.Context) (int, error) { return s.sendNow(ctx, kindPing, "") }

// SendOrder has the module send an order whole, and gives the answer's status.
func (s *Simulator) SendOrder(ctx context.Context, increment string) (int, error) {
	return s.sendNow(ctx, kindPlaced, increment)
}

// Resend has the module send an order's messages once more, whether they were told
// or not, and gives the last answer's status.
func (s *Simulator) Resend(ctx context.Context, increment string) (int, error) {
	o, err := s.byIncrement(increment)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	rows := slices.Clone(o.messages)
	s.mu.Unlock()
	status := 0
	for _, r := range rows {
		status = s.send(ctx, s.clock.Now(), r)
	}
	return status, nil
}

func (s *Simulator) sendNow(ctx context.Context, kind, increment string) (int, error) {
	r := &row{kind: kind, createdAt: s.clock.Now()}
	if increment != "" {
		o, err := s.byIncrement(increment)
		if err != nil {
			return 0, err
		}
		r.order = o
	}
	if s.cfg.WebhookURL == "" {
		return 0, control.Bad("the shop does not know the gateway's address")
	}
	s.mu.Lock()
	r.number = s.next()
	s.mu.Unlock()
	return s.send(ctx, s.clock.Now(), r), nil
}
