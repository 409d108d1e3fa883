package egress

import (
	"errors"
	"log/slog"
	"sync"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/sony/gobreaker/v2"
)

// maxBreakers bounds how many hosts of accounts are watched at a time.
const maxBreakers = 4096

// breakers watches each host of each account.
type breakers struct {
	rule Breaker
	log  *slog.Logger
	mu   sync.Mutex
	// byName holds an account's breakers by host.
	byName map[string]map[string]*gobreaker.TwoStepCircuitBreaker[struct{}]
	count  int
}

func newBreakers(rule Breaker, log *slog.Logger) *breakers {
	return &breakers{rule: rule, log: log, byName: map[string]map[string]*gobreaker.TwoStepCircuitBreaker[struct{}]{}}
}

var (
	errTrouble   = errors.New("the host is in trouble")
	errNoVerdict = errors.New("says nothing about the host")
)

// allow asks whether a host may be spoken to. What comes of it goes to done.
func (b *breakers) allow(name, host string) (done func(Answer), err error) {
	if name == "" {
		return func(Answer) {}, nil
	}
	report, err := b.breaker(name, host).Allow()
	if err != nil {
		return nil, errors.New("host " + host + " failed several times in a row and is left alone for a while")
	}
	return func(a Answer) { report(verdict(a)) }, nil
}

// verdict says what an answer tells about its host. A 4xx is the answer of a host that works.
func verdict(a Answer) error {
	if a.Response != nil {
		if a.Response.Status >= 500 {
			return errTrouble
		}
		return nil
	}
	switch a.Error.Kind {
	case contract.ErrorDNS, contract.ErrorRefused, contract.ErrorTLS, contract.ErrorTimeout, contract.ErrorReset:
		return errTrouble
	case contract.ErrorTooLarge:
		return nil
	}
	return errNoVerdict
}

func (b *breakers) breaker(name, host string) *gobreaker.TwoStepCircuitBreaker[struct{}] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found := b.byName[name][host]; found != nil {
		return found
	}
	if b.count >= maxBreakers {
		b.drop()
	}
	made := gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name: name + " " + host, Timeout: b.rule.Open,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= b.rule.Failures },
		IsExcluded:  func(err error) bool { return errors.Is(err, errNoVerdict) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			b.log.Warn("circuit breaker changed", "breaker", name, "host", host, "from", from.String(), "to", to.String())
		},
	})
	if b.byName[name] == nil {
		b.byName[name] = map[string]*gobreaker.TwoStepCircuitBreaker[struct{}]{}
	}
	b.byName[name][host] = made
	b.count++
	return made
}

// drop makes room: breakers that are closed forget little.
func (b *breakers) drop() {
	for name, hosts := range b.byName {
		for host, br := range hosts {
			if br.State() == gobreaker.StateClosed {
				delete(hosts, host)
				b.count--
			}
		}
		if len(hosts) == 0 {
			delete(b.byName, name)
		}
	}
}

func (b *breakers) state(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	worst := gobreaker.StateClosed
	for _, br := range b.byName[name] {
		if s := br.State(); s > worst { // closed < half-open < open
			worst = s
		}
	}
	return worst.String()
}
