package order

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestReserve_closedOrders(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*world){
		"paid":       func(w *world) { w.paid("pay_1", 5000) },
		"authorized": func(w *world) { w.authorized("pay_1") },
		"cancelled":  func(w *world) { w.do(Cancel{}) },
		"expired":    func(w *world) { w.now = w.o.ExpiresAt; w.do(Expire{}) },
		"time over":  func(w *world) { w.now = w.o.ExpiresAt },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", nil)
			prepare(w)
			if _, err := w.try(Reserve{Payment: "pay_9", Method: "m", Seen: -1}); !errors.Is(err, ErrClosed) {
				t.Errorf("got %v, want ErrClosed", err)
			}
		})
	}
}

func TestReserve_optionsBeyondBounds(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	for name, c := range map[string]struct {
		options map[string]string
		pointer string
	}{
		"too many":       {many, "/method_options"},
		"a long value":   {map[string]string{"option": strings.Repeat("a", 2049)}, "/method_options/option"},
		"a long name":    {map[string]string{strings.Repeat("a", 41): ""}, "/method_options/" + strings.Repeat("a", 41)},
		"no UTF-8":       {map[string]string{"option": "\xff"}, "/method_options/option"},
		"a name's break": {map[string]string{"a\nb": ""}, "/method_options/a\nb"},
	} {
		w := newWorld(t, "EUR", nil)
		var invalid *InvalidError
		if _, err := w.try(Reserve{Payment: "pay_1", Method: "m", MethodOptions: c.options, Seen: -1}); !errors.As(err, &invalid) || invalid.Problems[0].Pointer != c.pointer {
			t.Errorf("%s: got %v, want %s", name, err, c.pointer)
		}
	}
}

func TestReserve_tooMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	for i := range MaxAttempts {
		w.reserve(fmt.Sprintf("pay_%d", i))
	}
	if _, err := w.try(Reserve{Payment: "pay_more", Method: "m", Seen: -1}); !errors.Is(err, ErrTooManyAttempts) {
		t.Errorf("got %v, want ErrTooManyAttempts", err)
	}
}

func TestReserve_doubleClick_getsTheAttempt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method string
		seen         int
		prepare      func(*world)
		want         string // empty: a new attempt
	}{
		{"first click", "m-pay_1", 0, nil, ""},
		{"a number from nowhere", "m-pay_1", 7, nil, ""},
		{"double click", "m-pay_1", 0, func(w *world) { w.reserve("pay_1") }, "pay_1"},
		{"second tab, same method, number known", "m-pay_1", 1, func(w *world) { w.begin("pay_1") }, "pay_1"},
		{"second tab, other method, old number", "other", 0, func(w *world) { w.begin("pay_1") }, "pay_1"},
		{"other method, number known", "other", 1, func(w *world) { w.begin("pay_1") }, ""},
		{"by the API, same method", "m-pay_1", -1, func(w *world) { w.begin("pay_1") }, "pay_1"},
		{"by the API, other method", "other", -1, func(w *world) { w.begin("pay_1") }, ""},
		{"old number after a failure", "m-pay_1", 0, func(w *world) { w.begin("pay_1"); w.do(w.says("pay_1", contract.UpdateFailed, 0, 1)) }, "pay_1"},
		{"again after a failure", "m-pay_1", 1, func(w *world) { w.begin("pay_1"); w.do(w.says("pay_1", contract.UpdateFailed, 0, 1)) }, ""},
		{"old number, the method's newest", "m-pay_1", 0, func(w *world) { w.reserve("pay_1"); w.reserve("pay_2") }, "pay_1"},
		{"cancelled to choose again", "m-pay_1", 1, func(w *world) { w.begin("pay_1"); w.do(RequestCancelPayment{Payment: "pay_1"}) }, ""},
		{"outcome unknown", "m-pay_1", 1, func(w *world) {
			w.reserve("pay_1")
			w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Outcome: OutcomeUnknown})
		}, "pay_1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", nil)
			if c.prepare != nil {
				c.prepare(w)
			}
			_, err := w.try(Reserve{Payment: "pay_new", Method: c.method, Rules: generous(), Seen: c.seen})
			var live *LiveAttemptError
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want a new attempt", err)
			case c.want != "" && (!errors.As(err, &live) || live.Payment != c.want):
				t.Errorf("got %v, want attempt %s", err, c.want)
			}
		})
	}
}

func TestReserve_sameID_changesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	w.again(Reserve{Payment: "pay_1", Method: "another", Seen: 5})
}

