package main

import "strings"

// text is a text, or a number or flag as the shop writes it; null is "".
type text string

// isNothing says whether an amount is none, or 0.
func (t text) isNothing() bool { return strings.Trim(string(t), "0.") == "" }

// isOn says whether a flag is set, which the shop writes as a number, mostly.
func (t text) isOn() bool { return t == "1" || t == "true" }

// document is an order of the shop, as far as it matters here (2.2).
type document struct {
	EntityID, IncrementID, StoreID text
	State, Status                  string
	UpdatedAt                      string
	Method                         string
	Count                          text // of lines

	OrderCurrency, BaseCurrency            string
	Grand, Paid, Refunded, Gross, Discount pair // Gross and Discount are those of shipping
	Items                                  []item
	Comments                               []note

	CustomerID, Email, IP, Shipping text
	Billing, Delivery               *place
}

// pair is an amount in the order's currency and in the base currency: where it has no
// value the shop writes null or nothing.
type pair struct{ order, base text }

// item is a line. Those with a parent are a configurable product's variant or a
// bundle's parts, which the parent's amounts cover.
type item struct {
	ID, Parent, SKU, Name, Virtual, Ordered, Shipped text
	Gross, Discount, Tax                             pair
}

type note struct{ ID, Comment, Visible text }

type place struct {
	FirstName, LastName, Company, PostCode, City, Region, Country, Telephone text
	Street                                                                   []string
}

// The states that matter here (1).
const (
	stateNew            = "new"
	statePendingPayment = "pending_payment"
	stateReview         = "payment_review"
	stateProcessing     = "processing"
	stateComplete       = "complete"
	stateClosed         = "closed"
	stateCanceled       = "canceled"
	stateHolded         = "holded"
)
