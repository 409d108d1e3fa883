// Package probe tries for a shop what its customers would otherwise find out:
// its keys, the methods that it offers, the settings of its accounts, and the
// address that takes its notices. It moves no money and changes nothing.
package probe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/notice"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Directory knows shops as operators see them, and as the gateway serves them.
type Directory interface {
	ShopStatus(ctx context.Context, id string) (checkout.ShopStatus, error)
	Shop(id string) (checkout.Shop, error)
}

// Methods tries what there is to pay with.
type Methods interface {
	TryMethods(shop string, live bool) []checkout.MethodTry
	TryAccount(ctx context.Context, account string, v checkout.Version) (contract.CheckResult, error)
}

// Plugins lists the active versions of a provider's plugins.
type Plugins interface {
	OfProvider(provider string) []checkout.Version
}

// Notices sends a shop a notice that tells nothing.
type Notices interface {
	Ping(ctx context.Context, shop checkout.Shop, url string) (notice.Pinged, error)
}

// Options are what a Prober is made of. All are needed.
type Options struct {
	Directory Directory
	Methods   Methods
	Plugins   Plugins
	Notices   Notices
	Logger    *slog.Logger
}

// Prober tries shops. It is safe for concurrent use.
type Prober struct{ o Options }

// New makes a Prober.
func New(o Options) *Prober { return &Prober{o} }

// accountTime is how long trying one account may take.
const accountTime = 40 * time.Second

// Test tries all there is of a shop. Error: checkout.ErrNotFound.
func (p *Prober) Test(ctx context.Context, id string, spec checkout.ShopTestSpec) (checkout.ShopTest, error) {
	status, err := p.o.Directory.ShopStatus(ctx, id)
	if err != nil {
		return checkout.ShopTest{}, err
	}
	shop, err := p.o.Directory.Shop(id)
	if err != nil {
		return checkout.ShopTest{}, err
	}
	t := &test{p: p, status: status, shop: shop}
	t.keys()
	for _, live := range t.modes() {
		t.methods(live)
	}
	for _, a := range status.Accounts {
		t.account(ctx, a)
	}
	t.notices(ctx, spec)
	return checkout.ShopTest{Shop: status, Checks: t.checks}, nil
}

// test is a test under way.
type test struct {
	p      *Prober
	status checkout.ShopStatus
	shop   checkout.Shop
	checks []checkout.ShopCheck
}

func (t *test) say(state, name, fix, format string, args ...any) {
	t.checks = append(t.checks, checkout.ShopCheck{Name: name, State: state, Text: fmt.Sprintf(format, args...), Fix: fix})
}

// usual are the scopes without which a platform's extension does not work.
var usual = []string{string(checkout.OrdersWrite), string(checkout.OrdersRead), string(checkout.RefundsWrite)}

func (t *test) keys() {
	if len(t.status.Keys) == 0 {
		t.say(checkout.CheckFailed, "keys", "kassette shop add-key "+t.status.ID+" gives it one", "the shop has no API key, so that it can ask for nothing")
	}
	for _, k := range t.status.Keys {
		text := fmt.Sprintf("%s, %s, fingerprint %s", modeOf(k.Live), strings.Join(k.Scopes, " "), k.Fingerprint)
		if len(k.Networks) > 0 {
			text += ", from " + strings.Join(k.Networks, " ") + " alone"
		}
		if len(k.Old) > 0 {
			text += fmt.Sprintf("; %d before it still work", len(k.Old))
		}
		if missing := slices.DeleteFunc(slices.Clone(usual), func(s string) bool { return slices.Contains(k.Scopes, s) }); len(missing) > 0 {
			t.say(checkout.CheckWarning, "key "+k.ID, "give the shop a key with these scopes, unless it needs none of them", "%s; it may not do %s", text, strings.Join(missing, ", "))
			continue
		}
		t.say(checkout.CheckOK, "key "+k.ID, "", "%s", text)
	}
}

// modes are those that the shop has keys or accounts for.
func (t *test) modes() (modes []bool) {
	for _, live := range []bool{false, true} {
		if slices.ContainsFunc(t.status.Keys, func(k checkout.KeyStatus) bool { return k.Live == live }) ||
			slices.ContainsFunc(t.status.Accounts, func(a checkout.AccountStatus) bool { return a.Live == live }) {
			modes = append(modes, live)
		}
	}
	return modes
}