func TestCreated_givesActionAndShorterExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	c := Created{Payment: "pay_1", At: w.now, Result: contract.CreateResult{ProviderReference: "P1", State: []byte(`{"s":1}`),
		Action: contract.Action{Type: contract.ActionForm, Fields: [][2]string{{"a", "b"}}}, ExpiresAt: start.Add(15 * time.Minute)}}
	w.wantTypes(w.do(c), PaymentStarted, PaymentChanged, OrderPending)
	w.again(c)
	p := w.payment("pay_1")
	if p.ProviderReference() != "P1" || p.Action == nil || !p.ExpiresAt.Equal(start.Add(15*time.Minute)) || p.Outcome != OutcomeKnown || string(p.State) != `{"s":1}` {
		t.Errorf("payment %+v", p)
	}
	late := c
	late.Result.ExpiresAt, late.Result.Action = start.Add(90*time.Minute), contract.Action{Type: contract.ActionNone}
	w.again(late)
	if got := w.payment("pay_1"); got.Action.Type != contract.ActionForm || !got.ExpiresAt.Equal(p.ExpiresAt) {
		t.Errorf("a second result changed action or expiry: %+v", got)
	}
}

func TestCreated_longerThanItsOrder_endsWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	w.do(Created{Payment: "pay_1", Result: contract.CreateResult{ExpiresAt: start.Add(90 * day)}, At: w.now})
	if got := w.payment("pay_1").ExpiresAt; !got.Equal(w.o.ExpiresAt) {
		t.Errorf("it expires at %s, want the order's %s", got, w.o.ExpiresAt)
	}
}

func TestInterim_isTheActionUntilTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	c := InterimGiven{Payment: "pay_1", Interim: contract.Interim{Action: contract.Action{Type: contract.ActionWait, Text: contract.Text{"en": "tap"}}, State: []byte(`1`), Exclusive: "till-1"}}
	w.wantTypes(w.do(c), PaymentInterim, PaymentChanged, OrderPending)
	w.again(c)
	if p := w.payment("pay_1"); p.Exclusive != "till-1" || p.Action.Type != contract.ActionWait || p.Started {
		t.Errorf("payment %+v", p)
	}
	w.started("pay_1")
	w.do(c)
	if p := w.payment("pay_1"); p.Action.Type == contract.ActionForm {
		t.Errorf("an interim after the end changed the action: %+v", p.Action)
	}
}

func TestComplete_action_isKeptWhileTheConsumerIsNeeded(t *testing.T) {
	t.Parallel()
	first := contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/pay"}
	second := contract.Action{Type: contract.ActionForm, URL: "https://bank.example/3ds", Fields: [][2]string{{"c", "1"}}}
	none := contract.Action{Type: contract.ActionNone}
	for name, c := range map[string]struct {
		prepare func(*world)
		source  contract.Export
		action  *contract.Action
		news    []contract.UpdateType
		want    contract.Action
		events  []EventType
	}{
		"captured with it":     {nil, contract.CompletePayment, &second, []contract.UpdateType{contract.UpdateCaptured}, first, nil},
		"authorized with it":   {nil, contract.CompletePayment, &second, []contract.UpdateType{contract.UpdateAuthorized}, first, nil},
		"failed with it":       {nil, contract.CompletePayment, &second, []contract.UpdateType{contract.UpdateFailed}, first, nil},
		"being cancelled":      {func(w *world) { w.do(RequestCancelPayment{Payment: "pay_1"}) }, contract.CompletePayment, &second, nil, first, nil},
		"from another export":  {nil, contract.GetPayment, &second, nil, first, nil},
		"nothing to be done":   {nil, contract.CompletePayment, &none, nil, first, nil},
		"no action":            {nil, contract.CompletePayment, nil, nil, first, nil},
		"the same once more":   {nil, contract.CompletePayment, &first, nil, first, nil},
		"another":              {nil, contract.CompletePayment, &second, nil, second, []EventType{PaymentInterim}},
		"another, and pending": {nil, contract.CompletePayment, &second, []contract.UpdateType{contract.UpdatePending}, second, []EventType{PaymentInterim}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", nil)
			w.reserve("pay_1")
			w.do(Created{Payment: "pay_1", Result: contract.CreateResult{Action: first}, At: w.now})
			if c.prepare != nil {
				c.prepare(w)
			}
			change := Reported{Payment: "pay_1", Source: c.source, Action: c.action, At: w.now}
			for _, kind := range c.news {
				change.Updates = append(change.Updates, contract.Update{Type: kind, Amount: w.money(5000), Trust: contract.Verified})
			}
			events := w.do(change)
			if got := w.payment("pay_1").Action; got == nil || !reflect.DeepEqual(*got, c.want) {
				t.Errorf("got action %+v, want %+v", got, c.want)
			}
			if got := types(events); len(c.news) == 0 && !slices.Equal(got, c.events) {
				t.Errorf("got events %v, want %v", got, c.events)
			}
			w.again(change)
		})
	}
}

