package bambora

import (
	"context"
	"crypto/md5" //nolint:gosec // the provider's hash
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// tries is how often a callback is sent that is not taken: at once, and each
// hour for a day (document, 5.2).
const tries = 25

// localTime is the provider's time zone in callbacks.
var localTime = time.FixedZone("CET", 3600)

// parameters are what return and callback say of a payment, in their order
// (document, 5). Absent ones are left out.
func (t *transaction) parameters() [][2]string {
	at := t.createdAt.In(localTime)
	list := [][2]string{
		{"txnid", t.id}, {"orderid", t.orderID}, {"reference", t.reference},
		{"amount", strconv.FormatInt(t.authorized-t.fee, 10)}, {"currency", t.currency.Code},
		{"date", at.Format("20060102")}, {"time", at.Format("1504")},
		{"feeid", "54321"}, {"txnfee", strconv.FormatInt(t.fee, 10)},
		{"paymenttype", strconv.Itoa(t.card.kind.id)}, {"cardno", t.card.masked()}, {"eci", t.card.eci}, {"issuercountry", "SWE"},
	}
	return list
}

// sign appends parameters and their hash to an address. Parameters that it has
// already come first and are covered (document, 5.1).
func (s *Simulator) sign(address string, t *transaction, call string) string {
	address, fragment, hasFragment := strings.Cut(address, "#")
	base, query, _ := strings.Cut(address, "?")
	var pairs []string
	if query = strings.Trim(query, "&"); query != "" {
		pairs = append(pairs, query)
	}
	for _, p := range t.parameters() {
		pairs = append(pairs, p[0]+"="+url.QueryEscape(p[1]))
	}
	query = strings.Join(pairs, "&")
	hash := hashOf(query, s.cfg.MD5Key)
	if s.faults.On(faultWrongHash, call) {
		hash = hashOf(query, "another merchant's key")
	}
	address = base + "?" + query + "&hash=" + hash
	if hasFragment {
		address += "#" + fragment
	}
	return address
}

// hashOf is the hash of a query: its values, decoded and joined, then the key.
func hashOf(query, key string) string {
	var values strings.Builder
	for pair := range strings.SplitSeq(query, "&") {
		_, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		values.WriteString(value)
	}
	sum := md5.Sum([]byte(values.String() + key)) //nolint:gosec // the provider's hash
	return hex.EncodeToString(sum[:])
}

// announce sends the callbacks of a payment. The caller holds s.mu.
func (s *Simulator) announce(o *session) {
	at := s.clock.Now()
	if o.late {
		at = at.Add(s.cfg.CallbackDelay)
	}
	for _, a := range s.addresses(o) {
		s.later(at, a, o.tx, 1)
	}
}

// addresses are where the callbacks of a session go.
func (s *Simulator) addresses(o *session) []string {
	if len(o.callbacks) == 0 && s.cfg.WebhookURL != "" {
		return []string{s.cfg.WebhookURL}
	}
	return o.callbacks
}

func (s *Simulator) later(at time.Time, address string, t *transaction, try int) {
	s.post.At(at, func(ctx context.Context, due time.Time) { s.deliver(ctx, due, address, t, try) })
}

// deliver sends a callback, and has it sent again if it was not taken.
func (s *Simulator) deliver(ctx context.Context, due time.Time, address string, t *transaction, try int) {
	times := 1
	if s.faults.On(faultDuplicate, callCallback) {
		times = 2
	}
	taken := false
	for range times {
		taken = s.call(ctx, due, address, t, try).taken()
	}
	s.mu.Lock()
	hour := s.hour
	s.mu.Unlock()
	if !taken && try < tries {
		s.later(due.Add(hour), address, t, try+1)
	}
}

// call sends one callback and notes the answer.
func (s *Simulator) call(ctx context.Context, due time.Time, address string, t *transaction, try int) CallbackRecord {
	note := CallbackRecord{At: due, Transaction: t.id, Order: t.orderID, Try: try}
	if s.faults.On(faultLostCallback, callCallback) {
		note.Error = "lost by a fault"
		return s.note(note)
	}
	status, err := s.get(ctx, s.sign(address, t, callCallback))
	note.Status = status
	if err != nil {
		note.Error = err.Error()
	}
	return s.note(note)
}

func (s *Simulator) get(ctx context.Context, address string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("prepare the callback: %w", err)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("send the callback: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // so that the connection can be used again
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return answer.StatusCode, fmt.Errorf("read the answer to the callback: %w", err)
	}
	return answer.StatusCode, nil
}

func (s *Simulator) note(n CallbackRecord) CallbackRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.Number = len(s.callbacks) + 1
	s.callbacks = append(s.callbacks, n)
	return n
}

// taken says whether the shop has taken it: any 2xx.
func (n CallbackRecord) taken() bool { return n.Status >= 200 && n.Status < 300 }