func (t *test) methods(live bool) {
	name := "methods " + modeOf(live)
	var offered, nowhere []string
	var checks []checkout.ShopCheck
	for _, m := range t.p.o.Methods.TryMethods(t.status.ID, live) {
		switch {
		case m.Offered:
			offered = append(offered, m.Method+" ("+m.Account+")")
		case m.Account == "":
			nowhere = append(nowhere, m.Method+" ("+m.Provider+")")
		default:
			checks = append(checks, checkout.ShopCheck{Name: "method " + m.Method, State: checkout.CheckSkipped, Text: "not offered in " + modeOf(live) + " mode: " + m.Why})
		}
	}
	if len(offered) == 0 {
		t.say(checkout.CheckFailed, name, "kassette shop add-account "+t.status.ID+" gives the shop an account; kassette plugin list tells which plugins there are", "no method is offered in %s mode", modeOf(live))
	} else {
		t.say(checkout.CheckOK, name, "", "%s", strings.Join(offered, ", "))
	}
	t.checks = append(t.checks, checks...)
	if len(nowhere) > 0 {
		t.say(checkout.CheckSkipped, name, "", "not offered, since the shop has no account there: %s", strings.Join(nowhere, ", "))
	}
}

// account has each plugin of an account's provider try it. What several find is
// told once.
func (t *test) account(ctx context.Context, a checkout.AccountStatus) {
	name := "account " + a.ID
	versions := t.p.o.Plugins.OfProvider(a.Provider)
	if len(versions) == 0 {
		t.say(checkout.CheckFailed, name, "kassette plugin install brings one", "no plugin of its provider, %s, is active", a.Provider)
		return
	}
	before, tried := len(t.checks), []string{}
	for _, v := range versions {
		ctx, cancel := context.WithTimeout(ctx, accountTime)
		r, err := t.p.o.Methods.TryAccount(ctx, a.ID, v)
		cancel()
		var call *checkout.CallError
		switch {
		case errors.Is(err, checkout.ErrNoCheck):
			continue
		case errors.As(err, &call) && call.Failure.Code == contract.Unsupported:
			t.once(checkout.ShopCheck{Name: name, State: checkout.CheckWarning, Text: "not tried: " + call.Failure.Message, Fix: "grant check_settings to the plugin"})
			continue
		case errors.As(err, &call):
			t.once(checkout.ShopCheck{Name: name, State: checkout.CheckFailed, Text: "its provider could not be asked: " + call.Failure.Message, Fix: "look at the account's settings, and at what the provider's status page says"})
		case err != nil:
			t.p.o.Logger.WarnContext(ctx, "account not tried", "account", a.ID, "plugin", v.Name, "error", err)
			t.once(checkout.ShopCheck{Name: name, State: checkout.CheckFailed, Text: "it could not be tried", Fix: "the gateway's log says why; try again"})
		default:
			t.findings(name, r)
		}
		tried = append(tried, v.Name)
	}
	switch {
	case len(tried) == 0 && len(t.checks) > before:
	case len(tried) == 0:
		t.say(checkout.CheckSkipped, name, "", "no plugin of %s can try an account", a.Provider)
	case !slices.ContainsFunc(t.checks[before:], func(c checkout.ShopCheck) bool { return c.State == checkout.CheckFailed }):
		t.say(checkout.CheckOK, name, "", "%s, %s: its credentials were tried by %s", a.Provider, modeOf(a.Live), strings.Join(tried, ", "))
	}
}

var stateOfLevel = map[string]string{
	contract.FindingInfo: checkout.CheckOK, contract.FindingWarning: checkout.CheckWarning, contract.FindingError: checkout.CheckFailed,
}

func (t *test) findings(name string, r contract.CheckResult) {
	failed := false
	for _, f := range r.Findings {
		state := stateOfLevel[f.Level]
		failed = failed || state == checkout.CheckFailed
		t.once(checkout.ShopCheck{Name: name, State: state, Text: f.Text, Fix: f.Fix})
	}
	if !r.OK && !failed {
		t.once(checkout.ShopCheck{Name: name, State: checkout.CheckFailed, Text: "its plugin says that the settings do not do, and not why", Fix: "compare them with the provider's dashboard"})
	}
}

func (t *test) once(c checkout.ShopCheck) {
	if !slices.Contains(t.checks, c) {
		t.checks = append(t.checks, c)
	}
}

func modeOf(live bool) string {
	if live {
		return "live"
	}
	return "test"
}
