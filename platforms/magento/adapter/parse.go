package main

import (
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/guest"
)

// document reads an order.
func (s scanner) document() (d document) {
	for name := range s.Members {
		switch name {
		case "entity_id":
			d.EntityID = s.scalar()
		case "increment_id":
			d.IncrementID = s.scalar()
		case "store_id":
			d.StoreID = s.scalar()
		case "state":
			d.State = string(s.scalar())
		case "status":
			d.Status = string(s.scalar())
		case "total_item_count":
			d.Count = s.scalar()
		case "updated_at":
			d.UpdatedAt = string(s.scalar())
		case "order_currency_code":
			d.OrderCurrency = string(s.scalar())
		case "base_currency_code":
			d.BaseCurrency = string(s.scalar())
		case "payment":
			for name := range s.Members {
				s.only(name == "method", (*text)(&d.Method))
			}
		case "items":
			for range s.Items {
				d.Items = append(d.Items, s.item())
			}
		case "status_histories":
			for range s.Items {
				d.Comments = append(d.Comments, s.note())
			}
		case "billing_address":
			d.Billing = s.place()
		case "extension_attributes":
			d.Delivery = s.delivery()
		case "customer_id":
			d.CustomerID = s.scalar()
		case "customer_email":
			d.Email = s.scalar()
		case "remote_ip":
			d.IP = s.scalar()
		case "shipping_description":
			d.Shipping = s.scalar()
		default:
			s.amount(name, d.amount)
		}
	}
	return d
}

// only reads the one member that is wanted, and passes over the others.
func (s scanner) only(wanted bool, into *text) {
	if !wanted {
		s.Skip()
		return
	}
	*into = s.scalar()
}

// amount reads one of several amounts, or its twin of the base currency.
func (s scanner) amount(name string, of func(name string) *pair) {
	plain, base := strings.CutPrefix(name, "base_")
	p := of(plain)
	switch {
	case p == nil:
		s.Skip()
	case base:
		p.base = s.scalar()
	default:
		p.order = s.scalar()
	}
}

func (s scanner) item() (i item) {
	for name := range s.Members {
		switch t := i.text(name); {
		case t != nil:
			*t = s.scalar()
		case name == "is_virtual":
			i.Virtual = s.flag()
		default:
			s.amount(name, i.amount)
		}
	}
	return i
}

// text and amount are the places of an item's members.
func (i *item) text(name string) *text {
	switch name {
	case "item_id":
		return &i.ID
	case "parent_item_id":
		return &i.Parent
	case "sku":
		return &i.SKU
	case "name":
		return &i.Name
	case "qty_ordered":
		return &i.Ordered
	case "qty_shipped":
		return &i.Shipped
	}
	return nil
}

func (i *item) amount(name string) *pair {
	switch name {
	case "row_total_incl_tax":
		return &i.Gross
	case "discount_amount":
		return &i.Discount
	case "tax_amount":
		return &i.Tax
	}
	return nil
}

// amount is the place of an order's amount.
func (d *document) amount(name string) *pair {
	switch name {
	case "grand_total":
		return &d.Grand
	case "total_paid":
		return &d.Paid
	case "total_refunded":
		return &d.Refunded
	case "shipping_incl_tax":
		return &d.Gross
	case "shipping_discount_amount":
		return &d.Discount
	}
	return nil
}

func (s scanner) note() (n note) {
	for name := range s.Members {
		switch name {
		case "entity_id":
			n.ID = s.scalar()
		case "comment":
			n.Comment = s.scalar()
		case "is_visible_on_front":
			n.Visible = s.flag()
		default:
			s.Skip()
		}
	}
	return n
}

func (s scanner) place() (p *place) {
	for name := range s.Members {
		if p == nil {
			p = &place{}
		}
		switch t := p.text(name); {
		case t != nil:
			*t = s.scalar()
		case name == "street":
			p.Street = s.texts()
		default:
			s.Skip()
		}
	}
	return p
}

// texts is a list of texts, or one.
func (s scanner) texts() (list []string) {
	raw := s.Raw()
	in := guest.Scan(raw)
	for range in.Items {
		list = append(list, in.Text())
	}
	if list == nil {
		list = []string{guest.Scan(raw).Text()}
	}
	return list
}

// text is the place of an address's member.
func (p *place) text(name string) *text {
	switch name {
	case "firstname":
		return &p.FirstName
	case "lastname":
		return &p.LastName
	case "company":
		return &p.Company
	case "postcode":
		return &p.PostCode
	case "city":
		return &p.City
	case "region":
		return &p.Region
	case "country_id":
		return &p.Country
	case "telephone":
		return &p.Telephone
	}
	return nil
}

// delivery is the address of the first of the extension attribute's assignments.
func (s scanner) delivery() (to *place) {
	for name := range s.Members {
		if name != "shipping_assignments" {
			s.Skip()
			continue
		}
		for range s.Items {
			for name := range s.Members {
				if name != "shipping" || to != nil {
					s.Skip()
					continue
				}
				for name := range s.Members {
					if name == "address" {
						to = s.place()
						continue
					}
					s.Skip()
				}
			}
		}
	}
	return to
}

// list reads a list of orders, and how many there are.
func (s scanner) list() (orders []document, total int, ok bool) {
	for name := range s.Members {
		switch name {
		case "items":
			for range s.Items {
				orders = append(orders, s.document())
			}
		case "total_count":
			n, err := strconv.Atoi(s.Text())
			total, ok = n, err == nil
		default:
			s.Skip()
		}
	}
	return orders, total, ok
}
