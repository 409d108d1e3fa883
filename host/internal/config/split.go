package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Split parts what one form asked for, as a console or a command does, into
// the settings that a plugin sees and the secrets that its schema marks.
func Split(settings map[string]any, info contract.SettingsInfo) (open json.RawMessage, secrets map[string]string, err error) {
	rest := maps.Clone(settings)
	secrets = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(info.Secrets)) {
		v, set := rest[name]
		if !set {
			continue
		}
		text, ok := v.(string)
		if !ok {
			return nil, nil, fmt.Errorf("settings: %s is a secret, which is a text", name)
		}
		delete(rest, name)
		if text != "" {
			secrets[name] = text
		}
	}
	if rest == nil {
		rest = map[string]any{}
	}
	if open, err = json.Marshal(rest); err != nil {
		return nil, nil, fmt.Errorf("settings: %w", err)
	}
	return open, secrets, nil
}
