package omnikassa

import (
	"encoding/json"
	"slices"
)

// checkoutParts are what iDEAL fast checkout can ask the consumer's bank for.
var checkoutParts = []string{partCustomer, partBilling, partShipping}

const (
	partCustomer = "CUSTOMER_INFORMATION"
	partBilling  = "BILLING_ADDRESS"
	partShipping = "SHIPPING_ADDRESS"
)

// readBrand reads the restriction to a brand and what goes with it. A force
// without a brand says nothing and is ignored.
func (a *Announcement) readBrand(f fields) (e *apiError) {
	if a.Brand, e = f.text("paymentBrand"); e != nil {
		return e
	}
	if a.Force, e = f.text("paymentBrandForce"); e != nil {
		return e
	}
	switch {
	case a.Brand != "" && a.Force == "":
		return invalid("paymentBrandForce is required with paymentBrand")
	case a.Force != "" && a.Force != forceOnce && a.Force != forceAlways:
		return invalid("paymentBrandForce should be one of: [FORCE_ONCE, FORCE_ALWAYS]")
	}
	meta, e := f.object("paymentBrandMetaData")
	if e != nil || meta == nil {
		return e
	}
	if a.Brand == "" {
		return invalid("paymentBrandMetaData requires paymentBrand and paymentBrandForce")
	}
	if a.IssuerID, e = meta.text("issuerId"); e != nil {
		return e
	}
	if len(a.IssuerID) > maxIssuerID {
		return invalid("issuerId is too long, maximum length is [11]")
	}
	return a.readFastCheckout(meta)
}

func (a *Announcement) readFastCheckout(meta fields) *apiError {
	if meta.empty("fastCheckout") {
		return nil
	}
	fast, e := meta.object("fastCheckout")
	if e != nil {
		return e
	}
	if a.Brand != "IDEAL" || a.Force != forceAlways {
		return invalid("fastCheckout requires paymentBrand IDEAL and paymentBrandForce FORCE_ALWAYS")
	}
	if fast.empty("requiredCheckoutFields") {
		return invalid("requiredCheckoutFields is required with fastCheckout")
	}
	if err := json.Unmarshal(fast["requiredCheckoutFields"], &a.CheckoutFields); err != nil {
		return invalid("requiredCheckoutFields should be a list of texts")
	}
	for _, part := range a.CheckoutFields {
		if !slices.Contains(checkoutParts, part) {
			return invalid("requiredCheckoutFields should be some of: [CUSTOMER_INFORMATION, BILLING_ADDRESS, SHIPPING_ADDRESS]")
		}
	}
	a.FastCheckout = true
	return nil
}
