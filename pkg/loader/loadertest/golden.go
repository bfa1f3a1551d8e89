package loadertest

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
)

// Update is the flag -update of every test that uses this package.
var Update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares text with a golden file, line by line.
func Golden(t *testing.T, golden, got string) {
	t.Helper()
	if *Update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("run go test -update; -want +got:\n%s", diff)
	}
}

// Show writes a value in one line. An open one is a question mark, its links with
// their certainty, and the reason: ?->aws_vpc.main(2)(aws_vpc.main.id).
func Show(v *attr.Value) string {
	switch {
	case !v.IsSet():
		return "null"
	case v.Kind == attr.Open:
		out := "?"
		for _, l := range v.Links {
			out += fmt.Sprintf("->%s%s(%d)", l.ID, l.Address, l.Certainty)
		}
		return out + "(" + v.Why + ")"
	case v.Kind == attr.List:
		var items []string
		for _, item := range v.Items {
			items = append(items, Show(item))
		}
		return "[" + strings.Join(items, " ") + "]"
	case v.Kind == attr.Object:
		var fields []string
		for _, f := range v.Fields {
			fields = append(fields, f.Name+"="+Show(f.Value))
		}
		return "{" + strings.Join(fields, " ") + "}"
	default:
		return v.Text
	}
}

// EachValue calls f for a value and all that it holds.
func EachValue(v *attr.Value, f func(*attr.Value)) {
	f(v)
	for _, item := range v.Items {
		EachValue(item, f)
	}
	for _, field := range v.Fields {
		EachValue(field.Value, f)
	}
}
