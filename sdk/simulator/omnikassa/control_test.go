package omnikassa

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestControl_refused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	final := s.paid(Success, object{"merchantOrderId": "final"})
	s.announced(object{"merchantOrderId": "running"})
	for name, c := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"next: nothing":              {"/next", ``, 400, "nothing to do"},
		"next: not JSON":             {"/next", `{`, 400, "JSON object"},
		"next: trailing text":        {"/next", `{"outcome":"success"} x`, 400, "after the JSON object"},
		"next: unknown member":       {"/next", `{"outcom":"success"}`, 400, `unknown member "outcom"; known members are outcome, brand, then, after, order`},
		"next: unknown outcome":      {"/next", `{"outcome":"jackpot"}`, 400, "success, cancelled, expired, open, failed"},
		"next: then of a success":    {"/next", `{"outcome":"success","then":"failed"}`, 400, "then"},
		"next: unknown then":         {"/next", `{"outcome":"open","then":"jackpot"}`, 400, "known outcomes"},
		"next: after alone":          {"/next", `{"outcome":"open","after":"1m"}`, 400, "after needs then"},
		"next: bad duration":         {"/next", `{"outcome":"open","then":"success","after":"soon"}`, 400, `"soon" is not a duration`},
		"next: negative duration":    {"/next", `{"outcome":"open","then":"success","after":"-1m"}`, 400, "is not a duration"},
		"next: negative count":       {"/next", `{"outcome":"success","count":-1}`, 400, "count"},
		"next: order, no outcome":    {"/next", `{"order":"running"}`, 400, "need an outcome"},
		"next: order and brand":      {"/next", `{"order":"running","outcome":"success","brand":"VISA"}`, 400, "pages to come"},
		"next: unknown order":        {"/next", `{"order":"nothing","outcome":"success"}`, 404, "nothing"},
		"next: unknown, later":       {"/next", `{"order":"nothing","outcome":"success","after":"1m"}`, 404, "nothing"},
		"next: final order":          {"/next", `{"order":"` + final + `","outcome":"cancelled"}`, 409, "COMPLETED, which is final"},
		"next: inactive brand":       {"/next", `{"outcome":"success","brand":"BILLINK"}`, 400, "active brands are BANCONTACT"},
		"next: refund outcome":       {"/next", `{"refund_outcome":"maybe"}`, 400, "succeeded, failed, unknown"},
		"next: answer, unknown call": {"/next", `{"answers":[{"call":"pay","status":200}]}`, 400, "known calls are refresh, announce, pull"},
		"next: answer, status":       {"/next", `{"answers":[{"call":"pull","status":99}]}`, 400, "99"},
		"faults: unknown":            {"/faults", `{"faults":[{"name":"fire"}]}`, 400, `unknown fault "fire"; known faults are slow_answer, server_error`},
		"faults: second unknown":     {"/faults", `{"clear":true,"faults":[{"name":"silent"},{"name":"fire"}]}`, 400, "fire"},
		"faults: off unknown":        {"/faults", `{"off":["fire"]}`, 400, "fire"},
		"faults: call does not fit":  {"/faults", `{"faults":[{"name":"lost_return","call":"pull"}]}`, 400, "it fits return"},
		"faults: negative":           {"/faults", `{"faults":[{"name":"silent","times":-1}]}`, 400, "negative"},
		"faults: unknown member":     {"/faults", `{"fault":"silent"}`, 400, "known members are clear, off, faults, faults.name"},
		"clock: back":                {"/clock", `{"set":"2001-01-01T00:00:00Z"}`, 400, "cannot go back"},
		"clock: both":                {"/clock", `{"set":"2101-01-01T00:00:00Z","advance":"1s"}`, 400, "not both"},
		"clock: number":              {"/clock", `{"advance":5}`, 400, "JSON object"},
		"notify: unknown kind":       {"/notify", `{"kind":"loud"}`, 400, "again, duplicate, out_of_order"},
		"notify: unknown order":      {"/notify", `{"requeue":["nothing"]}`, 404, "nothing"},
		"notify: order in progress":  {"/notify", `{"requeue":["running"]}`, 409, "no final state"},
		"notify: bad webhook":        {"/notify", `{"webhook_url":"x"}`, 400, "not an http"},
		"unknown path":               {"/reset", `{}`, 404, "GET /books"},
		"too large":                  {"/next", strings.Repeat(" ", 1<<20+1), 413, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.control("POST", c.path, c.body)
			var e struct{ Error string }
			if err := json.Unmarshal(got.body, &e); err != nil || got.status != c.status || !strings.Contains(e.Error, c.says) {
				t.Errorf("got %d %s (%v), want %d with %q", got.status, got.body, err, c.status, c.says)
			}
		})
	}
	b := s.sim.Books()
	if len(b.Faults) != 0 || b.PlannedPages != 0 || s.webhook.count() != 1 {
		t.Errorf("a refused request left something behind: %+v", b)
	}
}

