package terminal

import (
	"maps"
	"slices"
)

// checkLogin says what a LoginRequest lacks (section 4).
func checkLogin(m message) object {
	var in struct {
		DateTime         string
		OperatorLanguage string
		SaleSoftware     struct {
			ManufacturerID, ProviderIdentification, ApplicationName, SoftwareVersion, CertificationCode string
		}
	}
	if wrong, ok := m.read(&in); !ok {
		return wrong
	}
	soft := in.SaleSoftware
	for _, c := range []struct{ path, value string }{
		{"DateTime", in.DateTime}, {"OperatorLanguage", in.OperatorLanguage},
		{"SaleSoftware.ProviderIdentification", soft.ProviderIdentification + soft.ManufacturerID},
		{"SaleSoftware.ApplicationName", soft.ApplicationName}, {"SaleSoftware.SoftwareVersion", soft.SoftwareVersion},
		{"SaleSoftware.CertificationCode", soft.CertificationCode},
	} {
		if c.value == "" {
			return malformed("LoginRequest."+c.path, "missing")
		}
	}
	return nil
}

// logIn ties the terminal to a till. A till that logs in anew, or another one,
// takes the place of the one before (section 4).
func (s *Simulator) logIn(d *device, m message) (*exchange, object) {
	d.sale = m.SaleID
	out := success()
	out["POISystemData"] = object{
		"DateTime":        stamp(s.clock.Now()),
		"POISoftware":     object{"ProviderIdentification": "Kassette", "ApplicationName": "simulator", "SoftwareVersion": "1.0.0", "CertificationCode": "none"},
		"POITerminalData": object{"TerminalEnvironment": "Attended", "POICapabilities": []string{"CustomerDisplay", "ICC", "MagStripe", "EMVContactless", "PrinterReceipt"}, "POISerialNumber": "SIM" + d.poi},
		"POIStatus":       d.condition(),
	}
	return nil, out
}

func (d *device) condition() object {
	status := "OK"
	if d.running != nil {
		status = "Busy"
	}
	return object{"GlobalStatus": status, "SecurityOKFlag": true, "PEDOKFlag": true, "CardReaderOKFlag": true, "PrinterStatus": "OK", "CommunicationOKFlag": true}
}

func (s *Simulator) logOut(d *device, _ message) (*exchange, object) {
	d.sale = ""
	return nil, success()
}

func (s *Simulator) diagnose(d *device, _ message) (*exchange, object) {
	out := success()
	out["POIStatus"] = d.condition()
	out["HostStatus"] = []object{{"AcquirerID": "simulator", "IsReachableFlag": true}}
	return nil, out
}

func (s *Simulator) administer(_ *device, m message) (*exchange, object) {
	var in struct{ ServiceIdentification string }
	if wrong, ok := m.read(&in); !ok {
		return nil, wrong
	}
	switch in.ServiceIdentification {
	case "UpdateParameters", "HostLogin":
		return nil, success()
	}
	return nil, failure("UnavailableService", "")
}

// reference is a MessageReference. What it lacks is the asking till's.
type reference struct {
	MessageCategory, ServiceID, SaleID string
}

// abort ends the transaction that a till names, if it runs. There is no
// response; the transaction's own tells (section 9.2).
func (s *Simulator) abort(d *device, m message) (*exchange, object) {
	var in struct{ MessageReference reference }
	if _, ok := m.read(&in); !ok || d.running == nil {
		return nil, nil
	}
	x, ref := d.running.x, in.MessageReference
	if ref.ServiceID == x.ServiceID && (ref.SaleID == "" || ref.SaleID == x.SaleID) {
		s.settle(d, plan{Outcome: Aborted})
	}
	return nil, nil
}

// statusRequest is what the simulator reads of a TransactionStatusRequest
// (section 9.3).
type statusRequest struct {
	ReceiptReprintFlag bool
	DocumentQualifier  []string
	MessageReference   *reference
}

// documents are the values of DocumentQualifier (section 8).
var documents = []string{"CustomerReceipt", "CashierReceipt", "SaleReceipt", "Document", "Journal", "Voucher"}

// readStatus reads a TransactionStatusRequest, or says what is wrong with it.
func readStatus(m message) (in statusRequest, wrong object) {
	wrong, ok := m.read(&in)
	if ok && slices.ContainsFunc(in.DocumentQualifier, func(q string) bool { return !slices.Contains(documents, q) }) {
		wrong = malformed("TransactionStatusRequest.DocumentQualifier", "unknown")
	}
	return in, wrong
}

// copies are those of a response's receipts that are asked for: none without
// ReceiptReprintFlag, all where no DocumentQualifier says which.
func (in statusRequest) copies(receipts []object) []object {
	return slices.DeleteFunc(slices.Clone(receipts), func(r object) bool {
		qualifier, _ := r["DocumentQualifier"].(string)
		return !in.ReceiptReprintFlag || len(in.DocumentQualifier) > 0 && !slices.Contains(in.DocumentQualifier, qualifier)
	})
}

// status tells what became of a transaction (section 9.3).
func (s *Simulator) status(d *device, m message) (*exchange, object) {
	in, wrong := readStatus(m)
	if wrong != nil {
		return nil, wrong
	}
	if s.faults.On(faultNoStatus, callStatus) {
		return nil, failure("UnavailableService", "")
	}
	x := d.latest(m.SaleID)
	if ref := in.MessageReference; ref != nil {
		sale := ref.SaleID
		if sale == "" {
			sale = m.SaleID
		}
		x = d.recall(sale, ref.ServiceID, s.clock.Now())
		if x != nil && (!x.taken || ref.MessageCategory != "" && ref.MessageCategory != x.MessageCategory) {
			x = nil
		}
	}
	switch {
	case x == nil:
		return nil, failure("NotFound", "")
	case x.response == nil:
		return nil, failure("InProgress", "")
	}
	out := success()
	out["MessageReference"] = object{"MessageCategory": x.MessageCategory, "SaleID": x.SaleID, "ServiceID": x.ServiceID, "POIID": d.poi}
	h := x.header
	h.MessageType = "Response"
	repeated := maps.Clone(x.response)
	delete(repeated, "PaymentReceipt")
	printed, _ := x.response["PaymentReceipt"].([]object)
	if printed = in.copies(printed); len(printed) > 0 {
		repeated["PaymentReceipt"] = printed
	}
	out["RepeatedMessageResponse"] = object{"MessageHeader": h, "RepeatedResponseMessageBody": object{x.MessageCategory + "Response": repeated}}
	return nil, out
}
