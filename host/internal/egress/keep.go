package egress

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

const (
	// maxKept bounds a token.
	maxKept = 16 << 10
	// maxLife and defaultLife bound a token's life and stand where nobody tells it.
	maxLife     = 7 * 24 * time.Hour
	defaultLife = 5 * time.Minute
)

// checkKeep refuses what could never be taken.
func checkKeep(keep map[string]contract.Keep) error {
	for name, k := range keep {
		_, err := pointer(k.Pointer)
		if err == nil && k.TTLPointer != "" {
			_, err = pointer(k.TTLPointer)
		}
		switch {
		case err != nil:
			return fmt.Errorf("keep %q: %w", name, err)
		case k.TTLUnit != "" && k.TTLUnit != "s" && k.TTLUnit != "ms":
			return fmt.Errorf("keep %q: ttl_unit is neither s nor ms", name)
		case k.TTLS < 0:
			return fmt.Errorf("keep %q: ttl_s is negative", name)
		}
	}
	return nil
}

// pointer reads a JSON pointer (RFC 6901).
func pointer(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	if text[0] != '/' {
		return nil, errors.New("a JSON pointer begins with /")
	}
	path := strings.Split(text[1:], "/")
	for i, p := range path {
		if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(p), "~") {
			return nil, errors.New("a JSON pointer has ~ only as ~0 or ~1")
		}
		path[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return path, nil
}

// take takes tokens out of a body that is valid JSON: it gives those that can
// be kept, all values that were found, and the body with *** in their place.
func take(keep map[string]contract.Keep, body []byte) (map[string]Kept, []string, []byte) {
	found := map[string]string{}
	life := map[string]string{}
	var values []string
	var edits []edit
	scan(body, func(s scalar) {
		if s.key {
			return
		}
		raw := body[s.start:s.end]
		for name, k := range keep {
			if leads(k.TTLPointer, s.path) && k.TTLPointer != "" {
				life[name] = string(raw)
			}
			if raw[0] != '"' || !leads(k.Pointer, s.path) {
				continue
			}
			found[name] = unquote(raw)
			values = append(values, found[name])
			if n := len(edits); n == 0 || edits[n-1].start != s.start {
				edits = append(edits, edit{s.start, s.end, `"` + masked + `"`})
			}
		}
	})
	kept := map[string]Kept{}
	for name, value := range found {
		ttl := lifetime(life[name], keep[name])
		if usable(value) && ttl > 0 {
			kept[name] = Kept{Value: value, TTL: ttl}
		}
	}
	return kept, values, splice(body, edits)
}

func leads(p string, path []string) bool {
	want, err := pointer(p)
	return err == nil && slices.Equal(want, path)
}

// usable says whether a value can be a bearer token: visible ASCII of a sane length.
func usable(value string) bool {
	return value != "" && len(value) <= maxKept && !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' })
}

// lifetime is a token's life less 5 %, at least a second; 0 if it has ended
// already. What was told is a number or a string of digits, as JSON.
func lifetime(told string, k contract.Keep) time.Duration {
	var life time.Duration
	if digits, ok := strings.CutPrefix(told, `"`); ok {
		if told = strings.TrimSuffix(digits, `"`); strings.Trim(told, "0123456789") != "" {
			told = ""
		}
	}
	if n, err := strconv.ParseFloat(told, 64); err == nil {
		unit := time.Second
		if k.TTLUnit == "ms" {
			unit = time.Millisecond
		}
		if n <= 0 {
			return 0
		}
		life = time.Duration(min(n*float64(unit), float64(maxLife)))
	} else {
		life = orElse(time.Duration(min(k.TTLS, int64(maxLife/time.Second)))*time.Second, defaultLife)
	}
	return max(life-life/20, time.Second)
}
