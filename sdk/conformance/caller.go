package conformance

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// caller is what the desks of both kinds share: it drives a plugin's calls in
// one world, keeps them, and notes what the plugin does wrong.
type caller struct {
	ctx      context.Context
	runner   Runner
	scaffold Runner
	manifest contract.Manifest
	account  *Account
	// info is what the manifest's schema says, nil until the first call.
	info *contract.SettingsInfo
	// reached is the world, clock its time.
	reached http.RoundTripper
	clock   func() time.Time

	calls    []Transcript
	begun    int
	problems []string
	// leads says that what is called now only leads up to something.
	leads bool
	// breaks is put between the plugin and the world for the next call.
	breaks *breaker
}

func (c *caller) now() time.Time { return c.clock().UTC().Truncate(time.Millisecond) }

func (c *caller) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// want notes a problem where ok is false.
func (c *caller) want(ok bool, format string, args ...any) {
	if !ok {
		c.fail(format, args...)
	}
}

// run drives one call of the plugin. Interim takes what it commits on its way.
func (c *caller) run(e contract.Export, input any, interim func(i contract.Interim) error) (Transcript, error) {
	if c.info == nil {
		info, err := contract.ReadSettings(c.manifest.SettingsSchema)
		if err != nil {
			return Transcript{}, err
		}
		c.info = &info
	}
	c.begun++
	n := c.begun
	entropy := sha256.Sum256(fmt.Appendf(nil, "call %d", n))
	call := Call{
		Export: e, Input: input, Account: c.account, World: c.reached, Manifest: &c.manifest, Once: true,
		ID: fmt.Sprintf("call_%026d", n), Now: c.now(), Entropy: entropy[:], Interim: interim, info: c.info,
	}
	runner := c.runner
	switch {
	case c.breaks != nil:
		call.World, c.breaks = c.breaks, nil
	case c.leads && c.scaffold != nil:
		runner = c.scaffold
	}
	t, err := Drive(c.ctx, runner, call)
	c.calls = append(c.calls, t)
	return t, err
}

// last is the call that ended last.
func (c *caller) last() Transcript { return c.calls[len(c.calls)-1] }

// has says whether the manifest declares an operation.
func (c *caller) has(e contract.Export) bool { return slices.Contains(c.manifest.Operations, e) }

// lacksOperation names the first of these operations that the manifest does
// not declare, or is "".
func (c *caller) lacksOperation(exports ...contract.Export) string {
	for _, e := range exports {
		if !c.has(e) {
			return "/operations has no " + string(e)
		}
	}
	return ""
}

// denies is what the manifest says where it denies its provider an ability, or "".
func (c *caller) denies(a contract.Ability) string {
	if why, ok := c.manifest.Lacks[a]; ok {
		return fmt.Sprintf("/lacks/%s: %s", a, why)
	}
	return ""
}
