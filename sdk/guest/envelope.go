package guest

import (
	"encoding/base64"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// envelope is a [contract.Envelope] of which most stays as it came until
// someone wants it. What reflection never sees costs a cold guest nothing: a
// field of a type that encoding/json has not met yet is some 85,000
// instructions in Wasm.
type envelope struct {
	contract, call  string
	now             time.Time
	entropy         []byte
	settings, input json.RawMessage
	at              scanner // where the input begins
	secrets         []string
	exchanges       []exchange
}

type exchange struct {
	request  json.RawMessage
	at       time.Time
	response *contract.Response
	failed   *contract.ExchangeError
}

// readEnvelope reads an envelope. Members that it does not know are passed over.
func readEnvelope(input []byte) (envelope, error) {
	var e envelope
	s := &scanner{b: input, bad: !utf8.Valid(input)}
	for name := range s.members {
		switch name {
		case "contract":
			e.contract = s.text()
		case "call":
			e.call = s.text()
		case "now":
			e.now = s.time()
		case "entropy":
			e.entropy = s.bytes()
		case "settings":
			e.settings = s.value()
		case "input":
			s.next()
			e.at.at = s.at
			e.input = s.value()
		case "secrets":
			e.secrets = s.texts()
		case "exchanges":
			for range s.items {
				e.exchanges = append(e.exchanges, s.exchange())
			}
		default:
			s.value()
		}
	}
	if s.bad || s.next() != 0 {
		return envelope{}, errJSON
	}
	e.at.b, e.at.long = input[:e.at.at+len(e.input)], s.long
	return e, nil
}

func (s *scanner) exchange() (x exchange) {
	for name := range s.members {
		switch name {
		case "request":
			x.request = s.value()
		case "at":
			x.at = s.time()
		case "response":
			if !s.null() {
				x.response = s.response()
			}
		case "error":
			s.other(&x.failed)
		default:
			s.value()
		}
	}
	return x
}

func (s *scanner) response() *contract.Response {
	r := &contract.Response{}
	for name := range s.members {
		switch name {
		case "status":
			s.other(&r.Status)
		case "headers":
			if r.Headers = s.headers(); r.Headers == nil {
				r.Headers = map[string][]string{}
			}
		case "body":
			r.Body = s.text()
		case "body_base64":
			r.BodyBase64 = s.bytes()
		default:
			s.value()
		}
	}
	return r
}

// readMessage reads an input that is a message, with or without a cursor, and
// keeps the body as it was written there.
func (c *Call) readMessage() (m contract.Message, cursor string, err error) {
	s := c.env.at
	for name := range s.members {
		switch name {
		case "message":
			m = c.message(&s)
		case "cursor":
			cursor = s.text()
		default:
			s.value()
		}
	}
	if s.bad || s.next() != 0 {
		err = errJSON
	}
	return m, cursor, err
}

func (c *Call) message(s *scanner) (m contract.Message) {
	for name := range s.members {
		switch name {
		case "method":
			m.Method = s.text()
		case "path":
			m.Path = s.text()
		case "query":
			m.Query = s.text()
		case "headers":
			m.Headers = s.headers()
		case "body":
			s.next()
			start := s.at
			m.Body = s.text()
			c.body.text, c.body.quoted = m.Body, s.b[start:s.at]
		case "body_base64":
			m.BodyBase64 = s.bytes()
		case "remote_ip":
			m.RemoteIP = s.text()
		default:
			s.value()
		}
	}
	return m
}

func (s *scanner) headers() map[string][]string {
	if s.null() {
		return nil
	}
	list := map[string][]string{}
	for name := range s.members {
		list[name] = s.texts()
	}
	return list
}

func (s *scanner) texts() []string {
	var list []string
	for range s.items {
		list = append(list, s.text())
	}
	return list
}

// time reads an RFC 3339 time; null and "" are none.
func (s *scanner) time() time.Time {
	text := s.text()
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	s.bad = s.bad || err != nil
	return t
}

// bytes reads base64; null is none.
func (s *scanner) bytes() []byte {
	if s.null() {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(s.text())
	s.bad = s.bad || err != nil
	return b
}
