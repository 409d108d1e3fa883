package robokassa

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxForm bounds a form, in bytes.
const maxForm = 1 << 18

// params are the parameters of a request, of the query and the form together,
// whose names are taken in any letter case.
type params struct {
	values map[string]string // by canonical name
	shop   []shopParam       // Shp_…, sorted
	length int               // of all of those together
	only   []string          // PaymentMethods, which may come several times
}

// aliases are other names that official code sends.
var aliases = map[string]string{
	"mrchlogin": "merchantlogin", "desc": "description", "invoiceid": "invid", "signature": "signaturevalue", "outsumm": "outsum",
}

func readParams(w http.ResponseWriter, r *http.Request) (params, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return params{}, false
	}
	return gather(r.Form), true
}

func gather(form url.Values) params {
	p := params{values: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		value := form.Get(name)
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "shp_") {
			p.shop = append(p.shop, shopParam{name, value})
			p.length += len(name) + len(value)
			continue
		}
		if lower == "paymentmethods" {
			p.only = append(p.only, form[name]...)
			continue
		}
		if other := aliases[lower]; other != "" {
			lower = other
		}
		if p.values[lower] == "" {
			p.values[lower] = value
		}
	}
	sortShop(p.shop)
	return p
}

// get gives a parameter by its name in lower case.
func (p params) get(name string) string { return p.values[name] }
