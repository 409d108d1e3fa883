package paypal

import (
	"encoding/json"
	"net/http"
	"strings"
)

// names and messages of error answers by HTTP status (openapi, error_400 to error_503).
var names = map[int][2]string{
	400: {"INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."},
	401: {"AUTHENTICATION_FAILURE", "Authentication failed due to missing authorization header, or invalid authentication credentials."},
	403: {"NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."},
	404: {"RESOURCE_NOT_FOUND", "The specified resource does not exist."},
	409: {"RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."},
	415: {"UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type."},
	422: {"UNPROCESSABLE_ENTITY", "The requested action could not be performed, semantically incorrect, or failed business validation."},
	429: {"RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."},
	500: {"INTERNAL_SERVER_ERROR", "An internal server error occurred."},
	503: {"SERVICE_UNAVAILABLE", "Service Unavailable."},
}

// issues are the texts of those that the simulator produces, and of those that
// only a mock response asks for; 422 unless [issueStatus] says otherwise.
var issues = map[string]string{
	"MALFORMED_REQUEST_JSON":     "The request JSON is not well formed.",
	"MISSING_REQUIRED_PARAMETER": "A required field or parameter is missing.",
	"INVALID_PARAMETER_VALUE":    "A parameter value is not valid.",
	"INVALID_STRING_LENGTH":      "The value of a field is either too short or too long.",
	"INVALID_PARAMETER_SYNTAX":   "The value of a field does not conform to the expected format.",
	"INVALID_ARRAY_MIN_ITEMS":    "The number of items in an array parameter is too small.",
	"INVALID_ARRAY_MAX_ITEMS":    "The number of items in an array parameter is too large.",
	"PAYPAL_REQUEST_ID_REQUIRED": "A PayPal-Request-Id is required if you are trying to process payment for an order. Please specify a PayPal-Request-Id or create the order without a payment source.",
	"INVALID_RESOURCE_ID":        "Specified resource ID does not exist. Please check the resource ID and try again.",

	"UNSUPPORTED_INTENT":               "intent=AUTHORIZE is not supported for multiple purchase units. Only intent=CAPTURE is supported.",
	"DUPLICATE_REFERENCE_ID":           "reference_id must be unique if multiple purchase_unit are provided.",
	"AMOUNT_MISMATCH":                  "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - discount.",
	"ITEM_TOTAL_REQUIRED":              "If item details are specified (items.unit_amount and items.quantity) corresponding amount.breakdown.item_total is required.",
	"ITEM_TOTAL_MISMATCH":              "Should equal sum of (unit_amount * quantity) across all items for a given purchase_unit.",
	"CANNOT_BE_ZERO_OR_NEGATIVE":       "Must be greater than zero.",
	"CANNOT_BE_NEGATIVE":               "Must be greater than or equal to zero.",
	"DECIMAL_PRECISION":                "If the currency supports decimals, only two decimal place precision is supported.",
	"DECIMALS_NOT_SUPPORTED":           "Currency does not support decimals.",
	"INVALID_CURRENCY_CODE":            "Currency code is invalid or is not currently supported.",
	"MULTI_CURRENCY_ORDER":             "Multiple differing values of currency_code are not supported. Entire Order request must have the same currency_code.",
	"DUPLICATE_INVOICE_ID":             "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that Invoice Id be unique for each transaction.",
	"ORDER_NOT_APPROVED":               "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url returned as part of the HATEOAS links within the Create Order call.",
	"ACTION_DOES_NOT_MATCH_INTENT":     "Order was created with an intent to the contrary of the requested action.",
	"ORDER_ALREADY_CAPTURED":           "Order already captured. If 'intent=CAPTURE' only one capture per order is allowed.",
	"ORDER_ALREADY_AUTHORIZED":         "Order already authorized. If 'intent=AUTHORIZE' only one authorization per order is allowed.",
	"ORDER_COMPLETED_OR_VOIDED":        "Order is voided or completed and hence cannot be authorized.",
	"ORDER_EXPIRED":                    "Order is expired and hence cannot be authorized.",
	"INSTRUMENT_DECLINED":              "The instrument presented was either declined by the processor or bank, or it can't be used for this payment.",
	"PAYER_ACTION_REQUIRED":            "Payer needs to perform the following action before proceeding with payment.",
	"AUTHORIZATION_VOIDED":             "A voided authorization cannot be captured or reauthorized.",
	"AUTHORIZATION_EXPIRED":            "An expired authorization cannot be captured.",
	"AUTHORIZATION_DENIED":             "A denied authorization cannot be captured.",
	"AUTHORIZATION_ALREADY_CAPTURED":   "Authorization has already been captured. If final_capture is set to true, additional captures are not possible against the authorization.",
	"MAX_CAPTURE_AMOUNT_EXCEEDED":      "Capture amount exceeds allowable limit. Please contact customer service or your account manager to request the change to your overage limit. The default overage limit is 115%, which allows the sum of all captures to be up to 115% of the order amount.",
	"AUTH_CAPTURE_CURRENCY_MISMATCH":   "Currency of capture must be the same as currency of authorization.",
	"REAUTHORIZATION_TOO_SOON":         "You can reauthorize the payment after the initial three day honor period expires.",
	"CANNOT_BE_VOIDED":                 "Authorization cannot be voided.",
	"PREVIOUSLY_CAPTURED":              "Authorization has been previously captured and hence cannot be voided.",
	"PREVIOUSLY_VOIDED":                "Authorization has been previously voided and hence cannot be voided again.",
	"REFUND_AMOUNT_EXCEEDED":           "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
	"CAPTURE_FULLY_REFUNDED":           "The capture has already been fully refunded.",
	"REFUND_CAPTURE_CURRENCY_MISMATCH": "Refund must be in the same currency as the capture.",
	"PENDING_CAPTURE":                  "Cannot initiate a refund as the capture is pending.",
	"REFUND_NOT_ALLOWED":               "Full refund refused - partial refund has already been done on this payment.",
	"REFUND_TIME_LIMIT_EXCEEDED":       "You are over the time limit to perform a refund on this capture.",
	"INVALID_PATCH_OPERATION":          "The operation cannot be honored. Cannot add a property that's already present, use replace.",
	"NOT_PATCHABLE":                    "Cannot be patched.",
	"ORDER_ALREADY_COMPLETED":          "The order cannot be patched after it is completed.",
	"DUPLICATE_REQUEST_ID":             "The PayPal-Request-Id was used before with another request.",
	"PREVIOUS_REQUEST_IN_PROGRESS":     "A previous request on this resource is currently in progress. Please wait for some time and try again.",
}

