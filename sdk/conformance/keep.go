package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// tokenMargin is taken off a token's life, so that it does not end under way.
const tokenMargin = 30 * time.Second

// keep takes tokens from the body of a 2xx answer and gives the body with
// *** in their place. What the body lacks is not kept: the account then has
// no such token.
func (k keeper) keep(keeps map[string]contract.Keep, body []byte) ([]byte, error) {
	scalars := map[string]scalar{}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := walk(d, body, "", scalars); err != nil {
		return body, nil //nolint:nilerr // no JSON holds no token
	}
	var spans []scalar
	for _, name := range slices.Sorted(maps.Keys(keeps)) {
		keep := keeps[name]
		if _, ok := k.info.Secrets[name]; ok {
			return nil, fmt.Errorf("keep %q: a secret of the settings schema has this name", name)
		}
		token := scalars[keep.Pointer]
		value, _ := token.value.(string)
		if value == "" {
			continue
		}
		if k.account.Tokens == nil {
			k.account.Tokens = map[string]Token{}
		}
		k.account.Tokens[name] = Token{Value: value, Expires: expiry(scalars, keep, k.now())}
		spans = append(spans, token)
	}
	slices.SortFunc(spans, func(a, b scalar) int { return b.start - a.start })
	for i, s := range spans {
		if i > 0 && s.start == spans[i-1].start { // two names for one string
			continue
		}
		body = slices.Concat(body[:s.start], []byte(`"`+hidden+`"`), body[s.end:])
	}
	return body, nil
}

// expiry is when a token ends, less the margin; zero if nothing tells.
func expiry(scalars map[string]scalar, keep contract.Keep, now time.Time) time.Time {
	life := time.Duration(keep.TTLS) * time.Second
	if keep.TTLPointer != "" {
		unit := time.Second
		if keep.TTLUnit == contract.UnitMilliseconds {
			unit = time.Millisecond
		}
		if n, err := strconv.ParseInt(fmt.Sprint(scalars[keep.TTLPointer].value), 10, 64); err == nil {
			life = time.Duration(n) * unit
		}
	}
	if life <= 0 {
		return time.Time{}
	}
	return now.Add(life - tokenMargin)
}

// scalar is a string or number of a JSON text and where it stands there.
type scalar struct {
	value      any
	start, end int
}

// walk reads one JSON value and notes its scalars by JSON pointer.
func walk(d *json.Decoder, body []byte, pointer string, into map[string]scalar) error {
	start := int(d.InputOffset())
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('['):
		for i := 0; d.More(); i++ {
			if err := walk(d, body, pointer+"/"+strconv.Itoa(i), into); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return err
	case json.Delim('{'):
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return err
			}
			step := strings.NewReplacer("~", "~0", "/", "~1").Replace(fmt.Sprint(name))
			if err := walk(d, body, pointer+"/"+step, into); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return err
	}
	end := int(d.InputOffset())
	start += bytes.IndexFunc(body[start:end], func(r rune) bool { return !strings.ContainsRune(" \t\r\n:,", r) })
	into[pointer] = scalar{value: t, start: start, end: end}
	return nil
}
