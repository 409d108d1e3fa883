package conformance

import (
	"reflect"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopSignatures are messages that are not the shop's.
func shopSignatures() []ShopScenario {
	var list []ShopScenario
	for _, f := range Forgeries() {
		list = append(list, ShopScenario{Name: string(f), run: func(d *shopDesk) error { return forgedMessage(d, f) }})
	}
	for _, junk := range []struct{ name, body string }{
		{"empty", ""}, {"of bytes", "\xff\xfe{\x00"}, {"of another shape", `[{"signature":{"a":[1.5]}},null]`},
		{"too deep", strings.Repeat("[", 20_000)}, {"of too large a number", `{"id":1e999}`},
	} {
		list = append(list, ShopScenario{Name: "a body " + junk.name, run: func(d *shopDesk) error {
			return refusedMessage(d, func(m contract.Message) contract.Message {
				m.Body, m.BodyBase64 = "", []byte(junk.body)
				return m
			})
		}})
	}
	return shopFamily("signatures", shopNeeds(contract.ReadOrder), list...)
}

// forgedMessage delivers a forged message, of which nothing may come, and then
// the true one, which must still be taken.
func forgedMessage(d *shopDesk, f Forgery) error {
	return refusedMessage(d, func(m contract.Message) contract.Message {
		forged := d.world.Forge(m, f)
		d.want(!reflect.DeepEqual(forged, m), "the world forges nothing: a shop's message that nobody signed cannot be told from anybody's")
		return forged
	})
}

func refusedMessage(d *shopDesk, forge func(m contract.Message) contract.Message) error {
	if _, err := d.world.Place(d.ctx, d.amount()); err != nil {
		return err
	}
	list, err := d.world.Messages(d.ctx)
	if err != nil {
		return err
	}
	d.want(len(list) > 0, "the shop sends nothing of a new order")
	for _, m := range list {
		r, failure, err := d.read(forge(m))
		switch {
		case err != nil:
			return err
		case failure == nil:
			d.fail("a message that is not the shop's came to an order %t, %d commands and was answered %d", r.Order != nil, len(r.Commands), r.Response.Status)
		default:
			d.want(failure.Code == contract.BadSignature || failure.Code == contract.Unauthorized,
				"a message that is not the shop's is refused with %s, want %s or %s", failure.Code, contract.BadSignature, contract.Unauthorized)
		}
		d.want(len(d.last().Exchanges) == 0, "a message that is not the shop's had %d requests sent", len(d.last().Exchanges))
		mine, err := d.taken(m)
		if err != nil {
			return err
		}
		d.want(mine.Order == nil || proven(d.last()), "an order is asked for although in the call no signature held and no request was answered 2xx")
	}
	return nil
}
