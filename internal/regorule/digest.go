package regorule

import (
	"fmt"
	"hash/maphash"
	"reflect"
)

// seed makes digests those of this process, so that nobody can write objects whose facts
// have the same.
var seed = maphash.MakeSeed()

// digest is the same for values that reflect.DeepEqual takes for equal, and but for one
// chance in 2^64 for no others. The value is a tree without functions and channels.
func digest(value any) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	write(&h, reflect.ValueOf(&value).Elem())
	return h.Sum64()
}

func write(h *maphash.Hash, v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		writeNumber(h, 0)
	case reflect.String:
		writeNumber(h, uint64(v.Len())) //nolint:gosec // a length
		_, _ = h.WriteString(v.String())
	case reflect.Bool:
		maphash.WriteComparable(h, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		writeNumber(h, uint64(v.Int())) //nolint:gosec // its bits
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		writeNumber(h, v.Uint())
	case reflect.Float32, reflect.Float64:
		maphash.WriteComparable(h, v.Float())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			writeNumber(h, 0)
			return
		}
		_, _ = h.WriteString(v.Elem().Type().String())
		write(h, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			write(h, v.Field(i))
		}
	case reflect.Array, reflect.Slice:
		writeLength(h, v)
		for i := range v.Len() {
			write(h, v.Index(i))
		}
	case reflect.Map:
		writeLength(h, v)
		writeNumber(h, entries(v))
	default:
		panic(fmt.Sprintf("%s is no data", v.Type()))
	}
}

// entries is the same for maps with the same entries.
func entries(v reflect.Value) uint64 {
	sum := uint64(0)
	for each := v.MapRange(); each.Next(); {
		var h maphash.Hash
		h.SetSeed(seed)
		write(&h, each.Key())
		write(&h, each.Value())
		sum += h.Sum64()
	}
	return sum
}

// writeLength tells nothing from none.
func writeLength(h *maphash.Hash, v reflect.Value) {
	n := uint64(0)
	if v.Kind() == reflect.Array || !v.IsNil() {
		n = uint64(v.Len()) + 1 //nolint:gosec // a length
	}
	writeNumber(h, n)
}

func writeNumber(h *maphash.Hash, n uint64) { maphash.WriteComparable(h, n) }
