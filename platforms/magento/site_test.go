package magento

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// site is a shop on a web server: the double with the module.
type site struct{ url string }

// newSite starts a shop with four workers, so that four requests run at once.
func newSite(t *testing.T) site {
	t.Helper()
	shoptest.Need(t, "php")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "flag.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	host := shoptest.FreeAddress(t)
	s := site{url: "http://" + host}
	env := []string{"KASSETTE_SHOP=" + dir, "KASSETTE_URL=" + s.url, "PHP_CLI_SERVER_WORKERS=4"}
	shoptest.Background(t, env, "php", "-d", "display_errors=stderr", "-S", host, "tests/site.php")
	shoptest.Eventually(t, "the web server", func() bool {
		resp, err := http.Get(s.url + "/checkout/cart")
		return err == nil && resp.Body.Close() == nil
	})
	return s
}

// shown is what became of an order.
type shown struct {
	ID                              int
	State, Paid, Refunded, Error    string
	Invoices, Creditmemos, Comments []string
	Outbox, Mails, Methods          int
	Config                          json.RawMessage
}

// shopper is a browser at the shop, with the test's door.
type shopper struct {
	*shoptest.Shopper
	t    *testing.T
	site site
}

func newShopper(t *testing.T, s site) *shopper {
	t.Helper()
	return &shopper{shoptest.NewShopper(t), t, s}
}

// do has the shop do something, by the test's door.
func (s *shopper) do(what string, more map[string]any) shown {
	s.t.Helper()
	asked := map[string]any{"what": what}
	for name, value := range more {
		asked[name] = value
	}
	body, err := json.Marshal(asked)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := s.Client.Post(s.site.url+"/test", "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var o shown
	if err := json.Unmarshal(said, &o); err != nil {
		s.t.Fatalf("the shop said %q: %v", said, err)
	}
	return o
}

// until waits until an order is in a state.
func (s *shopper) until(id int, state string) shown {
	s.t.Helper()
	var o shown
	shoptest.Eventually(s.t, "the state "+state, func() bool {
		o = s.do("show", map[string]any{"id": id})
		return o.State == state
	})
	return o
}
