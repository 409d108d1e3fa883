package order

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
	"pgregory.net/rapid"
)

// told is one update and where it came in.
type told struct {
	payment string
	update  contract.Update
}

// outcome is what must not depend on the order of arrival.
type outcome struct {
	Order     Snapshot
	Attention []Attention
	Payments  map[string]PaymentSnapshot
	Operation map[string]contract.OperationStatus
}

func (w *world) outcome() outcome {
	out := outcome{Order: w.o.snapshot(), Attention: w.o.Attention(), Payments: map[string]PaymentSnapshot{}, Operation: map[string]contract.OperationStatus{}}
	for _, p := range w.o.Payments {
		out.Payments[p.ID] = p.snapshot()
		for _, op := range slices.Concat(p.Captures, p.Refunds) {
			out.Operation[op.ID] = op.Status
		}
	}
	return out
}

// arrive reports updates one by one, each as of the same moment.
func (w *world) arrive(news []told) outcome {
	w.t.Helper()
	for _, n := range news {
		w.do(Reported{Payment: n.payment, Updates: []contract.Update{n.update}, Source: contract.ReceiveWebhook, At: start})
	}
	return w.outcome()
}

// scene is an order in the middle of its life: two attempts, one of them
// captured in part with operations under way, the other with an outcome unknown.
func scene(t tester, currency string, mode contract.CaptureMode) *world {
	w := newWorld(t, currency, func(s *Spec) { s.Capture = mode })
	w.begin("pay_1")
	w.reserve("pay_2")
	w.do(CallFailed{Payment: "pay_2", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeUnknown})
	if mode == contract.CaptureManual {
		w.do(w.says("pay_1", contract.UpdateAuthorized, 5000, 1))
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: w.money(2000)})
		w.do(OperationEnded{Payment: "pay_1", Export: contract.CapturePayment, Operation: "cap_1",
			Result: contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "A"}, At: w.now})
		w.do(RequestCapture{ID: "cap_2", Payment: "pay_1", Amount: w.money(2000), Final: true})
	} else {
		w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 1))
	}
	w.do(RequestRefund{ID: "ref_1", Payment: "pay_1", Amount: w.money(500)})
	w.do(RequestRefund{ID: "ref_2", Payment: "pay_1", Amount: w.money(1500)})
	w.do(OperationEnded{Payment: "pay_1", Export: contract.RefundPayment, Operation: "ref_2",
		Result: contract.OperationResult{Status: contract.OperationPending, ProviderReference: "B"}, At: w.now})
	return w
}

func TestApply_anyOrderAndRepetition_endsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency, mode := anyKind(t)
		w := scene(t, currency, mode)
		ids := []string{"cap_1", "cap_2", "ref_1", "ref_2", "stranger"}
		var news []told
		for range rapid.IntRange(1, 6).Draw(t, "updates") {
			news = append(news, told{rapid.SampledFrom([]string{"pay_1", "pay_1", "pay_2"}).Draw(t, "payment"), anyUpdate(t, currency, ids)})
		}
		same(t, w, news, rapid.Permutation(news).Draw(t, "permutation"),
			rapid.SliceOfN(rapid.SampledFrom(news), 0, 4).Draw(t, "repeats"))
	})
}

// same applies the news in two orders, the second with repeats before and
// after, to copies of the same world.
func same(t tester, w *world, news, permuted, repeats []told) {
	t.Helper()
	one, two := *w, *w
	one.t, two.t = t, t
	one.events, two.events = slices.Clip(w.events), slices.Clip(w.events)
	want := one.arrive(news)
	got := two.arrive(slices.Concat(repeats, permuted, repeats))
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the order of arrival matters:\n%s\nends as %+v\n%s\nends as %+v", list(news), want, list(slices.Concat(repeats, permuted, repeats)), got)
	}
}

func list(news []told) string {
	s := ""
	for _, n := range news {
		s += fmt.Sprintf("  %s %+v item %+v\n", n.payment, n.update, n.update.Item)
	}
	return s
}

func TestNews_book_isAJoin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		asked := Money{Value: 5000, Currency: "EUR"}
		a, b := anyUpdate(t, "EUR", nil), anyUpdate(t, "EUR", nil)
		join := func(updates ...contract.Update) News {
			var n News
			for _, u := range updates {
				n.book(u, u.OccurredAt, asked, nil)
			}
			return n
		}
		if one, two := join(a, b, a), join(b, a); !reflect.DeepEqual(one, two) {
			t.Fatalf("a, b, a gives %+v\nb, a gives %+v", one, two)
		}
	})
}

func TestApply_amountsNeverFall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := scene(t, "EUR", contract.CaptureManual)
		for range rapid.IntRange(1, 8).Draw(t, "updates") {
			was := w.payment("pay_1").Amounts()
			w.arrive([]told{{"pay_1", anyUpdate(t, "EUR", []string{"cap_1", "cap_2", "ref_1", "ref_2"})}})
			is := w.payment("pay_1").Amounts()
			for name, pair := range map[string][2]Money{"captured": {was.Captured, is.Captured}, "refunded": {was.Refunded, is.Refunded}, "charged back": {was.ChargedBack, is.ChargedBack}} {
				if pair[1].Value < pair[0].Value {
					t.Fatalf("%s fell from %s to %s", name, pair[0], pair[1])
				}
			}
		}
	})
}

func TestEdges_areClosed(t *testing.T) {
	t.Parallel()
	closed(t, paymentEdges)
	for from := range paymentEdges {
		if from != PaymentCreated && edge(paymentEdges, from, PaymentCreated) {
			t.Errorf("%s may not go back to created", from)
		}
		if from != PaymentCaptured && edge(paymentEdges, PaymentCaptured, from) {
			t.Errorf("captured may not become %s", from)
		}
	}
	for _, final := range []Status{Paid, Cancelled} {
		if len(orderEdges[final]) > 0 {
			t.Errorf("%s may not become %v", final, orderEdges[final])
		}
	}
	if len(orderEdges) != 6 {
		t.Errorf("the table has %d statuses of an order, want 6", len(orderEdges))
	}
}

// closed checks that two steps never end where one may not: several updates
// of one answer make one step.
func closed[S comparable](t *testing.T, table map[S][]S) {
	t.Helper()
	for from := range maps.Keys(table) {
		for _, via := range table[from] {
			for _, to := range table[via] {
				if !edge(table, from, to) {
					t.Errorf("%v → %v → %v is allowed, %v → %v is not", from, via, to, from, to)
				}
			}
		}
	}
}
