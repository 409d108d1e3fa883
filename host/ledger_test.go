package host_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

// tally is money by method, type and currency, in minor units.
type tally map[string]int64

func (t tally) add(method, kind, currency string, value int64) {
	if value != 0 {
		t[method+" "+kind+" "+currency] += value
	}
}

// recorded keeps the bodies of everything that a handler answers.
func recorded(all *lockedBuffer) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(&recorder{w, all}, r) })
	}
}

type recorder struct {
	http.ResponseWriter
	all *lockedBuffer
}

func (r *recorder) Write(b []byte) (int, error) {
	_, _ = r.all.Write(b)
	return r.ResponseWriter.Write(b)
}

// A day at all providers, kept in a real Redis: what the statement says is what
// the providers' books say, and no account's secret is anywhere.
func TestLedger_addsUpAndKeepsSecrets(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t, "--rdbcompression", "no") // what is dumped is what is there
	answers := &lockedBuffer{}
	key := seal.NewKey().Secret()
	s := newStreet(t, options{redis: server.URL(), stateKey: key, before: recorded(answers)},
		"ideal", "card", "bancontact", "paypal", "robokassa", "bambora", "terminal")
	s.trade()
	s.overpaid()

	lines := s.statement()
	if booked, books := sumsOf(lines), s.books(); !maps.Equal(booked, books) {
		t.Errorf("the statement says %v\nthe books say      %v", booked, books)
	}
	s.sameAsCSV(lines)

	secrets := []string{key, noticeSecret, "demo-key-of-the-shop",
		omnikassa.DemoRefreshToken, omnikassa.DemoSigningKey, paypal.DemoClientSecret,
		robokassa.DemoPassword1, robokassa.DemoPassword2, robokassa.DemoPassword3, bambora.DemoAccessToken, bambora.DemoSecretToken, bambora.DemoMD5Key}
	for where, text := range map[string][]byte{
		"the logs": []byte(s.logs.String()), "answers": []byte(answers.String()), "Redis": dump(t, server),
		"operators' pages": s.shown(), "notices": s.notices(),
	} {
		if len(text) == 0 {
			t.Errorf("%s: nothing to look at", where)
		}
		for _, secret := range secrets {
			for _, form := range forms(secret) {
				if bytes.Contains(text, []byte(form)) {
					t.Errorf("%s hold the secret %s", where, secret)
				}
			}
		}
	}
}

// trade pays, captures and gives back at every provider.
func (s *street) trade() {
	s.t.Helper()
	pay := func(reference, method string, change func(map[string]any)) map[string]any {
		o := s.order(reference, change)
		s.atBank(o, method)
		return s.heard(o)
	}
	done := func(what string, a answer) {
		s.t.Helper()
		if a.Status >= 300 {
			s.t.Errorf("%s: %d %s", what, a.Status, a.Raw)
		}
	}
	ideal := pay("l-1", "ideal", nil)
	done("refund iDEAL", s.operate(ideal, "refunds", "k", map[string]any{"amount": eur(999)}))
	pay("l-2", "bancontact", nil)
	pay("l-3", "visa", nil)

	manual := s.order("l-4", func(spec map[string]any) { spec["capture"] = "manual" })
	s.bought(manual, paypal.Success).follow(s.shop.URL)
	done("capture PayPal", s.operate(manual, "captures", "k", map[string]any{"amount": eur(2000)}))
	done("capture PayPal", s.operate(manual, "captures", "l", map[string]any{"amount": eur(1500), "final": true}))
	done("refund PayPal", s.operate(manual, "refunds", "m", map[string]any{"amount": eur(500)}))

	card := s.carded("l-5", "manual")
	done("capture card", s.operate(card, "captures", "k", map[string]any{"amount": eur(2000)}))
	done("capture card", s.operate(card, "captures", "l", map[string]any{"amount": eur(2999)}))
	done("refund card", s.operate(card, "refunds", "m", map[string]any{"amount": eur(700)}))

	roubles := s.roubles("l-6", "automatic")
	b, _, _ := s.atRobokassa(roubles, 0)
	b.press("outcome", "success").follow(s.shop.URL)
	s.wait(roubles["id"].(string), "paid")
	done("refund roubles", s.operate(roubles, "refunds", "k", map[string]any{"amount": rub(1234)}))

	s.refunded(ideal, roubles) // while they are under way the statement is silent

	till, _ := s.counter("l-7")
	display := s.display()
	display.fills = map[string]string{"total": "52.00"}
	display.press("outcome", "success")
	s.wait(till["id"].(string), "paid")
}

