package terminal

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// CallbackRecord is a message that was posted to a till's X-Callback-Url.
type CallbackRecord struct {
	At       time.Time `json:"at"`
	Category string    `json:"category"` // Display or Event
	Status   int       `json:"status"`   // HTTP status; 0: no answer
}

// callback tells the till that gave an X-Callback-Url what goes on: what the
// display shows when a transaction begins, the event when it is completed
// (section 9.5). The caller holds the lock.
func (s *Simulator) callback(t *transaction, what string) {
	if t.x.callback == "" {
		return
	}
	h := header{ProtocolVersion: t.x.ProtocolVersion, MessageClass: "Device", MessageCategory: "Display", MessageType: "Request", DeviceID: t.id[2:], SaleID: t.x.SaleID, POIID: t.x.POIID}
	name := "SaleToPOIRequest"
	body := object{"DisplayRequest": object{"DisplayOutput": []object{{
		"Device": "CashierDisplay", "InfoQualify": "Status", "ResponseRequiredFlag": false,
		"OutputContent": object{"OutputFormat": "Text", "OutputText": []object{{"Text": "Waiting for the card"}}},
	}}}}
	if what != "Display" {
		h.MessageClass, h.MessageCategory, h.MessageType = "Event", "Event", "Notification"
		body = object{"EventNotification": object{"TimeStamp": stamp(s.clock.Now()), "EventToNotify": what}}
	}
	body["MessageHeader"] = h
	b, err := json.Marshal(object{name: body})
	if err != nil {
		panic(err) // texts alone
	}
	address := t.x.callback
	s.post.At(s.clock.Now(), func(ctx context.Context, due time.Time) {
		note := CallbackRecord{At: due, Category: h.MessageCategory}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(b))
		if err == nil {
			req.Header.Set("Content-Type", "application/json")
			if resp, err := s.cfg.Client.Do(req); err == nil {
				note.Status = resp.StatusCode
				_ = resp.Body.Close() // what it says changes nothing
			}
		}
		s.mu.Lock()
		s.posted = append(s.posted, note)
		s.mu.Unlock()
	})
}
