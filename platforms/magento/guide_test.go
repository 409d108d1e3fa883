package magento

import (
	"strconv"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// style makes the checkout's step look like a page: Magento's theme is not
// here. The page's policy allows it, since it comes from no text.
const style = `const s = new CSSStyleSheet();
s.replaceSync('body{font:16px/1.5 "Open Sans","Noto Sans",sans-serif;margin:40px auto;width:760px;color:#333}fieldset{border:1px solid #ccc;margin:16px 0}.field{padding:6px 0}' +
  'img{vertical-align:middle}select{padding:6px;font:inherit}button{background:#1979c3;color:#fff;border:0;padding:12px 18px;font:600 16px sans-serif}.message{background:#fdf0d5;padding:10px}');
document.adoptedStyleSheets = [s];
document.body.prepend(Object.assign(document.createElement('p'), {textContent: 'The module’s own part of the checkout, without Magento’s theme.', className: 'message'}));`

// TestGuide goes the way of docs/install-magento.md on the double, from the
// settings to a paid order, and takes the guide's pictures.
func TestGuide(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gateway := shoptest.House(t, s.url)
	v := newShopper(t, s)
	settings := map[string]string{"active": "1", "url": gateway, "test_key": shoptest.APIKey, "test_secret": shoptest.NoticeSecret, "choice": "shop"}
	v.do("configure", map[string]any{"settings": settings})
	b := shoptest.Browse(t)
	b.Open(s.url + "/admin/settings")
	b.Reads("Save first, then try the connection")
	b.Mark("#payment_kassette_connection")
	b.Picture("magento-1-settings.png")

	b.Open(checkoutPage(t, t.TempDir(), string(v.do("checkout-config", nil).Config)) + "#look")
	b.Reads("Place order and pay")
	b.Script(style)
	b.Picture("magento-2-checkout.png")

	o := v.do("place", map[string]any{"chosen": map[string]string{"kassette_method": "ideal"}})
	v.Open(s.url + "/kassette/redirect")
	v.Press("outcome", "success")
	v.Back(s.url, "/checkout/onepage/success")
	v.until(o.ID, "processing/processing")
	b.Open(s.url + "/admin/order?id=" + strconv.Itoa(o.ID))
	b.Reads("Registered notification about captured amount")
	b.Picture("magento-3-paid.png")
	b.Open(s.url + "/admin/log")
	b.Reads("notice ord_")
	b.Picture("magento-4-log.png")
}

// TestGuide_isTrue: its names are those of the module and of Magento, and its
// commands exist.
func TestGuide_isTrue(t *testing.T) {
	t.Parallel()
	shoptest.Guide(t, "install-magento.md", shoptest.Read(t, "module/i18n/en_US.csv"), []string{
		"Stores", "Configuration", "Sales", "Payment Methods", "Kassette", "Save Config", "Orders", "Invoices", "Credit Memo", "Refund",
		"System", "Extensions", "Integrations", "Add New Integration", "API", "Activate", "Allow", "Services", "OAuth",
	})
}
