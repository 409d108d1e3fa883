package conformance

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// currencies are payments and refunds in currencies without decimals, with two
// and with three, in all that the manifest lists.
func currencies() []Scenario {
	var list []Scenario
	for _, decimals := range []int{0, 2, 3} {
		list = append(list, Scenario{
			Name:  fmt.Sprintf("with %d decimals", decimals),
			lacks: func(d *desk) string { return needsDecimals(d, decimals) },
			run: func(d *desk) error {
				for _, code := range having(d, decimals) {
					if err := inCurrency(d, code); err != nil {
						return fmt.Errorf("%s: %w", code, err)
					}
				}
				return nil
			},
		})
	}
	return family("currencies", anyPlugin, list...)
}

// having lists the method's currencies with so many decimals.
func having(d *desk, decimals int) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d.method.Currencies)), func(code string) bool {
		n, ok := contract.Exponent(code)
		return !ok || n != decimals
	})
}

func needsDecimals(d *desk, decimals int) string {
	if len(having(d, decimals)) == 0 {
		return fmt.Sprintf("%s/currencies has none with %d decimals", d.at(), decimals)
	}
	return ""
}

// inCurrency pays an amount with a digit in each decimal, and a small one, and
// gives the first back.
func inCurrency(d *desk, code string) error {
	for _, value := range []int64{12_345, 1005} {
		d.worth = d.amount(contract.Money{Value: value, Currency: code})
		p, err := d.sure()
		if err != nil {
			return err
		}
		b := d.world.Books(p.Payment)
		taken := b.Captured
		if p.Capture == contract.CaptureManual {
			taken = b.Authorized
		}
		d.want(taken == p.Amount, "the provider's books hold %s of %s", taken, p.Amount)
		if value < 10_000 || needsRefunds(false, false)(d) != "" || p.Capture == contract.CaptureManual {
			continue
		}
		if err := refundedWhole(d, p); err != nil {
			return err
		}
	}
	return nil
}
