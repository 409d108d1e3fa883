package main

import (
	"errors"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// needed are the calls that change orders, with the right that each needs (2.1). They
// are tried on order 0, which there is never: the right is looked at first, so a
// right that is missing answers 401, and nothing can change.
var needed = []struct {
	path  string
	right string
	level string
	why   string
}{
	{"order/0/invoice", "Magento_Sales::invoice", contract.FindingError, "to record payments"},
	{"order/0/refund", "Magento_Sales::creditmemo", contract.FindingError, "to record refunds"},
	{"orders/0/comments", "Magento_Sales::comment", contract.FindingError, "to write comments"},
	{"orders/0/cancel", "Magento_Sales::cancel", contract.FindingError, "to cancel orders"},
	{"orders/0/unhold", "Magento_Sales::unhold", contract.FindingWarning, "to record payments of orders on hold"},
	{"orders/0/hold", "Magento_Sales::hold", contract.FindingWarning, "to put them on hold again"},
}

// CheckSettings tries address, store view, credentials, rights and clock. It writes
// nothing.
func (provider) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	var out contract.CheckResult
	find := func(level, text, fix string) {
		out.Findings = append(out.Findings, contract.Finding{Level: level, Text: text, Fix: fix})
	}
	a, err := newAPI(c)
	if err != nil {
		return out, err
	}
	if !strings.HasPrefix(strings.ToLower(a.URL), "https://") {
		level := contract.FindingWarning
		if a.Environment == "live" {
			level = contract.FindingError
		}
		find(level, "The shop's address is not https: what it says can be changed on the way.", "Give the shop a certificate and fill in its https address.")
	}
	a.checkSecrets(find)
	q := query(nil).add("searchCriteria[pageSize]", "1").add("fields", "total_count")
	resp, err := c.Do(a.get("orders?" + q.text()))
	if err == nil {
		a.checkClock(resp, find)
		err = a.read(resp, func(s scanner) bool { _, _, ok := s.list(); return ok })
	}
	if errors.Is(err, guest.ErrSuspended) {
		return contract.CheckResult{}, err
	}
	if err != nil {
		find(contract.FindingError, "The gateway cannot read the shop's orders: "+err.Error(),
			"Compare the address and the store view, and give the integration Magento_Sales::actions_view.")
		return out, nil //nolint:nilerr // it is a finding
	}
	if err := a.checkRights(find); err != nil {
		return contract.CheckResult{}, err
	}
	out.OK = true
	for _, f := range out.Findings {
		out.OK = out.OK && f.Level != contract.FindingError
	}
	return out, nil
}

// checkSecrets tries the module's secrets on a text of no meaning.
func (a api) checkSecrets(find func(level, text, fix string)) {
	if !a.call.HasSecret(envelope) {
		find(contract.FindingInfo, "There is no notice secret, so messages of the shop's module are refused.",
			"With the module, copy its notice secret; without it the shop is asked for its orders.")
	}
	for _, name := range []string{envelope, oldEnvelope} {
		if !a.call.HasSecret(name) {
			continue
		}
		_, err := a.call.MAC(contract.MACRequest{
			Algorithm: contract.SHA256, Key: secret(name), KeyEncoding: contract.KeyBase64, Data: contract.Parts{contract.Lit("check")},
		})
		if err != nil {
			find(contract.FindingError, name+" is no notice secret: "+err.Error(), "Copy what stands behind whsec_ in the module's settings.")
		}
	}
}

// checkClock compares the shop's time with the gateway's: signatures hold for minutes.
func (a api) checkClock(resp contract.Response, find func(level, text, fix string)) {
	at, ok := shopTime(resp)
	if !ok {
		return // not every shop says
	}
	if off := a.call.At().Sub(at).Abs(); off > tolerance {
		find(contract.FindingWarning, "The shop's clock is off by "+off.Round(time.Second).String()+".", "Have it set by NTP: signatures of OAuth and of the module's messages hold for minutes.")
	}
}

// shopTime is when the shop answered, by its own clock.
func shopTime(resp contract.Response) (time.Time, bool) {
	at, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", resp.Header("date"))
	return at, err == nil
}

// checkRights asks for each right, in one round.
func (a api) checkRights(find func(level, text, fix string)) error {
	var requests []contract.Request
	for _, n := range needed {
		r, err := a.write(n.path, struct{}{})
		if err != nil {
			return err
		}
		r.Effect = contract.Read
		requests = append(requests, r)
	}
	outcomes, err := a.call.DoAll(requests...)
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		if o.Err != nil {
			find(contract.FindingError, "The shop did not answer: "+o.Err.Error(), "Try again in a while.")
			continue
		}
		if n := needed[i]; o.Response.Status == 401 {
			find(n.level, "The integration may not do what is needed "+n.why+".", "Give it "+n.right+" in the shop: System, Extensions, Integrations, API.")
		}
	}
	return nil
}
