package conformance

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// actions are where the consumer is sent: as the manifest's flow says, and to
// no address that was not granted.
func actions() []Scenario {
	return family("actions", anyPlugin,
		Scenario{Name: "as the flow says", run: func(d *desk) error {
			p, err := d.create()
			if err != nil {
				return err
			}
			want := map[contract.Flow]contract.ActionType{
				contract.FlowRedirect: contract.ActionRedirect, contract.FlowForm: contract.ActionForm, contract.FlowTerminal: contract.ActionWait,
			}[d.method.Flow]
			d.want(len(p.actions) > 0 && p.actions[0].Type == want, "%s/flow is %s, and the consumer is told to %q, want %s", d.at(), d.method.Flow, types(p.actions), want)
			return granted(d, p)
		}},
		Scenario{Name: "on the way back", lacks: both(needsPage, needs(contract.CompletePayment)), run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			if err := comesBack(d, p); err != nil {
				return err
			}
			return granted(d, p)
		}},
	)
}

func types(actions []contract.Action) []contract.ActionType {
	var list []contract.ActionType
	for _, a := range actions {
		list = append(list, a.Type)
	}
	return list
}

// granted wants each address that the consumer is sent to on a granted host.
func granted(d *desk, p *attempt) error {
	info, err := contract.ReadSettings(d.manifest.SettingsSchema)
	if err != nil {
		return err
	}
	k := keeper{account: d.account, info: info, now: d.world.Now}
	for _, a := range p.actions {
		if !slices.Contains([]contract.ActionType{contract.ActionRedirect, contract.ActionForm}, a.Type) {
			continue
		}
		u, err := url.Parse(a.URL)
		if err == nil {
			err = k.granted(d.manifest.Hosts, u)
		}
		if err != nil {
			d.want(false, "the consumer is sent to %s: %v", a.URL, fmt.Errorf("not granted: %w", err))
		}
	}
	return nil
}
