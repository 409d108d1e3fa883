package httpapi_test

import (
	"encoding/csv"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

const november = "/v1/statement?from=2026-11-01&to=2026-12-01"

// booked are the lines of a shop: a capture with tip and fee, and a refund.
func booked() []order.BookLine {
	of := func(v int64) order.Money { return order.Money{Value: v, Currency: "EUR"} }
	line := order.BookLine{
		ID: "ord_7f01.6", At: began, Type: "capture", Shop: "bar", Order: "ord_7f01", Reference: "bar-1", Payment: "pay_1", Method: "transfer", Account: "acc",
		Brand: "VISA", Amount: of(5500), Tip: of(500), Fee: of(29), ProviderReference: "T-1",
	}
	back := line
	back.ID, back.At, back.Type, back.Amount, back.Tip, back.Fee, back.Brand, back.ProviderReference = "ord_7f01.9", began.Add(time.Hour), "refund", of(1000), order.Money{}, order.Money{}, "", ""
	return []order.BookLine{line, back}
}

func TestStatement_badQuery(t *testing.T) {
	h := newHouse(t)
	for query, want := range map[string]string{
		"":                                                          "?from ?to",
		"from=2026-11-01":                                           "?to",
		"from=yesterday&to=2026-12-01":                              "?from",
		"from=2026-11-01&to=2026-11-01":                             "?to",
		"from=2026-12-01&to=2026-11-01":                             "?to",
		"from=2025-11-01&to=2026-11-03":                             "?to",
		"from=2026-11-01&to=2026-12-01&day=1":                       "?day",
		"from=2026-11-01&to=2026-12-01&from=2026-11-02":             "?from",
		"from=2026-11-01&to=2026-12-01&format=xlsx":                 "?format",
		"from=2026-11-01&to=2026-12-01&limit=257":                   "?limit",
		"from=2026-11-01&to=2026-12-01&limit=0":                     "?limit",
		"from=2026-11-01&to=2026-12-01&format=csv&limit=5&cursor=x": "?cursor ?limit",
	} {
		p := h.do(call{method: "GET", path: "/v1/statement?" + query}).problem(t)
		var got []string
		for _, e := range p.Errors {
			got = append(got, e.Pointer)
		}
		if !p.is("invalid-request") || strings.Join(got, " ") != want {
			t.Errorf("%q: got %+v, want %s", query, p, want)
		}
	}
	if !h.api.asked.From.IsZero() {
		t.Error("the use case was asked")
	}
}

func TestStatement_fails(t *testing.T) {
	h := newHouse(t)
	h.api.fail = checkout.ErrCursor
	if p := h.do(call{method: "GET", path: november + "&cursor=x"}).problem(t); p.Status != 422 || p.Errors[0].Pointer != "?cursor" {
		t.Errorf("a cursor of nobody's: got %+v", p)
	}
	h.api.fail = checkout.ErrUnavailable
	for _, format := range []string{"json", "csv"} {
		if p := h.do(call{method: "GET", path: november + "&format=" + format}).problem(t); p.Status != 503 || p.Attempted != "no" {
			t.Errorf("%s, the state away: got %+v", format, p)
		}
	}
	if p := h.do(call{method: "GET", path: november, key: "reader"}).problem(t); p.Status != 403 || !p.is("scope-missing") {
		t.Errorf("without the scope: got %+v", p)
	}
}

// TestStatement_breaksOff: nobody may take half a table for the whole.
func TestStatement_breaksOff_breaksTheConnection(t *testing.T) {
	h := newHouse(t)
	h.api.lines, h.api.fail, h.api.breaks = booked(), checkout.ErrUnavailable, 1
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("got %v, want %v", err, http.ErrAbortHandler)
		}
		if !strings.Contains(h.log.String(), "table broke off") {
			t.Error("the log does not say so")
		}
	}()
	g := h.do(call{method: "GET", path: november + "&format=csv"})
	t.Errorf("answered %d %s", g.status, g.body)
}

