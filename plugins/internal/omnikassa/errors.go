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
	ErrorMessage    scalar `json:"errorMessage"`
	ConsumerMessage scalar `json:"consumerMessage"`
	Title           scalar `json:"title"`
}

func (p problem) message() string {
	for _, m := range []scalar{p.ConsumerMessage, p.ErrorMessage, p.Title} {
		if m != "" {
			return string(m)
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
	408: contract.ProviderUnavailable,
	409: contract.Conflict,
	422: contract.InvalidRequest,
	429: contract.RateLimited,
}

// brandRefused is the error code of a brand that the shop has not switched on.
const brandRefused = "5024"

// read reads a 2xx answer into into, or makes the failure of any other. A 2xx
// that nobody can read is internal: what it meant is not known.
func read(resp contract.Response, into any) error {
	raw := resp.Bytes()
	var p problem
	_ = json.Unmarshal(raw, &p) // a body that is no JSON has no code
	if !resp.OK() || p.ErrorCode != "" {
		return failure(resp, p)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return internal("read the bank's answer: " + err.Error())
	}
	return nil
}

func failure(resp contract.Response, p problem) error {
	code, ok := codes[resp.Status]
	switch {
	case p.ErrorCode == brandRefused:
		code = contract.Unsupported
	case resp.Status >= 500, resp.Status >= 300 && resp.Status < 400: // redirects are not followed
		code = contract.ProviderUnavailable
	case !ok:
		code = contract.InvalidRequest
	}
	return &contract.Failure{
		Code: code, Message: "the bank answered " + strconv.Itoa(resp.Status),
		ProviderCode: string(p.ErrorCode), ProviderMessage: p.message(), RetryAfterMS: retryAfter(resp),
	}
}

// retryAfter reads the header of that name where it counts seconds.
func retryAfter(resp contract.Response) int64 {
	const aDay = 24 * 3600
	seconds, err := strconv.ParseUint(resp.Header("retry-after"), 10, 64)
	if err != nil {
		return 0
	}
	return int64(min(seconds, aDay)) * 1000
}
