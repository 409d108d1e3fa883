package bambora

import (
	"net/http"
	"strconv"
)

// listTypes serves GET /paymenttypes (document, 7.3).
func (s *Simulator) listTypes(w http.ResponseWriter, r *http.Request) {
	amount, err := strconv.ParseInt(r.URL.Query().Get("amount"), 10, 64)
	if _, known := currencies[r.URL.Query().Get("currency")]; !known || err != nil || amount <= 0 {
		s.refuse(w, field("currency", "a currency of this merchant and an amount above zero are needed"))
		return
	}
	groups := []object{}
	for _, k := range kinds {
		groups = append(groups, object{
			"id": k.group, "name": k.name, "displayname": k.title,
			"assets":       []object{{"type": "logo", "data": s.publicURL(r) + "/logos/" + k.name + ".svg"}},
			"paymenttypes": []object{{"id": k.id, "groupid": k.group, "name": k.name, "displayname": k.title, "fee": object{"id": "54321", "amount": 0}}},
		})
	}
	s.write(w, http.StatusOK, object{"meta": good(), "paymentcollections": []object{
		{"id": 1, "name": "paymentcard", "displayname": "Payment cards", "paymentgroups": groups},
	}})
}

// responseCode serves GET /responsecodes/{source}/{code} (document, 7.4).
func (s *Simulator) responseCode(w http.ResponseWriter, r *http.Request) {
	code := r.PathValue("code")
	label := map[string]string{
		"0": "Approved", codeAuth: "Access denied", codeField: "A field is wrong", codeDupOrder: "The order is paid already",
		codeNotFound: "There is no such transaction", codeCurrency: "Wrong currency", codeOverCapture: "Captured too much",
		codeOverCredit: "Credited too much", codeNoDelete: "It cannot be deleted", codeAcquirer: "The acquirer refused",
	}[code]
	if label == "" || r.PathValue("source") != "sandbox" {
		s.refuse(w, &apiError{http.StatusNotFound, codeNotFound, "there is no such response code"})
		return
	}
	s.write(w, http.StatusOK, object{"meta": good(), "responsecode": object{
		"source": "sandbox", "actioncode": code, "enduserlabel": label, "merchantlabel": label,
	}})
}

// permissions serves GET /merchant/functionpermissionsandfeatures (document, 7.5).
func (s *Simulator) permissions(w http.ResponseWriter, _ *http.Request) {
	s.write(w, http.StatusOK, object{"meta": good(), "features": []object{}, "functionpermissions": []object{
		{"name": "function#expresscheckoutservice#v1#createpaymentrequest"},
		{"name": "function#expresscheckoutservice#v1#getpaymentrequest"},
		{"name": "function#expresscheckoutservice#v1#listpaymentrequests"},
		{"name": "function#expresscheckoutservice#v1#deletepaymentrequest"},
		{"name": "function#expresscheckoutservice#v1#createpaymentrequestemailnotification"},
	}})
}
