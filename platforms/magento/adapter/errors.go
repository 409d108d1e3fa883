package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// problem reads the body of a refusal: a text that is a template, and what fills it,
// %name from an object, %1 and on from a list (2.1).
func problem(body []byte) (template, said string) {
	values := map[string]string{}
	ok := scan(body, func(s scanner) bool {
		for name := range s.Members {
			switch name {
			case "message":
				template = s.Text()
			case "parameters":
				parameters(s.Raw(), values)
			default:
				s.Skip()
			}
		}
		return true
	})
	if !ok {
		return "", ""
	}
	return template, clean(fill(template, values), 500)
}

// parameters reads those of an object by name, and those of a list from 1 on.
func parameters(raw []byte, into map[string]string) {
	s := scanner{guest.Scan(raw)}
	if len(raw) > 0 && raw[0] == '[' {
		for range s.Items {
			into[strconv.Itoa(len(into)+1)] = s.Text()
		}
		return
	}
	for name := range s.Members {
		into[name] = s.Text()
	}
}

// fill puts values into a template: of several names that fit a place the longest, %10
// and not %1.
func fill(template string, values map[string]string) string {
	var out []byte
	for at := 0; at < len(template); {
		longest := ""
		for name := range values {
			if template[at] == '%' && len(name) > len(longest) && strings.HasPrefix(template[at+1:], name) {
				longest = name
			}
		}
		if longest == "" {
			out = append(out, template[at])
			at++
			continue
		}
		out = append(out, clean(values[longest], 200)...)
		at += 1 + len(longest)
	}
	return string(out)
}

// codes of refusals by HTTP status. What is not listed is a fault of the shop, or
// of something before it, and may pass.
var codes = map[int]contract.FailureCode{
	400: contract.InvalidRequest, 401: contract.Unauthorized, 403: contract.Unauthorized, 404: contract.NotFound,
	405: contract.InvalidSettings, 410: contract.NotFound, 413: contract.InvalidRequest, 429: contract.RateLimited,
}

// read reads an answer. A refusal is a failure, final or passing; a 2xx that is not
// what was asked for is something before the shop, and passes too.
func (a api) read(resp contract.Response, read func(s scanner) bool) error {
	body := resp.Bytes()
	if resp.OK() {
		if !scan(body, read) {
			return failure(contract.ProviderUnavailable, "the shop answered "+strconv.Itoa(resp.Status)+" with something that is not its API's: a page for visitors, or a firewall's")
		}
		return nil
	}
	template, said := problem(body)
	code, ok := codes[resp.Status]
	if !ok {
		code = contract.ProviderUnavailable
	}
	f := &contract.Failure{
		Code: code, Message: "the shop answered " + strconv.Itoa(resp.Status), ProviderCode: strconv.Itoa(resp.Status), RetryAfterMS: resp.RetryAfterMS(),
	}
	if said != "" {
		f.ProviderMessage = said
		f.Message += ": " + said
	}
	switch {
	case resp.Status >= 300 && resp.Status < 400:
		f.Code = contract.ProviderUnavailable
		f.Message += " and sends elsewhere: fill in the address that it sends to, https and with or without www"
	case resp.Status == 401:
		f.Message += a.refused()
	case resp.Status == 403:
		f.Code = contract.ProviderUnavailable
		f.Message += ": something before it, such as a firewall, keeps the gateway out"
	case resp.Status == 404 && (said == "" || strings.Contains(template, "does not match any route")): // also while the shop is brought up to date
		f.Code = contract.ProviderUnavailable
		f.Message += ": there is no REST API at this address, or no store view of this code: look at url and store"
	case resp.Status == 404:
		f.Message += " Look in the shop whether the order was deleted: then this news is for people."
	}
	return f
}

// refused says what a 401 can mean and what to do (2.1).
func (a api) refused() string {
	const rights = "give the integration the resources that the guide names, and save it once more"
	if a.auth.Bearer != "" {
		return ". Shops refuse an access token alone unless it is switched on: fill in all four values of the integration, so that requests are signed with OAuth, " +
			"or switch on oauth/consumer/enable_integration_as_bearer and flush the cache. If that is done, " + rights
	}
	return ". Compare the four values with those of the integration, and " + rights
}

// failed gives the failure of a request, if that is what an error is.
func failed(err error, codes ...contract.FailureCode) *contract.Failure {
	var f *contract.Failure
	if errors.As(err, &f) && slices.Contains(codes, f.Code) {
		return f
	}
	return nil
}
