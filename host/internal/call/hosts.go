package call

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// hosts are what a call may speak to and send consumers to.
type hosts []egress.Host

// grantedHosts are the plugin's granted patterns, the hosts of the settings
// that are base URLs, and the operator's own for the account, each with the
// operator's rules for the account.
func grantedHosts(g checkout.Grant, info contract.SettingsInfo, a checkout.Account) hosts {
	var all hosts
	seen := map[string]bool{}
	add := func(pattern string) {
		if pattern == "" || seen[pattern] {
			return
		}
		seen[pattern] = true
		rule := a.Hosts[pattern]
		all = append(all, egress.Host{Pattern: pattern, AllowPrivate: rule.AllowPrivate, AllowHTTP: rule.AllowHTTP, CA: rule.CA})
	}
	for _, pattern := range g.Hosts {
		add(pattern)
	}
	for pattern := range a.Hosts {
		add(pattern)
	}
	var settings map[string]json.RawMessage
	if json.Unmarshal(a.Settings, &settings) != nil {
		return all // not an object: there are no settings that could name a host
	}
	for _, name := range info.Hosts {
		var base string
		if json.Unmarshal(settings[name], &base) == nil {
			add(hostPattern(base))
		}
	}
	return all
}

// hostPattern is host or host:port of a base URL, as the operator writes it in the account's hosts.
func hostPattern(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Host)
	if u.Scheme == "http" && u.Port() == "" && host != "" {
		host += ":80"
	}
	return strings.TrimSuffix(host, ":"+contract.DefaultPort)
}

var (
	errNotGranted = errors.New("its host is not granted")
	errPlain      = errors.New("it is not https")
)

// check says why a consumer may not be sent to this URL.
func (h hosts) check(target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return errors.New("it is no URL")
	}
	err = errNotGranted
	for _, g := range h {
		pattern := strings.TrimSuffix(strings.ToLower(g.Pattern), ":"+contract.DefaultPort)
		if pattern != hostPattern(target) && !contract.MatchHost(g.Pattern, hostPattern(target)) {
			continue
		}
		if u.Scheme == "https" || (u.Scheme == "http" && g.AllowHTTP) {
			return nil
		}
		err = errPlain
	}
	return fmt.Errorf("%s://%s: %w", u.Scheme, u.Host, err)
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
