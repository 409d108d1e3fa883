package paypal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// certificatePath is below what the signing certificate lies.
const certificatePath = "/v1/notifications/certs/"

// certificateName is that of the simulator's one certificate.
const certificateName = "CERT-360caa42-fca2a594-90621ecd"

// maxDeliveries is how often an event is sent to a listener that does not take
// it (developer.paypal.com, webhooks: 25 times over 3 days).
const maxDeliveries = 25

// event is a webhook event; its body never changes.
type event struct {
	id    string
	kind  string
	about *order
	body  json.RawMessage
}

// eventBody is an event as it is sent.
type eventBody struct {
	ID       string `json:"id"`
	Version  string `json:"event_version"`
	Created  string `json:"create_time"`
	Type     string `json:"resource_type"`
	Resource string `json:"resource_version"`
	Event    string `json:"event_type"`
	Summary  string `json:"summary"`
	Body     any    `json:"resource"`
	Links    []link `json:"links"`
}

// letter is an event on its way, with the headers of one transmission.
type letter struct {
	event *event
	hook  *hook
	body  []byte
	head  http.Header
}

// tell makes an event about a resource and delivers it to all listeners that
// want it. The caller holds s.mu.
func (s *Simulator) tell(kind string, about any, now time.Time) {
	e := s.newEvent(kind, about, now)
	s.events = append(s.events, e)
	for _, h := range s.hooks {
		if h.wants(kind) {
			s.deliverAt(e, h, 0, now)
		}
	}
}

// newEvent makes an event about a resource. The caller holds s.mu.
func (s *Simulator) newEvent(kind string, about any, now time.Time) *event {
	base := s.base
	b := eventBody{ID: "WH-" + newID(17) + "-" + newID(17), Version: "1.0", Created: now.UTC().Format("2006-01-02T15:04:05.000Z"), Resource: "2.0", Event: kind}
	var subject *order
	switch v := about.(type) {
	case *order:
		subject = v
		b.Type, b.Body, b.Summary = "checkout-order", s.view(v, base), "An order has been approved by buyer"
		if kind != "CHECKOUT.ORDER.APPROVED" {
			b.Summary = "Checkout order " + strings.ToLower(v.status)
		}
	case *authorization:
		subject = v.order
		b.Type, b.Body, b.Summary = "authorization", s.authorization(v, base), "An authorization is now "+strings.ToLower(v.status)
	case *capture:
		subject = v.order
		m := amount(v.total, v.order.currency())
		b.Type, b.Body, b.Summary = "capture", s.capture(v, base), "Payment "+strings.ToLower(v.status)+" for "+m.CurrencyCode+" "+m.Value+" "+m.CurrencyCode
	case *refund:
		subject = v.capture.order
		m := amount(v.total, v.capture.order.currency())
		b.Type, b.Body, b.Summary = "refund", s.refund(v, base), "A "+m.CurrencyCode+" "+m.Value+" capture payment was refunded"
	}
	own := base + "/v1/notifications/webhooks-events/" + b.ID
	b.Links = []link{self(own, ""), {own + "/resend", "resend", http.MethodPost}}
	body, err := json.Marshal(b)
	if err != nil {
		panic(err) // resources and texts alone
	}
	return &event{id: b.ID, kind: kind, about: subject, body: body}
}

// deliverAt has an event sent to a listener, after so many tries before.
func (s *Simulator) deliverAt(e *event, h *hook, before int, at time.Time) {
	s.post.At(at, func(ctx context.Context, due time.Time) {
		s.mu.Lock()
		gone := !slices.Contains(s.hooks, h)
		s.mu.Unlock()
		if gone {
			return
		}
		if d := s.deliver(ctx, e, h, due); !d.Taken && before+1 < maxDeliveries && d.Fault != faultLostEvent {
			s.mu.Lock()
			s.deliverAt(e, h, before+1, due.Add(min(s.cfg.Retry<<min(before, 20), 6*time.Hour)))
			s.mu.Unlock()
		}
	})
}

