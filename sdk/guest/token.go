package guest

import (
	"strconv"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Token sees to it that the kept token of this name is there. If the account
// has none, it sends fetch, whose Keep must name the token. What the provider
// refuses is a failure: unauthorized where it does not know the credentials.
func (c *Call) Token(name string, fetch contract.Request) error {
	if c.HasSecret(name) || c.fetched[name] {
		return nil
	}
	return c.fetchToken(name, fetch)
}

// DoWithToken sends req with the kept token of this name as its bearer. The
// token is fetched first if it is missing; on 401 a token that was not fetched
// in this call is fetched anew and the request sent once more.
func (c *Call) DoWithToken(req contract.Request, name string, fetch contract.Request) (contract.Response, error) {
	if err := c.Token(name, fetch); err != nil {
		return contract.Response{}, err
	}
	req.Auth = &contract.Auth{Bearer: name}
	resp, err := c.Do(req)
	if err != nil || resp.Status != 401 || c.fetched[name] {
		return resp, err
	}
	if err := c.fetchToken(name, fetch); err != nil {
		return contract.Response{}, err
	}
	return c.Do(req)
}

func (c *Call) fetchToken(name string, fetch contract.Request) error {
	if _, ok := fetch.Keep[name]; !ok {
		return &contract.Failure{Code: contract.Internal, Message: "the request that fetches token " + strconv.Quote(name) + " does not keep it"}
	}
	resp, err := c.Do(fetch)
	if err != nil {
		return err
	}
	c.fetched[name] = true
	if resp.OK() {
		return nil
	}
	return &contract.Failure{
		Code: tokenCode(resp.Status), Message: "fetch token " + strconv.Quote(name) + ": the provider answered " + strconv.Itoa(resp.Status),
		RetryAfterMS: resp.RetryAfterMS(),
	}
}

// tokenCode reads the status of a token's fetch. OAuth 2 answers 400 to a
// client that it does not know.
func tokenCode(status int) contract.FailureCode {
	switch {
	case status == 429:
		return contract.RateLimited
	case status >= 500 || status == 408:
		return contract.ProviderUnavailable
	case status >= 400:
		return contract.Unauthorized
	}
	return contract.Internal
}
