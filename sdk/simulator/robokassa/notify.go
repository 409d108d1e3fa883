package robokassa

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kinds of notification.
const (
	kindResult  = "result"  // ResultURL
	kindResult2 = "result2" // ResultUrl2
)

// How often a notification is tried, once a minute: of ResultUrl2 the documents
// say five, of ResultURL nothing (ours: a day's worth).
const (
	triesResult  = 24 * 60
	triesResult2 = 5
)

// NotificationRecord is a notification that was sent, or would have been.
type NotificationRecord struct {
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"` // result or result2
	InvID    int64     `json:"inv_id"`
	Try      int       `json:"try"`
	Status   int       `json:"status"` // HTTP status of the answer; 0: there was none
	Accepted bool      `json:"accepted"`
	Fault    string    `json:"fault,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// letter is a notification ready to be sent.
type letter struct {
	kind        string
	invID       int64
	method, url string
	contentType string
	body        string // or the query of a GET
	want        string // the body that accepts it; "" where any 2xx does
	tries       int
}

// tellPaid notifies ResultURL of a payment, and gives a channel that is closed
// after the first try. The caller holds s.mu.
func (s *Simulator) tellPaid(o *operation) <-chan struct{} {
	var told []<-chan struct{}
	if o.result2 != "" && !o.test {
		told = append(told, s.tellState(o, "OK"))
	}
	if s.cfg.ResultURL != "" {
		told = append(told, s.dispatch(s.resultLetter(o)))
	}
	if len(told) == 0 {
		return nil
	}
	return told[len(told)-1]
}

// tellState notifies ResultUrl2 of a state. The caller holds s.mu.
func (s *Simulator) tellState(o *operation, state string) <-chan struct{} {
	address := o.result2
	if decoded, err := url.QueryUnescape(address); err == nil && !strings.Contains(address, "://") {
		address = decoded
	}
	if address == "" || o.test {
		return nil
	}
	var n struct {
		Header struct {
			Type      string `json:"type"`
			Version   string `json:"version"`
			Timestamp string `json:"timestamp"`
		} `json:"header"`
		Data struct {
			Shop   string `json:"shop"`
			OpKey  string `json:"opKey"`
			InvID  string `json:"invId"`
			Method string `json:"paymentMethod"`
			Sum    string `json:"incSum"`
			State  string `json:"state"`
		} `json:"data"`
	}
	n.Header.Type, n.Header.Version, n.Header.Timestamp = "PaymentStateNotification", "1.0.0", strconv.FormatInt(o.at.Unix(), 10)
	n.Data.Shop, n.Data.OpKey, n.Data.InvID = s.cfg.Login, o.opKey, strconv.FormatInt(o.invID, 10)
	n.Data.Method, n.Data.Sum, n.Data.State = o.method.group, two(s.paid(o)), state
	token := s.jws(n)
	if s.faults.On(faultWrongSignature, kindResult2) {
		token = spoilToken(token)
	}
	return s.dispatch(letter{kind: kindResult2, invID: o.invID, method: http.MethodPost, url: address, contentType: "application/json", body: token, tries: triesResult2})
}

// spoilToken changes a character in the middle of the signature: the last one's
// bits do not all count.
func spoilToken(token string) string {
	at := len(token) - 20
	other := "A"
	if token[at] == 'A' {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}

// resultLetter writes the call of ResultURL, with the old names beside the new.
func (s *Simulator) resultLetter(o *operation) letter {
	_, two2 := s.passwords(o.test)
	number, sum := strconv.FormatInt(o.invID, 10), o.charged
	if s.faults.On(faultWrongSum, kindResult) {
		sum++
	}
	signature := strings.ToUpper(s.sign([]string{six(sum), number}, two2, o.shop))
	if s.faults.On(faultWrongSignature, kindResult) {
		signature = spoil(signature)
	}
	email := o.email
	if o.test {
		email = ""
	}
	fields := [][2]string{
		{"out_summ", six(sum)}, {"OutSum", six(sum)}, {"inv_id", number}, {"InvId", number}, {"crc", signature}, {"SignatureValue", signature},
		{"PaymentMethod", o.method.group}, {"IncSum", six(s.paid(o))}, {"IncCurrLabel", o.method.Label}, {"EMail", email}, {"Fee", six(0)},
	}
	for _, p := range o.shop {
		fields = append(fields, [2]string{p.Name, p.Value})
	}
	return letter{kind: kindResult, invID: o.invID, method: s.cfg.ResultMethod, url: s.cfg.ResultURL,
		contentType: "application/x-www-form-urlencoded", body: form(fields), want: "OK" + number, tries: triesResult}
}

// form writes fields in their order.
func form(fields [][2]string) string {
	pairs := make([]string, len(fields))
	for i, f := range fields {
		pairs[i] = url.QueryEscape(f[0]) + "=" + url.QueryEscape(f[1])
	}
	return strings.Join(pairs, "&")
}

// spoil changes the first digit of a signature.
func spoil(signature string) string {
	if strings.HasPrefix(signature, "0") {
		return "1" + signature[1:]
	}
	return "0" + signature[1:]
}

// dispatch puts a letter into the post, or what the faults make of it.
func (s *Simulator) dispatch(l letter) <-chan struct{} {
	told := make(chan struct{})
	at := s.clock.Now()
	if late, on := s.faults.Take(faultLate, l.kind); on {
		at = at.Add(time.Duration(late.Delay))
		close(told)
		s.post.At(at, func(ctx context.Context, due time.Time) { s.deliver(ctx, l, due, 1, faultLate) })
		return told
	}
	s.post.At(at, func(ctx context.Context, due time.Time) {
		defer close(told)
		if s.faults.On(faultLost, l.kind) {
			s.note(NotificationRecord{At: due, Kind: l.kind, InvID: l.invID, Fault: faultLost})
			return
		}
		if s.faults.On(faultDuplicate, l.kind) {
			s.deliver(ctx, l, due, triesResult, faultDuplicate) // the last of its tries: it is not repeated
		}
		s.deliver(ctx, l, due, 1, "")
	})
	return told
}

// deliver sends a letter, and again a minute later until it is accepted.
func (s *Simulator) deliver(ctx context.Context, l letter, due time.Time, try int, fault string) {
	n := NotificationRecord{At: due, Kind: l.kind, InvID: l.invID, Try: try, Fault: fault}
	status, body, err := s.send(ctx, l)
	n.Status = status
	n.Accepted = status >= 200 && status < 300 && (l.want == "" || strings.EqualFold(strings.TrimSpace(body), l.want))
	if err != nil {
		n.Error = err.Error()
	}
	s.note(n)
	s.mu.Lock()
	minute := s.cfg.Minute
	s.mu.Unlock()
	if !n.Accepted && try < l.tries && ctx.Err() == nil {
		s.post.At(due.Add(minute), func(ctx context.Context, due time.Time) { s.deliver(ctx, l, due, try+1, fault) })
	}
}

func (s *Simulator) send(ctx context.Context, l letter) (status int, body string, err error) {
	address, content := l.url, io.Reader(strings.NewReader(l.body))
	if l.method == http.MethodGet {
		address, content = join(l.url, l.body), nil
	}
	r, err := http.NewRequestWithContext(ctx, l.method, address, content)
	if err != nil {
		return 0, "", fmt.Errorf("prepare the notification: %w", err)
	}
	if content != nil {
		r.Header.Set("Content-Type", l.contentType)
	}
	r.Header.Set("User-Agent", "Robokassa")
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, "", fmt.Errorf("send the notification: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return answer.StatusCode, "", fmt.Errorf("read the answer to the notification: %w", err)
	}
	return answer.StatusCode, string(text), nil
}

// join adds a query to an address.
func join(address, query string) string {
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}

func (s *Simulator) note(n NotificationRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.Number = len(s.notes) + 1
	s.notes = append(s.notes, n)
}

// Notify sends the news of a paid or held payment once more.
func (s *Simulator) Notify(ctx context.Context, invID int64) ([]NotificationRecord, error) {
	s.mu.Lock()
	o, before := s.either(invID), len(s.notes)
	if o == nil {
		s.mu.Unlock()
		return nil, notStarted(invID)
	}
	switch o.state {
	case StateHold:
		s.tellState(o, "HOLD")
	case StatePaid:
		s.tellPaid(o)
	}
	s.mu.Unlock()
	if err := s.post.Settle(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes[before:]), nil
}
