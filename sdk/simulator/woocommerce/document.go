package woocommerce

import (
	"encoding/json"
	"strconv"
	"time"
)

// document is an order as REST gives it: every field of 1.2.
type document struct {
	ID               int               `json:"id"`
	ParentID         int               `json:"parent_id"`
	Number           string            `json:"number"`
	OrderKey         string            `json:"order_key"`
	CreatedVia       string            `json:"created_via"`
	Version          string            `json:"version"`
	Status           string            `json:"status"`
	Currency         string            `json:"currency"`
	CurrencySymbol   string            `json:"currency_symbol"`
	PricesIncludeTax bool              `json:"prices_include_tax"`
	DateCreated      *string           `json:"date_created"`
	DateCreatedGMT   *string           `json:"date_created_gmt"`
	DateModified     *string           `json:"date_modified"`
	DateModifiedGMT  *string           `json:"date_modified_gmt"`
	DatePaid         *string           `json:"date_paid"`
	DatePaidGMT      *string           `json:"date_paid_gmt"`
	DateCompleted    *string           `json:"date_completed"`
	DateCompletedGMT *string           `json:"date_completed_gmt"`
	DiscountTotal    string            `json:"discount_total"`
	DiscountTax      string            `json:"discount_tax"`
	ShippingTotal    string            `json:"shipping_total"`
	ShippingTax      string            `json:"shipping_tax"`
	CartTax          string            `json:"cart_tax"`
	CartHash         string            `json:"cart_hash"`
	Total            string            `json:"total"`
	TotalTax         string            `json:"total_tax"`
	CustomerID       int               `json:"customer_id"`
	CustomerIP       string            `json:"customer_ip_address"`
	CustomerAgent    string            `json:"customer_user_agent"`
	CustomerNote     string            `json:"customer_note"`
	Billing          map[string]string `json:"billing"`
	Shipping         map[string]string `json:"shipping"`
	PaymentMethod    string            `json:"payment_method"`
	PaymentTitle     string            `json:"payment_method_title"`
	TransactionID    string            `json:"transaction_id"`
	MetaData         []meta            `json:"meta_data"`
	LineItems        []any             `json:"line_items"`
	TaxLines         []any             `json:"tax_lines"`
	ShippingLines    []any             `json:"shipping_lines"`
	FeeLines         []any             `json:"fee_lines"`
	CouponLines      []any             `json:"coupon_lines"`
	Refunds          []refundShort     `json:"refunds"`
	PaymentURL       string            `json:"payment_url"`
	IsEditable       bool              `json:"is_editable"`
	NeedsPayment     bool              `json:"needs_payment"`
	NeedsProcessing  bool              `json:"needs_processing"`
	Links            map[string][]any  `json:"_links"`
}

// refundShort is a refund in an order: its total is negative (1.2).
type refundShort struct {
	ID     int    `json:"id"`
	Reason string `json:"reason"`
	Total  string `json:"total"`
}

