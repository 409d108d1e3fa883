package conformance

import (
	"fmt"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopErrors are a shop that does not answer as it should, on each request of
// several tellings and of a sync: what passes is told as passing, the rest as
// final with what to do about it, and nothing as delivered.
func shopErrors() []ShopScenario {
	var list []ShopScenario
	for _, t := range tellings() {
		switch t.name {
		case "authorised", "paid", "refunded in part", "cancelled":
			for _, f := range passingFaults() {
				list = append(list, ShopScenario{Name: t.name + ", " + f.name, run: func(d *shopDesk) error { return eachRequest(d, t, f, true) }})
			}
			for _, f := range finalFaults() {
				list = append(list, ShopScenario{Name: t.name + ", " + f.name, run: func(d *shopDesk) error { return eachRequest(d, t, f, false) }})
			}
		}
	}
	list = append(list, ShopScenario{Name: "the order is gone", run: orderGone})
	telling := shopFamily("errors", shopNeeds(contract.ReadOrder, contract.TellShop), list...)
	var syncs []ShopScenario
	for _, f := range passingFaults() {
		syncs = append(syncs, ShopScenario{Name: "sync, " + f.name, run: func(d *shopDesk) error { return brokenSync(d, f, true) }})
	}
	for _, f := range finalFaults() {
		syncs = append(syncs, ShopScenario{Name: "sync, " + f.name, run: func(d *shopDesk) error { return brokenSync(d, f, false) }})
	}
	return append(telling, shopFamily("errors", shopNeeds(contract.ReadOrder, contract.SyncShop), syncs...)...)
}

const shopPage = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back in a minute</body></html>"

// passingFaults are those after which a shop may be well again in a while.
func passingFaults() []fault {
	html := map[string]string{"Content-Type": "text/html; charset=UTF-8"}
	return []fault{
		{name: "refused", lost: &contract.ExchangeError{Kind: contract.ErrorRefused, Sent: contract.SentNo, Message: "connection refused"}},
		{name: "reset", lost: &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentMaybe, Message: "connection reset"}},
		{name: "500", status: 500, header: html, body: shopPage},
		{name: "502", status: 502},
		{name: "503", status: 503, header: html, body: shopPage},
		{name: "429", status: 429, header: map[string]string{"Retry-After": retryAfter}},
		{name: "HTML", status: 200, header: html, body: shopPage},
		{name: "empty", status: 200},
		{name: "half an answer", status: 200, header: map[string]string{"Content-Type": "application/json"}, body: `{"id":1,"st`},
	}
}

// finalFaults are those that somebody has to do something about.
func finalFaults() []fault {
	var list []fault
	for _, f := range []struct {
		status int
		body   string
	}{{401, `{"code":"unauthorized","message":"You cannot do this."}`}, {403, shopPage}, {404, `{"code":"not_found","message":"There is none."}`}} {
		list = append(list, fault{name: fmt.Sprint(f.status), status: f.status, header: map[string]string{"Content-Type": "application/json"}, body: f.body})
	}
	return list
}

// eachRequest breaks the first request of a telling, then the second, and so
// on, each in a world of its own, until there are no more.
func eachRequest(d *shopDesk, t telling, f fault, passes bool) error {
	clean, err := cleanBooks(d, t)
	if err != nil {
		return err
	}
	for at := range contract.MaxRounds * contract.MaxTurns {
		b := &breaker{fault: &f, at: at}
		err := d.apart(fmt.Sprintf("request %d", at+1), func(one *shopDesk) error {
			b.world = one.world
			o, err := one.leadsTo(t)
			if err != nil {
				return err
			}
			for _, e := range t.happens(o) {
				one.breaks = b
				failure, err := one.tell(o, e)
				if err != nil {
					return err
				}
				switch {
				case b.hit && failure == nil:
					one.stillTrue(f, clean, one.books(o))
				case b.hit:
					one.told(f, failure, passes)
				case failure != nil:
					return fmt.Errorf("tell_shop of %s: %w", e.Type, failure)
				}
				if b.hit {
					break
				}
			}
			return nil
		})
		if err != nil || !b.hit {
			return err
		}
	}
	return fmt.Errorf("telling that an order is %s takes no end of requests", t.name)
}

// stillTrue wants what is told as delivered to be in the books.
func (d *shopDesk) stillTrue(f fault, clean, got ShopBooks) {
	d.want(got.State == clean.State && got.Paid == clean.Paid && got.Refunded == clean.Refunded && got.Refunds == clean.Refunds && len(got.Notes) == len(clean.Notes),
		"the shop answered with %s, and its books hold not what was told as delivered", f.name)
}

// told holds a failure to what the shop's answer means.
func (d *shopDesk) told(f fault, failure *contract.Failure, passes bool) {
	switch {
	case passes:
		d.want(passing(failure), "%s passes, and was told as %v", f.name, failure)
	default:
		d.want(!passing(failure), "%s does not pass, and was told as %v", f.name, failure)
		d.helps(failure)
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

// orderGone tells a shop of an order that a person has deleted.
func orderGone(d *shopDesk) error {
	o, err := d.placed(d.amount())
	if err != nil {
		return err
	}
	if err := d.world.Do(d.ctx, o.key, ShopDeletes); err != nil {
		return err
	}
	for _, e := range o.pays(0) {
		failure, err := d.tell(o, e)
		if err != nil {
			return err
		}
		if e.Type != contract.OrderPaid && failure == nil { // it may be the next event that writes
			continue
		}
		if failure == nil {
			d.fail("that an order is paid was delivered to a shop that has deleted it")
			continue
		}
		d.want(!passing(failure), "an order that is gone was told as %v", failure)
		d.helps(failure)
	}
	return nil
}
