package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// object is a JSON object to be sent; its members go in alphabetical order.
type object = map[string]any

// header is the MessageHeader (section 3).
type header struct {
	ProtocolVersion string
	MessageClass    string
	MessageCategory string
	MessageType     string
	ServiceID       string
	SaleID          string
	POIID           string
}

// response is what is read of any response's body.
type response struct {
	Response struct{ Result, ErrorCondition, AdditionalResponse string }
	POIData  struct{ POITransactionID poiTransaction }

	PaymentResult struct {
		PaymentInstrumentData struct {
			PaymentInstrumentType string
			CardData              struct{ PaymentBrand string }
		}
		AmountsResp amounts
	}
	// PaymentReceipt is read last, if it is of a size to be printed.
	PaymentReceipt json.RawMessage

	RepeatedMessageResponse struct {
		MessageHeader               header
		RepeatedResponseMessageBody repeated
		repeated                    // where Swedbank Pay's form has it
	}
	POISystemData struct{ POIStatus poiStatus }
	POIStatus     poiStatus
}

type repeated struct{ PaymentResponse, ReversalResponse *response }

type poiTransaction struct{ TransactionID, TimeStamp string }

type poiStatus struct{ GlobalStatus, PrinterStatus string }

// The words of Response.Result.
const (
	resultSuccess = "Success"
	resultPartial = "Partial"
	resultFailure = "Failure"
)

// condition is the ErrorCondition of a failure, "" of anything else.
func (r *response) condition() string {
	if r.Response.Result != resultFailure {
		return ""
	}
	return r.Response.ErrorCondition
}

// terminal is one terminal during one call.
type terminal struct {
	call *guest.Call
	settings
	url string
	// left is how many requests the call's rounds still allow.
	left int
}

func open(c *guest.Call) (*terminal, error) {
	t := &terminal{call: c, left: contract.MaxRounds - 1} // the last round answers
	if err := c.Settings(&t.settings); err != nil {
		return nil, err
	}
	t.url = strings.TrimSuffix(strings.TrimRight(t.BaseURL, "/"), "/nexo") + "/nexo"
	if !strings.HasPrefix(t.url, "https://") && !strings.HasPrefix(t.url, "http://") || t.POIID == "" || t.SaleID == "" {
		return nil, &contract.Failure{Code: contract.InvalidSettings, Message: "set base_url to an address such as https://192.168.1.20:8443, and poi_id and sale_id"}
	}
	if t.Version == "" {
		t.Version = "3.1"
	}
	if t.Language == "" {
		t.Language = "sv"
	}
	return t, nil
}

// letters of a ServiceID: 1 to 10 letters and digits, unique for 48 hours.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// service is a ServiceID from the call's entropy.
func (t *terminal) service() string {
	id := t.call.Random(10)
	for i, b := range id {
		id[i] = letters[b%32]
	}
	return string(id)
}

// sending is a message to be sent.
type sending struct {
	category string
	service  string
	body     object
	effect   contract.Effect
	timeout  int64 // ms
	after    int64 // ms
	interim  *contract.Interim
	// asked is what an answer's amounts are read beside.
	asked contract.Money
}

// The pauses and limits of requests, in ms.
const (
	shortTimeout = 15_000
	payTimeout   = 150_000 // a terminal takes up to 130 s (section 2)
	pause        = 5_000
)

// request is the message as HTTP.
func (t *terminal) request(s sending) (contract.Request, error) {
	b, err := json.Marshal(object{"SaleToPOIRequest": object{
		"MessageHeader":        header{t.Version, "Service", s.category, "Request", s.service, t.SaleID, t.POIID},
		s.category + "Request": s.body,
	}})
	return contract.Request{
		Method: "POST", URL: t.url, Headers: map[string]string{"content-type": "application/json", "accept": "application/json"},
		Body: string(b), Effect: s.effect, TimeoutMS: s.timeout, AfterMS: s.after,
	}, err
}

// do sends a message and gives the HTTP answer of 200 or 204.
func (t *terminal) do(s sending) (contract.Response, error) {
	req, err := t.request(s)
	if err != nil {
		return contract.Response{}, err
	}
	if s.interim != nil {
		t.call.Interim(*s.interim)
	}
	t.left--
	resp, err := t.call.Do(req)
	if err == nil && resp.Status != 200 && resp.Status != 204 {
		err = &fault{what: s.category + " was answered with HTTP status " + strconv.Itoa(resp.Status), limited: resp.Status == 429, after: seconds(resp.Header("retry-after"))}
	}
	return resp, err
}

// ask sends a message and gives its response, if it is ours.
func (t *terminal) ask(s sending) (*response, error) {
	resp, err := t.do(s)
	if err != nil {
		return nil, err
	}
	r, why := t.read(s, resp.Bytes())
	if why != "" {
		return nil, &fault{what: s.category + " was answered with " + why}
	}
	return r, nil
}

// read reads a response. Members of another type than they should be are
// missing; whether they matter is for whoever wants them.
func (t *terminal) read(s sending, body []byte) (r *response, why string) {
	var envelope struct{ SaleToPOIResponse *incoming }
	err := json.Unmarshal(body, &envelope)
	var mismatch *json.UnmarshalTypeError
	in := envelope.SaleToPOIResponse
	if err != nil && !errors.As(err, &mismatch) || in == nil {
		return nil, "what is no nexo message"
	}
	if h := in.MessageHeader; h.MessageType != "Response" || h.MessageCategory != s.category || h.ServiceID != s.service || h.SaleID != t.SaleID || h.POIID != t.POIID {
		return nil, "another message's response"
	}
	if r = in.body(s.category); r == nil {
		return nil, "a response without a body"
	}
	return r, ""
}

// incoming is a response in its envelope.
type incoming struct {
	MessageHeader header

	LoginResponse, DiagnosisResponse, PaymentResponse, ReversalResponse, TransactionStatusResponse *response
}

// body is the member named after a category, or nil.
func (in *incoming) body(category string) *response {
	return map[string]*response{
		"Login": in.LoginResponse, "Diagnosis": in.DiagnosisResponse, "Payment": in.PaymentResponse,
		"Reversal": in.ReversalResponse, "TransactionStatus": in.TransactionStatusResponse,
	}[category]
}

// fault is an answer that is none. After a payment it is as good as lost.
type fault struct {
	what    string
	limited bool
	after   int64
}

// Error says what was wrong.
func (f *fault) Error() string { return f.what }

// silent says whether an error stands for a missing answer, rather than for a
// call that waits for one.
func silent(err error) bool {
	var f *fault
	var e *contract.ExchangeError
	return errors.As(err, &f) || errors.As(err, &e)
}

// arrived says whether a request without an answer may have arrived.
func arrived(err error) bool {
	var e *contract.ExchangeError
	return silent(err) && !(errors.As(err, &e) && e.Sent == contract.SentNo)
}

// unavailable is a missing answer as a failure. Any other error stays as it is.
func unavailable(err error) error {
	if !silent(err) {
		return err
	}
	return noAnswer("the terminal gave no answer", err)
}

// noAnswer is the failure of a missing answer.
func noAnswer(what string, err error) *contract.Failure {
	out := &contract.Failure{Code: contract.ProviderUnavailable, Message: what + ": " + err.Error(), UserMessage: terminalAway}
	if f := (*fault)(nil); errors.As(err, &f) && f.limited {
		out.Code, out.RetryAfterMS = contract.RateLimited, f.after
	}
	return out
}

// seconds reads a Retry-After that counts seconds, as ms.
func seconds(text string) int64 {
	const aDay = 24 * 3600
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return int64(min(n, aDay)) * 1000
}