func TestCreateFailed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcome   Outcome
		want      PaymentStatus
		attention []AttentionCode
		events    []EventType
	}{
		{OutcomeNotAttempted, PaymentFailed, nil, []EventType{PaymentChanged}},
		{OutcomeKnown, PaymentFailed, nil, []EventType{PaymentChanged}},
		{OutcomeUnknown, PaymentCreated, []AttentionCode{AttentionUnknownOutcome}, []EventType{PaymentUnknown, OrderAttention}},
	} {
		t.Run(string(c.outcome), func(t *testing.T) {
			inEach(t, nil, func(t *testing.T, w *world) {
				w.reserve("pay_1")
				failed := CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: declined, Outcome: c.outcome, At: w.now}
				w.wantTypes(w.do(failed), c.events...)
				w.again(failed)
				w.wantPayment("pay_1", c.want)
				w.wantAttention(c.attention...)
				w.wantStatus(Open)
				if got := w.payment("pay_1"); got.Outcome != c.outcome || got.Failure == nil {
					t.Errorf("payment %+v", got)
				}
				// Late news is booked, whatever the host believed.
				w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 0))
				w.wantStatus(Paid)
				w.wantAttention()
			})
		})
	}
}

func TestCreateFailed_lateAuthorisation_winsOverTheHostsWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", manual)
	w.reserve("pay_1")
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeNotAttempted, At: w.now})
	u := contract.Update{Type: contract.UpdateAuthorized, Trust: contract.Verified}
	w.do(Reported{Payment: "pay_1", Updates: []contract.Update{u}, Source: contract.ReceiveWebhook, At: w.now})
	w.wantStatus(Authorized)
}

func TestUnknown_resumedWithAResult_isKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeUnknown, At: w.now})
	w.started("pay_1")
	w.wantAttention()
	if p := w.payment("pay_1"); p.Action == nil || p.Outcome != OutcomeKnown {
		t.Errorf("payment %+v", p)
	}
}

func TestUnknown_anAnswerEndsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeUnknown, At: w.now})
	w.do(CallFailed{Payment: "pay_1", Export: contract.GetPayment, Failure: unavailable, Outcome: OutcomeNotAttempted})
	w.wantAttention(AttentionUnknownOutcome)
	w.do(Polled{Payment: "pay_1"})
	w.wantAttention()
	w.wantPayment("pay_1", PaymentCreated)
}

func TestUnknown_notFound_failsOnlyTwiceAndApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeUnknown, At: w.now})
	w.do(Polled{Payment: "pay_1", NotFound: true})
	w.do(CallFailed{Payment: "pay_1", Export: contract.GetPayment, Failure: contract.Failure{Code: contract.NotFound}})
	w.wantPayment("pay_1", PaymentCreated)
	due, _ := Next(w.o)
	if due.Work != WorkPoll || due.At.Sub(w.now) != notFoundApart {
		t.Fatalf("due %+v, want a question two minutes later", due)
	}
	w.now = due.At
	w.do(Polled{Payment: "pay_1", NotFound: true})
	w.wantPayment("pay_1", PaymentFailed)
	w.wantAttention()
}

func TestComplete_failures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		failure contract.Failure
		outcome Outcome
		want    PaymentStatus
		known   Outcome
	}{
		{"declined", declined, OutcomeKnown, PaymentFailed, OutcomeKnown},
		{"not reached", unavailable, OutcomeNotAttempted, PaymentPending, OutcomeKnown},
		{"unknown", unavailable, OutcomeUnknown, PaymentPending, OutcomeUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", nil)
			w.begin("pay_1")
			w.do(w.says("pay_1", contract.UpdateApproved, 0, 1))
			w.do(CallFailed{Payment: "pay_1", Export: contract.CompletePayment, Failure: c.failure, Outcome: c.outcome, At: w.now})
			w.wantPayment("pay_1", c.want)
			if got := w.payment("pay_1").Outcome; got != c.known {
				t.Errorf("outcome %s, want %s", got, c.known)
			}
			w.do(Reported{Payment: "pay_1", Source: contract.CompletePayment, At: w.now})
			if got := w.payment("pay_1").Outcome; got != OutcomeKnown {
				t.Errorf("outcome %s after its result", got)
			}
		})
	}
}

func TestUnknown_afterMoneyCame_isMoot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 0)) // the webhook is faster than the answer
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeUnknown, At: w.now})
	w.wantAttention()
	if !w.o.Final() {
		t.Errorf("not final: %+v", w.o)
	}
}
