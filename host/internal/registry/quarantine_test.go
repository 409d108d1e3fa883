package registry

import (
	"fmt"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// heard counts what an observer is told.
type heard struct {
	mu              sync.Mutex
	counted, others int
	changes         []string
}

func (h *heard) PluginTrapped(_, _ string, counted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if counted {
		h.counted++
	} else {
		h.others++
	}
}

func (h *heard) PluginChanged(plugin, what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, plugin+" "+what)
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		abouts []string
		want   string
	}{
		{"three payments", []string{"pay_1", "pay_2", "pay_3"}, "1.0.0"},
		{"more than three", []string{"pay_1", "pay_2", "pay_3", "pay_4", "pay_5"}, "1.0.0"},
		{"the same payment over and over", []string{"pay_1", "pay_1", "pay_1", "pay_1"}, "1.1.0"},
		{"what anybody can send", []string{"", "", "", ""}, "1.1.0"},
		{"two and a forged one", []string{"pay_1", "", "pay_2"}, "1.1.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
			told := &heard{}
			o.Observer = told
			r := load(t, o)
			install(t, r, tulip(t, "1.1.0"))
			v := activate(t, r, "1.1.0", checkout.Activation{}).Version
			active, err := r.Active("tulip")
			if err != nil {
				t.Fatal(err)
			}
			for _, about := range c.abouts {
				r.Trapped(t.Context(), call.Trap{Plugin: active.Plugin, About: about})
			}
			r.besides.Wait()
			serves(t, r, c.want)
			got, err := r.PluginVersion(t.Context(), "tulip", v.Digest)
			if quarantined := got.State == checkout.VersionQuarantined; err != nil || quarantined != (c.want == "1.0.0") {
				t.Errorf("the version is %s, %q, %v", got.State, got.Reason, err)
			}
			if told.counted+told.others != len(c.abouts) {
				t.Errorf("heard of %d and %d traps of %d", told.counted, told.others, len(c.abouts))
			}
		})
	}
}

// The only version there is goes too: no method is better than one that loses
// payments. An operator may bring it back.
func TestQuarantine_noOtherVersion(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	r := load(t, o)
	active, _ := r.Active("tulip")
	for i := range 3 {
		r.Trapped(t.Context(), call.Trap{Plugin: active.Plugin, About: fmt.Sprintf("pay_%d", i)})
	}
	r.besides.Wait()
	serves(t, r, "")
	serves(t, load(t, o), "")
	activate(t, r, "1.0.0", checkout.Activation{})
	serves(t, r, "1.0.0")
}
