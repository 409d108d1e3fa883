package omnikassa

import (
	"strconv"

	"github.com/kassette-pay/kassette/sdk/contract"
)

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

// read reads a 2xx answer, or makes the failure of any other. Clients decide
// on the presence of errorCode, even under a 2xx. A 2xx that nobody can read
// is internal: what it meant is not known.
func read(resp contract.Response) (*node, error) {
	n, err := parse(string(resp.Bytes()))
	if !resp.OK() || n.scalar("errorCode") != "" {
		return nil, failure(resp, n) // a body that is no JSON has no code
	}
	if err != nil {
		return nil, internal("read the bank's answer: " + err.Error())
	}
	return n, nil
}

func failure(resp contract.Response, body *node) error {
	code, ok := codes[resp.Status]
	switch {
	case body.scalar("errorCode") == brandRefused:
		code = contract.Unsupported
	case resp.Status >= 500, resp.Status >= 300 && resp.Status < 400: // redirects are not followed
		code = contract.ProviderUnavailable
	case !ok:
		code = contract.InvalidRequest
	}
	f := &contract.Failure{
		Code: code, Message: "the bank answered " + strconv.Itoa(resp.Status), ProviderCode: body.scalar("errorCode"), RetryAfterMS: retryAfter(resp),
	}
	for _, name := range []string{"title", "errorMessage", "consumerMessage"} { // the last is the best
		if text := body.scalar(name); text != "" {
			f.ProviderMessage = text
		}
	}
	return f
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
