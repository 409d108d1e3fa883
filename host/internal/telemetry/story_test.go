package telemetry

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func titles(entries []Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, fmt.Sprintf("%d %s", e.Number, e.Title))
	}
	return strings.Join(all, ", ")
}

func TestStory(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	s := NewStory(StoryOptions{Clock: func() time.Time { return at }})
	s.Page("ord_1", "choose")
	c := aCall("call_1", "ord_1")
	s.Round(c, call.Round{Number: 1, Fuel: 123, Elapsed: 1500 * time.Microsecond, Asked: 1})
	s.Exchanged(c, exchanged(contract.Request{Method: "POST", URL: "https://user:pw@api.example/orders?token=x#f", Body: `{"a":1}`}, &contract.Response{Status: 201, Body: "text"}, nil))
	s.Exchanged(c, exchanged(contract.Request{Method: "GET", URL: "http://[::1"}, nil, &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentMaybe, Message: "gone"}))
	s.Round(c, call.Round{Number: 2, Error: "out of fuel"})
	s.Finished(c, checkout.Ended{Result: json.RawMessage(`{"ok":true}`), Outcome: "known"}, time.Second)
	s.Finished(c, checkout.Ended{Failure: &contract.Failure{Code: contract.Declined, Message: "no"}}, time.Second)
	s.Delivered("ord_1", "order.paid", "https://shop.example/notify?x=y", 503, "the shop answered 503", time.Millisecond)
	got := s.Entries("ord_1")
	want := "1 choose, 2 create_payment, round 1, 3 POST https://api.example/orders, 4 GET a URL that cannot be read, 5 create_payment, round 2, " +
		"6 create_payment ended, 7 create_payment ended, 8 order.paid → https://shop.example/notify"
	if titles(got) != want {
		t.Fatalf("got  %s\nwant %s", titles(got), want)
	}
	if e := got[1]; e.Kind != KindRound || e.Plugin != "ideal@1.2.0" || e.Export != "create_payment" || e.Fuel != 123 || e.Micros != 1500 || !e.At.Equal(at) || e.At.Location() != time.UTC {
		t.Errorf("got %+v", e)
	}
	for i, want := range map[int]string{
		1: `{"input":{"payment":{"amount":{"value":1},"id":"pay_1"}},"requests":1,"round":1}`,
		2: `{"attempts":1,"effect":"write","request":{"body":{"a":1},"headers":null},"response":{"body":"text","headers":null}}`,
		5: `{"outcome":"known","result":{"ok":true}}`,
	} {
		if detail := fmt.Sprintf("%s", got[i].Detail); detail != want {
			t.Errorf("%d: got %s, want %s", i, detail, want)
		}
	}
	if got[2].Status != 201 || got[3].Error != "reset (sent: maybe): gone" || got[4].Error != "out of fuel" || got[6].Error != "declined: no" || got[7].Status != 503 {
		t.Errorf("got %+v", got)
	}
	if s.Entries("other") == nil || len(s.Entries("other")) != 0 || fmt.Sprint(s.Orders()) != "[ord_1]" {
		t.Errorf("got %v", s.Orders())
	}
}

// TestStory_accountCalls: what a webhook's call did is told with the orders it was about.
func TestStory_accountCalls(t *testing.T) {
	t.Parallel()
	s := NewStory(StoryOptions{})
	c := aCall("call_1", "")
	c.Export = contract.ReceiveWebhook
	s.Round(c, call.Round{Number: 1})
	if len(s.Orders()) != 0 {
		t.Errorf("got %v", s.Orders())
	}
	s.Attribute("call_1", "ord_1")
	s.Attribute("call_1", "ord_2")
	s.Attribute("call_1", "ord_1") // twice is once
	s.Attribute("", "ord_3")
	s.Attribute("call_1", "")
	s.Finished(c, checkout.Ended{}, 0)
	for _, id := range []string{"ord_1", "ord_2"} {
		if got := titles(s.Entries(id)); got != "1 receive_webhook, round 1, 2 receive_webhook ended" {
			t.Errorf("%s: got %s", id, got)
		}
	}
	if fmt.Sprint(s.Orders()) != "[ord_2 ord_1]" {
		t.Errorf("got %v", s.Orders())
	}
	for i := range 2 * maxCalls {
		id := fmt.Sprint("call_x", i)
		s.Round(aCall(id, ""), call.Round{})
		s.Attribute(id, "ord_1")
	}
	if len(s.calls.byName) > maxCalls || len(s.of) > maxCalls {
		t.Errorf("%d calls, %d attributed", len(s.calls.byName), len(s.of))
	}
}

