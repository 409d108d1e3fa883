package woocommerce

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFailures is the count of failures in a row above which the next one disables
// a webhook (2, trap 5).
const maxFailures = 5

// delivery is a webhook that waits in the queue. Its body is made when it is sent.
type delivery struct {
	hook  *hook
	order int
	ping  bool
}

// DeliveryRecord is a delivery and what came of it.
type DeliveryRecord struct {
	Number   int       `json:"number"` // from 1 on
	At       time.Time `json:"at"`
	Webhook  int       `json:"webhook"`
	Order    int       `json:"order,omitempty"` // none: a ping
	Delivery string    `json:"delivery_id,omitempty"`
	Status   int       `json:"status"` // HTTP status; 0: no answer
	Error    string    `json:"error,omitempty"`
}

// enqueue has a webhook sent when the queue runs, unless one waits for the same
// webhook and order (2, trap 3). The caller holds s.mu.
func (s *Simulator) enqueue(topic string, id int) {
	for _, h := range s.hooks {
		d := delivery{hook: h, order: id}
		if h.Topic == topic && h.status == HookActive && !slices.Contains(s.queue, d) {
			s.queue = append(s.queue, d)
		}
	}
}

// Waiting is how many deliveries wait for the queue to run.
func (s *Simulator) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

// RunQueue runs the queue as a cron does, once: nothing is sent otherwise (2, trap
// 4). It gives what was sent.
func (s *Simulator) RunQueue(ctx context.Context) []DeliveryRecord {
	s.mu.Lock()
	queue := s.queue
	s.queue = nil
	s.mu.Unlock()
	sent := []DeliveryRecord{}
	for _, d := range queue {
		if d.ping {
			sent = append(sent, s.ping(ctx, d.hook))
			continue
		}
		if r, ok := s.deliver(ctx, d); ok {
			sent = append(sent, r)
		}
	}
	return sent
}

// ping is the first contact: a form, unsigned, without the headers (2, trap 1).
func (s *Simulator) ping(ctx context.Context, h *hook) DeliveryRecord {
	body := []byte(url.Values{"webhook_id": {strconv.Itoa(h.id)}}.Encode())
	status, err := s.send(ctx, h.URL, body, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	return s.note(DeliveryRecord{Webhook: h.id}, status, err)
}

// deliver sends the order as it is now. One that is not taken is not sent again,
// and counts against the webhook (2, trap 5).
func (s *Simulator) deliver(ctx context.Context, d delivery) (DeliveryRecord, bool) {
	s.mu.Lock()
	o := s.find(d.order)
	gone := d.hook.Topic == deleted // it tells the id alone, which is this simulator's reading
	if o == nil && !gone || d.hook.status != HookActive {
		s.mu.Unlock()
		return DeliveryRecord{}, false
	}
	var content any = map[string]int{"id": d.order}
	if !gone {
		content = s.document(o)
	}
	secret := d.hook.Secret
	s.mu.Unlock()
	body, err := json.Marshal(content)
	if err != nil {
		panic(err) // texts and numbers alone
	}
	if s.faults.On(faultWrongSignature, callDelivery) {
		secret += "?"
	}
	record := DeliveryRecord{Webhook: d.hook.id, Order: d.order, Delivery: s.deliveryID(d.hook)}
	status := 0
	if s.faults.On(faultLost, callDelivery) {
		err = errors.New("lost by a fault")
	} else {
		status, err = s.send(ctx, d.hook.URL, body, s.headers(d.hook, record.Delivery, sign(secret, body)))
	}
	record = s.note(record, status, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch taken := status >= 200 && status < 300 || status == http.StatusMovedPermanently || status == http.StatusFound; {
	case taken:
		d.hook.failures = 0
	case d.hook.failures > maxFailures:
		d.hook.status = HookDisabled
	default:
		d.hook.failures++
	}
	return record, true
}

// headers of a delivery (2).
func (s *Simulator) headers(h *hook, id, signature string) http.Header {
	resource, event, _ := strings.Cut(h.Topic, ".")
	head := http.Header{}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "WooCommerce/" + s.cfg.Version + " Hookshot (WordPress/6.9.1)",
		"X-WC-Webhook-Source": s.cfg.PublicURL + "/", "X-WC-Webhook-Topic": h.Topic, "X-WC-Webhook-Resource": resource, "X-WC-Webhook-Event": event,
		"X-WC-Webhook-Signature": signature, "X-WC-Webhook-ID": strconv.Itoa(h.id), "X-WC-Webhook-Delivery-ID": id,
	} {
		head.Set(name, value)
	}
	return head
}

// sign is base64 of the HMAC-SHA256 of the raw body (2).
func sign(secret string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// deliveryID is constant within a second, whatever the order (2, trap 2).
func (s *Simulator) deliveryID(h *hook) string {
	sum := md5.Sum([]byte(strconv.Itoa(h.id) + strconv.FormatInt(s.clock.Now().Unix(), 10)))
	return hex.EncodeToString(sum[:])
}

// send posts a body through WordPress's safe HTTP.
func (s *Simulator) send(ctx context.Context, address string, body []byte, head http.Header) (int, error) {
	if err := s.deliverable(address); err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("prepare the webhook: %w", err)
	}
	r.Header = head
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("post the webhook: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // so that the connection can be used again
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return answer.StatusCode, fmt.Errorf("read the answer to the webhook: %w", err)
	}
	return answer.StatusCode, nil
}

// deliverable refuses private and loopback addresses and ports other than 80, 443
// and 8080, but for the shop's own host (2, trap 6). Names are not looked up.
func (s *Simulator) deliverable(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("A valid URL was not provided.") //nolint:revive,staticcheck // WordPress's words
	}
	own, _ := url.Parse(s.cfg.PublicURL) // which was checked
	if s.cfg.Loose || strings.EqualFold(u.Hostname(), own.Hostname()) {
		return nil
	}
	ip, err := netip.ParseAddr(u.Hostname())
	near := err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()) || u.Hostname() == "localhost"
	if near || !slices.Contains([]string{"", "80", "443", "8080"}, u.Port()) {
		return errors.New("A valid URL was not provided.") //nolint:revive,staticcheck // WordPress's words
	}
	return nil
}

func (s *Simulator) note(r DeliveryRecord, status int, err error) DeliveryRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Number, r.At, r.Status = len(s.deliveries)+1, s.second(), status
	if err != nil {
		r.Error = err.Error()
	}
	s.deliveries = append(s.deliveries, r)
	return r
}
