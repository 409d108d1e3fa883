package omnikassa

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

func TestFaults_pull(t *testing.T) {
	t.Parallel()
	for fault, c := range map[string]struct {
		verifies bool
		has      string
	}{
		faultWrongSignature:   {false, `"orderStatus":"COMPLETED"`},
		faultFlippedField:     {false, `"orderStatus":"CANCELLED"`},
		faultWrongAmount:      {true, `"paidAmount":{"currency":"EUR","amount":"4998"}`},
		faultUnknownStatus:    {true, `"orderStatus":"UNDER_REVIEW"`},
		faultUnknownBrand:     {true, `"paymentBrand":"TULIP_PAY"`},
		control.UnknownMember: {true, `"addedUnannounced"`},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.paid(Success, nil)
			s.fault(fault, callPull, 1)
			token := s.webhook.last(t).Authentication
			got := s.call("GET", resultsPath, token, "")
			want := pageSignature(t, demoKey, got.body)
			if verifies := want == s.member(got, "signature"); verifies != c.verifies {
				t.Errorf("verifies: got %v, want %v: %s", verifies, c.verifies, got.body)
			}
			if !strings.Contains(string(got.body), c.has) {
				t.Errorf("got %s, want %s in it", got.body, c.has)
			}
			s.verifiedPull(resultsPath, token) // the fault is spent
		})
	}
}

func TestFaults_flippedFieldOfAnEmptyPage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(Success, nil)
	token := s.webhook.last(t).Authentication
	s.verifiedPull(resultsPath, token)
	s.fault(faultFlippedField, callPull, 1)
	got := s.call("GET", resultsPath, token, "")
	if pageSignature(t, demoKey, got.body) == s.member(got, "signature") {
		t.Errorf("got %s, want it not to verify", got.body)
	}
}

func TestFaults_manyResults(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(Success, nil)
	if err := s.sim.Faults().Set(control.Fault{Name: faultManyResults, Count: 250}); err != nil {
		t.Fatal(err)
	}
	token := s.webhook.last(t).Authentication
	var all []pullResult
	for pages := 0; ; pages++ {
		p := s.verifiedPull(resultsPath, token)
		if all = append(all, p.Results...); !p.More {
			break
		}
		if pages > 5 {
			t.Fatal("the pages do not end")
		}
	}
	if len(all) != 251 || all[250].MerchantOrderID != "order1" {
		t.Errorf("got %d results, want 250 and then the order", len(all))
	}
}

func TestFaults_notification(t *testing.T) {
	t.Parallel()
	for fault, check := range map[string]func(t *testing.T, s *shop) bool{
		faultWrongSignature: func(_ *testing.T, s *shop) bool { return !s.verifies(s.webhook.got[0]) },
		faultFlippedField: func(_ *testing.T, s *shop) bool {
			return !s.verifies(s.webhook.got[0]) && s.webhook.got[0].POIID == 5001
		},
		control.UnknownMember: func(_ *testing.T, s *shop) bool {
			return s.verifies(s.webhook.got[0]) && strings.Contains(s.webhook.raw[0], "addedUnannounced")
		},
		faultLostNotification: func(_ *testing.T, s *shop) bool {
			return s.webhook.count() == 0 && s.sim.Books().Notifications[0].Fault == faultLostNotification
		},
		faultDuplicate: func(_ *testing.T, s *shop) bool {
			return s.webhook.count() == 2 && s.webhook.raw[0] == s.webhook.raw[1]
		},
		faultOutOfOrder: func(t *testing.T, s *shop) bool {
			older, newer := s.webhook.got[1].Expiry, s.webhook.got[0].Expiry
			return s.webhook.count() == 2 && s.webhook.raw[0] != s.webhook.raw[1] && older <= newer && s.verifies(s.webhook.got[0]) && s.verifies(s.webhook.got[1])
		},
		faultExpiredToken: func(t *testing.T, s *shop) bool {
			n := s.webhook.got[0]
			expiry, err := time.Parse(resultTime, n.Expiry)
			return err == nil && expiry.Before(s.sim.Now()) && s.verifies(n) && s.call("GET", resultsPath, n.Authentication, "").status == 401
		},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.fault(fault, callNotification, 1)
			s.paid(Success, nil)
			if !check(t, s) {
				t.Errorf("got %v", s.webhook.raw)
			}
			s.advance(time.Minute)
			if !s.verifies(s.webhook.last(t)) {
				t.Error("the repeat does not verify: the fault is not spent")
			}
		})
	}
}

