package terminal

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// maxMessage bounds a message, in bytes (section 2).
const maxMessage = 64 << 10

// nexo is the one endpoint of a terminal. What is no nexo message gets an HTTP
// status; whatever is one gets 200 with a response, or 204 where nexo has none.
func (s *Simulator) nexo(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "nexo messages are posted", http.StatusMethodNotAllowed)
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "the content type must be application/json", http.StatusUnsupportedMediaType)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		http.Error(w, "a message has at most 64 KiB", http.StatusRequestEntityTooLarge)
		return
	}
	m, parsed := readMessage(text)
	if err != nil || parsed != nil {
		http.Error(w, errEnvelope.Error(), http.StatusBadRequest)
		return
	}
	m.callback = r.Header.Get("X-Callback-Url")
	s.calls.Handle(callName(m.MessageCategory), func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, m) })(w, r)
}

// serve checks a message in the order of section 10 and carries it out.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request, m message) {
	s.mu.Lock()
	d := s.devices[m.POIID]
	if d == nil {
		s.mu.Unlock()
		reply(w, m, failure("UnavailableDevice", ""))
		return
	}
	if path, reason := m.wrong(); path != "" {
		s.mu.Unlock()
		reply(w, m, malformed(path, reason))
		return
	}
	if check := checks[m.MessageCategory]; check != nil {
		if wrong := check(m); wrong != nil {
			s.mu.Unlock()
			reply(w, m, wrong)
			return
		}
	}
	if x := d.recall(m.SaleID, m.ServiceID, s.clock.Now()); x != nil {
		s.mu.Unlock()
		if x.MessageCategory != m.MessageCategory || string(x.body) != string(m.body) {
			reply(w, m, malformed("MessageHeader.ServiceID", "used for another message"))
			return
		}
		s.await(w, r, x)
		return
	}
	x := s.carryOut(d, m)
	s.mu.Unlock()
	s.await(w, r, x)
}

// carryOut does what a message that is as it must be asks for. Whatever the
// response, it is remembered with its ServiceID. The caller holds the lock.
func (s *Simulator) carryOut(d *device, m message) *exchange {
	now := s.clock.Now()
	if s.faults.On(faultLogOut, callName(m.MessageCategory)) {
		d.sale = ""
	}
	if m.MessageCategory != "Login" && d.login && d.sale != m.SaleID {
		return d.answer(m, failure("LoggedOut", ""), now)
	}
	handle, known := handlers[m.MessageCategory]
	if !known {
		return d.answer(m, failure("UnavailableService", ""), now)
	}
	x, body := handle(s, d, m)
	if x == nil {
		x = d.answer(m, body, now)
	}
	return x
}

// checks say what is wrong with a body: that comes before what the terminal
// knows of the till and the ServiceID.
var checks = map[string]func(message) object{
	"Login":             checkLogin,
	"Payment":           func(m message) object { _, wrong := readPayment(m); return wrong },
	"Reversal":          func(m message) object { _, wrong := readReversal(m); return wrong },
	"TransactionStatus": func(m message) object { _, wrong := readStatus(m); return wrong },
}

// handlers carry a message out, under the simulator's lock: they give its
// response, or the exchange that will have it; neither of an Abort.
var handlers = map[string]func(*Simulator, *device, message) (*exchange, object){
	"Login":             (*Simulator).logIn,
	"Logout":            (*Simulator).logOut,
	"Payment":           (*Simulator).pay,
	"Reversal":          (*Simulator).reverse,
	"TransactionStatus": (*Simulator).status,
	"Diagnosis":         (*Simulator).diagnose,
	"Admin":             (*Simulator).administer,
	"Abort":             (*Simulator).abort,
}

// await waits until an exchange has its response, and sends it. A line that
// breaks is cut: no status, no bytes.
func (s *Simulator) await(w http.ResponseWriter, r *http.Request, x *exchange) {
	select {
	case <-x.ready:
	case <-x.hung:
	case <-s.closed:
	case <-r.Context().Done(): // the transaction goes on without its till
	}
	select {
	case <-x.ready: // whatever else holds as well
	default:
		return
	}
	switch {
	case x.lost:
	case x.response == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		s.reply(w, x.message, x.response)
	}
}

// reply sends a response, with the faults that bend one.
func (s *Simulator) reply(w http.ResponseWriter, m message, body object) {
	call := callName(m.MessageCategory)
	if s.faults.On(faultWrongHeader, call) {
		m.ServiceID = "X" + m.ServiceID[1:]
	}
	if r, _ := body["Response"].(object); s.faults.On(faultStrangeCondition, call) {
		r = object{"Result": "Failure", "ErrorCondition": "BatteryLow", "AdditionalResponse": r["AdditionalResponse"]}
		body = object{"Response": r}
	}
	reply(w, m, body)
}

func reply(w http.ResponseWriter, m message, body object) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(m.answer(body)) // the till may have gone; nothing is left to do then
}

// read reads a message's body. Wrong types are as wrong as missing members.
func (m message) read(into any) (object, bool) {
	err := json.Unmarshal(m.body, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return malformed(m.MessageCategory+"Request."+wrong.Field, "of another type"), false
	case err != nil:
		return malformed(m.MessageCategory+"Request", "not as it must be"), false
	}
	return nil, true
}

// callName is a category in the journal, in faults and in scripted answers.
func callName(category string) string {
	switch category {
	case "TransactionStatus":
		return callStatus
	case "Login", "Logout", "Payment", "Reversal", "Abort", "Admin", "Diagnosis":
		return strings.ToLower(category)
	}
	return "unknown"
}
