package pages

import (
	"math"
	"strconv"
)

// minContrast is what WCAG 2.2 asks of text: 4.5 to 1.
const minContrast = 4.5

// ground is the linear light of the pages' grey ground, #f4f5f7, on which links
// in the shop's colour stand: darker than the white of buttons.
var ground = light(0xf4f5f7)

// readable says whether white text on the colour rrggbb can be read, and text
// in that colour on the pages' ground.
func readable(hex string) bool {
	if len(hex) != 6 {
		return false
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		return false
	}
	return (ground+0.05)/(light(n)+0.05) >= minContrast
}

// light is the linear light of a colour of sRGB.
func light(n uint64) float64 {
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n)
}

// channel is the linear light of one channel of sRGB.
func channel(n uint64) float64 {
	v := float64(n&0xff) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
