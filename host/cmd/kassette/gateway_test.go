package main

import (
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

// Another signer is shown before anybody agrees, and one that was not shown is
// not agreed to.
func TestChange_anotherSigner_isShown(t *testing.T) {
	t.Parallel()
	at := time.Now()
	before := adminclient.Plugin{Active: "", Versions: []adminclient.Version{
		{Version: "1.1.0", Digest: "d2", Signer: "them"},
		{Version: "1.0.0", Digest: "d1", Signer: "us", ActivatedAt: &at},
		{Version: "0.9.0", Digest: "d0", Signer: "they"},
	}}
	for name, c := range map[string]struct {
		signer, difference, want string
		showed                   bool
	}{
		"the same":                   {"us", "", "", true},
		"another":                    {"them", "them", "signer  them in place of us", true},
		"nobody":                     {"", "", "signer  nobody in place of us", true},
		"not the one that was shown": {"them", "thieves", "signer  them in place of us", false},
	} {
		var out strings.Builder
		ch := change{replacement: replacement{last: before.Last(), next: adminclient.Version{Name: "tulip", Version: "1.1.0", Signer: c.signer}}}
		ch.show(&out)
		if !strings.Contains(out.String(), c.want) || strings.Contains(out.String(), "signer") != (c.want != "") {
			t.Errorf("%s: shown %q, want %q", name, out.String(), c.want)
		}
		d := adminclient.Difference{}
		if c.difference != "" || c.signer == "" {
			d.Signer = &adminclient.SignerChange{From: "us", To: c.difference}
		}
		if got := ch.showed(d); got != c.showed {
			t.Errorf("%s: showed is %t, want %t", name, got, c.showed)
		}
	}
}

// One plugin is named by two words, several by one each.
func TestActivate_names(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"hello 1.1.0": 1, "hello@1.1.0": 1, "ideal@2.0.0 card@2.0.0": 2, "a@1 b@2 c@3": 3,
		"hello": 0, "hello@": 0, "@1.0.0": 0, "hello 1.1.0 card": 0, "hello@1.0.0 card": 0,
	} {
		refs, err := pluginActivateCmd{Versions: strings.Fields(text)}.refs()
		if len(refs) != want && err == nil || (err != nil) != (want == 0) {
			t.Errorf("%q: got %v, %v, want %d", text, refs, err, want)
		}
	}
}
