package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/woocommerce"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

func (d *desk) sync(cursor string) contract.SyncResult {
	d.Helper()
	r, err := drive[contract.SyncResult](d, contract.SyncShop, contract.SyncInput{Cursor: cursor})
	if err != nil {
		d.Fatal(err)
	}
	return r
}

// run syncs until there is no more, and gives what it found and where to go on.
func (d *desk) run(cursor string) (all contract.SyncResult, turns int) {
	d.Helper()
	for turns = 1; turns <= contract.MaxTurns; turns++ {
		r := d.sync(cursor)
		all.Orders, all.Commands, all.Findings, all.Next = append(all.Orders, r.Orders...), append(all.Commands, r.Commands...), append(all.Findings, r.Findings...), r.Next
		if cursor = r.Next; !r.More {
			return all, turns
		}
	}
	d.Fatalf("it did not end in %d turns", contract.MaxTurns)
	return all, turns
}

func (d *desk) moves(by time.Duration) {
	d.Helper()
	if err := d.sim.MoveClock(by); err != nil {
		d.Fatal(err)
	}
}

func TestSyncShop(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r conformance.Runner) {
		d := newDesk(t, func(c *woocommerce.Config) { c.Offset = -8 * time.Hour })
		d.runner = r
		for range 23 {
			d.place(woocommerce.Cart{})
		}
		cancelled, completed, thrown := d.place(woocommerce.Cart{Status: "cancelled"}), d.place(woocommerce.Cart{Status: "completed"}), d.place(woocommerce.Cart{})
		d.place(woocommerce.Cart{Status: "processing"})
		d.place(woocommerce.Cart{Gateway: "kassette_ideal"})
		if err := d.sim.Throw(thrown); err != nil {
			t.Fatal(err)
		}
		all, turns := d.run("")
		if len(all.Orders) != 23 || turns != 4 || len(all.Findings) > 0 {
			t.Errorf("got %d orders in %d turns, findings %+v", len(all.Orders), turns, all.Findings)
		}
		var got []string
		for _, c := range all.Commands {
			id, _, _ := strings.Cut(c.Reference, "-")
			got = append(got, c.Type+" "+id)
		}
		want := "cancel " + strconv.Itoa(cancelled) + ", capture " + strconv.Itoa(completed) + ", cancel " + strconv.Itoa(thrown)
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("got %s, want %s", s, want)
		}
		// Half an hour later only what changed since is read, and a little before.
		d.moves(30 * time.Minute)
		again, _ := d.run(all.Next)
		if len(again.Orders)+len(again.Commands) > 23+3 {
			t.Errorf("got %d orders", len(again.Orders))
		}
		d.moves(30 * time.Minute)
		id := d.place(woocommerce.Cart{})
		again, turns = d.run(again.Next)
		if len(again.Orders) != 1 || turns != 1 || again.Orders[0].Metadata["order_id"] != strconv.Itoa(id) {
			t.Errorf("got %+v", again.Orders)
		}
		if len(again.Next) > contract.MaxCursor {
			t.Errorf("the cursor has %d bytes", len(again.Next))
		}
	})
}

// Nothing falls between two runs, whichever clock is ahead, and though orders
// change while they are read.
func TestSyncShop_nothingFallsBetween(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"same clock": 0, "the shop is ahead": 3 * time.Hour, "the shop is behind": -3 * time.Hour} {
		now := conformance.Start
		d := newDesk(t, func(c *woocommerce.Config) { c.Now = func() time.Time { return now.Add(skew) } })
		cursor, missing := "", map[string]bool{}
		for i := range 40 {
			missing[strconv.Itoa(d.place(woocommerce.Cart{}))] = true
			now = now.Add(time.Minute)
			if i%3 > 0 {
				continue
			}
			tr, err := conformance.Drive(t.Context(), d.runner, conformance.Call{Export: contract.SyncShop, Input: contract.SyncInput{Cursor: cursor}, Account: d.account, World: d.via, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			r, err := conformance.Result[contract.SyncResult](tr)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range r.Orders {
				delete(missing, o.Metadata["order_id"])
			}
			cursor = r.Next
		}
		for range 20 {
			r := d.sync(cursor)
			for _, o := range r.Orders {
				delete(missing, o.Metadata["order_id"])
			}
			cursor = r.Next
		}
		if len(missing) > 0 {
			t.Errorf("%s: %v fell between", name, missing)
		}
	}
}

// Orders that leave the list while it is read move the others up.
func TestSyncShop_theListShrinks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []int
	for range 25 {
		ids = append(ids, d.place(woocommerce.Cart{}))
	}
	first := d.sync("")
	for _, id := range ids[:5] {
		if err := d.sim.Delete(id); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]bool{}
	for _, o := range first.Orders {
		found[o.Metadata["order_id"]] = true
	}
	rest, _ := d.run(first.Next)
	for _, o := range rest.Orders {
		found[o.Metadata["order_id"]] = true
	}
	if len(found) != 25 {
		t.Errorf("got %d of 25 orders", len(found))
	}
}

