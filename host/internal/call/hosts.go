package call

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// hosts are what a call may speak to and send consumers to.
type hosts []egress.Host

// grantedHosts are the plugin's granted patterns, the hosts of the settings
// that are base URLs, and the operator's own for the account with their rules,
// which stand last so that they win.
func grantedHosts(g checkout.Grant, info contract.SettingsInfo, a checkout.Account) hosts {
	var all hosts
	for _, pattern := range g.Hosts {
		all = append(all, egress.Host{Pattern: pattern})
	}
	var settings map[string]json.RawMessage
	if len(info.Hosts) > 0 && json.Unmarshal(a.Settings, &settings) == nil {
		for _, name := range info.Hosts {
			var base string
			if json.Unmarshal(settings[name], &base) != nil {
				continue
			}
			if pattern, err := egress.HostOf(base); err == nil {
				all = append(all, egress.Host{Pattern: pattern})
			}
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(a.Hosts)) {
		rule := a.Hosts[pattern]
		all = append(all, egress.Host{Pattern: pattern, AllowPrivate: rule.AllowPrivate, AllowHTTP: rule.AllowHTTP, CA: rule.CA})
	}
	return all
}

// check says why a consumer may not be sent to this URL.
func (h hosts) check(target string) error {
	target, _, _ = strings.Cut(target, "#")
	scheme, _, _ := strings.Cut(target, ":")
	hostport, err := egress.HostOf(target)
	if err != nil {
		return err
	}
	granted, plain := false, false
	for _, g := range h {
		own, err := egress.HostOf("https://" + g.Pattern)
		if (err == nil && own == hostport) || contract.MatchHost(g.Pattern, hostport) {
			granted, plain = true, g.AllowHTTP
		}
	}
	switch {
	case !granted:
		return fmt.Errorf("%s is not granted", hostport)
	case scheme != "https" && !plain:
		return fmt.Errorf("%s may be reached over TLS only", hostport)
	}
	return nil
}

// checkActions looks at where a result sends the consumer.
func (p *process) checkActions(result json.RawMessage) error {
	if p.call.Export != contract.CreatePayment && p.call.Export != contract.CompletePayment || result == nil {
		return nil
	}
	var r struct {
		Action *contract.Action `json:"action"`
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return p.breach(ErrAnswer, "%v", err)
	}
	return p.checkAction(r.Action)
}

func (p *process) checkAction(a *contract.Action) error {
	if a == nil || a.Type != contract.ActionRedirect && a.Type != contract.ActionForm {
		return nil
	}
	if err := p.hosts.check(a.URL); err != nil {
		return p.breach(ErrURL, "%v", err)
	}
	return nil
}
