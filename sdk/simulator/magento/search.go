package magento

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// criteria are searchCriteria: groups of filters, all of which must hold; within a
// group one suffices.
type criteria struct {
	groups     map[string]map[string]*filter
	sorts      map[string]*sorting
	size, page int
	given      bool
}

type filter struct{ field, value, condition string }

type sorting struct{ field, direction string }

// brackets reads the names within a parameter's brackets.
var brackets = regexp.MustCompile(`\[([A-Za-z0-9_]*)\]`)

// snake are the two spellings of each name.
var snake = map[string]string{
	"filterGroups": "filter_groups", "conditionType": "condition_type", "sortOrders": "sort_orders", "pageSize": "page_size", "currentPage": "current_page",
}

func readCriteria(query url.Values) criteria {
	c := criteria{groups: map[string]map[string]*filter{}, sorts: map[string]*sorting{}, page: 1}
	for name, values := range query {
		rest, ours := strings.CutPrefix(name, "searchCriteria")
		if !ours {
			continue
		}
		c.given = true
		var path []string
		for _, m := range brackets.FindAllStringSubmatch(rest, -1) {
			step := m[1]
			if other, ok := snake[step]; ok {
				step = other
			}
			path = append(path, step)
		}
		c.take(path, values[len(values)-1])
	}
	return c
}

func (c *criteria) take(path []string, value string) {
	switch {
	case len(path) == 1 && path[0] == "page_size":
		c.size, _ = strconv.Atoi(value) // PHP casts, too
	case len(path) == 1 && path[0] == "current_page":
		c.page, _ = strconv.Atoi(value)
	case len(path) == 3 && path[0] == "sort_orders":
		s := c.sorts[path[1]]
		if s == nil {
			s = &sorting{}
			c.sorts[path[1]] = s
		}
		if path[2] == "field" {
			s.field = value
		} else {
			s.direction = value
		}
	case len(path) == 5 && path[0] == "filter_groups" && path[2] == "filters":
		group := c.groups[path[1]]
		if group == nil {
			group = map[string]*filter{}
			c.groups[path[1]] = group
		}
		f := group[path[3]]
		if f == nil {
			f = &filter{condition: "eq"}
			group[path[3]] = f
		}
		switch path[4] {
		case "field":
			f.field = value
		case "value":
			f.value = value
		case "condition_type":
			f.condition = value
		}
	}
}

// search answers a list: items, search_criteria, total_count (document, 2.2). A
// page beyond the last is the last again, as the shop's collections have it.
func search(query url.Values, all []object) (any, *apiError) {
	c := readCriteria(query)
	if !c.given {
		return nil, required("searchCriteria")
	}
	var found []object
	for _, o := range all {
		fits, e := c.fits(o)
		if e != nil {
			return nil, e
		}
		if fits {
			found = append(found, o)
		}
	}
	c.sort(found)
	total, page := len(found), max(c.page, 1)
	if c.size > 0 {
		page = min(page, max(1, (total+c.size-1)/c.size))
		from := (page - 1) * c.size
		found = found[from:min(from+c.size, total)]
	}
	return object{
		"items": append([]object{}, found...), "total_count": total,
		"search_criteria": object{"filter_groups": []object{}, "page_size": c.size, "current_page": c.page},
	}, nil
}

func (c criteria) fits(o object) (bool, *apiError) {
	for _, group := range c.groups {
		one := false
		for _, f := range group {
			fits, e := f.fits(o)
			if e != nil {
				return false, e
			}
			one = one || fits
		}
		if !one {
			return false, nil
		}
	}
	return true, nil
}

func (f filter) fits(o object) (bool, *apiError) {
	if _, known := o[f.field]; !known && f.field != "total_paid" && f.field != "customer_id" {
		return false, refusal(http.StatusBadRequest, "Column not found: 1054 Unknown column '"+f.field+"' in 'where clause'")
	}
	have := text(o[f.field])
	switch f.condition {
	case "null":
		return have == "", nil
	case "notnull":
		return have != "", nil
	case "in":
		return slices.Contains(strings.Split(f.value, ","), have), nil
	case "nin":
		return !slices.Contains(strings.Split(f.value, ","), have), nil
	case "like":
		return strings.Contains(have, strings.Trim(f.value, "%")), nil
	}
	holds, known := map[string]func(int) bool{
		"eq": func(n int) bool { return n == 0 }, "neq": func(n int) bool { return n != 0 },
		"gt": func(n int) bool { return n > 0 }, "gteq": func(n int) bool { return n >= 0 }, "from": func(n int) bool { return n >= 0 },
		"lt": func(n int) bool { return n < 0 }, "lteq": func(n int) bool { return n <= 0 }, "to": func(n int) bool { return n <= 0 },
	}[f.condition]
	if !known {
		return false, bad("condition_type %1", f.condition)
	}
	return holds(compare(have, f.value)), nil
}

// text is a value as a query compares it.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "null" {
		return ""
	}
	return strings.Trim(string(b), `"`)
}

// compare compares numbers as numbers and all else as text.
func compare(a, b string) int {
	x, err1 := parseUnits(a)
	y, err2 := parseUnits(b)
	if err1 == nil && err2 == nil && (a == "0" || a[0] != '0') { // increment ids begin with zeros
		return int(max(-1, min(1, x-y)))
	}
	return strings.Compare(a, b)
}

func (c criteria) sort(list []object) {
	names := make([]string, 0, len(c.sorts))
	for name := range c.sorts {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.SortStableFunc(list, func(a, b object) int {
		for _, name := range names {
			s := c.sorts[name]
			n := compare(text(a[s.field]), text(b[s.field]))
			if !strings.EqualFold(s.direction, "ASC") { // DESC unless given
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
}

// trim leaves only what fields names: items[entity_id,status],total_count
// (document, 2.2).
func trim(v any, fields string) any {
	b, err := json.Marshal(v)
	if err != nil {
		return v
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		return v
	}
	return pick(plain, readFields(&fields))
}

// wanted is a tree of names.
type wanted map[string]wanted

// readFields reads names up to a closing bracket.
func readFields(text *string) wanted {
	out := wanted{}
	for *text != "" {
		end := strings.IndexAny(*text, ",[]")
		name := *text
		if end >= 0 {
			name = (*text)[:end]
		}
		*text = (*text)[len(name):]
		inner := wanted(nil)
		if strings.HasPrefix(*text, "[") {
			*text = (*text)[1:]
			inner = readFields(text)
		}
		if name != "" {
			out[name] = inner
		}
		switch {
		case strings.HasPrefix(*text, ","):
			*text = (*text)[1:]
		case strings.HasPrefix(*text, "]"):
			*text = (*text)[1:]
			return out
		}
	}
	return out
}

func pick(v any, w wanted) any {
	if w == nil {
		return v
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = pick(v[i], w)
		}
		return v
	case map[string]any:
		for name := range v {
			inner, ok := w[name]
			if !ok {
				delete(v, name)
				continue
			}
			v[name] = pick(v[name], inner)
		}
	}
	return v
}
