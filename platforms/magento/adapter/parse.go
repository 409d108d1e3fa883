package main

import (
	"strconv"
	"strings"
)

// document reads an order.
func (s *scanner) document() (d document) {
	for more := s.begins('{', '}'); more; more = s.goesOn('}') {
		name := s.name()
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
			for more := s.begins('{', '}'); more; more = s.goesOn('}') {
				name := s.name()
				s.only(name == "method", (*text)(&d.Method))
			}
		case "items":
			for more := s.begins('[', ']'); more; more = s.goesOn(']') {
				d.Items = append(d.Items, s.item())
			}
		case "status_histories":
			for more := s.begins('[', ']'); more; more = s.goesOn(']') {
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
func (s *scanner) only(wanted bool, into *text) {
	if !wanted {
		s.skip()
		return
	}
	*into = s.scalar()
}

// amount reads one of several amounts, or its twin of the base currency.
func (s *scanner) amount(name string, of func(name string) *pair) {
	plain, base := strings.CutPrefix(name, "base_")
	p := of(plain)
	switch {
	case p == nil:
		s.skip()
	case base:
		p.base = s.scalar()
	default:
		p.order = s.scalar()
	}
}

func (s *scanner) item() (i item) {
	for more := s.begins('{', '}'); more; more = s.goesOn('}') {
		name := s.name()
		if t := i.text(name); t != nil {
			*t = s.scalar()
			continue
		}
		s.amount(name, i.amount)
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
	case "is_virtual":
		return &i.Virtual
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

func (s *scanner) note() (n note) {
	for more := s.begins('{', '}'); more; more = s.goesOn('}') {
		name := s.name()
		switch name {
		case "entity_id":
			n.ID = s.scalar()
		case "comment":
			n.Comment = s.scalar()
		case "is_visible_on_front":
			n.Visible = s.scalar()
		default:
			s.skip()
		}
	}
	return n
}

func (s *scanner) place() *place {
	if s.next() != '{' {
		s.skip()
		return nil
	}
	p := &place{}
	for more := s.begins('{', '}'); more; more = s.goesOn('}') {
		name := s.name()
		switch t := p.text(name); {
		case t != nil:
			*t = s.scalar()
		case name == "street" && s.next() == '[':
			for more := s.begins('[', ']'); more; more = s.goesOn(']') {
				p.Street = append(p.Street, string(s.scalar()))
			}
		case name == "street":
			p.Street = []string{string(s.scalar())}
		default:
			s.skip()
		}
	}
	return p
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
func (s *scanner) delivery() (to *place) {
	for more := s.begins('{', '}'); more; more = s.goesOn('}') {
		name := s.name()
		if name != "shipping_assignments" {
			s.skip()
			continue
		}
		for more := s.begins('[', ']'); more; more = s.goesOn(']') {
			for more := s.begins('{', '}'); more; more = s.goesOn('}') {
				name := s.name()
				if name != "shipping" || to != nil {
					s.skip()
					continue
				}
				for more := s.begins('{', '}'); more; more = s.goesOn('}') {
					name := s.name()
					if name == "address" {
						to = s.place()
						continue
					}
					s.skip()
				}
			}
		}
	}
	return to
}

// list reads a list of orders, and how many there are.
func (s *scanner) list() (orders []document, total int) {
	for more := s.begins('{', '}'); more; more = s.goesOn('}') {
		name := s.name()
		switch name {
		case "items":
			for more := s.begins('[', ']'); more; more = s.goesOn(']') {
				orders = append(orders, s.document())
			}
		case "total_count":
			n, err := strconv.Atoi(string(s.scalar()))
			total, s.bad = n, s.bad || err != nil
		default:
			s.skip()
		}
	}
	return orders, total
}
