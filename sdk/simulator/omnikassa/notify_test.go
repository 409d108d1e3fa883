package omnikassa

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNotification_form(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(Success, nil)
	n := s.webhook.last(t)
	if n.EventName != "merchant.order.status.changed" || n.POIID != 5000 {
		t.Errorf("got %+v", n)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000-07:00", n.Expiry); err != nil {
		t.Errorf("expiry %q: %v", n.Expiry, err)
	}
	if want := textSignature(demoKey, strings.Join([]string{n.Authentication, n.Expiry, n.EventName, "5000"}, ",")); n.Signature != want {
		t.Errorf("got signature %s, want %s", n.Signature, want)
	}
	if !strings.Contains(s.webhook.raw[0], `"poiId":5000`) {
		t.Errorf("got %s, want poiId as a number", s.webhook.raw[0])
	}
	if a, c := s.webhook.header.Get("User-Agent"), s.webhook.header.Get("Content-Type"); a != "Java/1.8.0" || c != "application/json" {
		t.Errorf("got User-Agent %q, Content-Type %q", a, c)
	}
}

func TestNotification_repeatedUntilPulled(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"answered 200": 200, "answered 202": 202, "answered 301": 301, "answered 500": 500} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.webhook.status = status
			s.paid(Success, nil)
			if got := s.webhook.count(); got != 1 {
				t.Fatalf("at once: got %d, want 1", got)
			}
			s.advance(59 * time.Second)
			if got := s.webhook.count(); got != 1 {
				t.Errorf("after 59 s: got %d, want 1", got)
			}
			s.advance(5 * time.Minute)
			if got := s.webhook.count(); got != 6 {
				t.Errorf("after 5 min 59 s: got %d, want 6", got)
			}
			notes := s.sim.Books().Notifications
			if last := notes[len(notes)-1]; last.Status != status || last.Processed != (status == 200) {
				t.Errorf("got %+v, want status %d", last, status)
			}
			s.verifiedPull(resultsPath, s.webhook.last(t).Authentication)
			s.advance(time.Hour)
			if got := s.webhook.count(); got != 6 {
				t.Errorf("after the pull: got %d, want 6", got)
			}
		})
	}
}

func TestNotification_endsAfterADay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(Success, nil)
	s.advance(30 * time.Hour)
	if got := s.webhook.count(); got != 24*60 {
		t.Errorf("got %d notifications, want one a minute for 24 hours: 1440", got)
	}
	s.access = s.newToken()
	s.paid(Cancelled, nil)
	if got := s.webhook.count(); got != 24*60+1 {
		t.Errorf("a new final state: got %d, want 1441", got)
	}
	if p := s.verifiedPull(resultsPath, s.webhook.last(t).Authentication); len(p.Results) != 2 {
		t.Errorf("got %d results, want the old one too", len(p.Results))
	}
}

func TestNotification_pullInsideTheWebhook(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var pulled []pullResult
	s.webhook.hear = func(n notification) {
		pulled = append(pulled, s.verifiedPull(resultsPath, n.Authentication).Results...)
	}
	s.paid(Success, nil)
	s.advance(time.Hour)
	if len(pulled) != 1 || s.webhook.count() != 1 {
		t.Errorf("got %d results from %d notifications, want one of each", len(pulled), s.webhook.count())
	}
}

func TestNotification_silent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){"configured": func(c *Config) { c.Silent = true }, "switched": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, func(c *Config) {
				if change != nil {
					change(c)
				}
			})
			if change == nil {
				s.fault(faultSilent, "", 0)
			}
			s.paid(Success, nil)
			s.advance(3 * time.Hour)
			if got := s.webhook.count(); got != 1 {
				t.Errorf("got %d notifications, want one and no repeat", got)
			}
		})
	}
}

func TestNotification_withoutWebhookThenWithOne(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *Config) { c.WebhookURL = "" })
	s.paid(Success, nil)
	if notes := s.sim.Books().Notifications; s.webhook.count() != 0 || len(notes) != 1 || notes[0].Error == "" {
		t.Errorf("got %+v, want one that was not sent", notes)
	}
	if err := s.sim.SetWebhookURL("not an address"); err == nil {
		t.Error("a webhook that is no address was taken")
	}
	if err := s.sim.SetWebhookURL("http://127.0.0.1:1/hook"); err != nil {
		t.Fatal(err)
	}
	s.settled()
	if got := s.webhook.count(); got != 1 {
		t.Errorf("got %d, want what waits to be notified at once", got)
	}
}

func TestNotification_realMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(c *Config) { c.Minute = 2 * time.Second })
		s.paid(Success, nil)
		time.Sleep(7 * time.Second) // the bubble's clock: no time passes
		synctest.Wait()
		if got := s.webhook.count(); got != 4 {
			t.Errorf("got %d notifications in 7 s at one each 2 s, want 4", got)
		}
		if err := s.sim.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if got := s.webhook.count(); got != 4 {
			t.Errorf("after Close: got %d, want none more", got)
		}
	})
}

func TestClose_breaksOffANotification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung := make(chan struct{})
		s, err := New(Config{WebhookURL: "http://gateway.example.org/", Client: &http.Client{Transport: hang{hung}}})
		if err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		s.conclude(&order{id: "x", status: orderInProgress}, orderExpired, s.clock.Now())
		s.mu.Unlock()
		<-hung
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if n := s.Books().Notifications; len(n) != 1 || n[0].Error == "" {
			t.Errorf("got %+v, want one broken off", n)
		}
		if _, err := s.Notify(t.Context(), NotifyAgain); err == nil {
			t.Error("a closed simulator sent a notification")
		}
	})
}

// hang never answers; it tells when it was asked.
type hang struct{ asked chan struct{} }

func (h hang) RoundTrip(r *http.Request) (*http.Response, error) {
	close(h.asked)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestOrder_expiresAtTheEndOfItsLife(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	unvisited, _ := s.announced(object{"merchantOrderId": "unvisited"})
	begun, page := s.announced(object{"merchantOrderId": "begun", "paymentBrand": "MASTERCARD", "paymentBrandForce": "FORCE_ALWAYS"})
	s.visit(page)
	s.advance(DefaultOrderLife - time.Second)
	if got := s.order(unvisited).Status; got != orderInProgress {
		t.Errorf("a second before: got %s", got)
	}
	s.advance(time.Second)
	for _, id := range []string{unvisited, begun} {
		if got := s.order(id); got.Status != orderExpired || got.FinalAt.Sub(got.CreatedAt) != DefaultOrderLife {
			t.Errorf("got %+v, want EXPIRED 30 minutes after the announce", got)
		}
	}
	if got := s.order(begun).Transactions[0].Status; got != txExpired {
		t.Errorf("transaction: got %s, want EXPIRED", got)
	}
	if v := s.visit(page); !strings.Contains(string(v.page.body), "Expired") {
		t.Errorf("got page %s, want that it expired", v.page.body)
	}
	p := s.verifiedPull(resultsPath, s.webhook.last(t).Authentication)
	if len(p.Results) != 2 || p.Results[0].Paid.Amount != "0" {
		t.Errorf("got %+v, want two unpaid results", p.Results)
	}
}
