package order

import (
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// reader takes choices from fuzzed bytes; after their end every choice is 0.
type reader struct{ bytes []byte }

func (r *reader) choose(n int) int {
	if len(r.bytes) == 0 {
		return 0
	}
	b := r.bytes[0]
	r.bytes = r.bytes[1:]
	return int(b) % n
}

// update reads one update: six bytes.
func (r *reader) update(currency string) told {
	all := contract.UpdateTypes()
	u := contract.Update{Trust: contract.Verified, Type: all[r.choose(len(all))]}
	amounts := []int64{0, 1, 500, 1500, 2000, 5000, 5500, MaxAmount, -1}
	if v := amounts[r.choose(len(amounts))]; v != 0 {
		u.Amount = Money{Value: v, Currency: currency}
	}
	switch r.choose(8) {
	case 1:
		u.Tip = Money{Value: 500, Currency: currency}
	case 2:
		u.Amount.Currency = "USD"
	case 3:
		u.Trust = contract.Hint
	}
	if m := r.choose(90); m > 0 {
		u.OccurredAt = start.Add(time.Duration(m) * time.Minute)
	}
	refs, ids := []string{"", "A", "B", "C"}, []string{"", "cap_1", "cap_2", "ref_1", "ref_2"}
	if pick := r.choose(40); pick >= 20 {
		u.Item = &contract.Item{ProviderReference: refs[pick%4], ID: ids[pick%5]}
	}
	return told{[]string{"pay_1", "pay_1", "pay_2"}[r.choose(3)], u}
}

// FuzzApply reads a currency, a capture mode, a shuffle and a list of updates.
// Whatever they are, the order keeps its invariants, and another order of
// arrival with repeats ends the same. The seeds are in testdata/fuzz.
func FuzzApply(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &reader{b}
		currency := currencies[r.choose(3)]
		mode := []contract.CaptureMode{contract.CaptureAutomatic, contract.CaptureManual}[r.choose(2)]
		turn, step := r.choose(12), 1+r.choose(11)
		var news []told
		for len(r.bytes) > 0 && len(news) < 12 {
			news = append(news, r.update(currency))
		}
		if len(news) == 0 {
			return
		}
		same(t, scene(t, currency, mode), news, shuffled(news, turn, step), news[:turn%len(news)])
	})
}

// shuffled turns the list and walks it in steps; what the steps miss follows.
func shuffled(news []told, turn, step int) []told {
	seen := make([]bool, len(news))
	var out []told
	for i := range news {
		if at := (turn + i*step) % len(news); !seen[at] {
			seen[at] = true
			out = append(out, news[at])
		}
	}
	for i := len(news) - 1; i >= 0; i-- {
		if !seen[i] {
			out = append(out, news[i])
		}
	}
	return out
}
