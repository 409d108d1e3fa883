package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// ShopTest is what was tried for a shop, in the order in which it matters.
type ShopTest struct {
	Shop   ShopStatus  `json:"shop"`
	Checks []ShopCheck `json:"checks"`
}

// ShopTestSpec says where a shop takes notices: an address, or that of a
// platform's extension; "" for those that are known of the shop.
type ShopTestSpec struct {
	NoticeURL string `json:"notice_url,omitempty"`
	Platform  string `json:"platform,omitempty"`
}

// ShopCheck is one thing that was tried.
type ShopCheck struct {
	// Name is what was tried: key test, methods live, account rabo, notices.
	Name string `json:"name"`
	// State is ok, warning, failed or skipped.
	State string `json:"state"`
	Text  string `json:"text"`
	// Fix says what to do, where something is to be done.
	Fix string `json:"fix,omitempty"`
}

// The states of a check.
const (
	CheckOK      = "ok"
	CheckWarning = "warning"
	CheckFailed  = "failed"
	CheckSkipped = "skipped"
)

// MethodTry says whether a method is offered to a shop's consumers, and if not why.
type MethodTry struct {
	Method   string
	Plugin   string
	Provider string
	Account  string // "" where there is none
	Offered  bool
	Why      string
}

// TryMethods says of every method that is plugged in whether it is offered.
func (s *Service) TryMethods(shop string, live bool) []MethodTry {
	var list []MethodTry
	for _, o := range s.o.Registry.Methods() {
		t := MethodTry{Method: o.Method.ID, Plugin: o.Version.Name, Provider: o.Version.Manifest.Provider}
		if account, ok := s.accountFor(want{shop: shop, live: live}, o); ok {
			m := s.methodOffer(o, account)
			if t.Account, t.Offered = account.ID, m.Available; !t.Offered {
				t.Why = "its provider is not answering: " + m.Reason
			}
		} else {
			t.Account, t.Why = s.whyNot(shop, live, o)
		}
		list = append(list, t)
	}
	return list
}

// whyNot says why no account of a shop is a method's.
func (s *Service) whyNot(shop string, live bool, o Offer) (account, why string) {
	why = "the shop has no account at " + o.Version.Manifest.Provider
	for _, a := range s.o.Directory.Accounts(shop) {
		switch {
		case a.Provider != o.Version.Manifest.Provider:
		case a.Live != live:
			account, why = a.ID, fmt.Sprintf("account %s is %s", a.ID, modeOf(a.Live))
		case !slices.Contains(a.Methods, o.Method.ID):
			return a.ID, fmt.Sprintf("account %s does not have it among its methods", a.ID)
		}
	}
	return account, why
}

func modeOf(live bool) string {
	if live {
		return "live"
	}
	return "test"
}

// ErrNoCheck: the plugin cannot try its settings.
var ErrNoCheck = errors.New("the plugin has no check of its settings")

// TryAccount has a plugin try an account's settings, without moving money.
// Errors: ErrNoCheck, *CallError, and the host's own trouble.
func (s *Service) TryAccount(ctx context.Context, account string, v Version) (contract.CheckResult, error) {
	if !slices.Contains(v.Manifest.Operations, contract.CheckSettings) {
		return contract.CheckResult{}, ErrNoCheck
	}
	now := s.now()
	c := Call{
		ID: NewCallID(PartitionOfName(account), now), Export: contract.CheckSettings, Plugin: v.Plugin, Account: account, Now: now,
		Input: encode(contract.CheckInput{}),
	}
	e, err := s.o.Caller.Run(ctx, c)
	if err != nil {
		return contract.CheckResult{}, fmt.Errorf("%s of account %s: %w", c.Export, c.Account, err)
	}
	if e.Failure != nil {
		return contract.CheckResult{}, errors.Join(&CallError{Export: c.Export, Failure: *e.Failure, Outcome: e.Outcome}, s.endCall(ctx, c, e))
	}
	var r contract.CheckResult
	if err := json.Unmarshal(e.Result, &r); err != nil {
		return r, fmt.Errorf("result of %s: %w", c.Export, err)
	}
	return r, s.endCall(ctx, c, e)
}
