package main

import (
	"errors"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// stamp writes a time as nexo has it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }

// login logs the till in, where the terminal wants it (section 4). That moves
// no money and may be repeated, so that it goes as a read.
func (t *terminal) login() error {
	if t.Login == "none" {
		return nil
	}
	_, err := t.logIn()
	return err
}

func (t *terminal) logIn() (*response, error) {
	maker := "ProviderIdentification"
	if t.Version == "3.0" {
		maker = "ManufacturerID"
	}
	r, err := t.ask(sending{category: "Login", service: t.service(), effect: contract.Read, timeout: shortTimeout, body: object{
		"DateTime": stamp(t.call.Now()), "OperatorLanguage": t.Language,
		"SaleSoftware":     object{maker: "Kassette", "ApplicationName": "kassette-terminal", "SoftwareVersion": "1.0.0", "CertificationCode": "none"},
		"SaleTerminalData": object{"TerminalEnvironment": "Attended", "SaleCapabilities": []string{"PrinterReceipt"}},
	}})
	return t.granted("Login", r, err)
}

// granted makes a failure of a response that is no success.
func (t *terminal) granted(what string, r *response, err error) (*response, error) {
	if err != nil {
		return nil, unavailable(err)
	}
	if r.Response.Result != resultSuccess {
		f := failureOf(r)
		f.Message = what + ": " + f.Message
		return nil, f
	}
	return r, nil
}

// standing is what a terminal says of a message that it was sent before.
type standing int

const (
	found   standing = iota // here is its response
	running                 // it is not over
	missing                 // it never came
	mute                    // the terminal does not tell
)

// standings are the ErrorConditions of TransactionStatus (section 9.3).
var standings = map[string]standing{"InProgress": running, "Busy": running, "NotFound": missing, "UnavailableService": mute}

// inquire asks what became of a message. A till that the terminal has forgotten
// logs in and asks again. The shop's copy comes as well: it may be the one to be
// signed. An error that is [silent] says that nobody knows.
func (t *terminal) inquire(category, service string, after int64) (*response, standing, error) {
	s := sending{category: "TransactionStatus", effect: contract.Read, timeout: shortTimeout, after: after, body: object{
		"ReceiptReprintFlag": true, "DocumentQualifier": []string{"CustomerReceipt", "CashierReceipt"},
		"MessageReference": object{"MessageCategory": category, "SaleID": t.SaleID, "ServiceID": service},
	}}
	s.service = t.service()
	r, err := t.ask(s)
	if err == nil && r.condition() == "LoggedOut" && t.left > 1 {
		if _, err := t.logIn(); errors.Is(err, guest.ErrSuspended) {
			return nil, mute, err
		} else if err != nil {
			return nil, mute, &fault{what: err.Error()}
		}
		s.service, s.after = t.service(), 0
		r, err = t.ask(s)
	}
	if err != nil {
		return nil, mute, err
	}
	if r.Response.Result != resultSuccess {
		how, known := standings[r.condition()]
		if !known {
			return nil, mute, &fault{what: "TransactionStatus was answered with " + words(r)}
		}
		return nil, how, nil
	}
	again := r.RepeatedMessageResponse
	body := again.RepeatedResponseMessageBody
	if body == (repeated{}) {
		body = again.repeated
	}
	one := body.PaymentResponse
	if category == "Reversal" {
		one = body.ReversalResponse
	}
	if again.MessageHeader.ServiceID != service || one == nil {
		return nil, mute, &fault{what: "TransactionStatus was answered with another message's response"}
	}
	return one, found, nil
}

// deliver sends what may move money. Where its answer is lost, or nobody can
// read it, the terminal is asked what became of it, never sent it again. The
// error is a failure of what did not arrive, or of what nobody knows; the latter
// is internal, so that the host asks on.
func (t *terminal) deliver(s sending) (*response, standing, error) {
	r, err := t.ask(s)
	switch {
	case err == nil && tells(s.category, s.asked, r):
		return r, found, nil
	case err != nil && !arrived(err):
		return nil, mute, unavailable(err)
	}
	again, how, lost := t.recover(s)
	if how != missing {
		return again, how, lost
	}
	if err == nil {
		err = &fault{what: s.category + " was answered with what nobody can read"}
	}
	return nil, missing, noAnswer("the terminal did not get it, and it may be tried anew", err)
}

// recover asks until the terminal knows, as long as the call's rounds allow.
// That a message never came is believed when it is heard twice.
func (t *terminal) recover(s sending) (*response, standing, error) {
	how, misses, after := mute, 0, int64(0)
	for t.left > 0 {
		r, now, err := t.inquire(s.category, s.service, after)
		switch {
		case err != nil && !silent(err):
			return nil, mute, err
		case err != nil:
			return nil, mute, unknown(err.Error())
		case now == found && !tells(s.category, s.asked, r):
			return nil, mute, unknown(s.category + " ended with " + words(r))
		case now == found, now == mute:
			return r, now, nil
		case now == missing:
			misses++
		}
		if misses == 2 {
			return nil, missing, nil
		}
		how, after = now, pause
	}
	if how == running {
		return nil, running, nil
	}
	return nil, mute, unknown("it does not know the message yet")
}

// unknown is the failure of a message of which nobody knows what became of it.
func unknown(why string) error {
	return &contract.Failure{Code: contract.Internal, Message: "the terminal's answer is lost, and when asked: " + why}
}

// words are a response's own for how it ended.
func words(r *response) string {
	return `Result "` + cut(r.Response.Result, 40) + `", ErrorCondition "` + cut(r.Response.ErrorCondition, 40) + `"`
}

// CheckSettings logs in, or asks for a diagnosis where no login is wanted.
func (terminals) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	t, err := open(c)
	if err != nil {
		return contract.CheckResult{}, err
	}
	var status poiStatus
	if t.Login == "none" {
		r, err := t.ask(sending{category: "Diagnosis", service: t.service(), effect: contract.Read, timeout: shortTimeout, body: object{"HostDiagnosisFlag": false}})
		if r, err = t.granted("Diagnosis", r, err); err != nil {
			return contract.CheckResult{}, err
		}
		status = r.POIStatus
	} else {
		r, err := t.logIn()
		if err != nil {
			return contract.CheckResult{}, err
		}
		status = r.POISystemData.POIStatus
	}
	out := contract.CheckResult{OK: true}
	for _, s := range []struct{ of, is string }{{"terminal", status.GlobalStatus}, {"terminal's printer", status.PrinterStatus}} {
		if s.is != "" && s.is != "OK" && s.is != "Busy" {
			out.Findings = append(out.Findings, contract.Finding{Level: contract.FindingWarning, Text: "The " + s.of + " says " + cut(s.is, 40) + ".", Fix: "Look at the terminal."})
		}
	}
	return out, nil
}
