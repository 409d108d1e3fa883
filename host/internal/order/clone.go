package order

import (
	"maps"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// clone copies whatever a change may write to. What is set once, such as
// lines, rules and metadata, is shared.
func (o Order) clone() Order {
	o.Raised = slices.Clone(o.Raised)
	o.Payments = slices.Clone(o.Payments)
	for i := range o.Payments {
		o.Payments[i] = o.Payments[i].clone()
	}
	return o
}

func (p Payment) clone() Payment {
	p.ProviderReferences = slices.Clone(p.ProviderReferences)
	p.News = p.News.clone()
	p.Captures, p.Refunds = cloneOperations(p.Captures), cloneOperations(p.Refunds)
	p.Transactions = slices.Clone(p.Transactions)
	p.NotFound = slices.Clone(p.NotFound)
	return p
}

func cloneOperations(ops []Operation) []Operation {
	ops = slices.Clone(ops)
	for i := range ops {
		ops[i].NotFound = slices.Clone(ops[i].NotFound)
	}
	return ops
}

func (n News) clone() News {
	n.At, n.Since, n.Totals = maps.Clone(n.At), maps.Clone(n.Since), maps.Clone(n.Totals)
	n.Items, n.Own = cloneItems(n.Items), cloneItems(n.Own)
	n.Foreign, n.Unpriced, n.Attention = maps.Clone(n.Foreign), maps.Clone(n.Unpriced), maps.Clone(n.Attention)
	return n
}

func cloneItems(m map[contract.UpdateType]map[string]Item) map[contract.UpdateType]map[string]Item {
	m = maps.Clone(m)
	for t, items := range m {
		m[t] = maps.Clone(items)
	}
	return m
}