// issueStatus gives the HTTP status of issues that are no 422.
var issueStatus = map[string]int{
	"MALFORMED_REQUEST_JSON": 400, "MISSING_REQUIRED_PARAMETER": 400, "INVALID_PARAMETER_VALUE": 400, "INVALID_STRING_LENGTH": 400,
	"INVALID_PARAMETER_SYNTAX": 400, "INVALID_ARRAY_MIN_ITEMS": 400, "INVALID_ARRAY_MAX_ITEMS": 400, "PAYPAL_REQUEST_ID_REQUIRED": 400,
	"INVALID_RESOURCE_ID": 404, "PREVIOUS_REQUEST_IN_PROGRESS": 409, "PERMISSION_DENIED": 403,
	"INTERNAL_SERVER_ERROR": 500, "INTERNAL_SERVICE_ERROR": 500, "RATE_LIMIT_REACHED": 429, "SERVICE_UNAVAILABLE": 503,
}

// detail is one entry of an error's details; only issue is sure (openapi, error_details).
type detail struct {
	Issue       string `json:"issue"`
	Description string `json:"description,omitempty"`
	Field       string `json:"field,omitempty"`
	Value       string `json:"value,omitempty"`
	Location    string `json:"location,omitempty"`
}

// apiError is an error answer of the REST form.
type apiError struct {
	status  int
	Name    string   `json:"name"`
	Message string   `json:"message"`
	DebugID string   `json:"debug_id"`
	Details []detail `json:"details,omitempty"`
	Links   []link   `json:"links"`
}

func failed(status int, details ...detail) *apiError {
	e := &apiError{status: status, Name: names[status][0], Message: names[status][1], DebugID: debugID(), Details: details, Links: []link{}}
	if len(details) > 0 {
		e.Links = append(e.Links, link{Href: documentation + details[0].Issue, Rel: "information_link", Method: http.MethodGet})
	}
	return e
}

// documentation is where an error's information_link leads.
const documentation = "https://developer.paypal.com/api/rest/reference/orders/v2/errors/#"

// refuse is the error of an issue that is about no field.
func refuse(issue string) *apiError { return refuseField(issue, "", "") }

// refuseField is the error of an issue with a field of the request's body.
func refuseField(issue, field, value string) *apiError {
	status, ok := issueStatus[issue]
	if !ok {
		status = http.StatusUnprocessableEntity
	}
	d := detail{Issue: issue, Description: issues[issue], Field: field, Value: value}
	if field != "" {
		d.Location = "body"
	}
	return failed(status, d)
}

// mocked reads the header PayPal-Mock-Response: the issue to answer with.
func mocked(r *http.Request) (*apiError, bool) {
	text := r.Header.Get("PayPal-Mock-Response")
	if text == "" {
		return nil, false
	}
	var asked struct {
		Codes string `json:"mock_application_codes"`
	}
	if json.Unmarshal([]byte(text), &asked) != nil || asked.Codes == "" {
		return refuseHeader("INVALID_PARAMETER_VALUE", "PayPal-Mock-Response"), true
	}
	issue, _, _ := strings.Cut(asked.Codes, ",")
	return refuse(strings.TrimSpace(issue)), true
}

func refuseHeader(issue, name string) *apiError {
	e := refuse(issue)
	e.Details[0].Field, e.Details[0].Location = name, "header"
	return e
}
