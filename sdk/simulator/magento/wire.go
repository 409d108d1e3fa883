package magento

import (
	"strings"
	"time"
)

// object is a JSON object as the REST API writes it.
type object map[string]any

// dbTime is a time as the API writes it: UTC, without saying so.
func dbTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// object is an order as GET /V1/orders/{id} shows it (document, 2.2). Amounts come
// in both currencies (document, 1).
func (o *order) object() object {
	due := o.grand - o.paid
	if o.state == StateCanceled {
		due = 0
	}
	out := object{
		"entity_id": o.id, "increment_id": o.increment, "state": o.state, "status": o.status, "store_id": o.store, "quote_id": 1000 + o.id,
		"protect_code": "c0ffee" + o.increment, "is_virtual": flag(o.isVirtual()), "order_currency_code": o.draft.Currency, "base_currency_code": o.draft.BaseCurrency,
		"global_currency_code": o.draft.BaseCurrency, "store_currency_code": o.draft.BaseCurrency, "base_to_order_rate": o.rate,
		"created_at": dbTime(o.createdAt), "updated_at": dbTime(o.updatedAt), "remote_ip": "192.0.2.10",
		"customer_email": o.draft.Email, "customer_is_guest": flag(o.draft.Customer == 0), "customer_firstname": "Jane", "customer_lastname": "Doe",
		"shipping_description": "Flat Rate - Fixed", "total_item_count": len(o.items), "billing_address": address("billing"),
	}
	if o.draft.Customer > 0 {
		out["customer_id"] = o.draft.Customer
	}
	for name, amount := range map[string]units{
		"grand_total": o.grand, "subtotal": o.subtotal, "subtotal_incl_tax": o.subtotal + o.tax - o.shippingTax, "tax_amount": o.tax,
		"discount_amount": -o.discount, "shipping_amount": o.shipping, "shipping_tax_amount": o.shippingTax,
		"shipping_incl_tax": o.shipping + o.shippingTax, "shipping_discount_amount": o.shippingDiscount, "total_due": due,
	} {
		out[name], out["base_"+name] = amount, o.base(amount)
	}
	if o.paid > 0 { // null until there is an invoice, and left out
		out["total_paid"], out["base_total_paid"] = o.paid, o.basePaid
		out["total_invoiced"], out["base_total_invoiced"] = o.paid, o.basePaid
	}
	if o.refunded > 0 {
		out["total_refunded"], out["base_total_refunded"] = o.refunded, o.baseRefunded
	}
	items := []object{}
	for _, i := range o.items {
		items = append(items, i.object(o))
	}
	out["items"], out["payment"], out["status_histories"] = items, o.payment(), o.histories()
	info := []object{}
	for _, pair := range o.additional {
		info = append(info, object{"key": pair[0], "value": pair[1]})
	}
	extension := object{"payment_additional_info": info, "shipping_assignments": []object{}}
	if !o.isVirtual() {
		extension["shipping_assignments"] = []object{{"shipping": object{"address": address("shipping"), "method": "flatrate_flatrate"}, "items": items}}
	}
	out["extension_attributes"] = extension
	return out
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

func address(kind string) object {
	return object{
		"address_type": kind, "firstname": "Jane", "lastname": "Doe", "street": []string{"Damrak 1", "2nd floor"}, "city": "Amsterdam",
		"postcode": "1012 LG", "region": "Noord-Holland", "country_id": "NL", "telephone": "+31 20 000 0000", "email": "shopper@example.com",
	}
}

func (i *item) object(o *order) object {
	out := object{
		"item_id": i.id, "order_id": o.id, "sku": i.sku, "name": i.name, "product_type": i.kind, "is_virtual": flag(i.virtual),
		"qty_ordered": i.ordered, "qty_invoiced": i.invoiced, "qty_refunded": i.refunded, "qty_canceled": i.voided, "tax_percent": i.taxRate,
		"qty_shipped": units(0),
	}
	if o.shipped && !i.virtual {
		out["qty_shipped"] = i.ordered
	}
	if i.parent > 0 {
		out["parent_item_id"] = i.parent
	}
	for name, amount := range map[string]units{
		"price": i.price, "price_incl_tax": i.priceTax, "row_total": i.net, "row_total_incl_tax": i.gross, "tax_amount": i.tax, "discount_amount": i.discount,
	} {
		out[name], out["base_"+name] = amount, o.base(amount)
	}
	return out
}

// payment lists additional_information as values without their keys; the keyed copy
// is the order's extension attribute payment_additional_info (document, 2.2).
func (o *order) payment() object {
	values := []string{}
	for _, pair := range o.additional {
		values = append(values, pair[1])
	}
	out := object{
		"entity_id": o.id, "method": o.draft.Method, "additional_information": values, "amount_ordered": o.grand, "base_amount_ordered": o.base(o.grand),
	}
	if o.lastTransaction != "" {
		out["last_trans_id"] = o.lastTransaction
	}
	if o.authorized {
		out["amount_authorized"], out["base_amount_authorized"] = o.grand, o.base(o.grand)
	}
	return out
}

// histories are the comments, newest first.
func (o *order) histories() []object {
	list := []object{}
	for n := len(o.comments) - 1; n >= 0; n-- {
		c := o.comments[n]
		one := object{
			"entity_id": c.id, "parent_id": o.id, "entity_name": "order", "status": c.status, "comment": c.text, "created_at": dbTime(c.at),
			"is_customer_notified": flag(c.notified), "is_visible_on_front": flag(c.visible),
		}
		if c.text == "" {
			one["comment"] = nil
		}
		list = append(list, one)
	}
	return list
}

func (o *order) invoiceObjects() []object {
	var list []object
	for _, inv := range o.invoices {
		comments := []object{}
		if inv.comment != "" {
			comments = append(comments, object{"parent_id": inv.id, "comment": inv.comment, "is_visible_on_front": 0})
		}
		one := object{
			"entity_id": inv.id, "order_id": o.id, "increment_id": o.increment + "-" + dbTime(inv.at)[:4], "state": 2, "grand_total": inv.total,
			"base_grand_total": o.base(inv.total), "order_currency_code": o.draft.Currency, "created_at": dbTime(inv.at), "comments": comments,
		}
		if inv.captured {
			one["transaction_id"] = o.lastTransaction
		}
		list = append(list, one)
	}
	return list
}

func (o *order) memoObjects() []object {
	var list []object
	for _, m := range o.memos {
		comments := []object{}
		if m.comment != "" {
			comments = append(comments, object{"parent_id": m.id, "comment": m.comment, "is_visible_on_front": 0})
		}
		one := object{
			"entity_id": m.id, "order_id": o.id, "state": 2, "grand_total": m.total, "base_grand_total": m.base, "base_adjustment_positive": m.adjustment,
			"created_at": dbTime(m.at), "comments": comments,
		}
		if m.invoice > 0 {
			one["invoice_id"] = m.invoice
		}
		list = append(list, one)
	}
	return list
}

func (o *order) transactionObjects() []object {
	var list []object
	for _, t := range o.transactions {
		list = append(list, object{
			"transaction_id": t.id, "order_id": o.id, "txn_id": t.txn, "txn_type": t.typ, "is_closed": flag(strings.HasSuffix(t.txn, "-refund")),
			"created_at": dbTime(t.at), "additional_information": []string{},
		})
	}
	return list
}
