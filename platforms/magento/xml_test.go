package magento

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// node is an element of any of the module's XML files.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all gives the elements below n with that tag.
func (n node) all(tag string) []node {
	var found []node
	for _, c := range n.Nodes {
		if c.XMLName.Local == tag {
			found = append(found, c)
		}
		found = append(found, c.all(tag)...)
	}
	return found
}

// named gives the element below n with that tag and that attribute name or id.
func (n node) named(t *testing.T, tag, name string) node {
	t.Helper()
	for _, c := range n.all(tag) {
		if c.attr("name") == name || c.attr("id") == name {
			return c
		}
	}
	t.Fatalf("there is no %s %s", tag, name)
	return node{}
}

func load(t *testing.T, path string) node {
	t.Helper()
	var n node
	if err := xml.Unmarshal([]byte(shoptest.Read(t, "module/"+path)), &n); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return n
}

// defaults are the values of config.xml for our method.
func defaults(t *testing.T) map[string]node {
	t.Helper()
	values := map[string]node{}
	for _, n := range load(t, "etc/config.xml").all("kassette")[0].Nodes {
		values[n.XMLName.Local] = n
	}
	return values
}

// file is the module's file of a class.
func file(class string) string {
	return "module/" + strings.ReplaceAll(strings.TrimPrefix(class, `Kassette\Payment\`), `\`, "/") + ".php"
}

func TestXML_namesClassesThatExist(t *testing.T) {
	t.Parallel()
	ours := regexp.MustCompile(`Kassette(\\{1,2}[A-Z]\w*)+`)
	for _, path := range append(shoptest.Files(t, ".xml", "module"), shoptest.Files(t, ".graphqls", "module")...) {
		if strings.HasSuffix(path, ".xml") {
			load(t, strings.TrimPrefix(path, "module/"))
		}
		for _, class := range ours.FindAllString(shoptest.Read(t, path), -1) {
			if _, err := os.Stat(file(strings.ReplaceAll(class, `\\`, `\`))); err != nil {
				t.Errorf("%s names %s: %v", path, class, err)
			}
		}
	}
}

func TestXML_schemasAreMagentos(t *testing.T) {
	t.Parallel()
	for _, path := range shoptest.Files(t, ".xml", "module") {
		n := load(t, strings.TrimPrefix(path, "module/"))
		if !strings.HasPrefix(n.attr("noNamespaceSchemaLocation"), "urn:magento:") {
			t.Errorf("%s names no schema of Magento's: %q", path, n.attr("noNamespaceSchemaLocation"))
		}
	}
}

func TestModule_isCalledTheSameEverywhere(t *testing.T) {
	t.Parallel()
	m := load(t, "etc/module.xml").all("module")[0]
	if got := m.attr("name"); got != "Kassette_Payment" || m.attr("setup_version") != "" {
		t.Errorf("module.xml: name %q, setup_version %q, want Kassette_Payment and none (3.2)", got, m.attr("setup_version"))
	}
	for _, want := range []string{"Magento_Payment", "Magento_Sales", "Magento_Checkout", "Magento_Quote", "Magento_Config", "Magento_Store"} {
		m.named(t, "module", want)
	}
	if !strings.Contains(shoptest.Read(t, "module/registration.php"), "'Kassette_Payment'") {
		t.Error("registration.php registers another name")
	}
	for _, path := range []string{"etc/frontend/routes.xml", "etc/adminhtml/routes.xml"} {
		load(t, path).named(t, "module", "Kassette_Payment")
	}
	var composer struct {
		Type     string
		Require  map[string]string
		Autoload struct {
			PSR4 map[string]string `json:"psr-4"`
		}
	}
	if err := json.Unmarshal([]byte(shoptest.Read(t, "module/composer.json")), &composer); err != nil {
		t.Fatal(err)
	}
	if dir, ok := composer.Autoload.PSR4[`Kassette\Payment\`]; composer.Type != "magento2-module" || !ok || dir != "" {
		t.Errorf("composer.json: type %q, autoload %v", composer.Type, composer.Autoload.PSR4)
	}
	modules, minor := 0, regexp.MustCompile(`^\^\d+\.\d+$`)
	for name, version := range composer.Require {
		if strings.HasPrefix(name, "magento/") {
			modules++
			if !minor.MatchString(version) {
				t.Errorf("composer.json: %s %s asks for a patch level, which a patched 2.4.6 may not have", name, version)
			}
		}
	}
	if modules < 10 {
		t.Errorf("composer.json requires %d of Magento's packages", modules)
	}
	load(t, "etc/payment.xml").named(t, "method", "kassette")
}

// TestGateway_isWired: what config.xml, di.xml and the commands say fits (3.2, 3.3).
func TestGateway_isWired(t *testing.T) {
	t.Parallel()
	di, values := load(t, "etc/di.xml"), defaults(t)
	facade := di.named(t, "virtualType", values["model"].Text)
	if got := facade.attr("type"); got != `Magento\Payment\Model\Method\Adapter` {
		t.Errorf("the facade is a %s", got)
	}
	for _, name := range []string{"code", "formBlockType", "infoBlockType", "valueHandlerPool", "commandPool"} {
		facade.named(t, "argument", name)
	}
	if values["payment_action"].Text == "" || values["can_initialize"].Text != "1" {
		t.Error("without payment_action and can_initialize initialisation is skipped (3.2)")
	}
	var virtual []string
	for _, n := range di.all("virtualType") {
		virtual = append(virtual, n.attr("name"))
	}
	for _, n := range append(di.all("argument"), di.all("item")...) {
		if name := strings.TrimSpace(n.Text); strings.HasPrefix(name, "KassettePayment") && !slices.Contains(virtual, name) {
			t.Errorf("di.xml: there is no virtual type %s", name)
		}
	}
	known := strings.Fields("initialize order authorize sale capture refund cancel void accept_payment deny_payment fetch_transaction_information")
	for _, n := range di.named(t, "virtualType", "KassettePaymentCommandPool").all("item") {
		name := n.attr("name")
		if !slices.Contains(known, name) {
			t.Errorf("the adapter never asks for the command %s (3.3)", name)
		}
		if values["can_"+name].Text != "1" {
			t.Errorf("the command %s never runs: config.xml lacks can_%s", name, name)
		}
	}
}

// TestSettings_fit: each field has a default or may be empty, and secrets are
// encrypted, decrypted, and left out of dumps (3.2).
func TestSettings_fit(t *testing.T) {
	t.Parallel()
	values, di := defaults(t), load(t, "etc/di.xml")
	mayBeEmpty := strings.Fields("connection specificcountry min_order_total max_order_total")
	secrets := 0
	for _, field := range load(t, "etc/adminhtml/system.xml").named(t, "group", "kassette").all("field") {
		id := field.attr("id")
		value, ok := values[id]
		if !ok && !slices.Contains(mayBeEmpty, id) && len(field.Nodes) > 0 {
			t.Errorf("system.xml: %s has no default in config.xml", id)
		}
		if field.attr("type") != "obscure" {
			continue
		}
		secrets++
		encrypted := `Magento\Config\Model\Config\Backend\Encrypted`
		if m := field.all("backend_model"); len(m) != 1 || m[0].Text != encrypted || value.attr("backend_model") != encrypted {
			t.Errorf("%s is not encrypted in both system.xml and config.xml", id)
		}
		di.named(t, "type", `Magento\Config\Model\Config\TypePool`).named(t, "item", "payment/kassette/"+id)
	}
	if secrets != 4 {
		t.Errorf("there are %d secrets, want 4", secrets)
	}
}

// TestDatabase_whitelist: what db_schema.xml declares is what its whitelist has.
func TestDatabase_whitelist(t *testing.T) {
	t.Parallel()
	got := map[string]map[string]map[string]bool{}
	for _, table := range load(t, "etc/db_schema.xml").Nodes {
		parts := map[string]map[string]bool{}
		for _, part := range table.Nodes {
			kind, name := part.XMLName.Local, part.attr("name")+part.attr("referenceId")
			if parts[kind] == nil {
				parts[kind] = map[string]bool{}
			}
			parts[kind][name] = true
		}
		got[table.attr("name")] = parts
	}
	var want map[string]map[string]map[string]bool
	if err := json.Unmarshal([]byte(shoptest.Read(t, "module/etc/db_schema_whitelist.json")), &want); err != nil {
		t.Fatal(err)
	}
	same := func(a, b map[string]map[string]bool) bool { return maps.EqualFunc(a, b, maps.Equal) }
	if !maps.EqualFunc(got, want, same) {
		t.Errorf("db_schema.xml declares %v,\nits whitelist has %v", got, want)
	}
}

// TestLayout_nests: the way down to our renderer is the document's (3.4).
func TestLayout_nests(t *testing.T) {
	t.Parallel()
	n := load(t, "view/frontend/layout/checkout_index_index.xml").named(t, "referenceBlock", "checkout.root").named(t, "argument", "jsLayout")
	for _, want := range strings.Fields("components checkout children steps children billing-step children payment children renders children kassette") {
		if len(n.Nodes) != 1 || n.Nodes[0].attr("name") != want {
			t.Fatalf("below %s is not %s alone", n.attr("name"), want)
		}
		n = n.Nodes[0]
	}
	component := strings.Replace(n.named(t, "item", "component").Text, "Kassette_Payment/", "module/view/frontend/web/", 1) + ".js"
	if _, err := os.Stat(component); err != nil {
		t.Error(err)
	}
	n.named(t, "item", "methods").named(t, "item", "kassette").named(t, "item", "isBillingAddressRequired")
}

// TestLogPage_isReached: menu, right, route, layout and template of the log's
// page fit.
func TestLogPage_isReached(t *testing.T) {
	t.Parallel()
	item := load(t, "etc/adminhtml/menu.xml").named(t, "add", "Kassette_Payment::log")
	load(t, "etc/acl.xml").named(t, "resource", item.attr("resource"))
	front := load(t, "etc/adminhtml/routes.xml").named(t, "route", "kassette").attr("frontName")
	if got, want := item.attr("action"), front+"/log"; got != want {
		t.Errorf("the menu leads to %s, want %s", got, want)
	}
	for _, path := range []string{"Controller/Adminhtml/Log/Index.php", "Controller/Adminhtml/Connection/Test.php"} {
		found := regexp.MustCompile(`ADMIN_RESOURCE = '([^']+)'`).FindStringSubmatch(shoptest.Read(t, "module/"+path))
		if found == nil {
			t.Fatalf("%s has no right of its own (3.9)", path)
		}
		load(t, "etc/acl.xml").named(t, "resource", found[1])
	}
	block := load(t, "view/adminhtml/layout/kassette_log_index.xml").named(t, "block", "kassette.log")
	template := strings.Replace(block.attr("template"), "Kassette_Payment::", "module/view/adminhtml/templates/", 1)
	if _, err := os.Stat(template); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file(block.attr("class"))); err != nil {
		t.Error(err)
	}
}

