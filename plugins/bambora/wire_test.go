package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/bambora"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// A1 and A2 of section 2, and the headers that every call bears.
func TestRequest_authorization(t *testing.T) {
	t.Parallel()
	for want, v := range map[string][3]string{
		"YWNjZXNzdG9rZW5AbWVyY2hhbnRudW1iZXI6c2VjcmV0dG9rZW4=":                                             {"accesstoken", "merchantnumber", "secrettoken"},
		"MnJwVG1ZNGdIYzhGOFZ2OWNTWUVAVDEyMzQ1Njc4OTpha0NmdkZoQzFONEdkYUpTbUxraEpuMm9JTjZTMTVZNlNEbHREanBR": {"2rpTmY4gHc8F8Vv9cSYE", "T123456789", "akCfvFhC1N4GdaJSmLkhJn2oIN6S15Y6SDltDjpQ"},
	} {
		a := world.Account()
		a.Settings["merchant_number"], a.Secrets["access_token"], a.Secrets["secret_token"] = v[1], v[0], v[2]
		guesttest.Drive(t, provider{}, conformance.Call{
			Export: contract.CheckSettings, Account: a, Input: contract.CheckInput{},
			World: conformance.NewScript(conformance.Step{
				Request: "GET https://login-v1.api-eu.bambora.com/merchant/functionpermissionsandfeatures", Body: `{"meta":{"result":true}}`,
				Check: func(r *http.Request, _ []byte) error {
					for name, value := range map[string]string{
						"Authorization": "Basic " + want, "Accept": "application/json", "Content-Type": "application/json", "X-EPay-System": "PluginHost/1 Module/1.0.0",
					} {
						if got := r.Header.Get(name); got != value {
							t.Errorf("%s: got %q, want %q", name, got, value)
						}
					}
					return nil
				},
			}),
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"A1"`: "A1", `214748364800000001`: "214748364800000001", `null`: "", `"000012345678"`: "000012345678", `true`: "true", `{}`: "!", `[1]`: "!", `"`: "!",
	} {
		var got text
		err := json.Unmarshal([]byte(in), &got)
		if (err != nil) != (want == "!") || err == nil && string(got) != want {
			t.Errorf("%s: got %q, %v", in, got, err)
		}
	}
	for in, want := range map[text]int64{"": 0, "19500": 19500, "0": 0, "-1": -1, "1.0": -1, "1e2": -1, "0x10": -1, "9223372036854775808": -1, "1_0": -1} {
		got, err := in.minor()
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: got %d, %v", in, got, err)
		}
	}
}

// meta decides, whatever the status; without it nothing is known (8).
func TestRead(t *testing.T) {
	t.Parallel()
	const no = `{"meta":{"result":false,"message":{"enduser":null,"merchant":"not today"},"action":{"code":"SB-X"}}}`
	tests := []struct {
		name   string
		status int
		body   string
		effect contract.Effect
		code   contract.FailureCode
	}{
		{"good", 200, `{"meta":{"result":true}}`, contract.Write, ""},
		{"good under 500", 500, `{"meta":{"result":true}}`, contract.Write, ""},
		{"refused under 200", 200, no, contract.Write, contract.Declined},
		{"bad field", 400, no, contract.Prepare, contract.InvalidRequest},
		{"bad credentials", 401, no, contract.Read, contract.Unauthorized},
		{"unknown", 404, no, contract.Read, contract.NotFound},
		{"state", 409, no, contract.Write, contract.Declined},
		{"refused without texts", 200, `{"meta":{"result":false}}`, contract.Write, contract.Declined},
		{"meta null", 200, `{"meta":null}`, contract.Read, contract.ProviderUnavailable},
		{"XML", 200, `<R/>`, contract.Read, contract.ProviderUnavailable},
		{"empty", 204, ``, contract.Prepare, contract.ProviderUnavailable},
		{"busy", 429, ``, contract.Write, contract.RateLimited},
		{"write without meta", 200, `{}`, contract.Write, contract.Internal},
		{"write of another shape", 200, `{"meta":{"result":true},"transactionoperations":7}`, contract.Write, contract.Internal},
	}
	for _, tt := range tests {
		var into struct {
			reply
			Operations []operation `json:"transactionoperations"`
		}
		err := read(contract.Response{Status: tt.status, Body: tt.body}, tt.effect, &into)
		if (tt.code == "") != (err == nil) || err != nil && !isFailure(err, tt.code) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.code)
		}
		if tt.code == contract.NotFound && !strings.Contains(err.Error(), "SB-X not today") {
			t.Errorf("%s: %v does not say why", tt.name, err)
		}
	}
}

