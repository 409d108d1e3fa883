package httpapi

import (
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// readCreate reads what POST /v1/orders asks for. Whether it makes sense is
// for the domain to say; here it only has to have the right shape.
func readCreate(o *strict.Object) checkout.CreateSpec {
	o.Need("reference", "amount")
	var s checkout.CreateSpec
	s.Reference = o.Text("reference")
	s.Amount = readAmount(o, "amount")
	s.Description = o.Text("description")
	s.Lines = readLines(o, "lines")
	o.Object("customer", func(o *strict.Object) { s.Customer = readCustomer(o) })
	o.Object("billing_address", func(o *strict.Object) { s.BillingAddress = readAddress(o) })
	o.Object("shipping_address", func(o *strict.Object) { s.ShippingAddress = readAddress(o) })
	s.Locale = o.Text("locale")
	s.Country = o.Text("country")
	s.Methods = o.Texts("methods")
	s.Method = o.Text("method")
	s.MethodOptions = o.TextMap("method_options")
	if len(s.MethodOptions) > 0 && s.Method == "" {
		o.Refuse("method_options", "belongs to a method: name it in method")
	}
	s.Capture = contract.CaptureMode(o.Text("capture"))
	s.ReturnURL = o.Text("return_url")
	s.CancelURL = o.Text("cancel_url")
	s.NotifyURL = o.Text("notify_url")
	s.ExpiresAt = o.Time("expires_at")
	s.Metadata = o.TextMap("metadata")
	return s
}

// readChoice reads what POST …/payments asks for.
func readChoice(o *strict.Object) checkout.Choice {
	o.Need("method")
	return checkout.Choice{Method: o.Text("method"), MethodOptions: o.TextMap("method_options"), Seen: -1}
}

// readOperation reads what a capture or, without final, a refund asks for.
func readOperation(o *strict.Object, capture bool) checkout.OperationSpec {
	s := checkout.OperationSpec{Payment: o.Text("payment"), Amount: readAmount(o, "amount"), Reason: o.Text("reason"), Lines: readLines(o, "lines")}
	if capture {
		s.Final = o.Truth("final")
	}
	return s
}

// readAmount reads an amount that is paid, taken or given back: above zero.
// That is for here to say, since to the use cases zero means all that remains.
func readAmount(o *strict.Object, name string) order.Money {
	return readMoneyFrom(1, o, name)
}

// readMoney reads value and currency, of any sign: a discount is below zero.
func readMoney(o *strict.Object, name string) order.Money {
	return readMoneyFrom(-strict.MaxInteger, o, name)
}

func readMoneyFrom(lowest int64, o *strict.Object, name string) order.Money {
	var m order.Money
	o.Object(name, func(o *strict.Object) {
		o.Need("value", "currency")
		value, ok := o.Integer("value")
		if ok && value < lowest {
			o.Refuse("value", "is %d, an amount above zero is asked for", value)
		}
		m = order.Money{Value: value, Currency: o.Word("currency", isCurrency, noCurrency)}
		o.End()
	})
	return m
}

const noCurrency = "is no currency of ISO 4217: send a code such as EUR"

func isCurrency(code string) bool {
	_, known := contract.Exponent(code)
	return known
}

func readLines(o *strict.Object, name string) []contract.Line {
	var lines []contract.Line
	o.Objects(name, func(o *strict.Object) {
		o.Need("name", "kind", "quantity", "amount")
		lines = append(lines, contract.Line{
			ID: o.Text("id"), SKU: o.Text("sku"), Name: o.Text("name"), Description: o.Text("description"),
			Kind: contract.LineKind(o.Text("kind")), Quantity: o.Text("quantity"), Unit: o.Text("unit"),
			UnitPrice: readMoney(o, "unit_price"), Amount: readMoney(o, "amount"),
			TaxRate: o.Text("tax_rate"), TaxAmount: readMoney(o, "tax_amount"), TaxCode: o.Text("tax_code"),
			Codes: o.TextMap("codes"),
		})
		o.End()
	})
	return lines
}

func readCustomer(o *strict.Object) contract.Customer {
	c := contract.Customer{ID: o.Text("id"), Name: o.Text("name"), Email: o.Text("email"), Phone: o.Text("phone"), IP: o.Text("ip")}
	o.End()
	return c
}

func readAddress(o *strict.Object) contract.Address {
	a := contract.Address{
		FirstName: o.Text("first_name"), MiddleName: o.Text("middle_name"), LastName: o.Text("last_name"), Company: o.Text("company"),
		Street: o.Text("street"), HouseNumber: o.Text("house_number"), HouseNumberAddition: o.Text("house_number_addition"),
		PostalCode: o.Text("postal_code"), City: o.Text("city"), Region: o.Text("region"), Country: o.Text("country"),
	}
	o.End()
	return a
}
