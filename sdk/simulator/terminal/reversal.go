package terminal

import (
	"encoding/json"
	"slices"
)

// reverse takes back the last approved payment, whole (section 10): Westpay and
// Swedbank Pay reverse no other.
func (s *Simulator) reverse(d *device, m message) (*exchange, object) {
	var in struct {
		ReversalReason         string
		OriginalPOITransaction struct {
			POITransactionID struct{ TransactionID, TimeStamp string }
		}
		ReversedAmount json.RawMessage
	}
	if wrong, ok := m.read(&in); !ok {
		return nil, wrong
	}
	ref := in.OriginalPOITransaction.POITransactionID
	switch {
	case in.ReversalReason == "":
		return nil, malformed("ReversalRequest.ReversalReason", "missing")
	case ref.TransactionID == "":
		return nil, malformed("ReversalRequest.OriginalPOITransaction.POITransactionID.TransactionID", "missing")
	case d.running != nil:
		return nil, failure("Busy", "")
	}
	x := d.begin(m, s.clock.Now())
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
