package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// sync runs turns until there is no more, and gives all of them together.
func (s *rig) sync(cursor string) (all contract.SyncResult, turns int) {
	s.Helper()
	for all.Next, all.More = cursor, true; all.More; turns++ {
		if turns == contract.MaxTurns {
			s.Fatal("it never ends")
		}
		got := drive[contract.SyncResult](s, contract.SyncShop, contract.SyncInput{Cursor: all.Next})
		if len(got.Next) > contract.MaxCursor || got.Next == "" {
			s.Fatalf("got cursor %q", got.Next)
		}
		all.Orders, all.Commands, all.Findings = append(all.Orders, got.Orders...), append(all.Commands, got.Commands...), append(all.Findings, got.Findings...)
		all.Next, all.More = got.Next, got.More
	}
	return all, turns
}

func references(all contract.SyncResult) string {
	var list []string
	for _, o := range all.Orders {
		list = append(list, o.Reference)
	}
	for _, c := range all.Commands {
		list = append(list, c.Type+" "+c.Reference)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}

// TestSync_finds is what the outbox lost, natively and in Wasm.
func TestSync_finds(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newRigWith(t, r, magento.Draft{})
		for _, d := range []magento.Draft{{}, {Authorized: true}, {Method: "checkmo"}, {Authorized: true}, {}} {
			if _, err := s.world.Sim.Place(d); err != nil {
				t.Fatal(err)
			}
		}
		for _, err := range []error{second(s.world.Sim.Cancel("000000002")), second(s.world.Sim.Ship("000000003")), second(s.world.Sim.Invoice("000000006", false)), second(s.world.Sim.Cancel("000000004"))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		s.later(time.Minute)
		got, turns := s.sync("")
		if want := "000000001, cancel 000000002, capture 000000003"; references(got) != want || turns != 1 {
			t.Errorf("got %s in %d turns, want %s", references(got), turns, want)
		}
		if got.Orders[0].Amount.Value != 4999 || len(got.Orders[0].Lines) != 1 || got.Orders[0].BillingAddress.City != "Amsterdam" || got.Orders[0].ShippingAddress.City != "Amsterdam" {
			t.Errorf("got %+v", got.Orders[0])
		}
		if w := s.via.writes(); len(w) > 0 {
			t.Errorf("it wrote: %v", w)
		}
	})
}

func second(_ magento.OrderRecord, err error) error { return err }

