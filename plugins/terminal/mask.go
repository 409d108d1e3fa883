package main

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
	signs := 0
	for _, r := range text {
		if isSign(r) {
			signs++
		}
	}
	if signs < minPAN {
		return text
	}
	runes := []rune(text)
	for start := 0; start < len(runes); start++ {
		if !isSign(runes[start]) || start > 0 && isSign(runes[start-1]) {
			continue
		}
		if end := numberAt(runes, start); end > 0 {
			hide(runes[start:end])
			start = end - 1
		}
	}
	return string(runes)
}

// hide leaves a number's last four digits.
func hide(number []rune) {
	shown := 0
	for i := len(number) - 1; i >= 0; i-- {
		if isSign(number[i]) {
			if shown++; shown > 4 {
				number[i] = '*'
			}
		}
	}
}

// numberAt gives where the longest card number that begins at start ends, or 0.
func numberAt(runes []rune, start int) (end int) {
	var signs [maxPAN]rune
	n := 0
	for i := start; i < len(runes); i++ {
		switch r := runes[i]; {
		case isSign(r) && n == maxPAN:
			return end
		case isSign(r):
			signs[n] = r
			n++
		case (r == ' ' || r == '-') && i+1 < len(runes) && isSign(runes[i+1]):
			continue
		default:
			return end
		}
		if n >= minPAN && (i+1 == len(runes) || !isSign(runes[i+1])) && isPAN(signs[:n]) {
			end = i + 1
		}
	}
	return end
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isSign(r rune) bool { return isDigit(r) || r == '*' || r == 'X' || r == 'x' || r == '•' }

// isPAN says whether so many signs are a card number: the last four are digits,
// and among them is a mask sign or they pass the Luhn check.
func isPAN(signs []rune) bool {
	sum, masked := 0, false
	for i, r := range signs {
		if !isDigit(r) {
			if i >= len(signs)-4 {
				return false
			}
			masked = true
			continue
		}
		d := int(r - '0')
		if (len(signs)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return masked || sum%10 == 0
}
