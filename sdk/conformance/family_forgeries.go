package conformance

import (
	"reflect"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// forgeries are messages, answers and returns that are not the provider's.
func forgeries() []Scenario {
	var hooks, answers, backs []Scenario
	for _, f := range Forgeries() {
		hooks = append(hooks, Scenario{Name: "webhook " + string(f), run: func(d *desk) error { return forgedWebhook(d, f) }})
		answers = append(answers, Scenario{Name: "answer " + string(f), run: func(d *desk) error { return forgedAnswer(d, f) }})
		backs = append(backs, Scenario{Name: "return " + string(f), run: func(d *desk) error { return forgedReturn(d, f) }})
	}
	hooks = append(hooks,
		Scenario{Name: "webhook empty", run: func(d *desk) error { return junk(d, "") }},
		Scenario{Name: "webhook of bytes", run: func(d *desk) error { return junk(d, "\xff\xfe{\x00") }},
		Scenario{Name: "webhook of another shape", run: func(d *desk) error { return junk(d, `[{"signature":{"a":[1.5]}},null]`) }},
	)
	family("forgeries", needs(contract.ReceiveWebhook), hooks...)
	family("forgeries", needs(contract.ReceiveWebhook), answers...)
	family("forgeries", needs(contract.CompletePayment), backs...)
	return append(append(hooks, answers...), backs...)
}

// forgedWebhook delivers forged messages, of which nothing may be booked, and
// then the true ones, which must still be taken.
func forgedWebhook(d *desk, f Forgery) error {
	p, list, err := announcedPaid(d, 1)
	if err != nil {
		return err
	}
	for _, m := range list {
		forged := d.world.Forge(m, f)
		if reflect.DeepEqual(forged, m) {
			continue
		}
		response, err := d.deliver(forged)
		if err != nil {
			return err
		}
		d.want(response.Status >= 300, "a message whose signature is %s was answered %d", f, response.Status)
	}
	d.want(p[0].captured().Value == 0 && len(d.orphans) == 0, "news of a message whose signature is %s was booked", f)
	if err := deliverAll(d, list); err != nil {
		return err
	}
	once(d, p...)
	return nil
}

// forgedAnswer has the provider's next signed answer forged: no money may
// come of it that the provider does not have.
func forgedAnswer(d *desk, f Forgery) error {
	p, err := d.ended(Cancelled)
	if err != nil {
		return err
	}
	list, err := d.world.Messages(d.ctx)
	if err != nil || !d.world.ForgeNext(f) {
		return err
	}
	for _, m := range list {
		before := len(d.calls)
		if _, err := d.deliver(m); err != nil {
			return err
		}
		d.want(!verified(d.calls[before]), "an answer whose signature is %s was taken", f)
	}
	nothing(d, p)
	return nil
}

// verified says whether the call brought news that count.
func verified(t Transcript) bool {
	r, err := Result[contract.WebhookResult](t)
	if err != nil {
		return false
	}
	for _, u := range r.Updates {
		if u.Trust == contract.Verified {
			return true
		}
	}
	return false
}

// forgedReturn brings a forged return: nothing may be booked of it.
func forgedReturn(d *desk, f Forgery) error {
	p, err := d.ended(Open)
	if err != nil {
		return err
	}
	m, ok := d.world.Return(p.Payment)
	forged := d.world.Forge(m, f)
	if !ok || reflect.DeepEqual(forged, m) {
		return nil
	}
	before := len(d.calls)
	failure, err := d.complete(p, forged)
	if err != nil {
		return err
	}
	r, _ := Result[contract.UpdatesResult](d.calls[before])
	d.want(failure != nil || len(r.Updates) == 0, "a return whose signature is %s was taken", f)
	nothing(d, p)
	return nil
}

// junk delivers a body that no provider sends.
func junk(d *desk, body string) error {
	p, list, err := announcedPaid(d, 1)
	if err != nil {
		return err
	}
	m := list[0]
	m.Body, m.BodyBase64 = "", []byte(body)
	response, err := d.deliver(m)
	d.want(response.Status >= 300 || body == string(list[0].Bytes()), "a body that is no message was answered %d", response.Status)
	d.want(p[0].captured().Value == 0, "news of a body that is no message was booked")
	return err
}
