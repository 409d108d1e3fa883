package terminal

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"time"
)

// object is a JSON object to be sent.
type object = map[string]any

// header is the MessageHeader of section 3.
type header struct {
	ProtocolVersion string `json:"ProtocolVersion,omitempty"`
	MessageClass    string `json:"MessageClass"`
	MessageCategory string `json:"MessageCategory"`
	MessageType     string `json:"MessageType"`
	ServiceID       string `json:"ServiceID,omitempty"`
	DeviceID        string `json:"DeviceID,omitempty"`
	SaleID          string `json:"SaleID"`
	POIID           string `json:"POIID"`
}

// message is a request as it came in.
type message struct {
	header
	// body is the member named after the category, compact.
	body     []byte
	callback string // X-Callback-Url
}

var errEnvelope = errors.New("the body is no SaleToPOIRequest in JSON")

// readMessage reads the envelope: one member SaleToPOIRequest. Members that are
// missing in it are for [message.wrong].
func readMessage(text []byte) (message, error) {
	var envelope map[string]map[string]json.RawMessage
	if err := json.Unmarshal(text, &envelope); err != nil || len(envelope) != 1 || envelope["SaleToPOIRequest"] == nil {
		return message{}, errEnvelope
	}
	parts := envelope["SaleToPOIRequest"]
	var m message
	if err := json.Unmarshal(parts["MessageHeader"], &m.header); err != nil {
		return message{}, errEnvelope
	}
	if raw := parts[m.MessageCategory+"Request"]; raw != nil {
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			return message{}, errEnvelope
		}
		m.body = b.Bytes()
	}
	return m, nil
}

var serviceIDs = regexp.MustCompile(`^[A-Za-z0-9]{1,10}$`)

// wrong says what is wrong with a header, as the path and the reason, or "".
func (m message) wrong() (path, reason string) {
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"MessageHeader.ProtocolVersion", m.ProtocolVersion != ""},
		{"MessageHeader.MessageClass", m.MessageClass == "Service"},
		{"MessageHeader.MessageCategory", m.MessageCategory != ""},
		{"MessageHeader.MessageType", m.MessageType == "Request"},
		{"MessageHeader.SaleID", m.SaleID != ""},
		{"MessageHeader.ServiceID", serviceIDs.MatchString(m.ServiceID)},
		{m.MessageCategory + "Request", m.body != nil},
	} {
		if !c.ok {
			return c.name, "missing or not as it must be"
		}
	}
	return "", ""
}

// answer wraps a response to this request. It echoes the header.
func (m message) answer(body object) []byte {
	h := m.header
	h.MessageType = "Response"
	b, err := json.Marshal(object{"SaleToPOIResponse": object{"MessageHeader": h, m.MessageCategory + "Response": body}})
	if err != nil {
		panic(err) // texts, numbers and lists of them alone
	}
	return append(b, '\n')
}

// success is the Response member of what went well.
func success() object { return object{"Response": object{"Result": "Success"}} }

// failure is a body that only says why not.
func failure(condition, additional string) object {
	r := object{"Result": "Failure", "ErrorCondition": condition}
	if additional != "" {
		r["AdditionalResponse"] = additional
	}
	return object{"Response": r}
}

// malformed is the failure of a message that is not as it must be (section 10).
func malformed(path, reason string) object {
	return failure("MessageFormat", "errors=At%20"+url.PathEscape(path)+"%3a%20"+url.PathEscape(reason))
}

// stamp writes a time as terminals do.
func stamp(t time.Time) string { return t.Round(time.Second).Format("2006-01-02T15:04:05-07:00") }
