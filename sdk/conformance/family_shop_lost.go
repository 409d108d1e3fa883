package conformance

import (
	"fmt"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopLost loses the answer to each write of each telling, and the write
// itself. The host tells the shop again, and each thing has happened once.
func shopLost() []ShopScenario {
	var list []ShopScenario
	for _, t := range tellings() {
		for _, f := range lostWrites() {
			list = append(list, ShopScenario{Name: t.name + ", " + f.name, run: func(d *shopDesk) error { return eachWrite(d, t, f) }})
		}
		list = append(list, ShopScenario{Name: t.name + ", every answer lost", run: func(d *shopDesk) error { return noAnswer(d, t) }})
	}
	return shopFamily("lost", shopNeeds(contract.ReadOrder, contract.TellShop), list...)
}

// lostWrites are the ways in which a write's answer is not had.
func lostWrites() []fault {
	return []fault{
		{name: "lost before", lost: &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe, Message: "no answer"}},
		{name: "lost after", carried: true, lost: &contract.ExchangeError{Kind: contract.ErrorLost, Sent: contract.SentMaybe, Message: "the host went down"}},
		{name: "504 after", carried: true, status: 504, header: map[string]string{"Content-Type": "text/html"}, body: "<html><body>Gateway timeout</body></html>"},
	}
}

// eachWrite breaks the first write of a telling, then the second, and so on,
// each in a world of its own, until there are no more. Afterwards the books are
// those of a telling in which nothing went wrong.
func eachWrite(d *shopDesk, t telling, f fault) error {
	clean, err := cleanBooks(d, t)
	if err != nil {
		return err
	}
	for at := range contract.MaxRounds * contract.MaxTurns {
		b := &breaker{fault: &f, at: at, counts: noRead}
		err := d.apart(fmt.Sprintf("write %d", at+1), func(one *shopDesk) error {
			b.world = one.world
			o, err := one.leadsTo(t)
			if err != nil {
				return err
			}
			before := one.books(o)
			if err := one.insist(o, b, t.happens(o)...); err != nil {
				return err
			}
			if b.hit {
				one.sameBooks(before, clean, one.books(o))
			}
			return nil
		})
		if err != nil || !b.hit {
			return err
		}
	}
	return fmt.Errorf("telling that an order is %s takes no end of writes", t.name)
}

// noAnswer loses the answer of each write that a telling takes, until there is
// nothing left to write.
func noAnswer(d *shopDesk, t telling) error {
	clean, err := cleanBooks(d, t)
	if err != nil {
		return err
	}
	const most = 12
	return d.apart("told until it is delivered", func(one *shopDesk) error {
		o, err := one.leadsTo(t)
		if err != nil {
			return err
		}
		before := one.books(o)
		for _, e := range t.happens(o) {
			for n := 0; ; n++ {
				one.breaks = &breaker{world: one.world, fault: &lostWrites()[1], all: true, counts: noRead}
				failure, err := one.tell(o, e)
				if err != nil {
					return err
				}
				if failure == nil {
					break
				}
				if !passing(failure) || n == most {
					return fmt.Errorf("tell_shop of %s, told %d times: %w", e.Type, n+1, failure)
				}
			}
		}
		one.sameBooks(before, clean, one.books(o))
		return nil
	})
}

// cleanBooks are the books after a telling in which nothing goes wrong.
func cleanBooks(d *shopDesk, t telling) (ShopBooks, error) {
	var clean ShopBooks
	err := d.apart("with nothing in its way", func(one *shopDesk) error {
		one.leads = true
		o, err := one.leadsTo(t)
		if err != nil {
			return err
		}
		if err := one.insist(o, nil, t.happens(o)...); err != nil {
			return err
		}
		clean = one.books(o)
		return nil
	})
	return clean, err
}

// apart runs something at a desk and in a world of its own. The error says that
// those could not be had.
func (d *shopDesk) apart(name string, run func(one *shopDesk) error) error {
	one := newShopDesk(d.ctx, d.runner, d.manifest, d.fixture)
	if err := one.open(); err != nil {
		return err
	}
	if err := run(one); err != nil {
		one.fail("%v", err)
	}
	for _, p := range one.problems {
		d.fail("%s: %s", name, p)
	}
	return one.world.Close()
}

// insist tells events as a host does: again where the failure passes, until
// they are delivered. Until the breaker has met its request it is in between.
func (d *shopDesk) insist(o *shopOrder, b *breaker, events ...contract.Event) error {
	for _, e := range events {
		for n := range retold {
			if b != nil && !b.hit {
				d.breaks = b
			}
			failure, err := d.tell(o, e)
			if err != nil {
				return err
			}
			if failure == nil {
				break
			}
			if !passing(failure) {
				return fmt.Errorf("tell_shop of %s: a host gives up on %w", e.Type, failure)
			}
			if n == retold-1 {
				return fmt.Errorf("tell_shop of %s, told %d times: %w", e.Type, retold, failure)
			}
		}
	}
	return nil
}

// sameBooks wants the books to hold what they hold where nothing goes wrong.
func (d *shopDesk) sameBooks(before, clean, got ShopBooks) {
	d.want(got.State == clean.State, "the order is %s, want %s", got.State, clean.State)
	d.want(got.Paid == clean.Paid && got.Payments == clean.Payments, "the shop's books hold %d payments of %s, want %d of %s", got.Payments, got.Paid, clean.Payments, clean.Paid)
	d.want(got.Transaction == clean.Transaction, "the shop shows transaction %q, want %q", got.Transaction, clean.Transaction)
	d.want(got.Refunded == clean.Refunded && got.Refunds == clean.Refunds, "the shop's books hold %d refunds of %s, want %d of %s", got.Refunds, got.Refunded, clean.Refunds, clean.Refunded)
	d.want(len(got.Notes) == len(clean.Notes), "there were %d notes, now %d: %q; want %d", len(before.Notes), len(got.Notes), got.Notes, len(clean.Notes))
	d.want(got.Mails == clean.Mails, "the consumer got %d mails, want %d", got.Mails, clean.Mails)
}
