package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// maxURL bounds a request's URL.
const maxURL = 16 << 10

// HostOf gives the pattern that grants exactly the host of a base URL, such
// as an operator's setting marked x-host or a shop's origin.
func HostOf(baseURL string) (pattern string, err error) {
	_, hostport, err := parseURL(baseURL)
	return hostport, err
}

// Origins grants a shop's registered origins, for its notices. What is no
// origin is left out.
func Origins(origins []string, allowPrivate, allowHTTP bool) []Host {
	hosts := make([]Host, 0, len(origins))
	for _, origin := range origins {
		if pattern, err := HostOf(origin); err == nil {
			hosts = append(hosts, Host{Pattern: pattern, AllowPrivate: allowPrivate, AllowHTTP: allowHTTP})
		}
	}
	return hosts
}

// parseURL reads a request's URL and gives it with its host and port in the
// form in which patterns are compared. Errors do not quote the URL: a query
// may hold what nobody should read.
func parseURL(raw string) (*url.URL, string, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || len(raw) > maxURL:
		return nil, "", errors.New("the URL cannot be read")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "", errors.New("the URL is neither https nor http")
	case u.User != nil:
		return nil, "", errors.New("the URL holds a user")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, "", errors.New("the URL holds a fragment")
	case u.Opaque != "" || u.Host == "":
		return nil, "", errors.New("the URL names no host")
	case strings.ContainsFunc(u.RawQuery, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return nil, "", errors.New("the URL's query is not percent-encoded")
	}
	port := orElse(u.Port(), map[string]string{"https": contract.DefaultPort, "http": "80"}[u.Scheme])
	host, err := normalHost(u.Hostname())
	if err == nil {
		err = checkPort(port)
	}
	if err != nil {
		return nil, "", err
	}
	u.Host = net.JoinHostPort(host, port)
	hostport := u.Host
	if (u.Scheme == "https" && port == contract.DefaultPort) || (u.Scheme == "http" && port == "80") {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	return u, hostport, nil
}

// normalHost writes a name in lower case without a final dot, an address in its shortest form.
func normalHost(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return "", errors.New("the URL's address names a zone")
		}
		return addr.String(), nil
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if name == "" || len(name) > 253 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return "", errors.New("the URL's host is no name in ASCII")
	}
	return name, nil
}

func checkPort(port string) error {
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
		return errors.New("the URL's port is not 1 to 65535")
	}
	return nil
}

// grant finds the rules for a host. A pattern without `*` wins over one with
// it, and among equals the later one, so that an operator's rules can stand
// after a manifest's.
func grant(hosts []Host, scheme, hostport string) (Host, error) {
	var found *Host
	exact := false
	for i, h := range hosts {
		wild := strings.Contains(h.Pattern, "*")
		if wild && !exact && contract.MatchHost(h.Pattern, hostport) {
			found = &hosts[i]
		}
		if !wild && matchExact(h.Pattern, hostport) {
			found, exact = &hosts[i], true
		}
	}
	switch {
	case found == nil:
		return Host{}, fmt.Errorf("host %s is not granted", hostport)
	case scheme != "https" && !found.AllowHTTP:
		return Host{}, fmt.Errorf("host %s may be spoken to over TLS only", hostport)
	}
	return *found, nil
}

// matchExact compares a pattern that an operator wrote: a name of any number
// of labels or an address, which the patterns of manifests may not be.
func matchExact(pattern, hostport string) bool {
	host, port, err := net.SplitHostPort(pattern)
	if err != nil {
		host, port = strings.Trim(pattern, "[]"), contract.DefaultPort
	}
	host, err = normalHost(host)
	return err == nil && net.JoinHostPort(host, port) == hostport
}
