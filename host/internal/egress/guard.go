package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"

	"code.dny.dev/ssrf"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// What allow_private adds: loopback and the networks that are private by
// RFC 1918 and RFC 4193. Link-local addresses, where clouds serve
// credentials, stay closed, as does the shared space of RFC 6598.
var (
	private4 = []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	}
	private6 = []netip.Prefix{netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7")}
	// metadata are the addresses inside fc00::/7 at which clouds serve credentials.
	metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd20:ce::254")}
)

// guard checks the address that is about to be dialled, after all names have
// been looked up: what it lets through is what is spoken to.
func guard(private bool) func(network, address string, c syscall.RawConn) error {
	options := []ssrf.Option{ssrf.WithAnyPort()}
	if private {
		options = append(options, ssrf.WithAllowedV4Prefixes(private4...), ssrf.WithAllowedV6Prefixes(private6...))
	}
	g := ssrf.New(options...)
	return func(network, address string, c syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err == nil {
			for _, m := range metadata {
				if at.Addr() == m {
					return fmt.Errorf("%w: %s serves a cloud's credentials", ssrf.ErrProhibitedIP, m)
				}
			}
		}
		return g.Safe(network, address, c)
	}
}

// dialKind says what an error of dialling is.
func dialKind(err error) contract.ErrorKind {
	var dns *net.DNSError
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return contract.ErrorBlocked
	case errors.As(err, &dns):
		return contract.ErrorDNS
	}
	return orElse(timeoutKind(err), contract.ErrorRefused)
}

// timeoutKind is timeout or lost, or "" if the error is neither.
func timeoutKind(err error) contract.ErrorKind {
	var n net.Error
	switch {
	case errors.Is(err, errClosed), errors.Is(err, context.Canceled):
		return contract.ErrorLost
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &n) && n.Timeout():
		return contract.ErrorTimeout
	}
	return ""
}
