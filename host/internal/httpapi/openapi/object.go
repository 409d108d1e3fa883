package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

// Object is a JSON object that keeps the order of its members.
type Object []Member

// Member is a member of an object.
type Member struct {
	Name  string
	Value any
}

// Get gives the value of a member, nil if there is none.
func (o Object) Get(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Object gives a member that is an object, nil if it is none.
func (o Object) Object(name string) Object {
	v, _ := o.Get(name).(Object)
	return v
}

// Text gives a member that is a text, "" if it is none.
func (o Object) Text(name string) string {
	v, _ := o.Get(name).(string)
	return v
}

// List gives a member that is an array, nil if it is none.
func (o Object) List(name string) []any {
	v, _ := o.Get(name).([]any)
	return v
}

// With gives an object with the member set: in its place, or at the end.
func (o Object) With(name string, value any) Object {
	o = slices.Clone(o)
	for i := range o {
		if o[i].Name == name {
			o[i].Value = value
			return o
		}
	}
	return append(o, Member{name, value})
}

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, fmt.Errorf("member %s: %w", m.Name, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func fromYAML(v any) any {
	switch v := v.(type) {
	case yaml.MapSlice:
		o := make(Object, 0, len(v))
		for _, item := range v {
			o = append(o, Member{fmt.Sprint(item.Key), fromYAML(item.Value)})
		}
		return o
	case []any:
		list := make([]any, 0, len(v))
		for _, item := range v {
			list = append(list, fromYAML(item))
		}
		return list
	}
	return v
}
