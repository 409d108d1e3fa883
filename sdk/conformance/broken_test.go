package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// way is how a plugin is broken.
type way struct {
	name     string
	provider guest.Provider
	family   string
	scenario string
}

// ways are plugins that are wrong in one way each. The kit must fail each in
// its family and in no other; a scenario narrows it down within the family.
var ways = []way{
	{"has no options to offer", noOptions{}, "happy", "options"},
	{"sends the consumer to an address that was not granted", strayed{}, "actions", ""},
	{"writes every amount with two decimals", acme{decimal: twoDecimals}, "currencies", "with 0 decimals"},
	{"does not know the word for cancelled", acme{update: unless("cancelled")}, "endings", "cancelled"},
	{"does not know the word for expired", acme{update: unless("expired")}, "endings", "expired"},
	{"takes a refused try for the money", acme{update: declinedIsPaid}, "endings", "declined"},
	{"refuses the return where the news was faster", hasty{}, "returns", "after the news"},
	{"books the same news anew each time", acme{hook: anew}, "repeats", "same message twice"},
	{"believes every signature", acme{check: believes}, "forgeries", ""},
	{"compares the first half of a signature", acme{check: halfWay}, "forgeries", "webhook cut"},
	{"tells what was asked for, not what was paid", acme{update: asAsked}, "amounts", ""},
	{"drops orders that look foreign", acme{update: oursAlone}, "unknown", "news before ours"},
	{"reads the first page alone", acme{firstPage: true}, "pages", ""},
	{"captures the whole whatever is asked", wholeCaptures{}, "captures", "a part, and no more"},
	{"gives up what was captured", givesUpAll{}, "voids", "after the capture"},
	{"refunds the whole whatever is asked", wholeRefunds{}, "refunds", "in parts"},
	{"has one key for all refunds", acme{refundKey: oneKey}, "refunds", "in parts"},
	{"drops news of yesterday", acme{hook: fresh}, "late", "paid, heard of after its expiry"},
	{"has one key for all attempts of an order", acme{createKey: orderKey}, "attempts", ""},
	{"counts its calls", &counts{}, "pure", ""},
	{"holds a token in its own hands", acme{token: ownToken}, "secrets", ""},

	{"denies that the provider signs, to be spared forgeries", acme{lacks: noSignatures, check: believes}, "lacks", "signs_webhooks"},

	{"says that a cancellation has worked", tillDecides{healthyTill}, "beside", "given up"},
	{"takes a busy terminal for a failure", tillRushes{healthyTill}, "beside", "asked about"},
	{"shares its terminal", till{}, "beside", "another payment"},

	{"takes an answer of 5xx for a no", acme{failure: serverRefuses}, "transport", "refund, 500 after"},
	{"takes 429 for any failure", acme{failure: statusOf(429, contract.Conflict)}, "transport", "create, 429"},
	{"does not read Retry-After", acme{failure: impatient}, "transport", "ask, 429"},
	{"takes a redirect for a yes", acme{failure: redirected}, "transport", "create, redirect"},
	{"tells the provider yes whatever happened", acme{alwaysDone: true}, "transport", "webhook, lost before"},
	{"takes a lost answer for a yes", optimist{}, "transport", "refund, lost before"},
	{"sends a lost refund again under a new key", forgetful{}, "transport", "refund, lost after"},
	{"reads bytes that are no text", acme{anyBytes: true}, "transport", "create, bad UTF-8"},
	{"takes any 2xx for a yes", cheerful{}, "transport", "refund, HTML"},
}

func TestRun_broken(t *testing.T) {
	t.Parallel()
	for i, b := range ways {
		t.Run(b.family+"/"+b.name, func(t *testing.T) {
			t.Parallel()
			f := acmeFixture
			if b.family == "beside" {
				f = tillFixture
			}
			failed := verdicts(t, guesttest.New(b.provider), f, func(j int, s conformance.Scenario) bool {
				return s.Family != "transport" || s.Name == b.scenario || j%part == i%part
			})
			if !slices.ContainsFunc(failed, func(v conformance.Verdict) bool {
				return v.Family == b.family && (b.scenario == "" || b.scenario == v.Name)
			}) {
				t.Errorf("the kit does not fail it in %s/%s", b.family, b.scenario)
			}
			for _, v := range failed {
				if v.Family != b.family {
					t.Errorf("the kit fails it in %s/%s: %s", v.Family, v.Name, strings.Join(v.Problems, "; "))
				}
			}
		})
	}
}

// part of the many faults in transport are tried on each broken plugin, all of
// them on all together.
const part = 8

// verdicts are those of the scenarios that a plugin fails, of those asked for.
func verdicts(t *testing.T, r conformance.Runner, f conformance.Fixture, asked func(i int, s conformance.Scenario) bool) (failed []conformance.Verdict) {
	t.Helper()
	m, err := conformance.Describe(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range conformance.Scenarios() {
		if !asked(i, s) {
			continue
		}
		v, err := s.Check(t.Context(), r, m, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Problems) > 0 {
			failed = append(failed, v)
		}
	}
	return failed
}

// Every family has a plugin that fails it.
func TestBroken_everyFamily(t *testing.T) {
	t.Parallel()
	for _, s := range conformance.Scenarios() {
		if !slices.ContainsFunc(ways, func(b way) bool { return b.family == s.Family }) {
			t.Errorf("no plugin is broken in the way of family %s", s.Family)
		}
	}
}
