package conformance_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// waiting asks for one write with an interim.
func waiting(e contract.Envelope, _ conformance.Host) (string, error) {
	if len(e.Exchanges) == 0 {
		return `{"need":{"requests":[{"method":"POST","url":"` + base + `/pay","timeout_ms":130000}],` +
			`"interim":{"state":{"service":7},"action":{"type":"wait"},"exclusive":"till-1"}}}`, nil
	}
	return done("paid"), nil
}

func TestDrive_interim(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		commit func(i contract.Interim) error
		code   contract.FailureCode
		sent   int
	}{
		{"taken by another", func(contract.Interim) error { return errors.New("till-1 is taken") }, contract.Conflict, 0},
		{"committed before it leaves", func(i contract.Interim) error {
			if i.Exclusive != "till-1" || string(i.State) != `{"service":7}` {
				return errors.New("got " + i.Exclusive + " " + string(i.State))
			}
			return nil
		}, "", 1},
		{"nobody asks", nil, "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			c := call(conformance.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ })), nil)
			c.Interim = tt.commit
			tr, err := conformance.Drive(t.Context(), fake(waiting), c)
			if err != nil {
				t.Fatal(err)
			}
			var code contract.FailureCode
			if f := tr.Answer.Failure; f != nil {
				code = f.Code
			}
			if code != tt.code || requests != tt.sent || len(tr.Interims) != 1 {
				t.Errorf("got failure %v, %d requests and %d interims, want %q, %d and 1", tr.Answer.Failure, requests, len(tr.Interims), tt.code, tt.sent)
			}
		})
	}
}

func TestDrive_once(t *testing.T) {
	t.Parallel()
	for _, once := range []bool{false, true} {
		t.Run(strconv.FormatBool(once), func(t *testing.T) {
			t.Parallel()
			var runs atomic.Int64
			c := call(nil, nil)
			c.Once = once
			_, err := conformance.Drive(t.Context(), fake(func(contract.Envelope, conformance.Host) (string, error) {
				return done(strconv.FormatInt(runs.Add(1), 10)), nil
			}), c)
			if refused := err != nil && strings.Contains(err.Error(), "not deterministic"); refused == once {
				t.Errorf("got error %v of a plugin that counts, with once %t", err, once)
			}
			if want := map[bool]int64{false: 2, true: 1}[once]; runs.Load() != want {
				t.Errorf("got %d runs, want %d", runs.Load(), want)
			}
		})
	}
}
