package omnikassa

import (
	"net/http"
	"slices"
)

// orderDetails answers order by id (API manual, "Order details"). The times have
// other names than in a pull, and nothing is signed.
type orderDetails struct {
	Order struct {
		ID              string           `json:"id"`
		MerchantOrderID string           `json:"merchantOrderId"`
		Status          string           `json:"status"`
		Total           moneyNumber      `json:"totalAmount"`
		Transactions    []orderTx        `json:"transactions"`
		Checkout        *checkoutDetails `json:"checkoutDetails,omitempty"`
	} `json:"order"`
}

type orderTx struct {
	ID        string      `json:"id"`
	Brand     string      `json:"paymentBrand"`
	Type      string      `json:"type"`
	Status    string      `json:"status"`
	Amount    moneyNumber `json:"amount"`
	CreatedAt string      `json:"createdAt"`
	UpdatedAt string      `json:"lastUpdatedAt"`
}

// checkoutDetails is what iDEAL fast checkout collected: the parts asked for.
type checkoutDetails struct {
	Customer *checkoutCustomer `json:"customerInformation,omitempty"`
	Billing  *Address          `json:"billingAddress,omitempty"`
	Shipping *Address          `json:"shippingAddress,omitempty"`
}

type checkoutCustomer struct {
	FirstName       string `json:"firstName"`
	LastName        string `json:"lastName"`
	EmailAddress    string `json:"emailAddress"`
	TelephoneNumber string `json:"telephoneNumber"`
	Company         struct {
		Name string `json:"name"`
	} `json:"company"`
}

// orderByID tells how an order stands, final or not.
func (s *Simulator) orderByID(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callOrder, accessToken); e != nil {
		s.refuse(w, e)
		return
	}
	s.mu.Lock()
	o, known := s.orders[r.PathValue("order")]
	var d orderDetails
	if known {
		s.lapse(o, s.clock.Now())
		d = s.orderDetails(o)
	}
	s.mu.Unlock()
	if !known {
		s.refuse(w, notFound("the order is not known"))
		return
	}
	s.write(w, http.StatusOK, d)
}

// orderDetails describes an order. The caller holds s.mu.
func (s *Simulator) orderDetails(o *order) orderDetails {
	var d orderDetails
	d.Order.ID, d.Order.MerchantOrderID, d.Order.Status = o.id, o.MerchantOrderID, o.status
	d.Order.Total, d.Order.Transactions = centsNumber(o.Amount), []orderTx{}
	strange := s.faults.On(faultUnknownBrand, callOrder)
	for _, t := range o.txs {
		row := orderTx{ID: t.id, Brand: t.brand.name, Type: "PAYMENT", Status: t.status, Amount: d.Order.Total,
			CreatedAt: writeRecordTime(t.startedAt), UpdatedAt: writeRecordTime(t.updatedAt)}
		if strange {
			row.Brand = strangeBrand
		}
		d.Order.Transactions = append(d.Order.Transactions, row)
	}
	if o.FastCheckout && o.status == orderCompleted {
		d.Order.Checkout = collected(o.CheckoutFields)
	}
	if s.faults.On(faultUnknownStatus, callOrder) {
		d.Order.Status = strangeStatus
	}
	return d
}

// collected is the simulated consumer's data, as far as it was asked for.
func collected(parts []string) *checkoutDetails {
	home := &Address{FirstName: "Jan", LastName: "Jansen", Street: "Teststraat", HouseNumber: "12", HouseNumberAddition: "a",
		PostalCode: "1234AB", City: "Utrecht", CountryCode: "NL"}
	d := &checkoutDetails{}
	if slices.Contains(parts, partCustomer) {
		d.Customer = &checkoutCustomer{FirstName: "Jan", LastName: "Jansen", EmailAddress: "jan.jansen@example.org", TelephoneNumber: "+31201234567"}
		d.Customer.Company.Name = "Voorbeeld B.V."
	}
	if slices.Contains(parts, partBilling) {
		d.Billing = home
	}
	if slices.Contains(parts, partShipping) {
		d.Shipping = home
	}
	return d
}
