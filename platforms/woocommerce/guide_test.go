package woocommerce

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// TestGuide does in a real browser what docs/install-woocommerce.md says, from
// the upload of the zip to a paid order, and takes the guide's pictures.
func TestGuide(t *testing.T) {
	t.Parallel()
	s, zip := newBareSite(t)
	gateway := shoptest.House(t, s.url)
	b := shoptest.Browse(t)
	logIn(b, s)

	b.Open(s.url + "/wp-admin/plugin-install.php?tab=upload")
	b.Until(`document.querySelector(".upload-plugin").offsetHeight > 0`)
	b.Upload("#pluginzip", zip)
	b.Mark("form.wp-upload-form")
	b.Picture("woo-1-upload.png")
	b.Press("#install-plugin-submit")
	b.Reads("Plugin installed successfully.")
	b.Mark(".button-primary")
	b.Picture("woo-2-activate.png")
	b.Press(".wrap .button-primary")
	b.Reads("Plugin activated.")

	b.Press(`#the-list a[href*="page=kassette"]`)
	b.Fill("#url", gateway)
	b.Fill("#test_key", shoptest.APIKey)
	b.Fill("#secrets", shoptest.NoticeSecret)
	b.Mark(".wrap form button.button-primary")
	b.Picture("woo-3-settings.png")
	b.Press(".wrap form button.button-primary")
	b.Reads("The connection works. Methods: 2.")
	b.Mark(".notice-success")
	b.Picture("woo-4-connected.png")

	p := s.order(t, "kassette", "49.99", "EUR")
	b.Open(p.Redirect)
	b.Until(`document.querySelector("button[name=method][value=ideal]") !== null`)
	b.Picture("woo-5-pay.png")
	b.Press("button[name=method][value=ideal]")
	b.Press("button[name=outcome][value=success]")
	b.Arrives(s.url + "/checkout/order-received/" + p.ID.String())
	s.until(t, p.ID, "a paid order", has("processing"))
	b.Open(s.url + "/wp-admin/admin.php?page=wc-orders&id=" + p.ID.String())
	b.Reads("49.99 EUR paid by ideal")
	b.Mark(".order_notes")
	b.Picture("woo-6-paid.png")
	s.complaints(t)
}

func logIn(b *shoptest.Browser, s site) {
	b.Open(s.url + "/wp-login.php")
	b.Fill("#user_login", "owner")
	b.Fill("#user_pass", "secret")
	b.Press("#wp-submit")
	b.Arrives(s.url + "/wp-admin/")
}

// TestGuide_isTrue: its names are those of the extension, of WordPress and of
// WooCommerce, and its commands exist.
func TestGuide_isTrue(t *testing.T) {
	t.Parallel()
	var texts strings.Builder
	for _, file := range shoptest.Files(t, ".php", "plugin") {
		texts.WriteString(shoptest.Read(t, file))
	}
	shoptest.Guide(t, "install-woocommerce.md", texts.String(), []string{
		"Plugins", "Add New", "Upload Plugin", "Choose File", "Install Now", "Activate Plugin", "Deactivate", "Delete",
		"WooCommerce", "Payments", "Order actions", "Advanced", "REST API", "Add key", "Generate API key", "Webhooks", "Add webhook", "Secret", "Delivery URL",
	})
}