func TestControl_nextPages(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.control("POST", "/next", `{"outcome":"open","then":"success","after":"2m","brand":"MAESTRO"}`)
	if got.status != http.StatusOK || !strings.Contains(string(got.body), `"pages": 1`) {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	s.control("POST", "/next", `{"outcome":"cancelled","count":2}`)
	first, page := s.announced(nil)
	v := s.visit(page)
	checkReturn(t, v.back(), "order1", orderInProgress)
	for range 2 {
		_, page := s.announced(forced)
		checkReturn(t, s.visit(page).back(), "order1", orderCancelled)
	}
	_, page = s.announced(forced)
	if got := s.visit(page).buttons("outcome"); len(got) != 5 {
		t.Errorf("the fourth page: got buttons %v, want the script to be over", got)
	}
	s.control("POST", "/clock", `{"advance":"2m"}`)
	if o := s.order(first); o.Status != orderCompleted || o.Transactions[0].Brand != "MAESTRO" {
		t.Errorf("got %+v, want it paid by Maestro after 2 minutes", o)
	}
}

func TestControl_nextOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id, _ := s.announced(object{"merchantOrderId": "mine"})
	s.control("POST", "/next", `{"order":"mine","outcome":"open"}`)
	s.control("POST", "/next", `{"order":"`+id+`","outcome":"success","after":"1h"}`)
	if o := s.order(id); o.Status != orderInProgress || o.Transactions[0].Status != txOpen {
		t.Errorf("got %+v, want it open", o)
	}
	s.advance(time.Hour)
	if o := s.order(id); o.Status != orderExpired {
		t.Errorf("got %+v, want it expired before the late success", o)
	}
}

func TestControl_scriptedAnswers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.control("POST", "/next", `{"answers":[{"call":"announce","status":418,"body":"tea","content_type":"text/plain"},{"call":"announce","status":500,"processed":true}]}`)
	if got := s.announceRaw(draft(nil)); got.status != 418 || string(got.body) != "tea" || got.header.Get("Content-Type") != "text/plain" || len(s.sim.Books().Orders) != 0 {
		t.Errorf("got %d %s %v", got.status, got.body, got.header)
	}
	if got := s.announceRaw(draft(nil)); got.status != 500 || len(s.sim.Books().Orders) != 1 {
		t.Errorf("got %d %s, want 500 and the order booked", got.status, got.body)
	}
	s.announced(nil)
}

func TestControl_outcomeByAmount(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.control("POST", "/next", `{"outcome_by_amount":true}`)
	id, page := s.announced(with(forced, object{"amount": eur(200)}))
	v := s.visit(page)
	v.open("POST", payPath, strings.Split(page, "?")[1]+"&outcome=success") // the amount decides, whatever is asked
	if o := s.order(id); o.Status != orderCancelled {
		t.Errorf("got %+v, want CANCELLED", o)
	}
	s.control("POST", "/next", `{"outcome_by_amount":false}`)
	_, page = s.announced(with(forced, object{"amount": eur(200)}))
	if got := s.visit(page).buttons("outcome"); len(got) != 5 {
		t.Errorf("switched off: got %v", got)
	}
}