func TestStory_bounds(t *testing.T) {
	t.Parallel()
	s := NewStory(StoryOptions{Orders: 5})
	for i := range 20 {
		for range 3 {
			s.Page(fmt.Sprint("ord_", i), "choose")
		}
		s.Page("ord_0", "wait") // is used all the time, so it stays
	}
	if got := fmt.Sprint(s.Orders()); got != "[ord_0 ord_19 ord_18 ord_17 ord_16]" {
		t.Errorf("got %s", got)
	}
	for i := range 3 * maxEntries {
		s.Page("ord_0", fmt.Sprint(i))
	}
	got := s.Entries("ord_0")
	if len(got) != maxEntries || got[maxEntries-1].Title != "299" || got[maxEntries-1].Number != got[0].Number+maxEntries-1 {
		t.Errorf("%d entries, the last %+v", len(got), got[len(got)-1])
	}
	s.Record("", Entry{Title: "of no order"})
	s.Record("ord_1", Entry{Detail: strings.Repeat("x", maxDetail+1)})
	s.Record("ord_1", Entry{Detail: make(chan int)})
	if got := fmt.Sprintf("%s", s.Entries("ord_1")[0].Detail); !strings.Contains(got, "omitted_bytes") {
		t.Errorf("got %s", got)
	}
}

func TestStory_subscribe(t *testing.T) {
	t.Parallel()
	s := NewStory(StoryOptions{Orders: 2})
	s.Page("ord_1", "a")
	known, news, cancel := s.Subscribe("ord_1")
	s.Page("ord_1", "b")
	s.Page("ord_2", "c")
	if titles(known) != "1 a" || titles([]Entry{<-news}) != "2 b" || len(news) != 0 {
		t.Errorf("got %s", titles(known))
	}
	cancel()
	cancel() // twice is once
	if _, open := <-news; open {
		t.Error("the channel is open after cancel")
	}
	// Who does not read misses entries and holds nobody up.
	_, slow, cancel := s.Subscribe("ord_1")
	for range 2 * backlog {
		s.Page("ord_1", "d")
	}
	if len(slow) != backlog {
		t.Errorf("%d wait", len(slow))
	}
	// A forgotten order closes its channels.
	s.Page("ord_3", "e")
	s.Page("ord_4", "f")
	for range slow {
	}
	cancel()
	if s.subscribers != 0 {
		t.Errorf("%d subscribers are counted", s.subscribers)
	}
	// An order may be listened to before anything happened.
	known, news, cancel = s.Subscribe("ord_5")
	s.Page("ord_5", "g")
	if len(known) != 0 || (<-news).Title != "g" {
		t.Error("nothing came")
	}
	cancel()
	for range maxSubscribers {
		s.Subscribe("ord_5")
	}
	if _, news, cancel = s.Subscribe("ord_5"); len(s.orders.byName["ord_5"].listeners) != maxSubscribers {
		t.Error("there is no bound")
	}
	if _, open := <-news; open {
		t.Error("one too many can listen")
	}
	cancel()
}

