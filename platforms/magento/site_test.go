package magento

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// starts bounds how long what is waited for may take.
const starts = 20 * time.Second

// site is a shop on a web server: the double with the module.
type site struct{ url string }

// newSite starts a shop with four workers, so that four requests run at once.
func newSite(t *testing.T) site {
	t.Helper()
	need(t, "php")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "flag.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := site{url: "http://" + host}
	cmd := exec.Command("php", "-d", "display_errors=stderr", "-S", host, "tests/site.php")
	cmd.Env = append(os.Environ(), "KASSETTE_SHOP="+dir, "KASSETTE_URL="+s.url, "PHP_CLI_SERVER_WORKERS=4")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the web server has workers
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Errorf("end the web server: %v", err)
		}
		_ = cmd.Wait() // it ends by a signal, which Wait calls an error
		if t.Failed() || strings.Contains(said.String(), "PHP Warning") {
			t.Logf("the web server said:\n%s", said.String())
		}
	})
	eventually(t, "the web server", func() bool {
		resp, err := http.Get(s.url + "/checkout/cart")
		return err == nil && resp.Body.Close() == nil
	})
	return s
}

// eventually waits until ready says yes.
func eventually(t *testing.T, what string, ready func() bool) {
	t.Helper()
	deadline := time.After(starts)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-deadline:
			t.Fatalf("%s did not come within %s", what, starts)
		case <-tick.C:
		}
	}
}

// shown is what became of an order.
type shown struct {
	ID                              int
	State, Paid, Refunded, Error    string
	Invoices, Creditmemos, Comments []string
	Outbox, Mails, Methods          int
}

// shopper is a browser without script.
type shopper struct {
	t      *testing.T
	site   site
	client *http.Client
	at     *url.URL
	page   string
}

func newShopper(t *testing.T, s site) *shopper {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &shopper{t: t, site: s, client: &http.Client{Jar: jar}}
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
	resp, err := s.client.Post(s.site.url+"/test", "application/json", bytes.NewReader(body))
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
	eventually(s.t, "the state "+state, func() bool {
		o = s.do("show", map[string]any{"id": id})
		return o.State == state
	})
	return o
}

// open goes to a page, wherever that leads.
func (s *shopper) open(address string) {
	s.t.Helper()
	s.went(s.client.Get(address))
}

func (s *shopper) went(resp *http.Response, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.at, s.page = resp.Request.URL, string(page)
}

var (
	forms  = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// press presses the button of this name and value.
func (s *shopper) press(name, value string) {
	s.t.Helper()
	for _, f := range forms.FindAllStringSubmatch(s.page, -1) {
		if !strings.Contains(f[2], `name="`+name+`" value="`+value+`"`) {
			continue
		}
		to, err := s.at.Parse(html.UnescapeString(f[1]))
		if err != nil {
			s.t.Fatal(err)
		}
		data := url.Values{name: {value}}
		for _, h := range hidden.FindAllStringSubmatch(f[2], -1) {
			data.Set(h[1], html.UnescapeString(h[2]))
		}
		s.went(s.client.PostForm(to.String(), data))
		return
	}
	s.t.Fatalf("no button %s=%s at %s:\n%s", name, value, s.at, s.page)
}

// follow waits for a link that begins so, and goes there.
func (s *shopper) follow(address string) {
	s.t.Helper()
	link := regexp.MustCompile(`href="(` + regexp.QuoteMeta(address) + `[^"]*)"`)
	eventually(s.t, "a link to "+address, func() bool {
		found := link.FindStringSubmatch(s.page)
		if found == nil {
			s.open(s.at.String())
			return false
		}
		s.open(html.UnescapeString(found[1]))
		return true
	})
}

// back waits, as the gateway's page does by itself, until the shopper is at a
// page of the shop.
func (s *shopper) back(path string) {
	s.t.Helper()
	eventually(s.t, "the way back to "+path, func() bool {
		if s.site.url == s.at.Scheme+"://"+s.at.Host {
			return true
		}
		s.open(s.at.String())
		return false
	})
	if s.at.Path != path {
		s.t.Errorf("the shopper is at %s, want %s", s.at, path)
	}
}
