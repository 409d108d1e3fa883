package bambora

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func (s *shop) control(method, path, body string) (int, string) {
	s.Helper()
	w := httptest.NewRecorder()
	s.sim.Control().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func TestControl_refused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.opened(nil)
	s.paid(cardApproved, map[string]any{"order.id": "PAID"})
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/next", `{}`, 400}, {"/next", `{"outcome":"jackpot"}`, 400}, {"/next", `{"outcome":"success","card":"1"}`, 400},
		{"/next", `{"outcome":"success","card":"4002770000000008"}`, 400}, {"/next", `{"order":"A1001"}`, 400}, {"/next", `{"count":-1,"outcome":"success"}`, 400},
		{"/next", `{"outcome":"success","order":"NONE"}`, 404}, {"/next", `{"outcome":"success","order":"PAID"}`, 409},
		{"/next", `{"answers":[{"call":"x","status":200}]}`, 400}, {"/next", `{"brand":"x"}`, 400},
		{"/clock", `{"advance":"1h","set":"2030-01-01T00:00:00Z"}`, 400}, {"/clock", `{"set":"2020-01-01T00:00:00Z"}`, 400},
		{"/notify", `{"order":"A1001"}`, 404}, {"/faults", `{"faults":[{"name":"x"}]}`, 400},
	} {
		if status, body := s.control("POST", c.path, c.body); status != c.status {
			t.Errorf("%s %s: got %d %s, want %d", c.path, c.body, status, body, c.status)
		}
	}
}

func TestControl_nextAndNotify(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if status, body := s.control("POST", "/next", `{"outcome":"success","card":"5156 2300 0000 0004"}`); status != 200 || !strings.Contains(body, `"pages": 1`) {
		t.Fatalf("got %d %s", status, body)
	}
	if a := s.show(s.opened(nil)); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "https://gw.example/return/ck_1?x=1&txnid=") {
		t.Errorf("a planned window: got %d to %s", a.status, a.header.Get("Location"))
	}
	s.opened(map[string]any{"order.id": "B2"})
	if status, body := s.control("POST", "/next", `{"outcome":"success","order":"B2"}`); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
	if status, body := s.control("POST", "/notify", `{"order":"B2"}`); status != 200 || !strings.Contains(body, `"status": 200`) {
		t.Errorf("got %d %s", status, body)
	}
	if status, body := s.control("POST", "/clock", `{"advance":"90m","hour":"1m"}`); status != 200 || !strings.Contains(body, `"hour": "1m0s"`) {
		t.Errorf("got %d %s", status, body)
	}
	s.opened(map[string]any{"order.id": "C3"})
	if _, ok := s.sim.Books().Session("C3"); !ok {
		t.Error("the books lack a session")
	}
	if status, body := s.control("GET", "/books", ""); status != 200 || strings.Contains(body, DemoMD5Key) || strings.Contains(body, DemoSecretToken) || !strings.Contains(body, `"B2"`) {
		t.Errorf("got %d %s", status, body)
	}
}

func TestControl_scriptedAnswer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if status, body := s.control("POST", "/next", `{"answers":[{"call":"session","status":200,"body":"{}"}]}`); status != 200 {
		t.Fatalf("got %d %s", status, body)
	}
	if a := s.api("POST", "/sessions", draft(nil)); a.text != "{}" {
		t.Errorf("got %s", a.text)
	}
	s.opened(nil)
}
