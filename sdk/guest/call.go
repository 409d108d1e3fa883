package guest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// ErrSuspended says that the host has no answer yet. The call ends by asking
// for it, whatever the plugin returns; the plugin just passes the error on.
var ErrSuspended = errors.New("suspended until the host has the answer")

// Call is one call of the plugin: one operation, over all its rounds. It is
// not for concurrent use and not to be kept.
type Call struct {
	env     envelope
	host    HostFuncs
	next    int // the exchange that the next request meets
	at      time.Time
	need    *need
	interim *contract.Interim
	fetched map[string]bool
	random  *rand.ChaCha8
	broken  *contract.Failure
	// body is that of the message in the input, if there is one, also as JSON.
	body struct {
		text   string
		quoted []byte
	}
}

// need is a [contract.Need] with its requests in JSON already.
type need struct {
	requests [][]byte
	interim  *contract.Interim
}

func newCall(input []byte, fns HostFuncs) (*Call, error) {
	env, err := readEnvelope(input)
	if err != nil {
		return nil, errors.New("read envelope: " + err.Error())
	}
	c := &Call{env: env, host: fns, fetched: map[string]bool{}}
	if c.env.contract != contract.Version {
		return nil, errors.New("the host speaks contract " + strconv.Quote(c.env.contract) + ", this plugin " + contract.Version)
	}
	c.at = c.env.now
	var seed [32]byte
	copy(seed[:], c.env.entropy)
	c.random = rand.NewChaCha8(seed)
	return c, nil
}

// input reads the operation's input.
func (c *Call) input(into any) error {
	var err error
	switch in := into.(type) { // of which one may be as large as the host takes
	case *contract.WebhookInput:
		in.Message, in.Cursor, err = c.readMessage()
	case *contract.ReadOrderInput:
		in.Message, _, err = c.readMessage()
	default:
		err = json.Unmarshal(c.env.input, into)
	}
	if err != nil {
		return &contract.Failure{Code: contract.InvalidRequest, Message: "read input: " + err.Error()}
	}
	return nil
}

// Outcome is what came of one request of [Call.DoAll]: a response, or the
// error that says why there is none, a [contract.ExchangeError].
type Outcome struct {
	Response contract.Response
	// At is when the answer was complete, or the error certain.
	At  time.Time
	Err error
}

// Do asks for one request. It gives the answer, whatever its status; a
// *[contract.ExchangeError] where there is none; or [ErrSuspended] while the
// host does not know. Requests after a suspended one are suspended too and not
// sent: they may depend on its answer.
func (c *Call) Do(req contract.Request) (contract.Response, error) {
	outcomes, err := c.round([]contract.Request{req})
	if err != nil {
		return contract.Response{}, err
	}
	return outcomes[0].Response, outcomes[0].Err
}

// DoAll asks for requests that do not depend on each other, reads all of them,
// and gives their outcomes in the same order. The host sends them in parallel,
// up to [contract.MaxRequests] a round. The error is [ErrSuspended] until all
// answers are there; a request without an answer is no error of DoAll.
func (c *Call) DoAll(reqs ...contract.Request) ([]Outcome, error) {
	var all []Outcome
	for len(reqs) > 0 {
		n := min(len(reqs), contract.MaxRequests)
		outcomes, err := c.round(reqs[:n])
		if err != nil {
			return nil, err
		}
		all, reqs = append(all, outcomes...), reqs[n:]
	}
	return all, nil
}

// Interim gives an answer for the consumer while the next request is under
// way: it is committed before that request leaves.
func (c *Call) Interim(i contract.Interim) { c.interim = &i }

// round matches requests with the exchanges at hand, or asks for them.
func (c *Call) round(reqs []contract.Request) ([]Outcome, error) {
	interim := c.interim
	c.interim = nil
	switch {
	case c.broken != nil:
		return nil, c.broken
	case c.need != nil:
		return nil, ErrSuspended
	}
	texts := make([][]byte, len(reqs))
	for i, req := range reqs {
		var err error
		if texts[i], err = json.Marshal(req); err != nil {
			return nil, errors.New("write request: " + err.Error())
		}
	}
	known := c.env.exchanges[c.next:]
	switch {
	case len(known) == 0:
		c.need = &need{texts, interim}
		return nil, ErrSuspended
	case len(known) < len(reqs):
		return nil, c.differs("it asked for more requests in one round than before")
	}
	outcomes := make([]Outcome, len(reqs))
	for i, req := range reqs {
		x := known[i]
		c.next++
		if !same(texts[i], x.request) {
			return nil, c.differs("request " + strconv.Itoa(c.next) + ", now " + line(req) + ", is not what it was")
		}
		c.at = x.at
		outcomes[i] = x.outcome()
	}
	return outcomes, nil
}

func (x exchange) outcome() Outcome {
	o := Outcome{At: x.at}
	switch {
	case x.response != nil:
		o.Response = *x.response
	case x.failed != nil:
		o.Err = x.failed
	default:
		o.Err = &contract.ExchangeError{Kind: contract.ErrorLost, Sent: contract.SentMaybe, Message: "the exchange has neither response nor error"}
	}
	return o
}

func (c *Call) differs(why string) error {
	c.broken = notDeterministic(why)
	return c.broken
}

// same compares a request with what a host gives back as the same request,
// perhaps with its members in another order.
func same(text []byte, given json.RawMessage) bool {
	if bytes.Equal(text, given) {
		return true
	}
	var r contract.Request
	if json.Unmarshal(given, &r) != nil {
		return false
	}
	again, err := json.Marshal(r)
	return err == nil && bytes.Equal(text, again)
}

// line names a request without its query, which may hold the payment's data.
func line(r contract.Request) string {
	url, _, _ := strings.Cut(r.URL, "?")
	return r.Method + " " + url
}
