package omnikassa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// notifyFor is how long after the final state notifications are repeated.
const notifyFor = 24 * time.Hour

// notification tells the shop that there is something to pull; it names no order
// (API manual, "Notification").
type notification struct {
	Authentication string `json:"authentication"`
	Expiry         string `json:"expiry"`
	EventName      string `json:"eventName"`
	POIID          int64  `json:"poiId"`
	Signature      string `json:"signature"`
}

// letter is a notification ready to be posted.
type letter struct {
	body []byte
	key  int
}

// announceResult sends the first notification of a result, unless an earlier
// pull has already handed it out.
func (s *Simulator) announceResult(ctx context.Context, r *result, due time.Time) {
	s.mu.Lock()
	waiting := !r.taken
	s.mu.Unlock()
	if waiting {
		s.notifyAll(ctx, due)
	}
}

// repeatFrom has notifications repeated from one minute after t on, unless they
// already are. The caller holds s.mu.
func (s *Simulator) repeatFrom(t time.Time) {
	if s.repeating || s.cfg.Silent {
		return
	}
	s.repeating = true
	s.post.At(t.Add(s.minute), s.repeat)
}

// repeat sends notifications again while results wait that are younger than 24
// hours, and ends when there are none.
func (s *Simulator) repeat(ctx context.Context, due time.Time) {
	s.mu.Lock()
	young := slices.ContainsFunc(s.queue, func(r *result) bool { return due.Sub(r.finalAt) < notifyFor })
	if s.repeating = young; young {
		s.post.At(due.Add(s.minute), s.repeat)
	}
	s.mu.Unlock()
	if young && !s.faults.On(faultSilent, callNotification) {
		s.notifyAll(ctx, due)
	}
}

// notifyAll sends one notification for each signing key: exactly one verifies
// for a shop that knows one key.
func (s *Simulator) notifyAll(ctx context.Context, due time.Time) []NotificationRecord {
	var sent []NotificationRecord
	for key := range s.keys {
		sent = append(sent, s.dispatch(ctx, s.compose(key), due)...)
	}
	return sent
}

// compose issues a token and writes the notification, faults included.
func (s *Simulator) compose(key int) letter {
	life := s.cfg.NotificationTokenLife
	if s.faults.On(faultExpiredToken, callNotification) {
		life = -time.Minute
	}
	s.mu.Lock()
	text, expires := s.issue(notificationToken, life, key)
	s.mu.Unlock()
	n := notification{Authentication: text, Expiry: writeResultTime(expires), EventName: eventName, POIID: s.cfg.POIID}
	n.Signature = sign(s.keys[key], n.values()...)
	if s.faults.On(faultWrongSignature, callNotification) {
		n.Signature = spoil(n.Signature)
	}
	if s.faults.On(faultFlippedField, callNotification) {
		n.POIID++
	}
	body, _ := json.Marshal(n) // a struct of texts and a number always encodes
	if s.faults.On(control.UnknownMember, callNotification) {
		body = control.AddMember(body)
	}
	return letter{body: body, key: key}
}

// dispatch posts a letter, or what the faults make of it.
func (s *Simulator) dispatch(ctx context.Context, l letter, due time.Time) []NotificationRecord {
	if s.faults.On(faultLostNotification, callNotification) {
		return []NotificationRecord{s.noteSent(NotificationRecord{At: due, Key: l.key, Fault: faultLostNotification})}
	}
	if s.faults.On(faultOutOfOrder, callNotification) {
		newer := s.compose(l.key)
		return []NotificationRecord{s.send(ctx, newer, due, faultOutOfOrder), s.send(ctx, l, due, faultOutOfOrder)}
	}
	if s.faults.On(faultDuplicate, callNotification) {
		return []NotificationRecord{s.send(ctx, l, due, faultDuplicate), s.send(ctx, l, due, faultDuplicate)}
	}
	return []NotificationRecord{s.send(ctx, l, due, "")}
}

// send posts a letter to the webhook and notes the answer. Only 200 counts as
// processed.
func (s *Simulator) send(ctx context.Context, l letter, due time.Time, fault string) NotificationRecord {
	note := NotificationRecord{At: due, Key: l.key, Fault: fault}
	s.mu.Lock()
	webhook := s.webhook
	s.lastSent[l.key] = l
	s.mu.Unlock()
	if webhook == "" {
		note.Error = "no webhook is configured"
		return s.noteSent(note)
	}
	status, err := s.postJSON(ctx, webhook, l.body)
	note.Status, note.Processed = status, status == http.StatusOK
	if err != nil {
		note.Error = err.Error()
	}
	return s.noteSent(note)
}

func (s *Simulator) postJSON(ctx context.Context, url string, body []byte) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("prepare the notification: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Java/1.8.0")
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("post the notification: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // so that the connection can be used again
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return answer.StatusCode, fmt.Errorf("read the answer to the notification: %w", err)
	}
	return answer.StatusCode, nil
}

func (s *Simulator) noteSent(n NotificationRecord) NotificationRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.Number = len(s.notes) + 1
	s.notes = append(s.notes, n)
	return n
}