// A page that does not fit into an answer is read order by order; an order that
// does not fit is said.
func TestSyncShop_tooLarge(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 14 {
		c := woocommerce.Cart{Meta: map[string]string{"note": strings.Repeat("x", 30_000)}}
		if i == 11 {
			c.Meta["note"] = strings.Repeat("x", contract.MaxAnswer)
		}
		d.place(c)
	}
	all, turns := d.run("")
	if len(all.Orders) != 13 || len(all.Findings) != 1 || all.Findings[0].Level != contract.FindingError || turns > 20 {
		t.Errorf("got %d orders, %+v in %d turns", len(all.Orders), all.Findings, turns)
	}
}

func TestSyncShop_strangeCursors(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.place(woocommerce.Cart{})
	for _, cursor := range []string{"", "x", "1 2 3", "-1 0 1 10 0", "0 0 99999999 10 0", "1 1 1 999 1", "9223372036854775807 0 0 0 0 0 0", "99999999999999999999", "2026-03-02T09:00:00Z"} {
		r := d.sync(cursor)
		if r.Next == "" || r.More && len(r.Orders) == 0 {
			t.Errorf("%q: got %+v", cursor, r)
		}
	}
}

// Acceptance 10: a webhook that the shop disabled is found, enabled, and what it
// lost is caught up with.
func TestSyncShop_disabledWebhook(t *testing.T) {
	t.Parallel()
	for _, enables := range []bool{true, false} {
		d := newDesk(t, func(c *woocommerce.Config) { c.Client = &http.Client{Transport: answers(503, "")} })
		if !enables {
			d.set("enable_webhooks", false)
		}
		for _, url := range []string{world.Door, "https://other.example/hook"} {
			if _, err := d.sim.AddHook(t.Context(), woocommerce.Hook{Name: "News", Topic: "order.updated", URL: url, Secret: "s"}); err != nil {
				t.Fatal(err)
			}
		}
		id := d.place(woocommerce.Cart{})
		for range 7 {
			if err := d.sim.Remark(id, "again"); err != nil {
				t.Fatal(err)
			}
			d.sim.RunQueue(t.Context())
		}
		all, _ := d.run("")
		hooks := d.sim.Books().Webhooks
		if len(all.Findings) != 1 || all.Findings[0].Fix == "" || !strings.Contains(all.Findings[0].Text, "disabled") || (hooks[0].Status == "active") != enables || hooks[1].Status != "disabled" {
			t.Errorf("enables %v: got %+v, %+v", enables, all.Findings, hooks)
		}
		if len(all.Orders) != 1 {
			t.Errorf("got %+v, want what was lost", all.Orders)
		}
		if again, _ := d.run(all.Next); (len(again.Findings) == 0) != enables {
			t.Errorf("enables %v: got %+v again", enables, again.Findings)
		}
	}
	d := newDesk(t)
	id, err := d.sim.AddHook(t.Context(), woocommerce.Hook{Topic: "order.updated", URL: world.Door})
	if err != nil {
		t.Fatal(err)
	}
	d.sim.SetHook(id, woocommerce.HookPaused) // a person's choice
	if r := d.sync(""); len(r.Findings) != 1 || d.sim.Books().Webhooks[0].Status != "paused" {
		t.Errorf("got %+v", r.Findings)
	}
}

// More disabled webhooks than a call has rounds are enabled in several runs.
func TestSyncShop_manyDisabled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 10 {
		id, err := d.sim.AddHook(t.Context(), woocommerce.Hook{Topic: "order.updated", URL: world.Door})
		if err != nil {
			t.Fatal(err)
		}
		d.sim.SetHook(id, woocommerce.HookDisabled)
	}
	cursor := ""
	for run := range 3 {
		r, _ := d.run(cursor)
		if want := 10 - run*maxEnabled; len(r.Findings) != want {
			t.Errorf("run %d: got %d findings, want %d", run, len(r.Findings), want)
		}
		cursor = r.Next
	}
	if r, _ := d.run(cursor); len(r.Findings) > 0 {
		t.Errorf("got %+v", r.Findings)
	}
}
