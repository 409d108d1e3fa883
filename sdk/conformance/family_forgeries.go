package conformance

import (
	"reflect"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// forgeries are messages, answers and returns that are not the provider's.
func forgeries() []Scenario {
	var hooks, answers, backs []Scenario
	for _, f := range Forgeries() {
		hooks = append(hooks, Scenario{Name: "webhook " + string(f), lacks: able(contract.SignsWebhooks), run: func(d *desk) error { return forgedWebhook(d, f) }})
		answers = append(answers, Scenario{Name: "answer " + string(f), lacks: able(contract.SignsAnswers), run: func(d *desk) error { return forgedAnswer(d, f) }})
		backs = append(backs, Scenario{Name: "return " + string(f), lacks: able(contract.SignsReturns), run: func(d *desk) error { return forgedReturn(d, f) }})
	}
	hooks = append(hooks,
		Scenario{Name: "webhook empty", run: func(d *desk) error { return junk(d, "") }},
		Scenario{Name: "webhook of bytes", run: func(d *desk) error { return junk(d, "\xff\xfe{\x00") }},
		Scenario{Name: "webhook of another shape", run: func(d *desk) error { return junk(d, `[{"signature":{"a":[1.5]}},null]`) }},
	)
	return slices.Concat(
		family("forgeries", needs(contract.ReceiveWebhook), append(hooks, answers...)...),
		family("forgeries", needsPage, backs...),
	)
}

// forgesNothing is said of what would else pass in silence.
const forgesNothing = "the world forges nothing; if this provider lacks %s, the manifest's /lacks says where its protocol tells so"

// forgedWebhook delivers forged messages, of which nothing may be booked, and
// then the true ones, which must still be taken.
func forgedWebhook(d *desk, f Forgery) error {
	p, list, err := announcedPaid(d, 1)
	if err != nil {
		return err
	}
	for _, m := range list {
		forged := d.world.Forge(m, f)
		d.want(!reflect.DeepEqual(forged, m), forgesNothing, contract.SignsWebhooks)
		response, err := d.deliver(forged)
		if err != nil {
			return err
		}
		d.want(!d.acknowledged(forged, response), "a message whose signature is %s was answered %d", f, response.Status)
	}
	d.want(p[0].told().Value == 0 && p[0].status == "" && len(d.orphans) == 0, "news of a message whose signature is %s was booked", f)
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
	if err != nil {
		return err
	}
	if !d.world.ForgeNext(f) {
		d.fail(forgesNothing, contract.SignsAnswers)
		return nil
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
	r, _ := Result[contract.WebhookResult](t) // a failure has no news
	return slices.ContainsFunc(r.Updates, func(u contract.Update) bool { return u.Trust == contract.Verified })
}

// forgedReturn brings a forged return: nothing may be booked of it.
func forgedReturn(d *desk, f Forgery) error {
	p, forged, err := forgedBack(d, f)
	if p == nil || err != nil {
		return err
	}
	before := len(d.calls)
	if _, err := d.back(p, forged); err != nil {
		return err
	}
	r, _ := Result[contract.UpdatesResult](d.calls[before]) // a failure has no news
	d.want(!slices.ContainsFunc(r.Updates, func(u contract.Update) bool { return f != ForgedMissing || !givesUp(u) }),
		"a return whose signature is %s was taken", f)
	fits(d, p)
	return nil
}

// givesUp says whether an update only hints that nothing was paid. Where a
// provider signs the returns of those who paid alone, one that has lost its
// signature looks like that of somebody who gave up.
func givesUp(u contract.Update) bool {
	return u.Trust == contract.Hint && (u.Type == contract.UpdateCancelled || u.Type == contract.UpdateFailed)
}

// forgedBack is a forged return, of a payment that nobody paid where the
// provider signs those.
func forgedBack(d *desk, f Forgery) (*attempt, contract.Message, error) {
	for _, e := range []Ending{Open, Cancelled, Paid} {
		p, err := d.ended(e)
		if err != nil {
			return p, contract.Message{}, err
		}
		m, ok := d.world.Return(p.Payment)
		if forged := d.world.Forge(m, f); ok && !reflect.DeepEqual(forged, m) {
			return p, forged, nil
		}
	}
	d.fail(forgesNothing, contract.SignsReturns)
	return nil, contract.Message{}, nil
}

// junk delivers a body that no provider sends.
func junk(d *desk, body string) error {
	p, list, err := announcedPaid(d, 1)
	if err != nil {
		return err
	}
	m := list[0]
	m.Body, m.BodyBase64, m.Query = "", []byte(body), ""
	response, err := d.deliver(m)
	d.want(!d.acknowledged(m, response), "a body that is no message was answered %d", response.Status)
	d.want(p[0].told().Value == 0 && p[0].status == "", "news of a body that is no message was booked")
	return err
}
