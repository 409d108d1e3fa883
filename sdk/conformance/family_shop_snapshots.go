package conformance

import "github.com/kassette-pay/kassette/sdk/contract"

// shopSnapshots are messages that tell how an order is now, and no more: each
// change alone, and several that were joined into one message.
func shopSnapshots() []ShopScenario {
	joined := shopAble(contract.JoinsChanges)
	authorised := shopNeeds(contract.TellShop)
	return shopFamily("snapshots", shopNeeds(contract.ReadOrder),
		ShopScenario{Name: "cancelled", run: func(d *shopDesk) error { return changed(d, nil, contract.CommandCancel, ShopCancels) }},
		ShopScenario{Name: "shipped after authorised", lacks: authorised, run: func(d *shopDesk) error {
			return changed(d, (*shopOrder).reserves, contract.CommandCapture, ShopShips)
		}},
		ShopScenario{Name: "a note and shipped, joined", lacks: bothShop(joined, authorised), run: func(d *shopDesk) error {
			return changed(d, (*shopOrder).reserves, contract.CommandCapture, ShopNotes, ShopShips)
		}},
		ShopScenario{Name: "dearer", run: func(d *shopDesk) error {
			o, err := d.placed(d.amount())
			if err != nil {
				return err
			}
			if err := d.world.Do(d.ctx, o.key, ShopChanges); err != nil {
				return err
			}
			n, err := d.hear()
			if err == nil && n.messages == 0 { // of that alone it sends nothing
				err = d.world.Repeat(d.ctx, o.key)
				if err == nil {
					n, err = d.hear()
				}
			}
			if err != nil {
				return err
			}
			d.costs(n, o.key, d.dearer())
			for _, r := range n.orders {
				d.want(r.Reference == o.Reference, "a changed order is %q, it was %q", r.Reference, o.Reference)
			}
			return nil
		}},
		ShopScenario{Name: "placed and dearer, joined", lacks: joined, run: func(d *shopDesk) error {
			key, n, err := atOnce(d, ShopChanges)
			if err == nil {
				d.costs(n, key, d.dearer())
			}
			return err
		}},
		ShopScenario{Name: "placed and cancelled, joined", lacks: joined, run: func(d *shopDesk) error {
			_, n, err := atOnce(d, ShopNotes, ShopCancels)
			if err != nil {
				return err
			}
			d.want(len(n.orders) == 0, "an order that is cancelled already is to be paid"+orLacksJoins)
			d.commanded(n, contract.CommandCancel, "")
			return nil
		}},
		ShopScenario{Name: "its own telling comes back", lacks: authorised, run: toldAndHeard},
		ShopScenario{Name: "a note", run: func(d *shopDesk) error {
			o, err := d.placed(d.amount())
			if err != nil {
				return err
			}
			if err := d.world.Do(d.ctx, o.key, ShopNotes); err != nil {
				return err
			}
			n, err := d.hear()
			d.want(len(n.commands) == 0, "a note came to %+v", n.commands)
			for _, r := range n.orders {
				d.want(r.Reference == o.Reference && r.Amount == o.Amount, "a note made %q of %s out of %q of %s", r.Reference, r.Amount, o.Reference, o.Amount)
			}
			return err
		}},
	)
}

// toldAndHeard has the shop send what the telling itself changed: of that there
// is nothing to do.
func toldAndHeard(d *shopDesk) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	for _, happens := range []func() []contract.Event{
		o.begins, o.reserves, o.captures, func() []contract.Event { return o.refunds(o.Amount, contract.OperationSucceeded, true) },
	} {
		events := happens()
		if err := d.led(o, events...); err != nil {
			return err
		}
		n, err := d.hear()
		if err != nil {
			return err
		}
		e := events[len(events)-1].Type
		d.want(len(n.commands) == 0, "the shop was told of %s, and its news of that came to %+v", e, n.commands)
		for _, r := range n.orders {
			d.want(e == contract.OrderPending && r.Reference == o.Reference && r.Amount == o.Amount, "the shop was told of %s, and its news of that is an order of %s to be paid", e, r.Amount)
		}
	}
	return nil
}

// dearer is what an order comes to that a person of the shop made dearer.
func (d *shopDesk) dearer() contract.Money {
	m := d.amount()
	unit := int64(1)
	n, _ := contract.Exponent(m.Currency) // the fixture's, which is known
	for range n {
		unit *= 10
	}
	m.Value += unit
	return m
}

// changed places an order, has it come as far as wanted at the gateway, then
// the shop act, and wants one command of it, by the order's reference.
func changed(d *shopDesk, leads func(o *shopOrder) []contract.Event, command string, acts ...ShopAct) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if leads != nil {
		if err := d.led(o, leads(o)...); err != nil {
			return err
		}
		if _, err := d.hear(); err != nil { // of what the telling changed
			return err
		}
	}
	for _, act := range acts {
		if err := d.world.Do(d.ctx, o.key, act); err != nil {
			return err
		}
	}
	n, err := d.hear()
	if err != nil {
		return err
	}
	if len(acts) > 1 {
		d.joins(n)
	}
	d.commanded(n, command, o.Reference)
	return nil
}

// atOnce places an order and has the shop act on it before it sends.
func atOnce(d *shopDesk, acts ...ShopAct) (string, news, error) {
	key, err := d.world.Place(d.ctx, d.amount())
	if err != nil {
		return key, news{}, err
	}
	for _, act := range acts {
		if err := d.world.Do(d.ctx, key, act); err != nil {
			return key, news{}, err
		}
	}
	n, err := d.hear()
	return key, n, err
}

// joins wants several changes in one message.
func (d *shopDesk) joins(n news) {
	d.want(n.messages == 1, "several changes came in %d messages"+orLacksJoins, n.messages)
}

// orLacksJoins is said where an older state was told beside the last.
const orLacksJoins = "; if this platform lacks " + string(contract.JoinsChanges) + ", the manifest's /lacks says where its protocol tells so"

// costs wants an order of this key, and of the amount that it has now.
func (d *shopDesk) costs(n news, key string, amount contract.Money) {
	d.want(len(n.orders) > 0, "an order that was made dearer is none")
	for _, r := range n.orders {
		d.want(r.Metadata[contract.MetadataOrderID] == key && r.Amount == amount, "an order of %s is to be paid as %s"+orLacksJoins, amount, r.Amount)
	}
}

// commanded wants this command and no other. Without a reference any will do.
func (d *shopDesk) commanded(n news, command, reference string) {
	d.want(len(n.commands) > 0, "the shop's news came to no command, want %s", command)
	for _, c := range n.commands {
		d.want(c.Type == command && c.Reference != "" && (reference == "" || c.Reference == reference), "the shop's news came to %s of %q, want %s of %q",
			c.Type, c.Reference, command, reference)
	}
}