func TestCreate_refused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(p *contract.Payment, a *conformance.Account){
		"currency of other minor units": func(p *contract.Payment, _ *conformance.Account) { p.Amount.Currency = "TTD" },
		"more than 32 bits":             func(p *contract.Payment, _ *conformance.Account) { p.Amount.Value = 2147483648 },
		"nothing":                       func(p *contract.Payment, _ *conformance.Account) { p.Amount.Value = 0 },
		"reference with a dash":         func(p *contract.Payment, _ *conformance.Account) { p.Reference = "A-1" },
		"no reference":                  func(p *contract.Payment, _ *conformance.Account) { p.Reference = "" },
		"no merchant number":            func(_ *contract.Payment, a *conformance.Account) { delete(a.Settings, "merchant_number") },
	} {
		p, a := contract.CannedPayment(), world.Account()
		change(&p, a)
		tr := guesttest.Drive(t, provider{}, conformance.Call{Export: contract.CreatePayment, Account: a, World: conformance.NewScript(), Input: contract.PaymentInput{Payment: p}})
		if f := tr.Answer.Failure; f == nil || f.Code != contract.InvalidRequest && f.Code != contract.InvalidSettings {
			t.Errorf("%s: got %+v", name, tr.Answer)
		}
	}
}

func TestSession_options(t *testing.T) {
	t.Parallel()
	p := contract.CannedPayment()
	p.Lines, p.BillingAddress, p.Customer, p.Locale, p.WebhookURL = nil, contract.Address{}, contract.Customer{}, "bg-BG", "https://gw.example/w?x=1"
	a := api{settings: settings{WindowID: 3, AllTypes: true, ReceiptPage: true}}
	s, err := a.session(p)
	if err != nil || s.InstantCapture != 0 || s.Window.Methods != nil || s.URL.Immediate != 0 || s.Window.Language != "en-US" || s.Window.ID != 3 ||
		s.Customer != nil || s.Order.Billing != nil || s.Order.Lines != nil || s.Order.VAT != nil || s.URL.Callbacks[0].URL != "https://gw.example/w?x=1&payment="+p.Reference {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestLines_addUp(t *testing.T) {
	t.Parallel()
	eur := func(v int64) contract.Money { return contract.Money{Value: v, Currency: "EUR"} }
	list := []contract.Line{
		{Name: "three", Quantity: "3", Amount: eur(1000), TaxRate: "25", TaxAmount: eur(200)},
		{Name: "half", Quantity: "0.5", Amount: eur(500)},
		{Name: "none", Quantity: "0", Amount: eur(1)},
		{Name: "less", Quantity: "1", Amount: eur(-100), TaxAmount: eur(-20), TaxRate: "25.00"},
		{Name: "two", Quantity: "2", Amount: eur(400), TaxAmount: eur(80), TaxRate: "25.555"},
	}
	for _, amount := range []int64{1801, 1800, 2000} {
		lines, vat := linesOf(list, amount)
		var sum, each int64
		for _, l := range lines {
			sum += l.TotalInclVAT
			each += l.Quantity * l.UnitInclVAT
			if l.UnitPrice+l.UnitVAT != l.UnitInclVAT || l.TotalPrice+l.TotalVATPrice != l.TotalInclVAT || l.Quantity*l.UnitVAT != l.TotalVATPrice {
				t.Errorf("%d: the line %+v does not add up", amount, l)
			}
		}
		if sum != amount || each != amount || vat != 260 || (lines[len(lines)-1].ID == "adjustment") != (amount != 1801) {
			t.Errorf("%d: got %d and %d with tax %d in %+v", amount, sum, each, vat, lines)
		}
	}
	lines, _ := linesOf(list, 1801)
	if lines[0].Text != "3 × three" || lines[1].Text != "0.5 × half" || lines[4].Quantity != 2 || lines[3].VAT != "25" || lines[4].VAT != "25.55" {
		t.Errorf("got %+v", lines)
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]json.Number{"": "0", "21": "21", "9.5": "9.5", "09.50": "9.5", "0.0": "0", "x": "0", "1e1": "0", "-1": "0", "12.345": "12.34", "1000": "0", "25.": "25"} {
		if got := percent(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	const login = "GET https://login-v1.api-eu.bambora.com/merchant/functionpermissionsandfeatures"
	for name, c := range map[string]struct {
		change   func(a *conformance.Account)
		body     string
		findings int
	}{
		"good":             {func(*conformance.Account) {}, `{"meta":{"result":true}}`, 0},
		"refused":          {func(*conformance.Account) {}, `{"meta":{"result":false}}`, 1},
		"live with a T":    {func(a *conformance.Account) { a.Settings["environment"] = "live" }, `{"meta":{"result":true}}`, 1},
		"test without a T": {func(a *conformance.Account) { a.Settings["merchant_number"] = "P1" }, `{"meta":{"result":true}}`, 1},
		"no MD5 key":       {func(a *conformance.Account) { delete(a.Secrets, "md5_key") }, `{"meta":{"result":true}}`, 1},
	} {
		a := world.Account()
		c.change(a)
		tr := guesttest.Drive(t, provider{}, conformance.Call{
			Export: contract.CheckSettings, Account: a, World: conformance.NewScript(conformance.Step{Request: login, Body: c.body}), Input: contract.CheckInput{},
		})
		r, err := conformance.Result[contract.CheckResult](tr)
		if err != nil || r.OK != (c.findings == 0) || len(r.Findings) != c.findings {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
}

// The states of 7.1, as totals.
func TestUpdates_states(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]facts{
		"pending":                                {},
		"failed":                                 {declined: 100},
		"authorized 1.00 EUR":                    {authorized: 100, capturable: 100},
		"authorized 1.00 EUR, captured 0.40 EUR": {authorized: 100, captured: 40, capturable: 60},
		"captured 1.00 EUR":                      {authorized: 100, captured: 100},
		"captured 1.00 EUR, refunded 0.30 EUR":   {authorized: 100, captured: 100, credited: 30},
		"captured 1.00 EUR, refunded 1.00 EUR":   {authorized: 100, captured: 100, credited: 100},
		"authorized 1.00 EUR, cancelled":         {authorized: 100, deleted: true},
	} {
		f.Currency.Code = "EUR"
		if got := words(f.updates(contract.PaymentKey{ID: "pay_1"})); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// An operation that the provider has named is found by its name alone; one that
// it calls anything but approved is not taken for done (7.2).
func TestFind(t *testing.T) {
	t.Parallel()
	at := conformance.Start
	op := contract.Operation{ID: "cap_1", Amount: contract.Money{Value: 100, Currency: "EUR"}, CreatedAt: at, Status: contract.OperationPending}
	there := func(id, action, status, amount, created string) operation {
		return operation{ID: text(id), Action: action, Status: status, Amount: text(amount), Created: created}
	}
	now, before := at.Format("2006-01-02T15:04:05Z07:00"), at.Add(-3*clockSkew).Format("2006-01-02T15:04:05Z07:00")
	named := op
	named.ProviderReference = "7"
	for name, c := range map[string]struct {
		op     contract.Operation
		others []contract.Operation
		list   []operation
		found  string
		fails  bool
	}{
		"none":                 {op: op},
		"it":                   {op: op, list: []operation{there("1", "CAPTURE", "Approved", "100", now)}, found: "1"},
		"without a date":       {op: op, list: []operation{there("1", "Capture", "approved", "100", "")}, found: "1"},
		"another action":       {op: op, list: []operation{there("1", "Credit", "approved", "100", now)}},
		"another amount":       {op: op, list: []operation{there("1", "Capture", "approved", "101", now)}},
		"long before":          {op: op, list: []operation{there("1", "Capture", "approved", "100", before)}},
		"not approved":         {op: op, list: []operation{there("1", "Capture", "declined", "100", now)}},
		"another's":            {op: op, others: []contract.Operation{{ID: "cap_0", ProviderReference: "1"}}, list: []operation{there("1", "Capture", "approved", "100", now)}},
		"one done but unnamed": {op: op, others: []contract.Operation{{ID: "cap_0", Amount: op.Amount, Status: contract.OperationSucceeded}}, list: []operation{there("1", "Capture", "approved", "100", now)}},
		"one failed before":    {op: op, others: []contract.Operation{{ID: "cap_0", Amount: op.Amount, Status: contract.OperationFailed}}, list: []operation{there("1", "Capture", "approved", "100", now)}, found: "1"},
		"named":                {op: named, list: []operation{there("6", "Capture", "approved", "100", now), there("7", "Capture", "odd", "1", "")}, found: "7"},
		"named, and gone":      {op: named, list: []operation{there("6", "Capture", "approved", "100", now)}, fails: true},
	} {
		o, ok, err := stand{operations: flat(c.list)}.find(capture, c.op, append(c.others, c.op))
		if ok != (c.found != "") || string(o.ID) != c.found || (err != nil) != c.fails {
			t.Errorf("%s: got %q, %v, %v, want %q", name, o.ID, ok, err, c.found)
		}
	}
	if _, err := found(there("7", "Capture", "odd", "100", now), op, nil); !isFailure(err, contract.Internal) || !strings.Contains(err.Error(), "odd") {
		t.Errorf("got %v, want that it says the word", err)
	}
}