// deliver sends an event, or what the faults make of it.
func (s *Simulator) deliver(ctx context.Context, e *event, h *hook, due time.Time) DeliveryRecord {
	if s.faults.On(faultLostEvent, callDelivery) {
		return s.noteSent(DeliveryRecord{At: due, Event: e.id, Type: e.kind, Fault: faultLostEvent})
	}
	fault := ""
	if s.faults.On(faultDuplicate, callDelivery) {
		fault = faultDuplicate
		s.send(ctx, s.sign(e, h), due, fault)
	}
	return s.send(ctx, s.sign(e, h), due, fault)
}

// sign writes the headers of a transmission (developer.paypal.com, webhooks).
func (s *Simulator) sign(e *event, h *hook) letter {
	l := letter{event: e, hook: h, body: slices.Clone(e.body), head: http.Header{}}
	id, at := uuid(), stamp(s.clock.Now())
	s.mu.Lock()
	certificate := s.base + certificatePath + certificateName
	s.certificates[certificate] = true
	s.mu.Unlock()
	if s.faults.On(faultWrongCertURL, callDelivery) {
		certificate = "https://api.paypal.com.example.org" + certificatePath + certificateName
	}
	if s.faults.On(control.UnknownMember, callDelivery) {
		l.body = control.AddMember(l.body)
	}
	sum := sha256.Sum256([]byte(signedText(id, at, h.ID, l.body)))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		s.cfg.Logger.Error("sign a webhook", "error", err)
	}
	if s.faults.On(faultWrongSignature, callDelivery) && len(signature) > 0 {
		signature[0] ^= 1
	}
	if s.faults.On(faultFlippedField, callDelivery) {
		l.body = bytes.Replace(l.body, []byte(`"event_version":"1.0"`), []byte(`"event_version":"1.1"`), 1)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "PayPal/AUHD-214.0-58736575", "Paypal-Transmission-Id": id, "Paypal-Transmission-Time": at,
		"Paypal-Transmission-Sig": base64.StdEncoding.EncodeToString(signature), "Paypal-Cert-Url": certificate, "Paypal-Auth-Algo": algorithm,
	} {
		l.head.Set(name, value)
	}
	return l
}

// algorithm is the one that signs webhooks.
const algorithm = "SHA256withRSA"

// signedText is what a transmission's signature covers: the body by its CRC-32.
func signedText(id, at, webhook string, body []byte) string {
	return fmt.Sprintf("%s|%s|%s|%d", id, at, webhook, crc32.ChecksumIEEE(body))
}

// send posts a letter and notes the answer. Any 2xx counts as taken.
func (s *Simulator) send(ctx context.Context, l letter, due time.Time, fault string) DeliveryRecord {
	note := DeliveryRecord{At: due, Event: l.event.id, Type: l.event.kind, Fault: fault}
	status, err := s.postLetter(ctx, l)
	note.Status, note.Taken = status, status >= 200 && status < 300
	if err != nil {
		note.Error = err.Error()
	}
	return s.noteSent(note)
}

func (s *Simulator) postLetter(ctx context.Context, l letter) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.hook.URL, bytes.NewReader(l.body))
	if err != nil {
		return 0, fmt.Errorf("prepare the webhook: %w", err)
	}
	r.Header = l.head
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

func (s *Simulator) noteSent(d DeliveryRecord) DeliveryRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Number = len(s.deliveries) + 1
	s.deliveries = append(s.deliveries, d)
	return d
}

// certificate answers GET /v1/notifications/certs/{name}.
func (s *Simulator) certificate(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("name") != certificateName {
		s.write(w, http.StatusNotFound, failed(http.StatusNotFound))
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = io.WriteString(w, s.cfg.CertificatePEM) // the client may have gone
}

// uuid is a random one, version 4.
func uuid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
