package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

const (
	// overlap is how far each run begins before where the last one ended: an order is
	// seen only after its transaction, which takes longer than its time says.
	overlap = 10 * time.Minute
	// idle is how far a run's end stays behind the shop's own clock where nothing
	// changes: that of its database may be another.
	idle = 30 * time.Minute
	// firstLook is how far back the first run looks.
	firstLook = 24 * time.Hour
	dbTime    = "2006-01-02 15:04:05" // UTC, without saying so
)

// What a turn reads: orders of a list, of which some are then read whole. So many
// lines are what a round can do.
const (
	pageSize   = 20
	mostOrders = contract.MaxRequests
	mostLines  = 100
)

// cursor is where a turn begins. A run begins with a time, and looks back a bit; within
// a run its turns go on from a time exactly, or behind one order of all that have it.
type cursor struct {
	since  time.Time
	within bool
	after  string // entity_id
}

func readCursor(s string, now time.Time) (cursor, error) {
	if s == "" {
		return cursor{since: now.Add(-firstLook).Truncate(time.Second)}, nil
	}
	stamp, after, within := strings.Cut(s, "/")
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil || after != "" && !isNumber(after) {
		return cursor{}, invalid("the cursor is none of this adapter's")
	}
	return cursor{at, within, after}, nil
}

func (c cursor) text() string {
	s := c.since.UTC().Format(time.RFC3339)
	if c.within {
		s += "/" + c.after
	}
	return s
}

func (c cursor) query() string {
	q := query(nil)
	switch {
	case c.after != "":
		q = q.filter("0", "updated_at", "eq", c.since.UTC().Format(dbTime)).filter("1", "entity_id", "gt", c.after)
	case c.within:
		q = q.filter("0", "updated_at", "gteq", c.since.UTC().Format(dbTime))
	default:
		q = q.filter("0", "updated_at", "gteq", c.since.Add(-overlap).UTC().Format(dbTime))
	}
	for i, field := range []string{"updated_at", "entity_id"} {
		at := "searchCriteria[sortOrders][" + strconv.Itoa(i) + "]"
		q = q.add(at+"[field]", field).add(at+"[direction]", "ASC")
	}
	return q.add("searchCriteria[pageSize]", strconv.Itoa(pageSize)).add("fields", "items["+listed+"],total_count").text()
}

// behind is where to go on when some orders of a list were taken: at the next one's
// time where that is later, else behind the last at those that have the same.
func (c cursor) behind(list []document, taken int) cursor {
	last := list[taken-1]
	if taken < len(list) && list[taken].updated().After(last.updated()) {
		return cursor{since: list[taken].updated(), within: true}
	}
	return cursor{last.updated(), true, string(last.EntityID)}
}

// end is where the next run begins: at the latest time that this one saw, or not long
// before the shop's own where nothing changes.
func (c cursor) end(list []document, now time.Time) cursor {
	last := c.since
	for _, d := range list {
		if d.updated().After(last) {
			last = d.updated()
		}
	}
	if at := now.Add(-idle).Truncate(time.Second); at.After(last) {
		last = at
	}
	return cursor{since: last}
}

// updated is when an order changed last; the zero time where it does not say.
func (d document) updated() time.Time {
	at, _ := time.Parse(dbTime, d.UpdatedAt)
	return at
}

// listed are the members of an order that the list shows.
const listed = "entity_id,increment_id,state,updated_at,total_paid,total_item_count,payment[method]"

// whole are the members of an order that is read whole, lines those of its lines.
func (s settings) whole(lines bool) string {
	amount := func(names ...string) string {
		if s.Charged == inBase {
			return "base_" + strings.Join(names, ",base_")
		}
		return strings.Join(names, ",")
	}
	const address = "[firstname,lastname,company,street,postcode,city,region,country_id,telephone]"
	fields := "entity_id,increment_id,store_id,state,order_currency_code,base_currency_code," +
		amount("grand_total", "total_paid", "shipping_incl_tax", "shipping_discount_amount") +
		",shipping_description,customer_id,customer_email,remote_ip,payment[method],billing_address" + address +
		",extension_attributes[shipping_assignments[shipping[address" + address + "]]]"
	if lines {
		fields += ",items[parent_item_id,sku,name,is_virtual,qty_ordered,qty_shipped," + amount("row_total_incl_tax", "discount_amount", "tax_amount") + "]"
	}
	return fields
}

