package omnikassa

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"strconv"
	"strings"
)

// sign is the one signature of the protocol (developer's manual, "Signature"):
// the values joined by commas, nothing escaped, HMAC-SHA512 with the decoded
// key, 128 lower-case hex digits.
func sign(key []byte, values ...string) string {
	mac := hmac.New(sha512.New, key)
	mac.Write([]byte(strings.Join(values, ",")))
	return hex.EncodeToString(mac.Sum(nil))
}

// values lists the signed values of a pull page. Transactions count where they
// are in the body; confirmedAmount null gives two empty values.
func (p *pullPage) values() []string {
	list := []string{strconv.FormatBool(p.More)}
	for _, r := range p.Results {
		list = append(list, r.MerchantOrderID, r.OmnikassaOrderID, r.POIID, r.Status, r.StatusAt, r.ErrorCode,
			r.Paid.Currency, r.Paid.Amount, r.Total.Currency, r.Total.Amount)
		for _, t := range r.Transactions {
			confirmed := moneyText{}
			if t.Confirmed != nil {
				confirmed = *t.Confirmed
			}
			list = append(list, t.ID, t.Brand, t.Type, t.Status, t.Amount.Currency, t.Amount.Amount,
				confirmed.Currency, confirmed.Amount, t.StartedAt, t.UpdatedAt)
		}
	}
	return list
}

// values lists the signed values of a notification.
func (n *notification) values() []string {
	return []string{n.Authentication, n.Expiry, n.EventName, strconv.FormatInt(n.POIID, 10)}
}

// spoil changes the first digit of a signature, so that it no longer verifies.
func spoil(signature string) string {
	if strings.HasPrefix(signature, "0") {
		return "1" + signature[1:]
	}
	return "0" + signature[1:]
}
