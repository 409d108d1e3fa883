package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// Times and sizes of catching up.
const (
	// overlap is how far a run goes back behind the beginning of the one before:
	// clocks of web server and database may differ, and dates count whole seconds.
	overlap = 10 * time.Minute
	// firstRun is how far the very first run goes back.
	firstRun = 24 * time.Hour
	// pageSize is how many orders are asked for at once: they must fit into a round.
	pageSize = 8
	maxPages = 10_000
)

// catching is where catching up stands, as the cursor holds it: "since begun page
// size total", times in seconds. Begun is
// by the clock that is behind, the shop's or ours.
type catching struct {
	since, begun int64
	page, size   int64
	total        int64 // orders that there were at the page before
}

func readCursor(cursor string, now time.Time) catching {
	var n [5]int64
	words := strings.Fields(cursor)
	for i := range n {
		if i >= len(words) {
			break
		}
		v, err := strconv.ParseInt(words[i], 10, 64)
		if err != nil || v < 0 {
			return readCursor("", now) // of another version: begin anew
		}
		n[i] = v
	}
	c := catching{n[0], n[1], n[2], n[3], n[4]}
	if c.since == 0 || c.since > now.Unix() {
		c.since = now.Add(-firstRun).Unix()
	}
	if c.page == 0 || c.page > maxPages || c.size < 1 || c.size > pageSize {
		c.page, c.size, c.begun = 1, pageSize, 0
	}
	return c
}

func (c catching) String() string {
	list := []string{}
	for _, n := range []int64{c.since, c.begun, c.page, c.size, c.total} {
		list = append(list, strconv.FormatInt(n, 10))
	}
	return strings.Join(list, " ")
}

// next is where the schedule goes on, once all pages were read.
func (c catching) next() catching {
	return catching{since: max(c.since, c.begun-int64(overlap/time.Second))}
}

// caughtUp are the statuses that ask for something; the trash is not among what a
// list without a status gives.
const caughtUp = "pending,failed,cancelled,completed,trash"

// request asks for a page of the orders that changed, in an order that does not
// change while they are read.
func (c catching) request(a api, fields string) contract.Request {
	return a.request("GET", "/orders", "modified_after="+time.Unix(c.since, 0).UTC().Format("2006-01-02T15:04:05Z")+"&status="+caughtUp+
		"&orderby=id&order=asc&per_page="+strconv.FormatInt(c.size, 10)+"&page="+strconv.FormatInt(c.page, 10)+"&"+fields)
}

// SyncShop finds what webhooks lost: they are sent once, and after seven failures
// in a row no more (2, trap 5). It reads a page of the orders that changed, and at
// a run's beginning looks after the webhooks.
func (provider) SyncShop(c *guest.Call, in contract.SyncInput) (contract.SyncResult, error) {
	none := contract.SyncResult{}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	at := readCursor(in.Cursor, c.Now())
	requests := []contract.Request{at.request(a, documentFields)}
	if at.page == 1 && at.begun == 0 {
		requests = append(requests, a.request("GET", "/webhooks", hookQuery))
	}
	answers, err := c.DoAll(requests...)
	if err != nil {
		return none, err
	}
	out, err := a.page(at, answers[0])
	if err != nil {
		return none, err
	}
	if len(answers) > 1 {
		findings, err := a.lookAfter(answers[1])
		if err != nil {
			return none, err
		}
		out.Findings = append(out.Findings, findings...)
	}
	return out, nil
}

// page reads a page of orders. One that is too large to be read is read order by
// order, and such an order without its lines; one that is too large even then is
// told to the operator.
func (a api) page(at catching, o guest.Outcome) (contract.SyncResult, error) {
	var out contract.SyncResult
	if tooLarge(o) && at.size > 1 {
		at.page, at.size = (at.page-1)*at.size+1, 1
		at.begun = max(at.begun, a.call.Now().Unix())
		out.Next, out.More = at.String(), true
		return out, nil
	}
	if tooLarge(o) {
		list, err := a.call.DoAll(at.request(a, leanFields))
		if err != nil {
			return out, err
		}
		o = list[0]
	}
	if tooLarge(o) {
		out.Findings = append(out.Findings, contract.Finding{
			Level: contract.FindingError, Text: "An order of the shop is too large to be read, and is passed over.", Fix: "Look which order since " + time.Unix(at.since, 0).UTC().Format(time.RFC3339) + " has very much meta data.",
		})
		at.page++
		out.Next, out.More = at.String(), true
		return out, nil
	}
	if o.Err != nil {
		return out, o.Err
	}
	list, err := a.documents(o.Response)
	if err != nil {
		return out, err
	}
	if at.begun == 0 {
		at.begun = shopTime(o.Response, a.call.Now()).Unix()
	}
	for _, d := range list {
		w, err := a.want(d)
		switch {
		case err != nil:
			return out, err
		case w.order != nil:
			out.Orders = append(out.Orders, *w.order)
		case w.command != "":
			out.Commands = append(out.Commands, contract.Command{Type: w.command, Reference: w.reference})
		}
	}
	at.turn(o.Response, len(list), &out)
	return out, nil
}

