package woocommerce

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// apiError is a refusal: {"code", "message", "data": {"status"}}.
type apiError struct {
	status        int
	code, message string
}

// Error returns the message.
func (e *apiError) Error() string { return e.message }

// MarshalJSON writes it as WordPress does.
func (e *apiError) MarshalJSON() ([]byte, error) {
	type data struct {
		Status int `json:"status"`
	}
	return json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Data    data   `json:"data"`
	}{e.code, e.message, data{e.status}})
}

func invalidParam(name string) *apiError {
	return &apiError{http.StatusBadRequest, "rest_invalid_param", "Invalid parameter(s): " + name}
}

// noOrder is the answer for an order that the shop does not have (1.5).
func noOrder() *apiError {
	return &apiError{http.StatusNotFound, "woocommerce_rest_shop_order_invalid_id", "Invalid ID."}
}

// noRefund is the answer for a refund that is not made, whatever the reason: a
// 500 (1.5).
func noRefund(message string) *apiError {
	return &apiError{http.StatusInternalServerError, "woocommerce_rest_cannot_create_order_refund", message}
}

func write(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"code":"internal_server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the client may have gone
}

// fields leaves of an answer what _fields names, as any WordPress REST answer
// does (WordPress REST handbook, global parameters).
func fields(v any, names string) any {
	if names == "" {
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return v
	}
	keep := strings.Split(names, ",")
	cut := func(m map[string]json.RawMessage) map[string]json.RawMessage {
		for name := range m {
			if !slices.Contains(keep, name) {
				delete(m, name)
			}
		}
		return m
	}
	var one map[string]json.RawMessage
	if json.Unmarshal(b, &one) == nil {
		return cut(one)
	}
	var many []map[string]json.RawMessage
	if json.Unmarshal(b, &many) != nil {
		return v
	}
	for i := range many {
		many[i] = cut(many[i])
	}
	return many
}
