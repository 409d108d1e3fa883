package omnikassa

import (
	"encoding/json"
	"strconv"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// problem is the bank's error body. Clients decide on the presence of
// errorCode, even under a 2xx.
type problem struct {
	ErrorCode       scalar `json:"errorCode"`
	ErrorMessage    string `json:"errorMessage"`
	ConsumerMessage string `json:"consumerMessage"`
	Title           string `json:"title"`
}

func (p problem) message() string {
	for _, m := range []string{p.ConsumerMessage, p.ErrorMessage, p.Title} {
		if m != "" {
			return m
		}
	}
	return ""
}

// codes by HTTP status. 403 with 5001 is a business refusal: a new token
// would not help (manual, error handling).
var codes = map[int]contract.FailureCode{
	401: contract.Unauthorized,
	403: contract.InvalidRequest,
	404: contract.NotFound,
	409: contract.Conflict,
	422: contract.InvalidRequest,
	429: contract.RateLimited,
}

// brandRefused is the error code of a brand that the shop has not switched on.
const brandRefused = "5024"

// read reads a 2xx answer into into, or makes the failure of any other.
func read(resp contract.Response, into any) error {
	raw := resp.Bytes()
	var p problem
	_ = json.Unmarshal(raw, &p) // a body that is no JSON has no code
	if !resp.OK() || p.ErrorCode != "" {
		return failure(resp.Status, p)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return internal("read the bank's answer: " + err.Error())
	}
	return nil
}

func failure(status int, p problem) error {
	code, ok := codes[status]
	switch {
	case p.ErrorCode == brandRefused:
		code = contract.Unsupported
	case status >= 500:
		code = contract.ProviderUnavailable
	case !ok:
		code = contract.InvalidRequest
	}
	return &contract.Failure{
		Code: code, Message: "the bank answered " + strconv.Itoa(status),
		ProviderCode: string(p.ErrorCode), ProviderMessage: p.message(),
	}
}