// tooLarge says whether an answer cannot be read: it did not fit, or would use up
// a round.
func tooLarge(o guest.Outcome) bool {
	var lost *contract.ExchangeError
	return errors.As(o.Err, &lost) && lost.Kind == contract.ErrorTooLarge || o.Response.OK() && heavy(o.Response.Body)
}

// documents reads a list of orders.
func (a api) documents(resp contract.Response) (list []document, err error) {
	whole := true
	err = a.read(resp, func(s *guest.Scanner) {
		for range s.Items {
			var d document
			d.scan(s)
			whole = whole && isID(d.ID)
			list = append(list, d)
		}
	})
	if err == nil && !whole {
		err = unreadable(resp.Status)
	}
	return list, err
}

// turn says where to go on. Orders that went from the list while it was read moved
// the others up: then it is read from the beginning.
func (c catching) turn(resp contract.Response, got int, out *contract.SyncResult) {
	total, err := strconv.ParseInt(resp.Header("x-wp-total"), 10, 64)
	if err != nil {
		total = 0 // a page that is not full is the last
	}
	switch {
	case c.page > 1 && total > 0 && total < c.total:
		c.page = 1
	case int64(got) == c.size && (total == 0 || c.page*c.size < total) && c.page < maxPages:
		c.page++
	default:
		out.Next = c.next().String()
		return
	}
	c.total = total
	out.Next, out.More = c.String(), true
}

// shopTime is when the shop's server answered, by its own clock or ours, whichever
// is earlier: then nothing is passed over.
func shopTime(resp contract.Response, now time.Time) time.Time {
	if t, err := time.Parse(time.RFC1123, resp.Header("date")); err == nil && t.Before(now) && t.Year() > 2000 {
		return t
	}
	return now
}

// hookQuery lists the webhooks.
const hookQuery = "per_page=100&_fields=id,name,status,topic,delivery_url"

// hook is a webhook of the shop.
type hook struct{ ID, Name, Status, Topic, URL string }

func scanHook(s *guest.Scanner) (h hook) {
	for name := range s.Members {
		switch name {
		case "id":
			h.ID = s.Text()
		case "name":
			h.Name = s.Text()
		case "status":
			h.Status = s.Text()
		case "topic":
			h.Topic = s.Text()
		case "delivery_url":
			h.URL = s.Text()
		default:
			s.Skip()
		}
	}
	return h
}

// hooks reads those that deliver to us.
func (a api) hooks(o guest.Outcome) ([]hook, error) {
	if o.Err != nil {
		return nil, o.Err
	}
	var list []hook
	whole := true
	err := a.read(o.Response, func(s *guest.Scanner) {
		for range s.Items {
			h := scanHook(s)
			whole = whole && isID(h.ID)
			if strings.Contains(h.URL, a.WebhookURL) {
				list = append(list, h)
			}
		}
	})
	if err == nil && !whole {
		err = unreadable(o.Response.Status)
	}
	return list, err
}

// lookAfter finds webhooks that are not sent any more, and enables them again
// where the operator wants that: they do not come back by themselves (2, trap 5).
func (a api) lookAfter(o guest.Outcome) ([]contract.Finding, error) {
	list, err := a.hooks(o)
	if err != nil {
		return nil, err
	}
	var found []contract.Finding
	enabled := 0
	for _, h := range list {
		f, bad := h.finding()
		if !bad {
			continue
		}
		if h.Status == "disabled" && on(a.EnableWebhooks) && enabled < maxEnabled {
			enabled++
			if err := a.send("PUT", "/webhooks/"+h.ID, "", map[string]string{"status": "active"}, (*guest.Scanner).Skip); err != nil {
				return nil, err
			}
			f.Level, f.Text, f.Fix = contract.FindingWarning, f.Text+" It was enabled again, and what it lost is caught up with.", "Look why its deliveries failed: WooCommerce, Status, Logs, webhooks-delivery."
		}
		found = append(found, f)
	}
	return found, nil
}

// maxEnabled is how many webhooks one run enables: each is a round of its own.
const maxEnabled = 4

// finding says what is wrong with a webhook.
func (h hook) finding() (contract.Finding, bool) {
	name := "The webhook " + h.ID + " (" + plainText(h.Name, 60) + ", " + plainText(h.Topic, 40) + ")"
	switch h.Status {
	case "active":
		return contract.Finding{}, false
	case "disabled":
		return contract.Finding{
			Level: contract.FindingError, Text: name + " was disabled by the shop after failures in a row.",
			Fix: "Set its status to active: WooCommerce, Settings, Advanced, Webhooks.",
		}, true
	}
	return contract.Finding{Level: contract.FindingWarning, Text: name + " is " + plainText(h.Status, 20) + ": nothing is sent.", Fix: "Set its status to active: WooCommerce, Settings, Advanced, Webhooks."}, true
}