// document writes an order. The caller holds s.mu.
func (s *Simulator) document(o *order) document {
	var shipping, shippingTax, cartTax int64
	for _, l := range o.ships {
		shipping, shippingTax = shipping+l.total, shippingTax+l.tax
	}
	for _, l := range append(o.fees, o.lines...) {
		cartTax += l.tax
	}
	d := document{
		ID: o.id, Number: o.number, OrderKey: o.key, CreatedVia: o.via, Version: s.cfg.Version, Status: o.status,
		Currency: o.currency, CurrencySymbol: "\u20ac",
		DateCreated: s.local(o.created), DateCreatedGMT: gmt(o.created), DateModified: s.local(o.changed), DateModifiedGMT: gmt(o.changed),
		DatePaid: s.local(o.paid), DatePaidGMT: gmt(o.paid), DateCompleted: s.local(o.completed), DateCompletedGMT: gmt(o.completed),
		DiscountTotal: o.text(o.discount), DiscountTax: o.text(o.discountTax), ShippingTotal: o.text(shipping), ShippingTax: o.text(shippingTax),
		CartTax: o.text(cartTax), CartHash: "5e97a5b9d4f7c7a1", Total: o.text(o.total()), TotalTax: o.text(cartTax + shippingTax),
		CustomerID: o.customer, CustomerIP: o.ip, CustomerAgent: "Mozilla/5.0", CustomerNote: o.note,
		Billing: o.billing, Shipping: o.shipping, PaymentMethod: o.gateway, PaymentTitle: o.title, TransactionID: o.transaction,
		MetaData: append([]meta{}, o.meta...), LineItems: []any{}, TaxLines: []any{}, ShippingLines: []any{}, FeeLines: []any{}, CouponLines: []any{},
		Refunds:    []refundShort{},
		PaymentURL: s.cfg.PublicURL + "/checkout/order-pay/" + strconv.Itoa(o.id) + "/?pay_for_order=true&key=" + o.key,
		IsEditable: o.status == Pending || o.status == OnHold || o.status == AutoDraft, NeedsPayment: o.needsPayment(), NeedsProcessing: o.needsProcessing(),
		Links: map[string][]any{"self": {map[string]string{"href": s.cfg.PublicURL + base + "/orders/" + strconv.Itoa(o.id)}}},
	}
	o.items(&d)
	for _, r := range o.refunds {
		d.Refunds = append(d.Refunds, refundShort{r.id, r.reason, o.text(-r.amount)})
	}
	return d
}

// items writes the lines of an order.
func (o *order) items(d *document) {
	for _, l := range o.lines {
		d.LineItems = append(d.LineItems, struct {
			ID          int         `json:"id"`
			Name        string      `json:"name"`
			ProductID   int         `json:"product_id"`
			VariationID int         `json:"variation_id"`
			Quantity    json.Number `json:"quantity"`
			TaxClass    string      `json:"tax_class"`
			Subtotal    string      `json:"subtotal"`
			SubtotalTax string      `json:"subtotal_tax"`
			Total       string      `json:"total"`
			TotalTax    string      `json:"total_tax"`
			Taxes       []any       `json:"taxes"`
			MetaData    []any       `json:"meta_data"`
			SKU         string      `json:"sku"`
		}{l.id, l.name, l.product, 0, l.quantity, "", o.text(l.subtotal), o.text(l.subtotalTax), o.text(l.total), o.text(l.tax), []any{}, []any{}, l.sku})
	}
	for _, l := range o.ships {
		d.ShippingLines = append(d.ShippingLines, struct {
			ID          int    `json:"id"`
			MethodTitle string `json:"method_title"`
			MethodID    string `json:"method_id"`
			Total       string `json:"total"`
			TotalTax    string `json:"total_tax"`
		}{l.id, l.name, "flat_rate", o.text(l.total), o.text(l.tax)})
	}
	for _, l := range o.fees {
		d.FeeLines = append(d.FeeLines, struct {
			ID       int    `json:"id"`
			Name     string `json:"name"`
			Total    string `json:"total"`
			TotalTax string `json:"total_tax"`
		}{l.id, l.name, o.text(l.total), o.text(l.tax)})
	}
	if o.coupon != "" {
		d.CouponLines = append(d.CouponLines, map[string]string{"code": o.coupon, "discount": o.text(o.discount), "discount_tax": o.text(o.discountTax)})
	}
	var tax int64
	for _, l := range o.all() {
		tax += l.tax
	}
	if tax != 0 {
		d.TaxLines = append(d.TaxLines, map[string]string{"rate_code": "VAT-1", "label": "VAT", "tax_total": d.CartTax, "shipping_tax_total": d.ShippingTax})
	}
}

const stamp = "2006-01-02T15:04:05"

// gmt writes a time without its zone, nothing as null.
func gmt(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(stamp)
	return &text
}

// local writes a time as the clocks of the shop's country show it.
func (s *Simulator) local(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return gmt(t.Add(s.cfg.Offset))
}
