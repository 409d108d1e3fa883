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

var acmeFixture = conformance.Fixture{Account: acmeAccount, World: newAcmeWorld, PageSize: acmePage}

var tillFixture = conformance.Fixture{Account: func() *conformance.Account { return &conformance.Account{} }, World: newTillWorld}

func TestRun_healthy(t *testing.T) {
	t.Parallel()
	guesttest.Conform(t, guesttest.New(acme{}), acmeFixture)
}

// The consumer pays while create_payment waits.
func TestRun_terminal(t *testing.T) {
	t.Parallel()
	guesttest.Conform(t, guesttest.New(healthyTill), tillFixture)
}

// The consumer comes back to the account's one address.
func TestCheck_accountReturn(t *testing.T) {
	t.Parallel()
	f := acmeFixture
	f.World = newAcmeAccountWorld
	failed := verdicts(t, guesttest.New(acme{}), f, func(_ int, s conformance.Scenario) bool { return s.Family != "transport" })
	if len(failed) > 0 {
		t.Errorf("got %+v, want no failure", failed)
	}
}

// What does not apply names a field of the manifest. What a world cannot do and
// nobody denies is a problem, and what it does and the manifest denies is one.
func TestCheck_notApplicable(t *testing.T) {
	t.Parallel()
	mute := acmeFixture
	mute.World = func() (conformance.World, error) {
		w, err := newAcmeWorld()
		return muteWorld{w.(*acmeWorld)}, err
	}
	pageless := acmeFixture
	pageless.PageSize = 0
	told := guesttest.New(acme{lacks: contract.Lacks{contract.SignsReturns: "acme.md 4.2", contract.Pages: "acme.md 5.1", contract.FindsUnheard: "acme.md 6"}})
	lossy := guesttest.New(patient{acme{lacks: contract.Lacks{contract.FindsLost: "acme.md 7"}}})
	tests := []struct {
		name     string
		runner   conformance.Runner
		fixture  conformance.Fixture
		scenario string
		skipped  string
		failed   string
	}{
		{"no such operation", guesttest.New(healthyTill), tillFixture, "repeats/out of order", "/operations has no receive_webhook", ""},
		{"no refunds", guesttest.New(healthyTill), tillFixture, "refunds/in parts", "/refund is missing", ""},
		{"no captures", guesttest.New(healthyTill), tillFixture, "captures/in parts", "/capture is missing", ""},
		{"no page", guesttest.New(healthyTill), tillFixture, "returns/alone", "/methods/0/flow is terminal", ""},
		{"no terminal", guesttest.New(acme{}), acmeFixture, "beside/given up", "/methods/0/flow is redirect", ""},
		{"no such currency", guesttest.New(healthyTill), tillFixture, "currencies/with 3 decimals", "/methods/0/currencies has none with 3 decimals", ""},
		{"no secrets", guesttest.New(healthyTill), tillFixture, "happy/wrong credentials", "/settings_schema has no x-secret-use", ""},
		{"said to sign no returns", told, mute, "forgeries/return cut", "/lacks/signs_returns: acme.md 4.2", ""},
		{"said to have no pages", told, mute, "pages/more than a page", "/lacks/pages: acme.md 5.1", ""},
		{"said to find nothing unheard", told, mute, "returns/neither return nor news", "/lacks/finds_unheard: acme.md 6", ""},
		{"lacks no signature", guesttest.New(acme{}), acmeFixture, "lacks/signs_returns", "/lacks has no signs_returns", ""},
		{"said to sign no returns, truly", told, mute, "lacks/signs_returns", "", ""},
		{"said to have no pages, truly", told, pageless, "lacks/pages", "", ""},
		{"said to sign no returns, and signs them", told, acmeFixture, "lacks/signs_returns", "", "/lacks/signs_returns: acme.md 4.2, and the provider does it"},
		{"said to have no pages, and has them", told, acmeFixture, "lacks/pages", "", "and the provider does it"},
		{"said to find nothing unheard, and finds it", told, acmeFixture, "lacks/finds_unheard", "", "and the provider does it"},
		{"waits for good", guesttest.New(patient{}), acmeFixture, "transport/refund, lost after", "", "the refund is pending for good"},
		{"waits for good, as it must", lossy, acmeFixture, "transport/refund, lost after", "", ""},
		{"forges no return", guesttest.New(acme{}), mute, "forgeries/return cut", "", "the world forges nothing"},
		{"forges no answer", guesttest.New(acme{}), mute, "forgeries/answer cut", "", "the world forges nothing"},
		{"has no pages", guesttest.New(acme{}), pageless, "pages/more than a page", "", "Fixture.PageSize is 0"},
		{"is no Expecter", guesttest.New(healthyTill), acmeFixture, "happy/pay", "", "the world is no Expecter"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := verdict(t, tt.runner, tt.fixture, tt.scenario)
			if v.NotApplicable != tt.skipped {
				t.Errorf("got not applicable %q, want %q", v.NotApplicable, tt.skipped)
			}
			if got := strings.Join(v.Problems, "; "); (tt.failed == "") != (got == "") || !strings.Contains(got, tt.failed) {
				t.Errorf("got problems %q, want %q", got, tt.failed)
			}
		})
	}
}

// verdict is that of one scenario.
func verdict(t *testing.T, r conformance.Runner, f conformance.Fixture, name string) conformance.Verdict {
	t.Helper()
	m, err := conformance.Describe(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	list := conformance.Scenarios()
	i := slices.IndexFunc(list, func(s conformance.Scenario) bool { return s.Family+"/"+s.Name == name })
	if i < 0 {
		t.Fatalf("there is no scenario %q", name)
	}
	v, err := list[i].Check(t.Context(), r, m, f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// patient leaves a refund alone whose answer was lost.
type patient struct{ acme }

func (p patient) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	if in.Refund.ProviderReference == "" {
		return contract.OperationResult{Status: contract.OperationPending}, nil
	}
	return p.acme.GetRefund(c, in)
}

// muteWorld forges nothing.
type muteWorld struct{ *acmeWorld }

func (muteWorld) Forge(m contract.Message, _ conformance.Forgery) contract.Message { return m }

func (muteWorld) ForgeNext(conformance.Forgery) bool { return false }