// TestStory_secrets: what is known to be secret, or is called so, reads ***.
func TestStory_secrets(t *testing.T) {
	t.Parallel()
	s := NewStory(StoryOptions{Mask: NewSecrets(canary)})
	_, news, cancel := s.Subscribe("ord_1")
	defer cancel()
	c := aCall("call_1", "ord_1")
	c.Input = json.RawMessage(`{"a":"` + canary + `"}`)
	s.Round(c, call.Round{Number: 1, Error: "e " + canary})
	s.Exchanged(c, exchanged(
		contract.Request{Method: "GET", URL: "https://x/" + canary, Headers: map[string]string{"Authorization": "Basic hidden-by-name", "X": canary}, Body: canary},
		&contract.Response{Status: 200, Headers: map[string][]string{"set-cookie": {"hidden-by-name"}}, Body: `{"access_token":"hidden-by-name","n":["` + canary + `"]}`}, nil))
	s.Finished(c, checkout.Ended{Failure: &contract.Failure{Code: contract.Declined, Message: canary}}, 0)
	s.Record("ord_1", Entry{Title: canary, Detail: map[string]any{canary: canary, "refreshToken": "hidden-by-name"}})
	all, err := json.Marshal(s.Entries("ord_1"))
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		heard, err := json.Marshal(<-news)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, heard...)
	}
	for _, secret := range []string{canary, "hidden-by-name"} {
		if strings.Contains(string(all), secret) {
			t.Errorf("%q is shown: %s", secret, all)
		}
	}
}

// A provider's notification brings a token by which results are fetched.
func TestStory_tokenInAWebhooksBody_isHidden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, shown string }{
		"a member":        {`{"authentication":"hidden-by-name","eventName":"status"}`, `{"authentication":"***","eventName":"status"}`},
		"deep":            {`{"list":[{"access_token":"hidden-by-name"}]}`, `{"list":[{"access_token":"***"}]}`},
		"text in a text":  {`{"inner":"{\"authentication\":\"hidden-by-name\"}"}`, `{"inner":"{\"authentication\":\"***\"}"}`},
		"with a space":    {` {"authentication":"hidden-by-name"}`, `{"authentication":"***"}`},
		"a value after":   {`{"authentication":"hidden-by-name"} {"authentication":"hidden-by-name"}`, `{"authentication":"***"}`},
		"nothing to hide": {"{\"z\": 1.50,\n\"a\":\"<b>\"}", "{\"z\": 1.50,\n\"a\":\"<b>\"}"},
		"a form":          {"OutSum=1.50&SignatureValue=ab", "OutSum=1.50&SignatureValue=ab"},
		"not JSON":        {"{eventName", "{eventName"},
	} {
		s := NewStory(StoryOptions{Mask: NewSecrets(canary)})
		call1 := aCall("call_1", "ord_1")
		var err error
		if call1.Input, err = json.Marshal(contract.WebhookInput{Message: contract.Message{Method: "POST", Body: c.body}}); err != nil {
			t.Fatal(err)
		}
		s.Round(call1, call.Round{Number: 1})
		var detail struct{ Input contract.WebhookInput }
		if err := json.Unmarshal(s.Entries("ord_1")[0].Detail.(json.RawMessage), &detail); err != nil {
			t.Fatal(err)
		}
		if got := detail.Input.Message.Body; got != c.shown {
			t.Errorf("%s: shown as %s, want %s", name, got, c.shown)
		}
	}
}

func TestStory_concurrent(t *testing.T) {
	t.Parallel()
	s := NewStory(StoryOptions{Orders: 3})
	observers := Observers{s, NewMetrics()}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			id := fmt.Sprint("ord_", i%5)
			for j := range 100 {
				c := aCall(fmt.Sprint("call_", j), "")
				observers.Round(c, call.Round{Number: 1})
				_, news, cancel := s.Subscribe(id)
				s.Attribute(c.ID, id)
				observers.Exchanged(c, exchanged(contract.Request{Method: "GET", URL: "https://x/"}, &contract.Response{Status: 200}, nil))
				observers.Finished(c, checkout.Ended{}, 0)
				_, _ = s.Entries(id), s.Orders()
				cancel()
				for range news {
				}
			}
		})
	}
	all.Wait()
	if s.subscribers != 0 || len(s.orders.names) > 3 {
		t.Errorf("%d subscribers, %d orders", s.subscribers, len(s.orders.names))
	}
}
