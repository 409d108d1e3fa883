package contract

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of a manifest's texts and lists.
const (
	maxTitle   = 80
	maxHosts   = 32
	maxMethods = 64
	// MaxRank bounds a method's place on the choice page.
	MaxRank = 100_000
)

// Validate says what is wrong with a manifest: one error for each problem,
// joined, each beginning with its JSON pointer.
func (m Manifest) Validate() error {
	var p problems
	p.when(m.Contract != Version, "/contract", "%q, this host speaks %q", m.Contract, Version)
	p.when(!isName(m.Name, "-"), "/name", "%q is not [a-z][a-z0-9-]{1,31}", m.Name)
	p.when(!isSemver(m.Version), "/version", "%q is no semantic version such as 1.0.2", m.Version)
	p.when(!isName(m.Provider, "-"), "/provider", "%q is not [a-z][a-z0-9-]{1,31}", m.Provider)
	p.when(len(m.Title) == 0, "/title", "a title is needed")
	p.texts("/title", m.Title, maxTitle)
	p.texts("/provider_title", m.ProviderTitle, maxTitle)
	if m.Homepage != "" {
		err := checkURL(m.Homepage, true)
		p.when(err != nil || !strings.HasPrefix(m.Homepage, "https:"), "/homepage", "%q is no https URL", m.Homepage)
	}
	p.when(len(m.Hosts) > maxHosts, "/hosts", "%d hosts, at most %d are allowed", len(m.Hosts), maxHosts)
	for i, h := range m.Hosts {
		p.wrap(fmt.Sprintf("/hosts/%d", i), CheckHostPattern(h))
		p.when(slices.Index(m.Hosts, h) < i, fmt.Sprintf("/hosts/%d", i), "%q stands there twice", h)
	}
	info, err := ReadSettings(m.SettingsSchema)
	p.wrap("/settings_schema", err)
	p.when(err == nil && len(m.Hosts) == 0 && len(info.Hosts) == 0, "/hosts", "a plugin asks for a host or has a setting marked x-host")
	m.checkOperations(&p)
	m.Lacks.check(&p, m.Kind)
	switch m.Kind {
	case KindPayment:
		m.checkMethods(&p)
	case KindShop:
		p.when(len(m.Methods) > 0, "/methods", "a shop plugin has none")
		p.when(m.Rules != Rules{}, "/kind", "a shop plugin has no capture, refund, polling or reference rules")
	}
	return p.err()
}

// checkOperations checks that the operations are the kind's, and that a
// payment, once started, can come to an end.
func (m Manifest) checkOperations(p *problems) {
	known := Exports(m.Kind)
	if known == nil {
		p.add("/kind", "%q is neither payment nor shop", m.Kind)
		return
	}
	for i, e := range m.Operations {
		pointer := fmt.Sprintf("/operations/%d", i)
		p.when(!slices.Contains(known, e), pointer, "%q is no operation of a %s plugin", e, m.Kind)
		p.when(slices.Index(m.Operations, e) < i, pointer, "%q stands there twice", e)
	}
	has := func(e Export) bool { return slices.Contains(m.Operations, e) }
	switch m.Kind {
	case KindPayment:
		p.when(!has(CreatePayment), "/operations", "a payment plugin needs create_payment")
		p.when(!has(GetPayment) && !has(ReceiveWebhook) && !has(CompletePayment), "/operations",
			"a payment plugin needs get_payment, receive_webhook or complete_payment to hear of the outcome")
		p.when(has(GetRefund) && !has(RefundPayment), "/operations", "get_refund without refund_payment")
	case KindShop:
		p.when(!has(ReadOrder) && !has(TellShop) && !has(SyncShop), "/operations", "a shop plugin needs read_order, tell_shop or sync_shop")
	}
}

// isSemver checks the grammar of Semantic Versioning 2.0.0.
func isSemver(s string) bool {
	s, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(s, "-")
	numbers := strings.Split(core, ".")
	if len(numbers) != 3 || (hasBuild && !identifiers(build, false)) || (hasPre && !identifiers(pre, true)) {
		return false
	}
	for _, n := range numbers {
		if !isNumber(n) {
			return false
		}
	}
	return true
}

// identifiers checks a dotted list; a number in a pre-release has no leading zero.
func identifiers(s string, pre bool) bool {
	for _, id := range strings.Split(s, ".") {
		if id == "" || !only(id, letters+digits+"-") || (pre && only(id, digits) && !isNumber(id)) {
			return false
		}
	}
	return true
}

func isNumber(s string) bool {
	return s != "" && len(s) <= 18 && only(s, digits) && (s == "0" || s[0] != '0')
}
