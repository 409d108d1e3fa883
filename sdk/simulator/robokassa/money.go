package robokassa

import (
	"strconv"
	"strings"
)

// Currencies of shops.
const (
	currencyRUB = "RUB"
	currencyKZT = "KZT"
)

// parseSum reads an amount in minor units: digits, at most one point, and
// beyond two decimals zeros alone. It must be above zero, and below 10^13.
func parseSum(text string) (int64, bool) {
	whole, decimals, point := strings.Cut(text, ".")
	if whole == "" || point && decimals == "" || len(whole) > 11 || strings.Trim(whole+decimals, "0123456789") != "" {
		return 0, false
	}
	if len(decimals) > 2 {
		if strings.Trim(decimals[2:], "0") != "" {
			return 0, false
		}
		decimals = decimals[:2]
	}
	n, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", 2-len(decimals)), 10, 64)
	return n, err == nil && n > 0
}

// two writes an amount with two decimals, six with six, as the provider does in
// notices and answers.
func two(minor int64) string {
	return strconv.FormatInt(minor/100, 10) + "." + strconv.FormatInt(100+minor%100, 10)[1:]
}

func six(minor int64) string { return two(minor) + "0000" }
