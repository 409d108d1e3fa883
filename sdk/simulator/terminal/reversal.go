package terminal

import (
	"encoding/json"
	"slices"
)

// reversalRequest is what the simulator reads of a ReversalRequest (section 9.1).
type reversalRequest struct {
	ReversalReason         string
	OriginalPOITransaction struct {
		POITransactionID struct{ TransactionID, TimeStamp string }
	}
	ReversedAmount json.RawMessage
}

// readReversal reads a ReversalRequest, or says what is wrong with it.
func readReversal(m message) (in reversalRequest, wrong object) {
	wrong, ok := m.read(&in)
	switch {
	case !ok:
	case in.ReversalReason == "":
		wrong = malformed("ReversalRequest.ReversalReason", "missing")
	case in.OriginalPOITransaction.POITransactionID.TransactionID == "":
		wrong = malformed("ReversalRequest.OriginalPOITransaction.POITransactionID.TransactionID", "missing")
	}
	return in, wrong
}

// reverse takes back the last approved payment, whole (section 10): Westpay and
// Swedbank Pay reverse no other.
func (s *Simulator) reverse(d *device, m message) (*exchange, object) {
	in, wrong := readReversal(m)
	switch {
	case wrong != nil:
		return nil, wrong
	case d.running != nil:
		return nil, failure("Busy", "")
	}
	ref, x := in.OriginalPOITransaction.POITransactionID, d.begin(m, s.clock.Now())
	x.end(s.reversal(d, ref.TransactionID, ref.TimeStamp, in.ReversedAmount))
	return x, nil
}

func (s *Simulator) reversal(d *device, id, at string, part json.RawMessage) object {
	i := slices.IndexFunc(d.done, func(t *transaction) bool { return t.id == id && t.charged > 0 && stamp(t.endedAt) == at })
	if i < 0 {
		return failure("NotFound", "")
	}
	t := d.done[i]
	later := slices.ContainsFunc(d.done[i+1:], func(t *transaction) bool { return t.charged > 0 })
	if t.kind != kindNormal || t.reversed || later {
		return failure("NotAllowed", "")
	}
	if amount, err := parseAmount(string(part), t.currency); part != nil && (err != nil || amount != t.charged) {
		return failure("NotAllowed", "message=only%20whole")
	}
	t.reversed = true
	s.lastID++
	out := success()
	out["POIData"] = t.poiData()
	out["OriginalPOITransaction"] = object{"SaleID": t.x.SaleID, "POIID": d.poi, "POITransactionID": object{"TransactionID": t.id, "TimeStamp": stamp(t.endedAt)}}
	out["ReversedAmount"] = number(t.charged, t.currency)
	out["PaymentReceipt"] = d.receipts(t, false)
	return out
}
