package main

import "strings"

// A card number in a text has 13 to 19 signs.
const (
	minPAN = 13
	maxPAN = 19
)

// mask hides card numbers but for their last four digits (section 8): 13 to 19
// digits and mask signs, single spaces or hyphens between them, that end in four
// digits and hold a mask sign or pass the Luhn check. A number may stand among
// other groups of digits: each group may begin one and each may end it.
func mask(text string) string {
	runes := []rune(text)
	for start := 0; start < len(runes); start++ {
		if !isSign(runes[start]) || start > 0 && isSign(runes[start-1]) {
			continue
		}
		if end := numberAt(runes, start); end > 0 {
			last := 0
			for i := end - 1; i >= start; i-- {
				if isSign(runes[i]) {
					if last++; last > 4 {
						runes[i] = '*'
					}
				}
			}
			start = end - 1
		}
	}
	return string(runes)
}

// numberAt gives where the longest card number that begins at start ends, or 0.
func numberAt(runes []rune, start int) int {
	var signs []rune
	found := 0
	for i := start; i < len(runes) && len(signs) <= maxPAN; i++ {
		switch r := runes[i]; {
		case isSign(r):
			signs = append(signs, r)
		case (r == ' ' || r == '-') && i+1 < len(runes) && isSign(runes[i+1]):
			continue
		default:
			return found
		}
		if ends := i+1 == len(runes) || !isSign(runes[i+1]); ends && isPAN(signs) {
			found = i + 1
		}
	}
	return found
}

func isSign(r rune) bool { return r >= '0' && r <= '9' || isMask(r) }

func isMask(r rune) bool { return strings.ContainsRune("*Xx•", r) }

func isPAN(signs []rune) bool {
	if len(signs) < minPAN || len(signs) > maxPAN {
		return false
	}
	for _, r := range signs[len(signs)-4:] {
		if isMask(r) {
			return false
		}
	}
	return strings.ContainsFunc(string(signs), isMask) || luhn(signs)
}

func luhn(digits []rune) bool {
	sum := 0
	for i, r := range digits {
		d := int(r - '0')
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
