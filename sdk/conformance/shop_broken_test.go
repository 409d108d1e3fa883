package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// shopWays are shop plugins that are wrong in one way each. The kit must fail
// each in its family and in no other; a scenario narrows it down within it.
var shopWays = []way{
	{"reads every amount with two decimals", stall{parse: hundredths}, "orders", "with 0 decimals"},
	{"reads every amount with two decimals, at most", stall{parse: hundredths}, "orders", "with 3 decimals"},
	{"has an order paid that is held", stall{read: heldToo}, "orders", "none of one that the shop holds"},
	{"has an order of nothing paid by a cent", stall{read: aCent}, "orders", "none of nothing to pay"},
	{"takes names as they are", stall{anyName: true}, "orders", "goods of any name"},
	{"calls an order otherwise each second", stall{read: byTheClock}, "orders", "the same each time"},
	{"wants first contact to be signed", stall{noHello: true}, "ping", ""},
	{"believes every signature", stall{check: stallBelieves}, "signatures", "bad"},
	{"compares the first half of a signature", stall{check: stallHalfWay}, "signatures", "cut"},
	{"takes what bears no signature for first contact", anyHello{}, "signatures", "missing"},
	{"takes all of a delivery for one message", stall{read: firstPart}, "repeats", "several orders at once"},
	{"goes by what a message is called", stall{read: byTopic}, "snapshots", "placed and cancelled, joined"},
	{"has captured what was paid", stall{read: capturesPaid}, "snapshots", "its own telling comes back"},
	{"does not know that what was shipped is to be captured", stall{read: notShipped}, "snapshots", "shipped after authorised"},
	{"goes by the event alone", stall{byEvent: true}, "order", "older events told again"},
	{"drops what is not the latest", upToDate{}, "order", "told when all is over"},
	{"cancels what only goes on elsewhere", supersedes{}, "order", "superseded"},
	{"goes by the newest payment", stall{newest: true}, "order", "paid twice"},
	{"knows not all events", choosy{}, "order", "every type is taken"},
	{"has the shop pay back itself", stall{own: true}, "refunds", "a part"},
	{"takes two equal refunds for one", stall{mark: byAmount}, "refunds", "two equal parts"},
	{"does not compare amounts", stall{anyAmount: true}, "money", "another amount in the shop"},
	{"opens again what the shop has cancelled", stall{reopens: true}, "money", "the shop has cancelled"},
	{"does not look at what came of it", stall{reopens: true}, "money", "the shop cancels meanwhile"},
	{"does not say that less came", stall{quiet: true}, "money", "a part is captured, the rest given back"},
	{"writes over what a person has booked", stall{overwrites: true}, "money", "paid by hand"},
	{"marks a refund after it was made", stall{markLate: true}, "lost", "refunded in part, lost after"},
	{"gives up on a gateway that is bad", stall{refused: takes(504, contract.Conflict)}, "lost", "paid, 504 after"},
	{"gives up on 500", stall{refused: takes(500, contract.Conflict)}, "errors", "paid, 500"},
	{"tells 401 as passing", stall{refused: takes(401, contract.ProviderUnavailable)}, "errors", "paid, 401"},
	{"does not say what to do", stall{refused: curt}, "errors", "cancelled, 401"},
	{"takes any page for a yes", stall{anyYes: true}, "errors", "paid, HTML"},
	{"takes any key", stall{anyKey: true}, "errors", `the key is "KEY?x="`},
	{"reads the first page alone", stall{firstPage: true}, "sync", "more than a page"},
	{"does not see that the shop sends no more", stall{deaf: true}, "sync", "a shop that sends no more"},
	{"takes any answer for good settings", stall{blind: true}, "settings", "wrong secrets"},
	{"counts its calls", &tallies{}, "pure", ""},
	{"holds a token in its own hands", stall{send: ownStallToken}, "secrets", ""},
	{"denies that the shop joins and ceases", stall{lacks: contract.Lacks{contract.Disables: "stall.md 2", contract.JoinsChanges: "stall.md 3"}}, "lacks", "disables"},
}

func TestRunShop_healthy(t *testing.T) {
	t.Parallel()
	guesttest.ConformShop(t, guesttest.New(stall{}), stallFixture)
}

func TestRunShop_broken(t *testing.T) {
	t.Parallel()
	for i, b := range shopWays {
		t.Run(b.family+"/"+b.name, func(t *testing.T) {
			t.Parallel()
			failed := shopVerdicts(t, guesttest.New(b.provider), stallFixture, func(j int, s conformance.ShopScenario) bool {
				return s.Family != "lost" && s.Family != "errors" || s.Name == b.scenario || j%(2*part) == i%(2*part)
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

// shopVerdicts are those of the scenarios that a shop plugin fails, of those
// asked for.
func shopVerdicts(t *testing.T, r conformance.Runner, f conformance.ShopFixture, asked func(i int, s conformance.ShopScenario) bool) (failed []conformance.Verdict) {
	t.Helper()
	m, err := conformance.Describe(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range conformance.ShopScenarios() {
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
func TestShopBroken_everyFamily(t *testing.T) {
	t.Parallel()
	for _, s := range conformance.ShopScenarios() {
		if !slices.ContainsFunc(shopWays, func(b way) bool { return b.family == s.Family }) {
			t.Errorf("no plugin is broken in the way of family %s", s.Family)
		}
	}
}
