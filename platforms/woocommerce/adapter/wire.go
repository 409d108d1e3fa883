package main

import (
	"strings"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// document is an order as REST and webhooks give it (1.2): what is used of it.
// Numbers and texts are both read as text, so that no amount goes through a float.
type document struct {
	ID, Number, Key, Status, Currency, Total string
	// Paid is date_paid_gmt, "" if it was never paid.
	Paid, CustomerID, CustomerIP, PaymentMethod, Transaction, PaymentURL string

	Billing, Shipping  postal
	Meta               []meta // ours alone
	Lines, Ships, Fees []item
	// Settled says that needs_payment is false. Where a webhook of an older API version
	// lacks it, status and total say so (1.4).
	Settled bool
	// Digital says that nothing needs processing: all is virtual and downloadable (1.4).
	Digital bool
	// large says that only the id was read.
	large bool
}

// documentFields asks WordPress to leave the rest out, leanFields the lines too,
// toldFields also what telling does not need, and changedFields all that a change
// of ours does not change.
const (
	toldFields     = "_fields=id,number,order_key,status,currency,total,date_paid_gmt,transaction_id,meta_data"
	changedFields  = "_fields=id,order_key,status,date_paid_gmt,transaction_id"
	leanFields     = toldFields + ",customer_id,customer_ip_address,billing,shipping,payment_method,payment_url,needs_payment,needs_processing"
	documentFields = leanFields + ",line_items,shipping_lines,fee_lines"
)

// member is the text of this name, nil where it is not used.
func (d *document) member(name string) *string {
	switch name {
	case "id":
		return &d.ID
	case "number":
		return &d.Number
	case "order_key":
		return &d.Key
	case "status":
		return &d.Status
	case "currency":
		return &d.Currency
	case "total":
		return &d.Total
	case "date_paid_gmt":
		return &d.Paid
	case "customer_id":
		return &d.CustomerID
	case "customer_ip_address":
		return &d.CustomerIP
	case "payment_method":
		return &d.PaymentMethod
	case "transaction_id":
		return &d.Transaction
	case "payment_url":
		return &d.PaymentURL
	}
	return nil
}

// scan reads an order.
func (d *document) scan(s *guest.Scanner) {
	for name := range s.Members {
		switch name {
		case "billing":
			d.Billing = scanPostal(s)
		case "shipping":
			d.Shipping = scanPostal(s)
		case "meta_data":
			d.Meta = scanMeta(s)
		case "line_items":
			d.Lines = scanItems(s)
		case "shipping_lines":
			d.Ships = scanItems(s)
		case "fee_lines":
			d.Fees = scanItems(s)
		case "needs_payment":
			d.Settled = string(s.Raw()) == "false"
		case "needs_processing":
			d.Digital = string(s.Raw()) == "false"
		default:
			if into := d.member(name); into != nil {
				*into = s.Text()
			} else {
				s.Skip()
			}
		}
	}
}

type meta struct{ Key, Value string }

// scanMeta keeps what is ours: extensions of the shop put there what they like.
func scanMeta(s *guest.Scanner) []meta {
	var list []meta
	for range s.Items {
		var m meta
		var value []byte
		for name := range s.Members {
			switch name {
			case "key":
				m.Key = s.Text()
			case "value":
				value = s.Raw()
			default:
				s.Skip()
			}
		}
		if strings.HasPrefix(m.Key, metaPrefix) {
			m.Value = guest.Scan(value).Text()
			list = append(list, m)
		}
	}
	return list
}

// item is a line of any sort; amounts are after discount, without tax.
type item struct{ Name, Title, SKU, Quantity, Total, Tax string }

func scanItems(s *guest.Scanner) []item {
	var list []item
	for range s.Items {
		var i item
		for name := range s.Members {
			switch name {
			case "name":
				i.Name = s.Text()
			case "method_title":
				i.Title = s.Text()
			case "sku":
				i.SKU = s.Text()
			case "quantity":
				i.Quantity = s.Text()
			case "total":
				i.Total = s.Text()
			case "total_tax":
				i.Tax = s.Text()
			default:
				s.Skip()
			}
		}
		list = append(list, i)
	}
	return list
}

type postal struct {
	FirstName, LastName, Company, Address1, Address2, City, State, Postcode, Country, Email, Phone string
}

// member is the field of this name, nil where it is not used.
func (p *postal) member(name string) *string {
	switch name {
	case "first_name":
		return &p.FirstName
	case "last_name":
		return &p.LastName
	case "company":
		return &p.Company
	case "address_1":
		return &p.Address1
	case "address_2":
		return &p.Address2
	case "city":
		return &p.City
	case "state":
		return &p.State
	case "postcode":
		return &p.Postcode
	case "country":
		return &p.Country
	case "email":
		return &p.Email
	case "phone":
		return &p.Phone
	}
	return nil
}

func scanPostal(s *guest.Scanner) (p postal) {
	for name := range s.Members {
		if into := p.member(name); into != nil {
			*into = s.Text()
		} else {
			s.Skip()
		}
	}
	return p
}

// The statuses of an order (1.3).
const (
	pending    = "pending"
	failed     = "failed"
	onHold     = "on-hold"
	processing = "processing"
	completed  = "completed"
	cancelled  = "cancelled"
	trash      = "trash"
)

// reference names the order towards the gateway: its id is its identity together
// with its key (1.2), of whose SHA-256 it bears eight digits. The host computes it,
// so that the module need not hold the hash.
func (a api) reference(d document) (string, error) {
	sum, err := a.call.Digest(contract.DigestRequest{Algorithm: contract.SHA256, Data: contract.Parts{contract.Lit(d.Key)}})
	if err != nil || len(sum) < 4 {
		return "", err
	}
	const hex = "0123456789abcdef"
	out := d.ID + "-"
	for _, b := range sum[:4] {
		out += string([]byte{hex[b>>4], hex[b&15]})
	}
	return out, nil
}

// minKey is how much a digest must cover, and less than any order's key.
const minKey = 4

// sound says whether it is an order at all.
func (d document) sound() bool { return isID(d.ID) && len(d.Key) >= minKey }

// amount is what the order costs. The shop's number of decimals may be another
// than the currency's.
func (d document) amount() (contract.Money, error) {
	return contract.ParseDecimal(d.Total, d.Currency)
}

// meta gives the value of a key, "" where there is none.
func (d document) meta(key string) string {
	for _, m := range d.Meta {
		if m.Key == key {
			return m.Value
		}
	}
	return ""
}

// remember notes what was written.
func (d *document) remember(m metaOut) {
	for i := range d.Meta {
		if d.Meta[i].Key == m.Key {
			d.Meta[i].Value = m.Value
			return
		}
	}
	d.Meta = append(d.Meta, meta(m))
}

// What an order remembers of the gateway, in meta data that are hidden from the
// admin's list and returned by REST, so without secrets (1.2). Those for the
// checkout, the paying order and refunds are the extension's too.
const (
	metaPrefix   = "_kassette_"
	metaCheckout = "_kassette_checkout_id" // the gateway's order that the shop's waits for
	metaPayLink  = "_kassette_pay_link"
	metaTold     = "_kassette_told"  // order:number:status of the last news of each of its orders
	metaFlags    = "_kassette_flags" // codes of what was said once
	metaPaidBy   = "_kassette_paid_by"
	metaRefund   = "_kassette_refund_id"
)

// isID says whether s is the id of a post.
func isID(s string) bool {
	return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == "" && s[0] != '0'
}

// plainText makes one line of at most so many characters of a text, without
// control characters and tags.
func plainText(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError { // the control characters of Unicode
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most]))
	}
	return s
}