func TestControl_notify(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.paid(Success, nil)
	s.verifiedPull(resultsPath, s.webhook.last(t).Authentication)
	if got := s.control("POST", "/notify", ""); got.status != 200 || s.webhook.count() != 2 || s.webhook.raw[0] == s.webhook.raw[1] {
		t.Errorf("again: got %d %s", got.status, got.body)
	}
	if s.control("POST", "/notify", `{"kind":"duplicate"}`); s.webhook.count() != 3 || s.webhook.raw[1] != s.webhook.raw[2] {
		t.Errorf("duplicate: got %q", s.webhook.raw)
	}
	if s.control("POST", "/notify", `{"kind":"out_of_order"}`); s.webhook.count() != 5 || s.webhook.raw[3] == s.webhook.raw[4] {
		t.Errorf("out of order: got %q", s.webhook.raw)
	}
	if p := s.verifiedPull(resultsPath, s.webhook.last(t).Authentication); len(p.Results) != 0 {
		t.Errorf("got %+v, want nothing new", p.Results)
	}
	got := s.control("POST", "/notify", `{"requeue":["`+id+`"],"webhook_url":"http://127.0.0.1:9/x"}`)
	if !strings.Contains(string(got.body), `"number": 6`) || !strings.Contains(string(got.body), `"processed": true`) {
		t.Errorf("requeue: got %d %s", got.status, got.body)
	}
	if p := s.verifiedPull(resultsPath, s.webhook.last(t).Authentication); len(p.Results) != 1 || p.Results[0].OmnikassaOrderID != id {
		t.Errorf("got %+v, want the result once more", p.Results)
	}
}

func TestControl_clock(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	got := s.control("POST", "/clock", `{"set":"`+at.Format(time.RFC3339)+`","minute":"5s"}`)
	if got.status != 200 || !strings.Contains(string(got.body), `"minute": "5s"`) {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if late := s.sim.Now().Sub(at); late < 0 || late > time.Minute {
		t.Errorf("got %v after the time set", late)
	}
	s.access = s.newToken()
	s.paid(Success, nil)
	s.control("POST", "/clock", `{"advance":"21s"}`)
	if got := s.webhook.count(); got != 5 {
		t.Errorf("got %d notifications in 21 s at one each 5 s, want 5", got)
	}
}

func TestBooks_tellAllButSecrets(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id, page := s.announced(with(forced, object{"merchantReturnURL": returnURL + "&secret=hush"}))
	s.visit(page).press("outcome", "success")
	s.verifiedPull(resultsPath, tokenOf(s))
	s.refund(s.order(id).Transactions[0].ID, "0d2f1a6e-98f1-4d1d-9f4f-0c1d2e3f4a5b", money("1", ""))
	got := s.control("GET", "/books", "")
	for _, secret := range []string{DemoRefreshToken, DemoSigningKey, s.access, s.webhook.last(t).Authentication, "hush", strings.Split(page, "token=")[1]} {
		if strings.Contains(string(got.body), secret) {
			t.Errorf("the books tell %q: %s", secret, got.body)
		}
	}
	var b Books
	if err := json.Unmarshal(got.body, &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Orders) != 1 || len(b.Refunds) != 1 || len(b.Pulls) != 1 || len(b.Notifications) != 1 || b.AccessTokens != 1 || b.NotificationTokens != 1 {
		t.Errorf("got %s", got.body)
	}
	calls := map[string]int{}
	for _, r := range b.Requests {
		calls[r.Call]++
	}
	for call, want := range map[string]int{callRefresh: 1, callAnnounce: 1, callPage: 3, callPull: 1, callRefund: 1} {
		if calls[call] != want {
			t.Errorf("journal: got %d of %s, want %d", calls[call], call, want)
		}
	}
	if b.Pulls[0].Orders[0] != id || b.Orders[0].Pulled != 1 || b.RequestsTotal != len(b.Requests) {
		t.Errorf("got %s", got.body)
	}
}