// refunded has time go by at the providers until their refunds are made, and
// the host ask.
func (s *street) refunded(orders ...map[string]any) {
	s.t.Helper()
	if err := errors.Join(s.bank.MoveClock(s.t.Context(), time.Hour), s.robokassa.MoveClock(s.t.Context(), time.Hour)); err != nil {
		s.t.Fatal(err)
	}
	for _, o := range orders {
		id := o["id"].(string)
		if a := s.send("POST", "/v1/orders/"+id+"/sync", ""); a.Status != http.StatusOK || a.Body["refund_status"] != "partial" {
			s.t.Errorf("the refund of %v: %d %s", o["reference"], a.Status, a.Raw)
		}
	}
}

// overpaid has two attempts of one order end well.
func (s *street) overpaid() {
	s.t.Helper()
	o := s.order("l-8", nil)
	id := o["id"].(string)
	bank := s.chosen(o, "ideal").follow("")
	b := s.chosen(o, "paypal").follow("").press("outcome", "success").follow(s.shop.URL)
	s.wait(id, "paid")
	bank.press("outcome", "success") // in the tab that was left open
	var codes []string
	s.until("the second payment is noticed", func() bool {
		codes = codes[:0]
		for _, a := range s.get(id)["attention"].([]any) {
			codes = append(codes, a.(map[string]any)["code"].(string))
		}
		return len(codes) > 0
	})
	o = s.get(id)
	if o["status"] != "paid" || !same(o["captured"], 9998, "EUR") || !same(o["due"], 0, "EUR") || !slices.Equal(codes, []string{"overpaid"}) {
		s.t.Errorf("order %v, captured %v, due %v, attention %v", o["status"], o["captured"], o["due"], codes)
	}
	s.until("the shop is told", func() bool { return slices.Contains(s.shop.types(), "order.overpaid") })
	if !strings.Contains(b.location, "status=paid") {
		s.t.Errorf("the first return leads to %s", b.location)
	}
}

// statement reads all of today's lines, in pages of three.
func (s *street) statement() []map[string]any {
	s.t.Helper()
	var lines []map[string]any
	path := "/v1/statement?limit=3&" + s.today()
	for cursor := ""; ; {
		a := s.send("GET", path+"&cursor="+url.QueryEscape(cursor), "")
		if cursor == "" {
			a = s.send("GET", path, "")
		}
		if a.Status != http.StatusOK {
			s.t.Fatalf("statement: %d %s", a.Status, a.Raw)
		}
		for _, l := range a.Body["items"].([]any) {
			lines = append(lines, l.(map[string]any))
		}
		if cursor = a.text("next_cursor"); cursor == "" {
			return lines
		}
	}
}

func (s *street) today() string {
	now := time.Now().UTC()
	return "from=" + now.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" + now.AddDate(0, 0, 2).Format(time.DateOnly)
}

func sumsOf(lines []map[string]any) tally {
	sums := tally{}
	for _, l := range lines {
		m := l["amount"].(map[string]any)
		sums.add(l["method"].(string), l["type"].(string), m["currency"].(string), int64(m["value"].(float64)))
		sums.add(l["method"].(string), "tip", m["currency"].(string), int64(l["tip"].(map[string]any)["value"].(float64)))
	}
	return sums
}

