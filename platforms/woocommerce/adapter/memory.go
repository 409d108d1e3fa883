package main

import (
	"strconv"
	"strings"
)

// memory is what a shop's order remembers of the news it had of each order of the
// gateway, newest first, as text: "ord_1:5:paid ord_0:2:expired". One order of the
// shop may have had several of the gateway; each counts its events by itself.
type memory string

// maxRemembered is of how many orders of the gateway the news are remembered.
const maxRemembered = 8

// news is the last that was told of an order.
type news struct {
	number int64 // 0: nothing
	status string
}

// of gives what was told last of an order.
func (m memory) of(order string) news {
	for _, e := range m.entries() {
		if e[0] == order {
			n, err := strconv.ParseInt(e[1], 10, 64)
			if err != nil {
				return news{}
			}
			return news{n, e[2]}
		}
	}
	return news{}
}

// with remembers the newest.
func (m memory) with(order string, n news) string {
	list := []string{order + ":" + strconv.FormatInt(n.number, 10) + ":" + n.status}
	for _, e := range m.entries() {
		if e[0] != order && len(list) < maxRemembered {
			list = append(list, strings.Join(e[:], ":"))
		}
	}
	return strings.Join(list, " ")
}

// entries leaves out what a person made of it.
func (m memory) entries() [][3]string {
	var list [][3]string
	for _, word := range strings.Fields(string(m)) {
		if parts := strings.Split(word, ":"); len(parts) == 3 {
			list = append(list, [3]string(parts))
		}
	}
	return list
}
