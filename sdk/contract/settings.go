package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SettingsInfo is what the host reads from a settings schema beside the
// standard words: which settings are secrets, hosts, the environment.
type SettingsInfo struct {
	// Secrets has the allowed uses of each secret by its name: "bearer",
	// "basic", "header", "oauth1", "mac:sha512", "digest:md5" and the like.
	Secrets map[string][]string
	// Hosts names the settings that are base URLs, in alphabetical order.
	Hosts []string
	// Environment names the setting that holds "test" or "live", or is "".
	Environment string
	// Labels has the titles of settings that have one, by name.
	Labels map[string]Text
}

// Uses of secrets in requests. Those of the host's functions are
// [UseMAC] and [UseDigest] of an algorithm.
const (
	UseBearer = "bearer"
	UseBasic  = "basic"
	UseHeader = "header"
	UseOAuth1 = "oauth1"
)

// UseMAC is the use of a secret in secret_mac with this algorithm: "mac:sha512".
func UseMAC(a Algorithm) string { return "mac:" + string(a) }

// UseDigest is the use of a secret in secret_digest: "digest:md5".
func UseDigest(a Algorithm) string { return "digest:" + string(a) }

// CheckUse says whether a word of x-secret-use is one.
func CheckUse(use string) error {
	if slices.Contains([]string{UseBearer, UseBasic, UseHeader, UseOAuth1}, use) {
		return nil
	}
	for _, a := range HashAlgorithms() {
		if use == UseMAC(a) || use == UseDigest(a) {
			return nil
		}
	}
	return fmt.Errorf("x-secret-use %q: use bearer, basic, header, oauth1, mac:ALGORITHM or digest:ALGORITHM", use)
}

// schema is the part of a settings schema that the contract has a say in.
type schema struct {
	Type       string                    `json:"type"`
	Properties map[string]schemaProperty `json:"properties"`
}

type schemaProperty struct {
	Type        string    `json:"type"`
	SecretUse   *[]string `json:"x-secret-use"`
	Host        bool      `json:"x-host"`
	Environment bool      `json:"x-environment"`
	Label       Text      `json:"x-label"`
}

// ReadSettings reads a settings schema: a JSON Schema of an object. Secrets,
// hosts and the environment are properties of the object itself; the words
// anywhere deeper are an error, since what they mark would reach the plugin.
// The error joins every problem, each with its JSON pointer.
func ReadSettings(settingsSchema json.RawMessage) (SettingsInfo, error) {
	info := SettingsInfo{Secrets: map[string][]string{}, Labels: map[string]Text{}}
	var s schema
	if err := json.Unmarshal(settingsSchema, &s); err != nil {
		return info, fmt.Errorf("read settings schema: %w", err)
	}
	var errs []error
	at := func(pointer string, err error) { errs = append(errs, fmt.Errorf("%s: %w", pointer, err)) }
	if s.Type != "object" {
		at("/type", errors.New(`it must be "object"`))
	}
	for _, name := range sortedKeys(s.Properties) {
		p, pointer := s.Properties[name], "/properties/"+escapePointer(name)
		if len(p.Label) > 0 {
			info.Labels[name] = p.Label
		}
		if (p.SecretUse != nil || p.Host || p.Environment) && p.Type != "string" {
			at(pointer+"/type", errors.New(`secrets, hosts and the environment are of type "string"`))
		}
		if p.SecretUse != nil {
			info.Secrets[name] = *p.SecretUse
			if len(*p.SecretUse) == 0 {
				at(pointer+"/x-secret-use", errors.New("a secret without a use cannot be used"))
			}
			for i, use := range *p.SecretUse {
				if err := CheckUse(use); err != nil {
					at(fmt.Sprintf("%s/x-secret-use/%d", pointer, i), err)
				}
			}
			if p.Host || p.Environment {
				at(pointer, errors.New("a secret is neither a host nor the environment"))
			}
		}
		if p.Host {
			info.Hosts = append(info.Hosts, name)
		}
		if p.Environment {
			if info.Environment != "" {
				at(pointer+"/x-environment", fmt.Errorf("%q is the environment already", info.Environment))
			}
			info.Environment = name
		}
	}
	errs = append(errs, deepWords(settingsSchema)...)
	return info, errors.Join(errs...)
}

// deepWords finds words of the contract where they have no effect.
func deepWords(raw json.RawMessage) []error {
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return []error{err}
	}
	var errs []error
	var walk func(pointer string, v any)
	walk = func(pointer string, v any) {
		switch v := v.(type) {
		case []any:
			for i, e := range v {
				walk(fmt.Sprintf("%s/%d", pointer, i), e)
			}
		case map[string]any:
			top := strings.HasPrefix(pointer, "/properties/") && strings.Count(pointer, "/") == 2
			names := pointer == "/properties"
			for _, k := range sortedKeys(v) {
				if !top && !names && (k == "x-secret-use" || k == "x-host" || k == "x-environment") {
					errs = append(errs, fmt.Errorf("%s/%s: only properties of the object itself can be marked", pointer, k))
				}
				walk(pointer+"/"+escapePointer(k), v[k])
			}
		}
	}
	walk("", doc)
	return errs
}

func escapePointer(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
