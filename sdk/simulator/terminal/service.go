package terminal

// logIn ties the terminal to a till. A till that logs in anew, or another one,
// takes the place of the one before (section 4).
func (s *Simulator) logIn(d *device, m message) (*exchange, object) {
	var in struct {
		DateTime         string
		OperatorLanguage string
		SaleSoftware     struct {
			ManufacturerID, ProviderIdentification, ApplicationName, SoftwareVersion, CertificationCode string
		}
	}
	if wrong, ok := m.read(&in); !ok {
		return nil, wrong
	}
	soft := in.SaleSoftware
	for _, c := range []struct{ path, value string }{
		{"DateTime", in.DateTime}, {"OperatorLanguage", in.OperatorLanguage},
		{"SaleSoftware.ProviderIdentification", soft.ProviderIdentification + soft.ManufacturerID},
		{"SaleSoftware.ApplicationName", soft.ApplicationName}, {"SaleSoftware.SoftwareVersion", soft.SoftwareVersion},
		{"SaleSoftware.CertificationCode", soft.CertificationCode},
	} {
		if c.value == "" {
			return nil, malformed("LoginRequest."+c.path, "missing")
		}
	}
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
func (s *Simulator) abort(d *device, m message) {
	var in struct{ MessageReference reference }
	if _, ok := m.read(&in); !ok || d.running == nil {
		return
	}
	x, ref := d.running.x, in.MessageReference
	if ref.ServiceID == x.ServiceID && (ref.SaleID == "" || ref.SaleID == x.SaleID) {
		s.settle(d, plan{Outcome: Aborted})
	}
}

// status tells what became of a transaction (section 9.3).
func (s *Simulator) status(d *device, m message) (*exchange, object) {
	var in struct {
		ReceiptReprintFlag bool
		MessageReference   *reference
	}
	if wrong, ok := m.read(&in); !ok {
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
		if x != nil && ref.MessageCategory != "" && ref.MessageCategory != x.MessageCategory {
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
	repeated := object{}
	for name, value := range x.response {
		if name != "PaymentReceipt" || in.ReceiptReprintFlag {
			repeated[name] = value
		}
	}
	out["RepeatedMessageResponse"] = object{"MessageHeader": h, "RepeatedResponseMessageBody": object{x.MessageCategory + "Response": repeated}}
	return nil, out
}
