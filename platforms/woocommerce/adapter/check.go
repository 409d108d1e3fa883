package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// nowhere is the id of an order that no shop has: changing it tells whether the
// key may write, and changes nothing.
const nowhere = "999999999999999999"

// CheckSettings tries the key for reading and writing, and looks at address,
// webhooks and currency.
func (provider) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	var out contract.CheckResult
	a, err := newAPI(c)
	if err != nil {
		return out, err
	}
	probe := a.request("PUT", "/orders/"+nowhere, "")
	probe.Effect, probe.Body = contract.Read, "{}"
	answers, err := c.DoAll(a.request("GET", "/orders", "per_page=1&_fields=id,currency,total"), a.request("GET", "/webhooks", hookQuery), probe)
	if err != nil {
		return out, err
	}
	say := func(level, text, fix string) {
		out.Findings = append(out.Findings, contract.Finding{Level: level, Text: text, Fix: fix})
	}
	if a.plain() {
		level := contract.FindingWarning
		if a.Environment == "live" {
			level = contract.FindingError
		}
		say(level, "The shop is reached without TLS: what goes over the wire can be read and changed.", "Put the shop on https and write that address as url.")
	}
	orders, err := a.listed(answers[0])
	if passing(err) {
		say(contract.FindingError, "The shop could not be asked: "+message(err)+".", "Check that url is the address of WordPress itself, and that the shop can be reached from the gateway; then try again.")
		return out, nil
	} else if err != nil {
		say(contract.FindingError, "The shop does not let its orders be read: "+message(err)+".", "Make a key under WooCommerce, Settings, Advanced, REST API, with read and write permission.")
		return out, nil
	}
	if err := a.tried(answers[2]); passing(err) {
		say(contract.FindingWarning, "Whether the key may write could not be tried: "+message(err)+".", "Try again.")
	} else if is(err, contract.Unauthorized) {
		say(contract.FindingError, "The key may not write: the shop cannot be told what was paid.", "Give the key the permission read/write.")
	}
	a.currency(orders, say)
	a.webhooks(answers[1], say)
	out.OK = true
	for _, f := range out.Findings {
		out.OK = out.OK && f.Level != contract.FindingError
	}
	return out, nil
}

// listed reads the newest order, if there is one.
func (a api) listed(o guest.Outcome) ([]document, error) {
	if o.Err != nil {
		return nil, o.Err
	}
	return a.documents(o.Response)
}

// tried reads the answer to the probe.
func (a api) tried(o guest.Outcome) error {
	if o.Err != nil {
		return o.Err
	}
	return a.read(o.Response, (*guest.Scanner).Skip)
}

// currency looks at the newest order.
func (a api) currency(orders []document, say func(level, text, fix string)) {
	if len(orders) == 0 {
		return
	}
	d := orders[0]
	name := plainText(d.Currency, 8)
	if _, known := contract.Exponent(d.Currency); !known {
		say(contract.FindingError, "The newest order is in "+name+", which is no currency of ISO 4217: it cannot be paid here.", "Set the shop's currency under WooCommerce, Settings, General.")
	} else if _, err := d.amount(); err != nil {
		say(contract.FindingError, "The newest order costs "+plainText(d.Total, 40)+" "+name+", which cannot be paid exactly.", "Set the number of decimals to that of the currency: WooCommerce, Settings, General.")
	}
}

// webhooks looks whether there are webhooks to us that are sent. Without the one for
// changes nothing is heard; the one for new orders has them heard at once.
func (a api) webhooks(o guest.Outcome, say func(level, text, fix string)) {
	list, err := a.hooks(o)
	if err != nil {
		say(contract.FindingWarning, "The shop's webhooks cannot be read: "+message(err)+".", "Use a key of an administrator, and try again.")
		return
	}
	if !a.call.HasSecret("webhook_secret") {
		say(contract.FindingError, "There is no webhook secret, so that no webhook is taken.", "Copy it from the webhook: WooCommerce, Settings, Advanced, Webhooks.")
	}
	for _, topic := range []struct{ name, level string }{{"order.updated", contract.FindingError}, {"order.created", contract.FindingWarning}} {
		n := 0
		for _, h := range list {
			if h.Topic == topic.name {
				n++
			}
		}
		if n == 0 {
			say(topic.level, "No webhook for "+topic.name+" delivers to "+a.WebhookURL+".", "Make one under WooCommerce, Settings, Advanced, Webhooks, with API version WP REST API v3.")
		}
	}
	for _, h := range list {
		if f, bad := h.finding(); bad {
			say(contract.FindingError, f.Text, f.Fix)
		}
		if problem := undeliverable(h.URL); problem != "" {
			say(contract.FindingWarning, "The webhook "+h.ID+" may never arrive: "+problem+".", "Give the gateway a public address on port 443.")
		}
	}
}

// undeliverable says why WordPress may refuse to deliver to an address (2, trap 6).
func undeliverable(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	name, port, ok := strings.Cut(host, ":")
	if n, err := strconv.Atoi(port); ok && (err != nil || n != 80 && n != 443 && n != 8080) {
		return "WordPress refuses ports other than 80, 443 and 8080"
	}
	for _, near := range []string{"127.", "10.", "192.168.", "169.254."} {
		if strings.HasPrefix(name, near) && strings.Trim(name, "0123456789.") == "" {
			return "WordPress refuses private addresses"
		}
	}
	if name == "localhost" {
		return "WordPress refuses private addresses"
	}
	return ""
}

// is says whether an error is a failure of this code.
func is(err error, code contract.FailureCode) bool {
	var f *contract.Failure
	return errors.As(err, &f) && f.Code == code
}

// passing says whether an error may pass by itself.
func passing(err error) bool {
	var lost *contract.ExchangeError
	return errors.As(err, &lost) || is(err, contract.ProviderUnavailable) || is(err, contract.RateLimited)
}

// message is what a failure says.
func message(err error) string {
	var f *contract.Failure
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}