func TestStatement_json(t *testing.T) {
	h := newHouse(t)
	h.api.lines = booked()
	g := h.do(call{method: "GET", path: november})
	want := `{"items":[` +
		`{"id":"ord_7f01.6","at":"2026-11-22T14:30:00Z","type":"capture","reference":"bar-1","order":"ord_7f01","payment":"pay_1","method":"transfer","brand":"VISA","amount":{"value":5500,"currency":"EUR"},"tip":{"value":500,"currency":"EUR"},"fee":{"value":29,"currency":"EUR"},"provider_reference":"T-1"},` +
		`{"id":"ord_7f01.9","at":"2026-11-22T15:30:00Z","type":"refund","reference":"bar-1","order":"ord_7f01","payment":"pay_1","method":"transfer","brand":null,"amount":{"value":1000,"currency":"EUR"},"tip":{"value":0,"currency":"EUR"},"fee":null,"provider_reference":null}],"next_cursor":null}` + "\n"
	if g.status != 200 || string(g.body) != want {
		t.Errorf("got %d %s\nwant %s", g.status, g.body, want)
	}
	if q := h.api.asked; q.From != time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) || q.To != time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("asked for %+v", q)
	}
	if g := h.do(call{method: "GET", path: november, key: "other"}); string(g.body) != `{"items":[],"next_cursor":null}`+"\n" {
		t.Errorf("another shop got %s", g.body)
	}
}

func TestStatement_pages(t *testing.T) {
	h := newHouse(t)
	for i := range 5 {
		line := booked()[0]
		line.ID = "ord_7f01." + strconv.Itoa(i)
		h.api.lines = append(h.api.lines, line)
	}
	var ids []string
	for cursor, pages := "", 0; ; pages++ {
		if pages == 3 {
			t.Fatal("there is a page too many")
		}
		m := h.do(call{method: "GET", path: november + "&limit=2&cursor=" + cursor}).decode(t)
		items := m["items"].([]any)
		for _, i := range items {
			ids = append(ids, i.(map[string]any)["id"].(string))
		}
		next, more := m["next_cursor"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if want := []string{"ord_7f01.0", "ord_7f01.1", "ord_7f01.2", "ord_7f01.3", "ord_7f01.4"}; !slices.Equal(ids, want) {
		t.Errorf("got %v", ids)
	}
}

func TestStatement_csv(t *testing.T) {
	h := newHouse(t)
	h.api.lines = booked()
	h.api.lines[1].Reference, h.api.lines[1].ProviderReference = "=HYPERLINK(\"x\"), \"q\"", "-1+1"
	g := h.do(call{method: "GET", path: november + "&format=csv"})
	want := "time,type,reference,amount,currency,tip,fee,method,brand,provider_reference,order,payment,id\r\n" +
		"2026-11-22T14:30:00Z,capture,bar-1,55.00,EUR,5.00,0.29,transfer,VISA,T-1,ord_7f01,pay_1,ord_7f01.6\r\n" +
		"2026-11-22T15:30:00Z,refund,\"'=HYPERLINK(\"\"x\"\"), \"\"q\"\"\",10.00,EUR,0.00,,transfer,,'-1+1,ord_7f01,pay_1,ord_7f01.9\r\n"
	if g.status != 200 || string(g.body) != want {
		t.Errorf("got %d\n%s\nwant\n%s", g.status, g.body, want)
	}
	if kind := g.header.Get("Content-Type"); kind != "text/csv; charset=utf-8; header=present" {
		t.Errorf("the type is %q", kind)
	}
	if file := g.header.Get("Content-Disposition"); file != `attachment; filename="statement-2026-11-01-2026-12-01.csv"` {
		t.Errorf("it is %s", file)
	}
	h.api.lines = nil
	if g := h.do(call{method: "GET", path: november + "&format=csv"}); strings.Count(string(g.body), "\r\n") != 1 {
		t.Errorf("nothing booked: got %q", g.body)
	}
	if g := h.do(call{method: "HEAD", path: november + "&format=csv"}); g.status != 200 || g.header.Get("Content-Disposition") == "" {
		t.Errorf("HEAD: got %d %v", g.status, g.header)
	}
}

// TestStatement_csvLarge comes whole, however many lines there are.
func TestStatement_csvLarge(t *testing.T) {
	h := newHouse(t)
	h.api.lines = slices.Repeat(booked(), 5000)
	g := h.do(call{method: "GET", path: november + "&format=csv"})
	rows, err := csv.NewReader(strings.NewReader(string(g.body))).ReadAll()
	if err != nil || len(rows) != 10001 {
		t.Errorf("got %d rows, %v", len(rows), err)
	}
}
