package wire_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/sdk/wire"
	"pgregory.net/rapid"
)

func anyValue() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Just(any(nil)),
		rapid.Map(rapid.Int64(), func(v int64) any { return v }),
		rapid.Map(rapid.Float64(), func(v float64) any { return v }),
		rapid.Map(rapid.String(), func(v string) any { return v }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(v []byte) any { return v }),
		rapid.Map(rapid.Bool(), func(v bool) any { return v }),
	)
}

func TestUnpackUndoesAppend(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(anyValue()).Draw(t, "values")
		packed, err := wire.Append(nil, values...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.Unpack(packed)
		if err != nil || len(got) != len(values) {
			t.Fatalf("%d values came back as %d: %v", len(values), len(got), err)
		}
		for i := range got {
			if !reflect.DeepEqual(got[i], values[i]) {
				t.Fatalf("%#v came back as %#v", values[i], got[i])
			}
		}
		if len(packed) > 0 { // what is cut off is noticed, or was whole values
			cut := packed[:rapid.IntRange(0, len(packed)-1).Draw(t, "cut")]
			if some, err := wire.Unpack(cut); err == nil && len(some) >= len(values) {
				t.Fatalf("%d bytes of %d held everything", len(cut), len(packed))
			}
		}
	})
}

func TestWhatCantBePacked(t *testing.T) {
	t.Parallel()
	for _, v := range []any{1, int32(1), time.Time{}, struct{}{}, []string{"a"}, uint64(1)} {
		if _, err := wire.Append(nil, v); err == nil {
			t.Errorf("%T was packed", v)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	seed, err := wire.Append(nil, nil, int64(-1), 1.5, "text", []byte{1, 2}, true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{5, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		values, err := wire.Unpack(b)
		if err != nil {
			return
		}
		packed, err := wire.Append(nil, values...)
		if err != nil {
			t.Fatal(err)
		}
		again, err := wire.Unpack(packed)
		if err != nil || len(again) != len(values) {
			t.Fatalf("%v came back as %v, %v", values, again, err)
		}
		twice, err := wire.Append(nil, again...)
		if err != nil || !bytes.Equal(packed, twice) {
			t.Fatalf("%x was packed as %x", packed, twice)
		}
	})
}