// With the module, which begins payments itself, only what it told is found.
func TestSync_settings(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.place(magento.Draft{})
	s.place(magento.Draft{})
	for _, err := range []error{second(s.world.Sim.Cancel("000000002")), second(s.world.Sim.Ship("000000003"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	delete(s.account.Settings, "take_orders")
	delete(s.account.Settings, "capture_on_shipment")
	if got, _ := s.sync(""); references(got) != "cancel 000000002" {
		t.Errorf("got %s", references(got))
	}
	s.account.Settings["methods"] = []string{"checkmo"}
	if got, _ := s.sync(""); references(got) != "" {
		t.Errorf("got %s", references(got))
	}
}

// Each order is found, whatever the turns: many of one time, many lines, and more
// while it runs.
func TestSync_turns(t *testing.T) {
	t.Parallel()
	for _, each := range []time.Duration{0, time.Second} {
		s := newRig(t, magento.Draft{})
		for range 2*pageSize + 4 {
			s.later(each)
			if _, err := s.world.Sim.Place(magento.Draft{}); err != nil {
				t.Fatal(err)
			}
		}
		s.later(each)
		if _, err := s.world.Sim.Place(draftOf(mostLines + 1)); err != nil {
			t.Fatal(err)
		}
		got, turns := s.sync("")
		if n := strings.Count(references(got), ",") + 1; n != 2*pageSize+6 || turns > 8 {
			t.Errorf("%v apart: got %d orders in %d turns", each, n, turns)
		}
		if large := got.Orders[len(got.Orders)-1]; large.Amount.Value != 150*(mostLines+1) || len(large.Lines) > 0 {
			t.Errorf("%v apart: an order of many lines came with %d", each, len(large.Lines))
		}
		if again, turns := s.sync(got.Next); turns > 8 || len(again.Orders) > len(got.Orders) {
			t.Errorf("%v apart: again got %d orders in %d turns", each, len(again.Orders), turns)
		}
	}
}

// Only as many lines come in one turn as a round can do.
func TestSync_lines(t *testing.T) {
	t.Parallel()
	s := newRig(t, draftOf(60))
	for range 3 {
		s.later(time.Second)
		if _, err := s.world.Sim.Place(draftOf(50)); err != nil {
			t.Fatal(err)
		}
	}
	got, turns := s.sync("")
	if turns != 3 || len(got.Orders) != 4 || len(got.Orders[0].Lines) != 60 || len(got.Orders[3].Lines) != 50 {
		t.Errorf("got %d orders in %d turns", len(got.Orders), turns)
	}
}

// A run begins some time before the one before it ended, and moves on where nothing
// changes.
func TestSync_cursor(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	got, _ := s.sync("")
	if want := conformance.Start.Format(time.RFC3339); got.Next != want {
		t.Errorf("got cursor %s, want %s", got.Next, want)
	}
	if again, _ := s.sync(got.Next); references(again) != references(got) || again.Next != got.Next {
		t.Errorf("got %+v, want the overlap again", again)
	}
	s.later(5 * time.Hour)
	later, _ := s.sync(got.Next)
	if want := conformance.Start.Add(5*time.Hour - idle).Format(time.RFC3339); later.Next != want {
		t.Errorf("got cursor %s, want %s", later.Next, want)
	}
	if none, _ := s.sync(later.Next); len(none.Orders) > 0 || none.Next != later.Next {
		t.Errorf("got %+v, want nothing", none)
	}
	for _, cursor := range []string{"yesterday", "2026-03-02T09:00:00Z/x", "2026-03-02T09:00:00Z/-1", "/1", "2026-03-02T09:00:00Z/1/1"} {
		_, err := answer[contract.SyncResult](s, contract.SyncShop, contract.SyncInput{Cursor: cursor})
		var f *contract.Failure
		if !errors.As(err, &f) || f.Code != contract.InvalidRequest {
			t.Errorf("%s: got %v", cursor, err)
		}
	}
}

// An order that changes while a run goes through the others is found in the same run
// or the next, and none beside it is passed over.
func TestSync_changesMeanwhile(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	for range 2 * pageSize {
		s.later(time.Second)
		if _, err := s.world.Sim.Place(magento.Draft{}); err != nil {
			t.Fatal(err)
		}
	}
	first := drive[contract.SyncResult](s, contract.SyncShop, contract.SyncInput{})
	for _, number := range []string{"000000002", "000000004", "000000006"} { // they go to the end of the list
		s.later(time.Second)
		if _, err := s.world.Sim.Cancel(number); err != nil {
			t.Fatal(err)
		}
	}
	rest, _ := s.sync(first.Next)
	rest.Orders = append(rest.Orders, first.Orders...)
	if n := strings.Count(references(rest), ",") + 1; n != 2*pageSize+1+3 || !strings.HasSuffix(references(rest), "cancel 000000002, cancel 000000004, cancel 000000006") {
		t.Errorf("got %s", references(rest))
	}
}

// What the shop says that makes no sense ends the run, or is a finding.
func TestSync_strange(t *testing.T) {
	t.Parallel()
	const one = `{"entity_id":1,"increment_id":"1","state":"new","updated_at":"2026-03-02 09:00:00","payment":{"method":"kassette"}}`
	s := newRig(t, magento.Draft{})
	for _, list := range []string{
		strings.Replace(one, "2026-03-02 09:00:00", "today", 1), strings.Replace(one, `"entity_id":1`, `"entity_id":"../1"`, 1), strings.Replace(one, `"increment_id":"1",`, "", 1), "{}",
	} {
		script(s, "orders", 200, `{"items":[`+list+`],"total_count":1}`)
		if _, err := answer[contract.SyncResult](s, contract.SyncShop, contract.SyncInput{}); err == nil || !strings.Contains(err.Error(), "in their own form") {
			t.Errorf("%s: got %v", list, err)
		}
	}
	script(s, "orders", 200, `{"items":[`+one+`],"total_count":1}`)
	script(s, "order", 200, strings.Replace(one, `"payment"`, `"grand_total":"x","order_currency_code":"EUR","payment"`, 1))
	if got, _ := s.sync(""); len(got.Findings) != 1 || len(got.Orders) > 0 {
		t.Errorf("an amount of no sense: got %+v", got)
	}
	script(s, "order", 404, `{"message":"The entity that was requested doesn't exist. Verify the entity and try again."}`)
	if got, _ := s.sync(""); len(got.Findings)+len(got.Orders) > 0 {
		t.Errorf("an order that is gone: got %+v", got)
	}
	script(s, "orders", 200, `{"items":[],"total_count":1000}`)
	if got, turns := s.sync(""); turns != 1 || len(got.Orders) > 0 {
		t.Errorf("an empty page of many: got %+v in %d turns", got, turns)
	}
	for _, status := range []int{500, 401} {
		for _, call := range []string{"orders", "order"} {
			script(s, call, status, "")
			if got, err := answer[contract.SyncResult](s, contract.SyncShop, contract.SyncInput{}); err == nil {
				t.Errorf("%s %d: got %+v", call, status, got)
			}
		}
	}
}
