package woocommerce

import "net/http"

// getGateway shows a payment gateway, with the value of every setting that has a
// title and a type (1.5).
func (s *Simulator) getGateway(r *http.Request, _ http.Header) (int, any, *apiError) {
	g, ok := s.cfg.gateway(r.PathValue("id"))
	if !ok {
		return 0, nil, &apiError{http.StatusNotFound, "woocommerce_rest_payment_gateway_invalid", "Resource does not exist."}
	}
	supports := []string{"products"}
	if g.Refunds {
		supports = append(supports, "refunds")
	}
	settings := map[string]any{}
	for id, value := range g.Settings {
		settings[id] = map[string]string{"id": id, "value": value}
	}
	return http.StatusOK, struct {
		ID       string         `json:"id"`
		Title    string         `json:"title"`
		Enabled  bool           `json:"enabled"`
		Supports []string       `json:"method_supports"`
		Settings map[string]any `json:"settings"`
		Setup    bool           `json:"needs_setup"`
		URL      string         `json:"settings_url"`
	}{g.ID, g.Title, true, supports, settings, false, s.cfg.PublicURL + "/wp-admin/admin.php?page=wc-settings&tab=checkout&section=" + g.ID}, nil
}