func (s *shop) verifies(n notification) bool {
	text := fmt.Sprintf("%s,%s,%s,%d", n.Authentication, n.Expiry, n.EventName, n.POIID)
	return textSignature(demoKey, text) == n.Signature
}

func TestFaults_return(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{
		faultWrongSignature: "&status=COMPLETED&", faultFlippedField: "&status=CANCELLED&", faultUnknownStatus: "&status=UNDER_REVIEW&", faultLostReturn: "",
	} {
		for name, skip := range map[string]bool{"result page": false, "straight back": true} {
			t.Run(fault+", "+name, func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				s.fault(fault, callReturn, 1)
				id, page := s.announced(with(forced, object{"skipHppResultPage": skip}))
				v := s.visit(page).press("outcome", "success")
				if got := v.back(); (got == "") != (want == "") || !strings.Contains(got, want) {
					t.Errorf("got %q, want %s in it", got, want)
				}
				if got := s.order(id).Status; got != orderCompleted {
					t.Errorf("got order %s, want it paid all the same", got)
				}
				if want == "" && (!strings.Contains(string(v.page.body), "no way back") || s.visit(page).back() != "") {
					t.Errorf("got %s, want no way back, for good", v.page.body)
				}
			})
		}
	}
}

func TestFaults_strangeTextsElsewhere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.paid(Success, forced)
	tx := s.order(id).Transactions[0].ID
	for call, read := range map[string]func() answer{
		callOrder:  func() answer { return s.call("GET", "/v2/orders/"+id, s.access, "") },
		callBrands: func() answer { return s.call("GET", apiBase+"/order/server/api/payment-brands", s.access, "") },
		callRefund: func() answer { return s.refund(tx, "0d2f1a6e-98f1-4d1d-9f4f-0c1d2e3f4a5b", money("1", "")) },
	} {
		s.fault(faultUnknownStatus, call, 1)
		s.fault(faultUnknownBrand, call, 1)
		got := string(read().body)
		if !strings.Contains(got, strangeStatus) || !strings.Contains(got, strangeBrand) {
			t.Errorf("%s: got %s, want the unknown texts", call, got)
		}
	}
}

func TestFaults_expiredTokenOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.fault(faultExpiredToken, callAnnounce, 1)
	if got := s.announceRaw(draft(nil)); got.status != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", got.status)
	}
	s.announced(nil)
}

func TestFaults_transport(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]struct {
		status int
		orders int // booked although the answer was bad
	}{
		control.ServerError: {500, 0}, control.Unavailable: {503, 0}, control.HTMLAnswer: {200, 0}, control.Throttled: {429, 0},
		control.ResetBefore: {0, 0}, control.ResetAfter: {0, 1},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			server := httptest.NewServer(s.sim)
			defer server.Close()
			s.fault(fault, callAnnounce, 1)
			post := func() (int, string) {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+apiBase+"/order/server/api/v2/order", strings.NewReader(draft(nil)))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer "+s.access)
				got, err := server.Client().Do(r)
				if err != nil {
					return 0, ""
				}
				defer func() { _ = got.Body.Close() }()
				body, err := io.ReadAll(got.Body)
				if err != nil {
					t.Fatal(err)
				}
				return got.StatusCode, string(body)
			}
			status, body := post()
			if status != want.status || json.Valid([]byte(body)) {
				t.Errorf("got %d %q, want %d and no JSON", status, body, want.status)
			}
			b := s.sim.Books()
			if len(b.Orders) != want.orders {
				t.Errorf("got %d orders, want %d", len(b.Orders), want.orders)
			}
			if last := b.Requests[len(b.Requests)-1]; last.Call != callAnnounce || last.Status != want.status || last.Fault != fault {
				t.Errorf("journal: got %+v", last)
			}
			if status, body := post(); status != http.StatusCreated {
				t.Errorf("the next call: got %d %s, want 201", status, body)
			}
		})
	}
}

func TestFaults_slowAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		defer func() { _ = s.sim.Close() }()
		if err := s.sim.Faults().Set(control.Fault{Name: control.SlowAnswer, Call: callBrands, Delay: control.Duration(20 * time.Second)}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		got := s.call("GET", apiBase+"/order/server/api/payment-brands", s.access, "")
		if took := time.Since(start); got.status != 200 || took != 20*time.Second {
			t.Errorf("got %d after %v, want 200 after 20s", got.status, took)
		}
	})
}
