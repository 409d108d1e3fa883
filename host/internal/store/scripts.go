package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/redis/go-redis/v9"
)

//go:embed scripts/*.lua
var sources embed.FS

// The scripts. They are loaded when the store is opened; a server that has
// lost them is given the source once.
var (
	scriptCreate     = script("step", "create")
	scriptSupersede  = script("step", "supersede")
	scriptCommit     = script("step", "commit")
	scriptClaimDue   = script("claim_due")
	scriptRenew      = script("renew_alarm")
	scriptEndAlarm   = script("end_alarm")
	scriptTell       = script("tell")
	scriptRedeliver  = script("redeliver")
	scriptIntent     = script("intent")
	scriptEndCall    = script("end_call")
	scriptLease      = script("lease")
	scriptRelease    = script("release")
	scriptNumber     = script("number")
	scriptOrphan     = script("orphan")
	scriptSwapRecord = script("swap_record")
	scriptNodeSeen   = script("node_seen")
	scriptNodes      = script("nodes")

	allScripts = []lua{
		scriptCreate, scriptSupersede, scriptCommit, scriptClaimDue, scriptRenew, scriptEndAlarm, scriptTell,
		scriptRedeliver, scriptIntent, scriptEndCall, scriptLease, scriptRelease, scriptNumber, scriptOrphan, scriptSwapRecord,
		scriptNodeSeen, scriptNodes,
	}
)

// lua is a script with its source, which the client keeps to itself.
type lua struct {
	*redis.Script
	source string
}

// script joins source files into one script.
func script(names ...string) lua {
	var source []byte
	for _, name := range names {
		b, err := sources.ReadFile("scripts/" + name + ".lua")
		if err != nil {
			panic(err) // at init: the file is embedded
		}
		source = append(source, b...)
	}
	return lua{redis.NewScript(string(source)), string(source)}
}

// loadScripts gives every master the scripts, so that no call needs two round trips.
func (r *Redis) loadScripts(ctx context.Context) error {
	load := func(ctx context.Context, c *redis.Client) error {
		pipe := c.Pipeline()
		for _, s := range allScripts {
			pipe.ScriptLoad(ctx, s.source)
		}
		_, err := pipe.Exec(ctx)
		return err
	}
	if err := r.eachMaster(ctx, load); err != nil {
		return fmt.Errorf("load scripts: %w", err)
	}
	return nil
}

// run runs a script: EVALSHA, and EVAL where the server does not have it.
func (r *Redis) run(ctx context.Context, s lua, keys []string, args ...any) *redis.Cmd {
	return s.Run(ctx, r.client, keys, args...)
}

// runBool runs a script that returns 1 or 0.
func (r *Redis) runBool(ctx context.Context, s lua, keys []string, args ...any) (bool, error) {
	n, err := r.run(ctx, s, keys, args...).Int64()
	return n == 1, err
}

// eachMaster calls f for every server that takes writes.
func (r *Redis) eachMaster(ctx context.Context, f func(context.Context, *redis.Client) error) error {
	switch c := r.client.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, f)
	case *redis.Client:
		return f(ctx, c)
	default:
		return fmt.Errorf("client %T: %w", c, errMisuse)
	}
}
