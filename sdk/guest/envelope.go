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
			r.Headers = map[string][]string{}
			for header := range s.members {
				r.Headers[header] = s.texts()
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
