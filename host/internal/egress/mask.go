package egress

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract/oauth1"
)

const (
	// masked stands where a secret was.
	masked = "***"
	// minMasked is the length from which a secret's value is looked for; the
	// contract says so: shorter ones are found everywhere by chance.
	minMasked = 8
)

// Mask hides secrets in what a guest or a log gets to see. It knows a value
// as it is, in a JSON string, percent-encoded, and alone in base64. The zero
// value hides nothing.
type Mask struct{ replacer *strings.Replacer }

// NewMask makes a mask of the values that are 8 bytes or longer.
func NewMask(values []string) Mask {
	var forms []string
	for _, v := range values {
		if len(v) < minMasked {
			continue
		}
		quoted, _ := json.Marshal(v) // a string, never fails
		plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(quoted[1 : len(quoted)-1]))
		forms = append(forms, v, string(quoted[1:len(quoted)-1]), plain, strings.ReplaceAll(plain, "/", `\/`),
			url.QueryEscape(v), url.PathEscape(v), oauth1.Encode(v),
			strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(v)), "="),
			strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(v)), "="))
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // the longest that fits wins
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range slices.Compact(forms) {
		pairs = append(pairs, f, masked)
	}
	if len(pairs) == 0 {
		return Mask{}
	}
	return Mask{strings.NewReplacer(pairs...)}
}

// Text hides them in a text.
func (m Mask) Text(s string) string {
	if m.replacer == nil {
		return s
	}
	return m.replacer.Replace(s)
}

// Body hides them in bytes. In a document that is valid JSON every string is
// looked at as it reads once decoded, and the document stays valid.
func (m Mask) Body(b []byte) []byte {
	if m.replacer == nil || len(b) == 0 {
		return b
	}
	if !json.Valid(b) {
		return []byte(m.replacer.Replace(string(b)))
	}
	var edits []edit
	scan(b, func(s scalar) {
		raw := b[s.start:s.end]
		if raw[0] != '"' { // a number: what hides it is a string
			if m.Text(string(raw)) != string(raw) {
				edits = append(edits, edit{s.start, s.end, `"` + masked + `"`})
			}
			return
		}
		text := unquote(raw)
		if hidden := m.Text(text); hidden != text {
			edits = append(edits, edit{s.start, s.end, quote(hidden)})
		}
	})
	return splice(b, edits)
}

// quote writes a JSON string without escaping what HTML needs escaped.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string, never fails
	return strings.TrimSuffix(b.String(), "\n")
}
