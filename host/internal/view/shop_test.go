package view_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/view"
)

// What a shop plugin is told is a part of what the API shows, member by member.
func TestTell_isWhatTheAPIShows(t *testing.T) {
	for name, s := range stories(t) {
		t.Run(name, func(t *testing.T) {
			for _, e := range s.events {
				told := maker.Tell(s.order, e)
				part(t, "/order", tree(t, told.Order), tree(t, maker.Order(s.order, s.at)))
				part(t, "/event", tree(t, told.Event), tree(t, maker.Event(s.order.ID, e)))
			}
		})
	}
}

// The decimals are there for shops that count so.
func TestTell_saysDecimals(t *testing.T) {
	for currency, want := range map[string]string{"EUR": "49.99", "JPY": "4999", "TND": "4.999"} {
		s := begin(t, func(spec *order.Spec) { spec.Amount.Currency = currency })
		o := tree(t, maker.Tell(s.order, s.events[0]).Order).(map[string]any)
		for member, decimal := range map[string]string{"amount": want, "due": want} {
			if got := o[member].(map[string]any)["decimal"]; got != decimal {
				t.Errorf("%s %s: got %v, want %s", currency, member, got, decimal)
			}
		}
	}
}

func tree(t *testing.T, v any) (out any) {
	t.Helper()
	b, err := view.JSON(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// part wants all of one tree in another. The API says no decimals, and no
// locale, in which its texts come.
func part(t *testing.T, at string, told, shown any) {
	t.Helper()
	switch told := told.(type) {
	case map[string]any:
		all, ok := shown.(map[string]any)
		if !ok {
			t.Errorf("%s: told %v, the API shows %v", at, told, shown)
			return
		}
		for name, v := range told {
			if name == "decimal" || at == "/order" && name == "locale" {
				continue
			}
			part(t, at+"/"+name, v, all[name])
		}
	case []any:
		all, _ := shown.([]any)
		if len(all) != len(told) {
			t.Errorf("%s: told %d, the API shows %d", at, len(told), len(all))
			return
		}
		for i, v := range told {
			part(t, fmt.Sprintf("%s/%d", at, i), v, all[i])
		}
	default:
		if told != shown {
			t.Errorf("%s: told %v, the API shows %v", at, told, shown)
		}
	}
}
