// Package forwarded finds out who sent a request when trusted proxies stand
// in front. A header that anybody may write decides nothing by itself.
package forwarded

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of the proxies that are trusted to say for whom
// they ask, in X-Forwarded-For.
type Proxies []netip.Prefix

// Client is the address of who sent the request: that of the connection or,
// as long as that is a trusted proxy, the one it names, from the right. It is
// the zero address where the connection has none (a socket of the machine).
func (p Proxies) Client(r *http.Request) netip.Addr {
	client := address(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(client); i-- {
		hop := address(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			break // a proxy that is trusted wrote nothing that can be read: it is the client
		}
		client = hop
	}
	return client
}

func (p Proxies) trusts(a netip.Addr) bool {
	return a.IsValid() && slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// address reads an address with or without a port.
func address(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
