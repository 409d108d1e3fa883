package omnikassa

import (
	"net/http"
	"slices"
)

// refundByID tells how a refund stands.
func (s *Simulator) refundByID(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callRefundDetails, accessToken); e != nil {
		s.refuse(w, e)
		return
	}
	s.mu.Lock()
	var d refundDetails
	known := false
	if t := s.txs[r.PathValue("transaction")]; t != nil {
		i := slices.IndexFunc(t.refunds, func(f *refund) bool { return f.id == r.PathValue("refund") })
		if known = i >= 0; known {
			d = s.refundDetails(t.refunds[i], callRefundDetails)
		}
	}
	s.mu.Unlock()
	if !known {
		s.refuse(w, refusedRefund(http.StatusNotFound, refundUnknown, "Unknown refund"))
		return
	}
	s.write(w, http.StatusOK, d)
}

// refundableDetails tells what of a transaction can still be refunded, and until
// when.
func (s *Simulator) refundableDetails(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callRefundableDetails, accessToken); e != nil {
		s.refuse(w, e)
		return
	}
	type details struct {
		TransactionID string      `json:"transactionId"`
		Money         moneyNumber `json:"refundableMoney"`
		Expiry        string      `json:"expiryDatetime"`
	}
	s.mu.Lock()
	t := s.txs[r.PathValue("transaction")]
	e := refundable(t)
	var d details
	if e == nil {
		d = details{t.id, centsNumber(s.remaining(t)), writeRecordTime(t.updatedAt.Add(refundWindow))}
	}
	s.mu.Unlock()
	if e != nil {
		s.refuse(w, e)
		return
	}
	s.write(w, http.StatusOK, d)
}
