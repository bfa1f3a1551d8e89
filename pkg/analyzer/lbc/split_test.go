package lbc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
)

func TestStringList(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"":              nil,
		" , ,":          nil,
		"a":             {"a"},
		" a , b,,c\n":   {"a", "b", "c"},
		`a\,b`:          {`a\`, "b"},
		"10.0.0.0/8,::": {"10.0.0.0/8", "::"},
	}
	for value, want := range tests {
		if diff := cmp.Diff(want, lbc.StringList(value)); diff != "" {
			t.Errorf("StringList(%q) (-want +got):\n%s", value, diff)
		}
	}
}

func TestStringMap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value string
		want  map[string]string
	}{
		{"", map[string]string{}},
		{"a=b", map[string]string{"a": "b"}},
		{" a = b , c = d \n", map[string]string{"a": "b", "c": "d"}},
		{"a=", map[string]string{"a": ""}},
		{"a=b=c", map[string]string{"a": "b=c"}},
		{"a=1,a=2", map[string]string{"a": "2"}},
		{`a=b\,c,d=e`, map[string]string{"a": "b,c", "d": "e"}},
		{`a=b\\c`, map[string]string{"a": `b\c`}},
		{`a=b\`, map[string]string{"a": `b\`}},
		{"a=b,", map[string]string{"a": "b,"}},
		{"a=b, \n", map[string]string{"a": "b,"}},
		{"a", nil},
		{"a=b,c", nil},
		{"a=b,c,d=e", nil},
		{"a=b,,c=d", nil},
		{"=b", nil},
		{"a=b, =c", nil},
		{"a: b", nil},
		{" ", nil},
		{",", nil},
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			t.Parallel()
			got, err := lbc.StringMap(tt.value)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (err != nil) != (tt.want == nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"1", "t", "T", "TRUE", "true", "True"} {
		if val, ok := lbc.Bool(word); !val || !ok {
			t.Errorf("Bool(%q) = %v, %v", word, val, ok)
		}
	}
	for _, word := range []string{"0", "f", "F", "FALSE", "false", "False"} {
		if val, ok := lbc.Bool(word); val || !ok {
			t.Errorf("Bool(%q) = %v, %v", word, val, ok)
		}
	}
	for _, word := range []string{"", " true", "true ", "yes", "on", "tRUE", "2"} {
		if _, ok := lbc.Bool(word); ok {
			t.Errorf("Bool(%q) is accepted", word)
		}
	}
}
