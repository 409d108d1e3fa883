package bambora

import (
	"crypto/md5"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Forge changes the hash of a callback or return, or what it covers.
func (w *World) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	signed, hash, ok := strings.Cut(m.Query, "&hash=")
	if !ok {
		return m
	}
	switch f {
	case conformance.ForgedBad:
		first := "0"
		if hash[0] == '0' {
			first = "1"
		}
		m.Query = signed + "&hash=" + first + hash[1:]
	case conformance.ForgedMissing:
		m.Query = signed
	case conformance.ForgedCut:
		m.Query = signed + "&hash=" + hash[:31]
	case conformance.ForgedForeign:
		m.Query = Resign(m.Query, "another merchant's key", nil)
	case conformance.ForgedContent:
		m.Query = strings.Replace(m.Query, "eci=0", "eci=1", 1)
	}
	return m
}

// Resign changes values of a query and hashes it anew.
func Resign(query, key string, change map[string]string) string {
	var pairs []string
	var values strings.Builder
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "hash" {
			continue
		}
		if v, ok := change[name]; ok {
			pair, value = name+"="+url.QueryEscape(v), v
		} else if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		pairs = append(pairs, pair)
		values.WriteString(value)
	}
	sum := md5.Sum([]byte(values.String() + key))
	return strings.Join(pairs, "&") + "&hash=" + hex.EncodeToString(sum[:])
}
