package terminal

import (
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Outcome is what the customer does, or what becomes of it.
type Outcome string

// The outcomes; [buttons] of the display are some of them.
const (
	Success     Outcome = "success"     // a card is taken
	Cancelled   Outcome = "cancelled"   // the customer presses stop
	Failed      Outcome = "failed"      // the card is refused
	Lost        Outcome = "lost"        // a card is taken, and the till does not hear of it
	Open        Outcome = "open"        // the line to the till breaks; the customer has not decided
	WrongPIN    Outcome = "wrong_pin"   // PIN not right
	Unreachable Outcome = "unreachable" // acquirer not reached
	Wait        Outcome = "wait"        // nothing, until aborted or out of patience
	Partial     Outcome = "partial"     // half is authorised
	Signature   Outcome = "signature"   // approved by signature
	Expired     Outcome = "expired"     // the terminal has lost patience
	Aborted     Outcome = "aborted"     // the till has called it off
)

// Outcomes lists those that can be asked for.
func Outcomes() []Outcome {
	return []Outcome{Success, Cancelled, Failed, Lost, Open, WrongPIN, Unreachable, Wait, Partial, Signature, Expired}
}

// aliases are the sandbox's own words (section 10).
var aliases = map[Outcome]Outcome{"approve": Success, "refuse": Failed, "cancel": Cancelled, "drop": Lost}

// plan is what a customer will do.
type plan struct {
	Outcome    Outcome `json:"outcome"`
	EnterTotal string  `json:"enter_total"`
	Entry      string  `json:"entry"`
	DelayMS    int64   `json:"delay_ms"`
}

// The ways of entry, by the script's word.
var entries = map[string]string{"": "Contactless", "contactless": "Contactless", "chip": "ICC"}

// check refuses what nobody can do.
func (p *plan) check() error {
	if other, ok := aliases[p.Outcome]; ok {
		p.Outcome = other
	}
	if p.Outcome == "" {
		p.Outcome = Success
	}
	if !slices.Contains(Outcomes(), p.Outcome) {
		var names []string
		for _, o := range Outcomes() {
			names = append(names, string(o))
		}
		return control.Bad("unknown outcome %q; known outcomes are %s, approve, refuse, cancel and drop", p.Outcome, strings.Join(names, ", "))
	}
	if entries[p.Entry] == "" {
		return control.Bad("unknown entry %q; it is contactless or chip", p.Entry)
	}
	if p.DelayMS < 0 || p.DelayMS > DefaultPatience.Milliseconds() {
		return control.Bad("delay_ms %d is not 0 to %d", p.DelayMS, DefaultPatience.Milliseconds())
	}
	return nil
}

// byDigits is the customer of an amount, by its last two digits (section 10).
var byDigits = map[int64]plan{
	13: {Outcome: Failed}, 17: {Outcome: Cancelled}, 19: {Outcome: WrongPIN}, 23: {Outcome: Unreachable}, 29: {Outcome: Lost},
	31: {Outcome: Wait}, 37: {Outcome: Partial}, 41: {Outcome: Signature}, 43: {Outcome: Success, Entry: "chip"},
}

// conditions are the ErrorConditions of outcomes without money.
var conditions = map[Outcome]string{
	Failed: "Refusal", Cancelled: "Cancel", WrongPIN: "WrongPIN", Unreachable: "UnreachableHost", Expired: "Cancel", Aborted: "Aborted",
}
