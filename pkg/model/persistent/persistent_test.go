package persistent_test

import (
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model/persistent"
)

// TestTable compares copies of copies with maps that are cloned.
func TestTable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	table, want := persistent.NewTable[int, int](), map[int]int{}
	for step := range 300 {
		before, wanted := table, maps.Clone(want)
		table = table.Copied()
		for range r.IntN(30) {
			key := r.IntN(400)
			if r.IntN(3) == 0 {
				table.Delete(key)
				delete(want, key)
			} else {
				table.Set(key, step)
				want[key] = step
			}
		}
		for _, c := range []struct {
			table persistent.Table[int, int]
			want  map[int]int
		}{{before, wanted}, {table, want}} {
			if diff := cmp.Diff(c.want, maps.Collect(c.table.All())); diff != "" || c.table.Len() != len(c.want) {
				t.Fatalf("step %d: %d keys (-want +got):\n%s", step, c.table.Len(), diff)
			}
			for key := range 400 {
				got, ok := c.table.Get(key)
				if v, known := c.want[key]; got != v || ok != known {
					t.Fatalf("step %d: %d is %d, %v, want %d, %v", step, key, got, ok, v, known)
				}
			}
		}
	}
}

// TestList compares copies of copies with slices that are cloned.
func TestList(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test
	var list persistent.List[int]
	var want []int
	for step := range 300 {
		before, wanted := list, slices.Clone(want)
		list = list.Copied()
		for range r.IntN(5) {
			if len(want) == 0 || r.IntN(2) == 0 {
				list.Add(step)
				want = append(want, step)
			} else {
				i := r.IntN(len(want))
				list.Set(i, step)
				want[i] = step
			}
		}
		for _, c := range []struct {
			list persistent.List[int]
			want []int
		}{{before, wanted}, {list, want}} {
			var got []int
			for i, v := range c.list.All() {
				if got = append(got, v); c.list.At(i) != v {
					t.Fatalf("step %d: %d is %d and %d", step, i, v, c.list.At(i))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || c.list.Len() != len(c.want) {
				t.Fatalf("step %d (-want +got):\n%s", step, diff)
			}
		}
	}
}

// TestTableLetsGo: what a key had before is not kept as long as the table changes.
func TestTableLetsGo(t *testing.T) {
	t.Parallel()
	table, of := tableOf()
	for range 100 {
		table = table.Copied()
		table.Set(1, new([64]byte))
	}
	runtime.GC()
	if of.Value() != nil {
		t.Error("a value that was replaced 100 changes ago is kept")
	}
	runtime.KeepAlive(table)
}

// tableOf has a value that nothing else holds.
func tableOf() (persistent.Table[int, *[64]byte], weak.Pointer[[64]byte]) {
	value := new([64]byte)
	return persistent.Over(map[int]*[64]byte{1: value}), weak.Make(value)
}
