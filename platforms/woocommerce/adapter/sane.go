package main

import "strings"

// The gateway refuses an order of which a member is no such thing, and a webhook
// that is refused counts towards being disabled. What is doubtful is left out.

const hexDigits = "0123456789abcdefABCDEF"

// email leaves out what is no address.
func email(s string) string {
	s = plainText(s, maxText)
	if at := strings.LastIndexByte(s, '@'); at < 1 || at == len(s)-1 || strings.Contains(s, " ") {
		return ""
	}
	return s
}

// ip leaves out what is no address: the shop notes what a proxy said.
func ip(s string) string {
	if isIPv4(s) || isIPv6(s) {
		return s
	}
	return ""
}

func isIPv4(s string) bool {
	groups := strings.Split(s, ".")
	for _, g := range groups {
		if g == "" || len(g) > 3 || strings.Trim(g, "0123456789") != "" || g[0] == '0' && len(g) > 1 || len(g) == 3 && g > "255" {
			return false
		}
	}
	return len(groups) == 4
}

// isIPv6 takes those without a zone and without an IPv4 address at their end.
func isIPv6(s string) bool {
	head, tail, short := strings.Cut(s, "::")
	n := 0
	for _, half := range []string{head, tail} {
		if half == "" {
			continue
		}
		for _, g := range strings.Split(half, ":") {
			if n++; g == "" || len(g) > 4 || strings.Trim(g, hexDigits) != "" {
				return false
			}
		}
	}
	return short && n < 8 || !short && n == 8
}

// maxURL is how long an address may be.
const maxURL = 2000

// address puts a page of the shop on the address by which the operator knows it:
// behind a proxy that ends TLS the shop may think of itself as http (1.1). What is
// no address becomes the shop's front page.
func (a api) address(page string) string {
	_, rest, ok := strings.Cut(page, "://")
	_, path, slash := strings.Cut(rest, "/")
	if !ok || !slash || len(path) > maxURL || !isPath(path) {
		return a.URL + "/"
	}
	scheme, host, _ := strings.Cut(a.URL, "://")
	host, _, _ = strings.Cut(host, "/")
	return scheme + "://" + host + "/" + path
}

// isPath says whether s can stand in an address as it is.
func isPath(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^`+"`{|}", c) >= 0 {
			return false
		}
		if c == '%' && (i+2 >= len(s) || strings.Trim(s[i+1:i+3], hexDigits) != "") {
			return false
		}
	}
	return true
}