// sameAsCSV holds the table against the lines.
func (s *street) sameAsCSV(lines []map[string]any) {
	s.t.Helper()
	a := s.send("GET", "/v1/statement?format=csv&"+s.today(), "")
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(a.Raw, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != len(lines)+1 {
		s.t.Fatalf("%d rows for %d lines, %v", len(rows), len(lines), err)
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	for i, row := range rows[1:] {
		m := lines[i]["amount"].(map[string]any)
		minor, err := strconv.ParseInt(strings.Replace(column(row, "amount"), ".", "", 1), 10, 64)
		if err != nil || minor != int64(m["value"].(float64)) || column(row, "currency") != m["currency"] || column(row, "type") != lines[i]["type"] || column(row, "id") != lines[i]["id"] {
			s.t.Errorf("row %v for line %v", row, lines[i])
		}
	}
}

// books adds up what the providers have.
func (s *street) books() tally {
	s.t.Helper()
	sums := tally{}
	bank := s.bank.Books()
	methods := map[string]string{"IDEAL": "ideal", "BANCONTACT": "bancontact", "VISA": "visa"}
	by := map[string]string{}
	for _, o := range bank.Orders {
		for _, tx := range o.Transactions {
			by[tx.ID] = methods[tx.Brand]
			if o.Status == "COMPLETED" && tx.Status == "SUCCESS" {
				sums.add(by[tx.ID], "capture", "EUR", o.Announcement.Amount)
			}
		}
	}
	for _, r := range bank.Refunds {
		sums.add(by[r.TransactionID], "refund", "EUR", r.Amount)
	}
	for _, o := range s.paypal.Books().Orders {
		for _, c := range o.Captures {
			sums.add("paypal", "capture", o.Currency, s.minor(c.Amount))
		}
		for _, r := range o.Refunds {
			sums.add("paypal", "refund", o.Currency, s.minor(r.Amount))
		}
	}
	for _, tx := range s.bambora.Books().Transactions {
		sums.add("card", "capture", tx.Currency, tx.Captured)
		sums.add("card", "refund", tx.Currency, tx.Credited)
	}
	for _, p := range s.robokassa.Books().Payments {
		sums.add("robokassa", "capture", p.Currency, p.Charged)
		sums.add("robokassa", "refund", p.Currency, p.Refunded)
	}
	for _, tx := range s.terminal.Books().Transactions {
		sums.add("terminal", "capture", tx.Currency, tx.Charged)
		sums.add("terminal", "tip", tx.Currency, tx.Tip)
	}
	return sums
}

// minor reads a decimal of two places.
func (s *street) minor(decimal string) int64 {
	s.t.Helper()
	v, err := strconv.ParseInt(strings.Replace(decimal, ".", "", 1), 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// shown is what operators are shown of every order.
func (s *street) shown() []byte {
	s.t.Helper()
	all := s.operators("/metrics") + s.operators("/admin/v1/stories")
	for _, o := range s.send("GET", "/v1/orders?limit=100", "").Body["items"].([]any) {
		id := o.(map[string]any)["id"].(string)
		s.send("GET", "/v1/orders/"+id+"/events", "") // which are recorded as answers
		all += s.operators("/admin/v1/orders/" + id)
	}
	return []byte(all)
}

// notices are those that the shop was sent, with their headers.
func (s *street) notices() []byte {
	s.t.Helper()
	s.shop.mu.Lock()
	defer s.shop.mu.Unlock()
	all, err := json.Marshal(s.shop.notices)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, n := range s.shop.notices {
		all = append(all, n.Body...)
	}
	return all
}

// dump is all that Redis holds, keys and values, as they lie there.
func dump(t *testing.T, server *redistest.Process) []byte {
	t.Helper()
	c := server.Client()
	var all []byte
	keys := c.Scan(t.Context(), 0, "*", 1000).Iterator()
	for keys.Next(t.Context()) {
		v, err := c.Dump(t.Context(), keys.Val()).Result()
		if err != nil && c.Exists(t.Context(), keys.Val()).Val() > 0 { // else it ended meanwhile
			t.Fatal(err)
		}
		all = append(append(all, keys.Val()...), v...)
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// forms are how a secret may be written.
func forms(secret string) []string {
	list := []string{secret, url.QueryEscape(secret)}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for skip := range 3 { // wherever it stands in what is encoded
			if text := enc.EncodeToString([]byte(strings.Repeat(" ", skip) + secret)); len(text) > 12 {
				list = append(list, text[4:len(text)-4])
			}
		}
	}
	return list
}
