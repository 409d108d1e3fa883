package contract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// DefaultPort is the port of a host pattern, and of an https URL, that names none.
const DefaultPort = "443"

var errHostPattern = errors.New("use host[:port] with * for one whole label")

// CheckHostPattern says what is wrong with a pattern of the manifest's hosts:
// host[:port] in lower case, where `*` stands for exactly one label. The last
// two labels of a name are always written out, so that no pattern covers a
// whole top-level domain; addresses are for x-host settings, not for manifests.
func CheckHostPattern(pattern string) error {
	host, port := splitHost(pattern)
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
		return fmt.Errorf("host pattern %q: port %q is not 1 to 65535", pattern, port)
	}
	labels := strings.Split(host, ".")
	if len(labels) < 2 || len(host) > 253 {
		return fmt.Errorf("host pattern %q: %w and at least two labels", pattern, errHostPattern)
	}
	if only(labels[len(labels)-1], digits) {
		return fmt.Errorf("host pattern %q: an address belongs into a setting marked x-host", pattern)
	}
	for i, label := range labels {
		if label == "*" && i < len(labels)-2 {
			continue
		}
		if !isLabel(label) {
			return fmt.Errorf("host pattern %q: label %q: %w, not in the last two", pattern, label, errHostPattern)
		}
	}
	return nil
}

// MatchHost says whether a pattern of the manifest's hosts covers host[:port].
// Without a port both mean [DefaultPort]; case and a final dot do not count.
// What is no valid pattern matches nothing.
func MatchHost(pattern, hostport string) bool {
	if CheckHostPattern(pattern) != nil {
		return false
	}
	want, wantPort := splitHost(pattern)
	host, port := splitHost(strings.ToLower(hostport))
	if port != wantPort {
		return false
	}
	wants := strings.Split(want, ".")
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(wants) != len(labels) {
		return false
	}
	for i, w := range wants {
		if w != labels[i] && (w != "*" || !isLabel(labels[i])) {
			return false
		}
	}
	return true
}

// splitHost gives host and port, the port 443 where there is none. Addresses
// of IPv6 come out as hosts that are no names, which is all that counts here.
func splitHost(hostport string) (host, port string) {
	i := strings.LastIndexByte(hostport, ':')
	if i < 0 {
		return hostport, DefaultPort
	}
	return hostport[:i], hostport[i+1:]
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return only(s, lower+digits+"-")
}
