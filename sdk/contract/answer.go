package contract

import (
	"fmt"
	"slices"
	"strings"
)

// Validate says where an answer to this export breaks the contract: one error
// for each breach, joined, each beginning with its JSON pointer.
func (a Answer) Validate(e Export) error {
	var p problems
	members := 0
	for _, set := range []bool{a.Need != nil, a.Result != nil, a.Failure != nil} {
		if set {
			members++
		}
	}
	p.when(members != 1, "", "output: exactly one of need, result and failure; there are %d", members)
	if a.Need != nil {
		a.Need.check(&p)
	}
	if a.Failure != nil {
		a.Failure.check(&p, "/failure")
	}
	if a.Result != nil {
		checkResult(&p, e, a.Result)
	}
	return p.err()
}

func (n Need) check(p *problems) {
	const at = "/need/requests"
	p.when(len(n.Requests) == 0, at, "there is none")
	p.when(len(n.Requests) > MaxRequests, at, "%d, at most %d a round are allowed", len(n.Requests), MaxRequests)
	kept := map[string]bool{}
	for i, r := range n.Requests {
		pointer := fmt.Sprintf("%s/%d", at, i)
		p.when(r.Effective() != Read && len(n.Requests) > 1, pointer+"/effect", "a request that is not a read goes alone")
		for _, name := range sortedKeys(r.Keep) {
			p.when(kept[name], pointer+"/keep/"+escapePointer(name), "another request of the round keeps it too")
			kept[name] = true
		}
		r.check(p, pointer, n.Interim != nil)
	}
	if i := n.Interim; i != nil {
		checkState(p, "/need/interim/state", i.State)
		i.Action.check(p, "/need/interim/action")
		p.when(len(i.Exclusive) > 128, "/need/interim/exclusive", "%d bytes, at most 128 are allowed", len(i.Exclusive))
	}
}

// Methods of HTTP that a plugin may use.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

func (r Request) check(p *problems, at string, interim bool) {
	oneOf(p, at+"/method", r.Method, methods...)
	if err := checkURL(r.URL, false); err != nil {
		p.add(at+"/url", "%v", err)
	}
	for _, name := range sortedKeys(r.Headers) {
		if err := checkHeader(name, r.Headers[name]); err != nil {
			p.add(at+"/headers/"+escapePointer(name), "%v", err)
		}
	}
	p.when(r.Body != "" && len(r.BodyBase64) > 0, at+"/body_base64", "there is a body already")
	if n := len(r.Bytes()); n > MaxRequestBody {
		p.add(at+"/body", "%d bytes, at most %d are allowed", n, MaxRequestBody)
	}
	p.when(len(r.Bytes()) > 0 && (r.Method == "GET" || r.Method == "HEAD"), at+"/body", "%s has none", r.Method)
	oneOf(p, at+"/effect", r.Effective(), Read, Prepare, Write)
	longest := MaxTimeout
	if interim {
		longest = MaxInterimTimeout
	}
	p.when(r.TimeoutMS < 0 || r.TimeoutMS > longest.Milliseconds(), at+"/timeout_ms", "%d is not 0 to %d", r.TimeoutMS, longest.Milliseconds())
	p.when(r.AfterMS < 0 || r.AfterMS > MaxAfter.Milliseconds(), at+"/after_ms", "%d is not 0 to %d", r.AfterMS, MaxAfter.Milliseconds())
	p.when(r.CacheS < 0, at+"/cache_s", "%d is negative", r.CacheS)
	p.when(r.CacheS > 0 && (r.Method != "GET" || r.Effective() != Read || r.Consumes || len(r.Keep) > 0), at+"/cache_s",
		"only a GET that reads, consumes nothing and keeps nothing is cached")
	p.when(r.Consumes && r.Effective() != Read, at+"/consumes", "only a read consumes")
	p.when(r.Consumes && r.Repeat != nil && *r.Repeat, at+"/repeat", "what consumes is not repeated")
	if r.Auth != nil {
		r.Auth.check(p, at+"/auth", r.Headers)
	}
	for _, name := range sortedKeys(r.Keep) {
		r.Keep[name].check(p, at+"/keep/"+escapePointer(name), name)
	}
}

// checkHeader says whether a plugin may set this header: a token of RFC 9110
// that is not the host's own business, without line breaks in the value.
func checkHeader(name, value string) error {
	lowered := strings.ToLower(name)
	switch {
	case name == "" || !only(name, letters+digits+"!#$%&'*+-.^_`|~"):
		return fmt.Errorf("%q is no header name", name)
	case slices.Contains(unsettable, lowered) || strings.HasPrefix(lowered, "proxy-"):
		return fmt.Errorf("%s is not settable", lowered)
	}
	for _, c := range []byte(value) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("the value of %s holds a control character", lowered)
		}
	}
	return nil
}

var unsettable = []string{"host", "content-length", "transfer-encoding", "connection", "expect"}
