package conformance

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

const shopPage = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back in a minute</body></html>"

// shopFault is a way in which a shop does not answer as it should, and what that
// means.
type shopFault struct {
	fault
	means meaning
}

// meaning is what a host makes of a failure.
type meaning int

const (
	// passes: the shop may be well again in a while, and is told again.
	passes meaning = iota
	// final: somebody has to do something, and is told what.
	final
	// either: the shop's answer does not say.
	either
)

// shopFaults are what networks, proxies and shops do. None is carried out.
func shopFaults() []shopFault {
	html := map[string]string{"Content-Type": "text/html; charset=UTF-8"}
	json := map[string]string{"Content-Type": "application/json"}
	var list []shopFault
	for _, f := range []fault{
		{name: "refused", lost: &contract.ExchangeError{Kind: contract.ErrorRefused, Sent: contract.SentNo, Message: "connection refused"}},
		{name: "reset", lost: &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentMaybe, Message: "connection reset"}},
		{name: "500", status: 500, header: html, body: shopPage},
		{name: "502", status: 502},
		{name: "503", status: 503, header: html, body: shopPage},
		{name: "429", status: 429, header: map[string]string{"Retry-After": retryAfter}},
		{name: "HTML", status: 200, header: html, body: shopPage},
		{name: "empty", status: 200},
		{name: "half an answer", status: 200, header: json, body: `{"id":1,"st`},
	} {
		list = append(list, shopFault{f, passes})
	}
	for _, f := range []fault{
		{name: "401", status: 401, header: json, body: `{"code":"unauthorized","message":"You cannot do this."}`},
	} {
		list = append(list, shopFault{f, final})
	}
	for _, f := range []fault{
		// A firewall's, or a shop's that is being brought up to date: nothing of the platform's.
		{name: "403", status: 403, header: html, body: shopPage},
		{name: "404", status: 404, header: json, body: `{"code":"not_found","message":"There is none."}`},
		{name: "oversized", status: 200, body: strings.Repeat(" ", contract.MaxConsumedAnswer+1)},
		{name: "bad UTF-8", status: 200, body: "{\"\xff\xfe\": \"\xc3\x28\"}"},
		{name: "of another shape", status: 200, header: json, body: `[[{"id":["1"]}],null,1e400]`},
		{name: "redirect", status: 301, header: map[string]string{"Location": "https://elsewhere.example/"}},
	} {
		list = append(list, shopFault{f, either})
	}
	return list
}

// told holds a failure to what the shop's answer means.
func (d *shopDesk) told(f shopFault, failure *contract.Failure) {
	switch f.means {
	case passes:
		d.want(passing(failure), "%s passes, and was told as %v", f.name, failure)
	case final:
		d.want(!passing(failure), "%s does not pass, and was told as %v", f.name, failure)
		d.helps(failure)
	case either:
	}
	if f.status == 429 {
		d.want(failure.Code == contract.RateLimited && failure.RetryAfterMS == 7000, "429 with Retry-After: %s was told as %v, %d ms", retryAfter, failure, failure.RetryAfterMS)
	}
}

// helps wants a message that says what happened and what to do.
func (d *shopDesk) helps(failure *contract.Failure) {
	const words = 8
	d.want(len(strings.Fields(failure.Message)) >= words, "the message %q does not say what to do", failure.Message)
}