// TestTemplates_areEscaped: nothing is printed but through the escaper (3.9).
func TestTemplates_areEscaped(t *testing.T) {
	t.Parallel()
	printed := regexp.MustCompile(`<\?=\s*([^\s(]+)|\becho\b`)
	for _, path := range shoptest.Files(t, ".phtml", "module") {
		if out, err := shoptest.Run(t, nil, "php", "-n", "-l", path); err != nil {
			t.Errorf("php -l %s: %s", path, out)
		}
		for _, m := range printed.FindAllStringSubmatch(shoptest.Read(t, path), -1) {
			if !strings.HasPrefix(m[1], "$escaper->escape") {
				t.Errorf("%s prints %q unescaped", path, m[0])
			}
		}
	}
}

// TestEvents: those that the document names (3.7), and what is run has the
// method that is called.
func TestEvents(t *testing.T) {
	t.Parallel()
	known := strings.Fields("sales_order_creditmemo_refund order_cancel_after sales_order_payment_cancel sales_order_payment_void sales_order_invoice_pay sales_order_shipment_save_after sales_order_save_commit_after payment_method_assign_data_kassette sales_order_payment_capture")
	for _, event := range load(t, "etc/events.xml").Nodes {
		if !slices.Contains(known, event.attr("name")) {
			t.Errorf("the document has no event %s", event.attr("name"))
		}
		for _, o := range event.all("observer") {
			if !strings.Contains(shoptest.Read(t, file(o.attr("instance"))), "public function execute(Observer $observer)") {
				t.Errorf("%s is no observer", o.attr("instance"))
			}
		}
	}
	for _, job := range load(t, "etc/crontab.xml").all("job") {
		if !strings.Contains(shoptest.Read(t, file(job.attr("instance"))), "public function "+job.attr("method")+"()") {
			t.Errorf("%s has no %s", job.attr("instance"), job.attr("method"))
		}
	}
}

// TestGraphQL: each type is declared here or Magento's, each resolver is one.
func TestGraphQL(t *testing.T) {
	t.Parallel()
	text := shoptest.Read(t, "module/etc/schema.graphqls")
	if strings.Count(text, "{") != strings.Count(text, "}") || strings.Count(text, "(") != strings.Count(text, ")") {
		t.Error("braces do not match")
	}
	declared := map[string]bool{"String": true}
	for _, m := range regexp.MustCompile(`(?m)^(?:type|enum|input) (\w+) \{`).FindAllStringSubmatch(text, -1) {
		declared[m[1]] = true
	}
	bare := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(text, `""`)
	for _, m := range regexp.MustCompile(`\w+: (\w+)`).FindAllStringSubmatch(bare, -1) {
		if !declared[m[1]] && m[1] != "false" {
			t.Errorf("there is no type %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`@resolver\(class: "([^"]+)"\)`).FindAllStringSubmatch(text, -1) {
		if class := file(strings.ReplaceAll(m[1], `\\`, `\`)); !strings.Contains(shoptest.Read(t, class), "implements ResolverInterface") {
			t.Errorf("%s is no resolver", class)
		}
	}
}
