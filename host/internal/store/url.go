package store

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// errURL is what is said of a URL that cannot be read. The URL itself is not
// shown: it may hold a password.
var errURL = errors.New("redis URL")

// parseURL reads the forms that [Options.URL] lists.
func parseURL(raw string, trust *tls.Config) (*redis.UniversalOptions, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return nil, fmt.Errorf("%w: no scheme, want redis://host:6379", errURL)
	}
	if scheme == "unix" {
		return parseUnix(raw)
	}
	kind, secure, err := parseScheme(scheme)
	if err != nil {
		return nil, err
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	user, hosts := "", authority
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		user, hosts = authority[:i+1], authority[i+1:]
	}
	u, err := url.Parse("redis://" + user + "host" + tail) // the hosts may be many, so they are read apart
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL", errURL)
	}
	o := &redis.UniversalOptions{Username: u.User.Username()}
	o.Password, _ = u.User.Password()
	if o.Addrs, err = parseHosts(hosts, kind); err != nil {
		return nil, err
	}
	if secure {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		if trust != nil {
			o.TLSConfig = trust.Clone()
		}
	}
	if kind == kindServer && len(o.Addrs) > 1 {
		kind = kindCluster
	}
	o.IsClusterMode = kind == kindCluster
	return o, parsePath(o, kind, strings.Trim(u.Path, "/"), u.Query())
}

type kind string

const (
	kindServer   kind = ""
	kindCluster  kind = "cluster"
	kindSentinel kind = "sentinel"
)

func parseScheme(scheme string) (kind, bool, error) {
	base, plus, _ := strings.Cut(scheme, "+")
	k := kind(plus)
	if base != "redis" && base != "rediss" || k != kindServer && k != kindCluster && k != kindSentinel {
		return "", false, fmt.Errorf("%w: scheme %q is none of redis, rediss, redis+cluster, redis+sentinel, unix", errURL, scheme)
	}
	return k, base == "rediss", nil
}

func parseHosts(hosts string, k kind) ([]string, error) {
	port := "6379"
	if k == kindSentinel {
		port = "26379"
	}
	var addrs []string
	for host := range strings.SplitSeq(hosts, ",") {
		if host == "" {
			return nil, fmt.Errorf("%w: a host is missing", errURL)
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		addrs = append(addrs, host)
	}
	return addrs, nil
}

// parsePath reads what follows the hosts: the number of the database, or the
// name that the sentinels give the master.
func parsePath(o *redis.UniversalOptions, k kind, path string, q url.Values) error {
	db := q.Get("db")
	switch {
	case k == kindSentinel && path == "":
		return fmt.Errorf("%w: redis+sentinel wants the master's name as its path", errURL)
	case k == kindSentinel:
		o.MasterName = path
		o.SentinelUsername, o.SentinelPassword = q.Get("sentinel_username"), q.Get("sentinel_password")
	case path != "":
		db = path
	}
	for name := range q {
		if name != "db" && (k != kindSentinel || name != "sentinel_username" && name != "sentinel_password") {
			return fmt.Errorf("%w: unknown parameter %q", errURL, name)
		}
	}
	if db == "" {
		return nil
	}
	n, err := strconv.Atoi(db)
	if err != nil || n < 0 || k == kindCluster && n != 0 {
		return fmt.Errorf("%w: database %q", errURL, db)
	}
	o.DB = n
	return nil
}

func parseUnix(raw string) (*redis.UniversalOptions, error) {
	o, err := redis.ParseURL(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: want unix:///path?db=0", errURL)
	}
	return &redis.UniversalOptions{Addrs: []string{o.Addr}, DB: o.DB, Username: o.Username, Password: o.Password}, nil
}
