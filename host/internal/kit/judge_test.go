package kit

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// mute is a shop plugin that reads nothing.
type mute contract.Manifest

func (p mute) Round(_ context.Context, e contract.Export, _ []byte, _ conformance.Host) ([]byte, error) {
	if e == contract.Describe {
		return json.Marshal(p)
	}
	return []byte(`{"failure":{"code":"unsupported","message":"this plugin reads nothing"}}`), nil
}

// A shop plugin is judged in the world of its platform; of one without a world
// the report says so.
func TestReport_atWork_shop(t *testing.T) {
	t.Parallel()
	m := contract.Manifest{
		Contract: contract.Version, Name: "mute", Version: "1.0.0", Kind: contract.KindShop, Title: contract.Text{"en": "Mute"},
		Hosts: []string{"shop.example"}, Operations: []contract.Export{contract.ReadOrder}, SettingsSchema: json.RawMessage(`{"type":"object"}`),
	}
	for platform, known := range map[string]bool{"woocommerce": true, "magento": true, "corner-shop": false} {
		m.Provider = platform
		var rep Report
		if err := rep.atWork(t.Context(), mute(m), m, nil); err != nil {
			t.Fatal(err)
		}
		failed := map[string]bool{}
		for _, v := range rep.Verdicts {
			if len(v.Problems) > 0 {
				failed[v.Family] = true
			}
		}
		if failed["orders"] != known || failed["signatures"] != known || (len(rep.Notes) == 0) != known {
			t.Errorf("%s: a plugin that reads nothing fails in %v, with notes %q", platform, failed, rep.Notes)
		}
		if !known && !strings.Contains(rep.Notes[0], "there is no world of corner-shop here, but of magento, woocommerce") {
			t.Errorf("got notes %q", rep.Notes)
		}
	}
}
