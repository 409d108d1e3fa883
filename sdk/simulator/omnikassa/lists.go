package omnikassa

import "net/http"

// listBrands lists the shop's payment brands and whether they can be used.
func (s *Simulator) listBrands(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callBrands, accessToken); e != nil {
		s.refuse(w, e)
		return
	}
	type row struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	}
	list := []row{}
	for _, b := range s.cfg.Brands {
		status := "Inactive"
		if b.Active {
			status = "Active"
		}
		list = append(list, row{b.Name, status})
	}
	if s.faults.On(faultUnknownBrand, callBrands) {
		list = append(list, row{strangeBrand, "Active"})
	}
	if s.faults.On(faultUnknownStatus, callBrands) {
		list[0].Status = strangeStatus
	}
	s.write(w, http.StatusOK, struct {
		Brands []row `json:"paymentBrands"`
	}{list})
}

// listIssuers lists the banks of iDEAL.
func (s *Simulator) listIssuers(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callIssuers, accessToken); e != nil {
		s.refuse(w, e)
		return
	}
	type logo struct {
		URL      string `json:"url"`
		MimeType string `json:"mimeType"`
	}
	type row struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		Logos     []logo `json:"logos"`
		Countries string `json:"countryNames"`
	}
	list := []row{}
	for _, bank := range [][2]string{{"RABONL2U", "Testbank Rabo"}, {"ABNANL2A", "Testbank ABN"}, {"INGBNL2A", "Testbank ING"}, {"BUNQNL2A", "Testbank bunq"}} {
		list = append(list, row{bank[0], bank[1], []logo{{s.publicURL(r) + logoPath + bank[0] + ".png", "image/png"}}, "Nederland"})
	}
	s.write(w, http.StatusOK, struct {
		Issuers []row `json:"issuers"`
	}{list})
}
