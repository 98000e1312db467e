package ui

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// MarshalJSON writes each block as {"kind": {…}}.
func (b Blocks) MarshalJSON() ([]byte, error) { return pack(b) }

// UnmarshalJSON reads what MarshalJSON writes; an unknown kind is an error.
func (b *Blocks) UnmarshalJSON(data []byte) error { return unpack(data, b, blocks) }

// MarshalJSON writes each value as {"kind": {…}}, nothing as null.
func (v Values) MarshalJSON() ([]byte, error) { return pack(v) }

// UnmarshalJSON reads what MarshalJSON writes; an unknown kind is an error.
func (v *Values) UnmarshalJSON(data []byte) error { return unpack(data, v, values) }

// tagged is one thing with its kind.
type tagged map[string]any

func pack[T any, L ~[]T](list L) ([]byte, error) {
	if list == nil {
		return []byte("null"), nil
	}
	out := make([]tagged, len(list))
	for i, it := range list {
		if any(it) != nil {
			out[i] = tagged{Kind(it): it}
		}
	}
	return json.Marshal(out)
}

func unpack[T any, L ~[]T](data []byte, into *L, known []T) error {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if list == nil {
		*into = nil
		return nil
	}
	out := make(L, len(list))
	for i, one := range list {
		for kind, raw := range one {
			it, err := decode(kind, raw, known)
			if err != nil {
				return err
			}
			out[i] = it
		}
	}
	*into = out
	return nil
}

func decode[T any](kind string, raw json.RawMessage, known []T) (T, error) {
	var none T
	for _, k := range known {
		if Kind(k) != kind {
			continue
		}
		it := reflect.New(reflect.TypeOf(k))
		if err := json.Unmarshal(raw, it.Interface()); err != nil {
			return none, fmt.Errorf("read %s: %w", kind, err)
		}
		return it.Elem().Interface().(T), nil
	}
	return none, fmt.Errorf("read page: there is no %q", kind)
}

// The structs below hold a single value, which JSON needs the kind of.

type (
	plainStat   Stat
	plainDetail Detail
)

// MarshalJSON writes the stat with the kind of its value.
func (s Stat) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		plainStat
		Value Values
	}{plainStat(s), Values{s.Value}})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Stat) UnmarshalJSON(data []byte) error {
	in := struct {
		*plainStat
		Value Values
	}{plainStat: (*plainStat)(s)}
	err := json.Unmarshal(data, &in)
	s.Value = in.Value.first()
	return err
}

// MarshalJSON writes the detail with the kind of its value.
func (d Detail) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		plainDetail
		Value Values
	}{plainDetail(d), Values{d.Value}})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Detail) UnmarshalJSON(data []byte) error {
	in := struct {
		*plainDetail
		Value Values
	}{plainDetail: (*plainDetail)(d)}
	err := json.Unmarshal(data, &in)
	d.Value = in.Value.first()
	return err
}

func (v Values) first() Value {
	if len(v) == 0 {
		return nil
	}
	return v[0]
}
