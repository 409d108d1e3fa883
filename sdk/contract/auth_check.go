package contract

import "strings"

func (a Auth) check(p *problems, at string, headers map[string]string) {
	members := 0
	for _, set := range []bool{a.Bearer != "", a.Basic != nil, a.Header != nil, a.OAuth1 != nil} {
		if set {
			members++
		}
	}
	p.when(members != 1, at, "exactly one of bearer, basic, header and oauth1; there are %d", members)
	header := "authorization"
	if a.Header != nil {
		header = strings.ToLower(a.Header.Name)
		if err := checkHeader(a.Header.Name, ""); err != nil {
			p.add(at+"/header/0", "%v", err)
		}
		p.when(len(a.Header.Value.Secrets()) == 0, at+"/header/1", "it names no secret; use headers")
	}
	if a.Basic != nil {
		p.when(len(a.Basic[0].Secrets())+len(a.Basic[1].Secrets()) == 0, at+"/basic", "it names no secret; use headers")
	}
	if o := a.OAuth1; o != nil {
		oneOf(p, at+"/oauth1/method", o.Method, OAuthSHA1, OAuthSHA256)
		oneOf(p, at+"/oauth1/in", o.In, OAuthHeader, OAuthQuery)
		p.when(len(o.ConsumerKey) == 0, at+"/oauth1/consumer_key", "it is missing")
		p.when(len(o.ConsumerSecret.Secrets()) == 0, at+"/oauth1/consumer_secret", "it names no secret")
	}
	for _, name := range sortedKeys(headers) {
		p.when(strings.ToLower(name) == header, at, "the request sets header %s itself", header)
	}
}

func (k Keep) check(p *problems, at, name string) {
	p.when(!isSecretName(name), at, "%q is no name: use letters, digits and _", name)
	p.when(k.Pointer == "" || k.Pointer[0] != '/', at+"/pointer", "%q is no JSON pointer to a member", k.Pointer)
	p.when(k.TTLPointer != "" && k.TTLPointer[0] != '/', at+"/ttl_pointer", "%q is no JSON pointer to a member", k.TTLPointer)
	oneOf(p, at+"/ttl_unit", k.TTLUnit, "", UnitSeconds, UnitMilliseconds)
	p.when(k.TTLS < 0, at+"/ttl_s", "%d is negative", k.TTLS)
	p.when(k.TTLPointer == "" && k.TTLS == 0, at, "ttl_pointer or ttl_s must tell how long it lives")
}

// isSecretName checks the name of a kept token.
func isSecretName(s string) bool {
	return s != "" && len(s) <= 64 && only(s, letters+digits+"_")
}
