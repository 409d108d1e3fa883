package conformance

import (
	"maps"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopSettings are good settings, and those with which nothing can work.
func shopSettings() []ShopScenario {
	html := map[string]string{"Content-Type": "text/html"}
	list := []ShopScenario{
		{Name: "good", run: func(d *shopDesk) error {
			r, err := d.checks(nil)
			d.want(r.OK, "good settings are not ok: %+v", r.Findings)
			d.want(!slices.ContainsFunc(r.Findings, isError), "good settings have an error: %+v", r.Findings)
			return err
		}},
		{Name: "one wrong credential", run: wrongCredential},
		{Name: "wrong secrets", lacks: func(d *shopDesk) string {
			if len(d.fixture.Account().Secrets) == 0 {
				return "/settings_schema has no x-secret-use"
			}
			return ""
		}, run: func(d *shopDesk) error {
			for name := range maps.Keys(d.account.Secrets) {
				d.account.Secrets[name] = "wrong-credential-of-nobody"
			}
			return badSettings(d, nil, "secrets that are all wrong")
		}},
	}
	for _, f := range []fault{
		{name: "no such host", lost: &contract.ExchangeError{Kind: contract.ErrorDNS, Sent: contract.SentNo, Message: "no such host"}},
		{name: "no shop at the host", status: 404, header: html, body: "<html><body>Not found</body></html>"},
		{name: "a page at the host", status: 200, header: html, body: "<html><body>Welcome</body></html>"},
		{name: "no right", status: 403, header: map[string]string{"Content-Type": "application/json"}, body: `{"code":"forbidden","message":"You may not do this."}`},
	} {
		list = append(list, ShopScenario{Name: f.name, run: func(d *shopDesk) error { return badSettings(d, &f, f.name) }})
	}
	return shopFamily("settings", shopNeeds(contract.CheckSettings), list...)
}

// wrongCredential tries each secret that serves for requests alone. Of those that
// messages are verified with the shop may know nothing.
func wrongCredential(d *shopDesk) error {
	info, err := contract.ReadSettings(d.manifest.SettingsSchema)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(d.account.Secrets)) {
		if !slices.ContainsFunc(info.Secrets[name], func(use string) bool {
			return slices.Contains([]string{contract.UseBasic, contract.UseBearer, contract.UseHeader, contract.UseOAuth1}, use)
		}) {
			continue
		}
		d.account = d.fixture.Account()
		d.account.Secrets[name] = "wrong-credential-of-nobody"
		if err := badSettings(d, nil, "a wrong "+name); err != nil {
			return err
		}
	}
	return nil
}

func isError(f contract.Finding) bool { return f.Level == contract.FindingError }

// checks runs check_settings, which writes nothing. A fault is what the shop
// answers to all that is asked.
func (d *shopDesk) checks(f *fault) (contract.CheckResult, error) {
	if f != nil {
		d.breaks = &breaker{world: d.world, fault: f, all: true}
	}
	r, failure, err := shopResult[contract.CheckResult](d, contract.CheckSettings, contract.CheckInput{})
	if err == nil && failure != nil {
		d.fail("check_settings is to answer with findings, it failed: %v", failure)
	}
	for _, x := range d.last().Exchanges {
		d.want(x.Request.Effective() == contract.Read, "check_settings sent %s %s, which is no read", x.Request.Method, x.Request.URL)
	}
	return r, err
}

// badSettings wants a finding that says what is wrong and what to do.
func badSettings(d *shopDesk, f *fault, what string) error {
	r, err := d.checks(f)
	d.want(!r.OK, "with %s the settings are ok", what)
	d.want(slices.ContainsFunc(r.Findings, func(f contract.Finding) bool { return isError(f) && f.Text != "" && f.Fix != "" }),
		"with %s no finding says what to do: %+v", what, r.Findings)
	return err
}

// shopPure is what makes a plugin a pure function, as for payments.
func shopPure() []ShopScenario {
	return shopFamily("pure", shopNeeds(),
		ShopScenario{Name: "same input, whatever came before", run: func(d *shopDesk) error {
			if err := everyShopCall(d); err != nil {
				return err
			}
			for i := len(d.calls) - 1; i >= 0; i-- {
				if err := d.again(d.calls[i]); err != nil {
					return err
				}
			}
			return nil
		}},
	)
}

// shopSecrets are canaries: no secret and no token may come out of a plugin.
func shopSecrets() []ShopScenario {
	return shopFamily("secrets", shopNeeds(),
		ShopScenario{Name: "in no output", run: func(d *shopDesk) error {
			if err := everyShopCall(d); err != nil {
				return err
			}
			for _, t := range d.calls {
				d.search(t)
			}
			return nil
		}},
	)
}

// everyShopCall runs each operation once and more. Of what comes of it only
// errors matter here.
func everyShopCall(d *shopDesk) error {
	key, err := d.world.Place(d.ctx, d.amount())
	if err != nil {
		return err
	}
	list, err := d.world.Messages(d.ctx)
	if err != nil {
		return err
	}
	r := contract.OrderRequest{Reference: key, Amount: d.amount(), Metadata: map[string]string{
		contract.MetadataPlatform: d.manifest.Provider, contract.MetadataOrderID: key, contract.MetadataOrderNumber: key,
	}}
	for _, m := range list {
		for _, m := range []contract.Message{m, d.world.Forge(m, ForgedBad)} {
			if !d.has(contract.ReadOrder) {
				continue
			}
			got, _, err := d.read(m)
			if err != nil {
				return err
			}
			if got.Order != nil {
				r = *got.Order
			}
		}
	}
	if d.has(contract.TellShop) {
		o := d.asked(r)
		o.announced()
		o.reserves()
		o.captures()
		o.refunds(o.part(4), contract.OperationSucceeded, true)
		o.attends("orphan", "news of a payment that nobody knows")
		for _, e := range o.events {
			if _, err := d.tell(o, e); err != nil {
				return err
			}
		}
	}
	if d.has(contract.SyncShop) {
		if _, _, err := d.sync(""); err != nil {
			return err
		}
	}
	if d.has(contract.CheckSettings) {
		_, _, err = shopResult[contract.CheckResult](d, contract.CheckSettings, contract.CheckInput{})
	}
	return err
}
