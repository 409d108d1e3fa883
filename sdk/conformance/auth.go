package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// tokenMargin is taken off a token's life, so that it does not end under way.
const tokenMargin = 30 * time.Second

// authorize puts credentials in, where their schema allows it.
func (k keeper) authorize(r *http.Request, a contract.Auth) error {
	switch {
	case a.Bearer != "":
		v, err := k.value(contract.Parts{contract.Sec(a.Bearer)}, contract.UseBearer)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+v)
	case a.Basic != nil:
		user, err := k.value(a.Basic[0], contract.UseBasic)
		if err != nil {
			return err
		}
		password, err := k.value(a.Basic[1], contract.UseBasic)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", basicValue(user, password))
	case a.Header != nil:
		v, err := k.value(a.Header.Value, contract.UseHeader)
		if err != nil {
			return err
		}
		r.Header.Set(a.Header.Name, v)
	default:
		return errors.New("auth: OAuth 1 is signed by the gateway alone; drive this request through it")
	}
	return nil
}

// value joins parts of which the secrets may be used so.
func (k keeper) value(parts contract.Parts, use string) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		if p.Secret == "" {
			b.WriteString(p.Text)
			continue
		}
		s, ok := k.Secret(p.Secret)
		if !ok {
			return "", fmt.Errorf("auth: secret %q is not set", p.Secret)
		}
		if !slices.Contains(s.Uses, use) {
			return "", fmt.Errorf("auth: secret %q may not be used for %s: its schema allows %v", p.Secret, use, s.Uses)
		}
		b.WriteString(s.Value)
	}
	return b.String(), nil
}

// keep takes tokens from the body of a 2xx answer. What the answer lacks is
// not kept: the plugin then has no such secret.
func (k keeper) keep(keeps map[string]contract.Keep, body []byte, now time.Time) error {
	var doc any
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if d.Decode(&doc) != nil {
		return nil
	}
	for name, keep := range keeps {
		if _, ok := k.info.Secrets[name]; ok {
			return fmt.Errorf("keep %q: a secret of the settings schema has this name", name)
		}
		value, _ := find(doc, keep.Pointer).(string)
		if value == "" {
			continue
		}
		if k.account.Tokens == nil {
			k.account.Tokens = map[string]Token{}
		}
		k.account.Tokens[name] = Token{Value: value, Expires: expiry(doc, keep, now)}
	}
	return nil
}

// expiry is when a token ends, less the margin; zero if nothing tells.
func expiry(doc any, keep contract.Keep, now time.Time) time.Time {
	life := time.Duration(keep.TTLS) * time.Second
	if keep.TTLPointer != "" {
		unit := time.Second
		if keep.TTLUnit == "ms" {
			unit = time.Millisecond
		}
		if n, err := strconv.ParseInt(fmt.Sprint(find(doc, keep.TTLPointer)), 10, 64); err == nil {
			life = time.Duration(n) * unit
		}
	}
	if life <= 0 {
		return time.Time{}
	}
	return now.Add(life - tokenMargin)
}

// find follows a JSON pointer (RFC 6901); nil where it leads nowhere.
func find(doc any, pointer string) any {
	if pointer == "" {
		return doc
	}
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch v := doc.(type) {
		case map[string]any:
			doc = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			doc = v[i]
		default:
			return nil
		}
	}
	return doc
}
