package bambora

import (
	"net/http"
	"time"
)

// object is a JSON object of an answer.
type object = map[string]any

// readTransaction serves GET /transactions/{id} (document, 7.1).
func (s *Simulator) readTransaction(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.txs[r.PathValue("tx")]
	if !ok {
		s.refuse(w, unknownTransaction(r.PathValue("tx")))
		return
	}
	balance := t.authorized - t.captured
	if t.deleted {
		balance = 0
	}
	s.write(w, http.StatusOK, object{"meta": good(), "transaction": object{
		"id": t.id, "orderid": t.orderID, "merchantnumber": s.cfg.MerchantNumber, "reference": t.reference,
		"status": "approved", "createddate": stamp(t.createdAt), "candelete": t.canDelete(), "currency": t.currency,
		"available": object{"capture": t.toCapture(), "credit": t.toCredit()},
		"total": object{
			"authorized": t.authorized, "balance": balance, "captured": t.captured, "credited": t.credited, "declined": 0, "feeamount": t.fee,
		},
		"information": s.information(t),
		"links":       object{"transactionoperations": s.publicURL(r) + "/transactions/" + t.id + "/transactionoperations"},
	}})
}

// information is what is known of the card. Exemptions are left out where there
// are none, wallets are an empty array (document, 7.1).
func (s *Simulator) information(t *transaction) object {
	name := t.card.kind.title
	if s.faults.On(faultUnknownBrand, callTransaction) {
		name = strangeBrand
	}
	out := object{
		"acquirers":             []object{{"name": "Bambora"}},
		"acquirerreferences":    []object{{"reference": t.reference}},
		"ecis":                  []object{{"value": t.card.eci}},
		"paymenttypes":          []object{{"displayname": name, "groupid": t.card.kind.group, "id": t.card.kind.id}},
		"primaryaccountnumbers": []object{{"number": t.card.masked()}},
		"wallets":               []object{},
	}
	if t.exempt != "" {
		out["exemptions"] = []object{{"value": t.exempt}}
	}
	return out
}

// readOperations serves GET /transactions/{id}/transactionoperations: a tree
// with the authorisation at its root (document, 7.2).
func (s *Simulator) readOperations(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.txs[r.PathValue("tx")]
	if !ok {
		s.refuse(w, unknownTransaction(r.PathValue("tx")))
		return
	}
	root := t.object(t.operations[0], "")
	children := []object{}
	for _, p := range t.operations[1:] {
		children = append(children, t.object(p, t.operations[0].id))
	}
	root["transactionoperations"] = children
	s.write(w, http.StatusOK, object{"meta": good(), "transactionoperations": []object{root}})
}

func (t *transaction) object(p *operation, parent string) object {
	out := object{
		"id": p.id, "action": p.action, "subaction": p.subaction, "status": "approved", "amount": p.amount, "currentbalance": p.balance,
		"currency": t.currency, "createddate": stamp(p.createdAt), "orderid": t.orderID, "acquirername": "Bambora",
		"actionsource": "sandbox", "actioncode": "0", "acquirerdata": []object{},
	}
	if parent != "" {
		out["parenttransactionoperationid"] = parent
	}
	if p.action == actionAuthorize {
		out["eci"] = object{"value": t.card.eci}
		out["paymenttype"] = object{"id": t.card.kind.id}
		out["primaryaccountnumbers"] = []object{{"number": t.card.masked()}}
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
