package store

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Client is the client of a store, for a look at what it sends.
func Client(r *Redis) redis.UniversalClient { return r.client }

// Sibling is another node on the same embedded state. Its clock is the
// owner's.
func Sibling(r *Redis, o Options) (*Redis, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	own := r.client.(*redis.Client).Options()
	s := &Redis{client: newClient(&redis.UniversalOptions{Addrs: []string{own.Addr}, Password: own.Password}, o), opt: o}
	s.client.AddHook(r.embedded)
	return s, s.mark(context.Background())
}

// ScriptSources are the scripts by file name.
func ScriptSources() map[string]string {
	all := map[string]string{}
	files, _ := sources.ReadDir("scripts")
	for _, f := range files {
		b, _ := sources.ReadFile("scripts/" + f.Name())
		all[f.Name()] = string(b)
	}
	return all
}
