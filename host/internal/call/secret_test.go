package call

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// TestRun_secretsStayInside runs calls of every kind and looks for the
// canaries, which are the account's secrets and the kept tokens.
func TestRun_secretsStayInside(t *testing.T) {
	t.Parallel()
	r := newRoom(t, bearing)
	b := &bank{r: r}
	r.answer = b.answer
	var told []string
	run := func(c checkout.Call) {
		e, err := r.runner("a").Run(context.Background(), c)
		told = append(told, text(t, e))
		if e.Journal != nil {
			for _, v := range e.Journal.Fields {
				told = append(told, string(v))
			}
		}
		if err != nil {
			told = append(told, err.Error())
		}
	}
	run(r.call(contract.CapturePayment))
	r.later(time.Hour)
	for i, answer := range []func(egress.Outbound) egress.Answer{
		func(egress.Outbound) egress.Answer { return r.lost(contract.SentYes) },
		func(egress.Outbound) egress.Answer { return r.status(500, "") },
		func(egress.Outbound) egress.Answer { return egress.Answer{} },
	} {
		r.answer = answer
		c := r.call(contract.CapturePayment)
		c.ID += string(rune('a' + i))
		run(c)
	}
	r.journal.before = func(string) error { return errors.New("down") }
	r.answer = b.answer
	c := r.call(contract.CapturePayment)
	c.ID += "z"
	run(c)
	told = append(told, r.seen.text(), r.logs.String(), r.journal.text())
	for _, s := range told {
		if strings.Contains(s, canary) {
			t.Errorf("a secret is in %.300s", s)
		}
	}
	if b.fetched == 0 || !strings.Contains(b.used[0], canary) {
		t.Error("the provider never got the token: the test shows nothing")
	}
}