// SyncShop reads the orders that changed since the cursor, oldest first, and gives
// what the module's outbox would have told: those cancelled or shipped since, and of
// shops without the module those to be paid. The host knows what it has already.
func (provider) SyncShop(c *guest.Call, in contract.SyncInput) (contract.SyncResult, error) {
	var out contract.SyncResult
	a, err := newAPI(c)
	if err != nil {
		return out, err
	}
	at, err := readCursor(in.Cursor, c.Now())
	if err != nil {
		return out, err
	}
	var list []document
	total := 0
	resp, err := a.do(a.get("orders?"+at.query()), func(s scanner) (ok bool) { list, total, ok = s.list(); return ok })
	if err != nil {
		return out, err
	}
	now, _ := shopTime(resp) // none is long ago
	taken, err := a.take(list, &out)
	if err != nil {
		return contract.SyncResult{}, err
	}
	next := at.end(list[:taken], now)
	if taken > 0 && taken < max(total, len(list)) {
		next = at.behind(list, taken)
	} else if at.after != "" {
		next = cursor{since: at.since.Add(time.Second), within: true}
	}
	out.Next, out.More = next.text(), next.within
	return out, nil
}

// take does what it can of a list in one turn, and says of how many orders.
func (a api) take(list []document, out *contract.SyncResult) (taken int, err error) {
	var reads []contract.Request
	lines := 0
	for _, d := range list {
		if d.updated().IsZero() || !isNumber(string(d.EntityID)) || d.IncrementID == "" {
			return 0, internal("the shop's list holds an order without entity_id, increment_id or updated_at in their own form")
		}
		if a.readsWhole(d) {
			count, _ := strconv.Atoi(string(d.Count)) // none is 0
			if len(reads) == mostOrders || len(reads) > 0 && lines+count > mostLines {
				break
			}
			lines += min(count, mostLines)
			reads = append(reads, a.get("orders/"+string(d.EntityID)+"?"+query(nil).add("fields", a.whole(count <= mostLines)).text()))
		} else if a.takes(d.Method) && d.State == stateCanceled {
			out.Commands = append(out.Commands, contract.Command{Type: contract.CommandCancel, Reference: string(d.IncrementID)})
		}
		taken++
	}
	outcomes, err := a.call.DoAll(reads...)
	if err != nil {
		return 0, err
	}
	for _, o := range outcomes {
		if err := a.collect(o, out); err != nil {
			return 0, err
		}
	}
	return taken, nil
}

// readsWhole says whether an order of a list may ask for something that the list does
// not show.
func (a api) readsWhole(d document) bool {
	shipped := a.OnShipment && (d.State == stateProcessing || d.State == stateComplete)
	return a.takes(d.Method) && d.Paid.order.isNothing() && (shipped || a.TakeOrders && d.awaitsPayment())
}

// collect takes what an order asks for. One that is gone meanwhile asks for nothing.
func (a api) collect(o guest.Outcome, out *contract.SyncResult) error {
	var d document
	err := o.Err
	if err == nil {
		err = a.read(o.Response, func(s scanner) bool { d = s.document(); return true })
	}
	if failed(err, contract.NotFound) != nil {
		return nil //nolint:nilerr // the next order
	}
	if err != nil {
		return err
	}
	if a.OnShipment && !d.awaitsPayment() && d.State != stateCanceled && d.isShipped() {
		out.Commands = append(out.Commands, contract.Command{Type: contract.CommandCapture, Reference: string(d.IncrementID)})
		return nil
	}
	r, err := d.request(&a.settings, a.call.Now())
	var f *contract.Failure
	if errors.As(err, &f) {
		out.Findings = append(out.Findings, contract.Finding{
			Level: contract.FindingWarning, Text: "Order " + clean(string(d.IncrementID), 40) + " was left out: " + f.Message, Fix: "Look at the order in the shop.",
		})
	}
	if r != nil {
		out.Orders = append(out.Orders, *r)
	}
	return nil
}
