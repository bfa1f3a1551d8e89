package syntax

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"object": {" {\"a\" : [1, -2.50e+3,\ttrue,null ],\r\n \"b\\u00e9\":{ } , \"c\":\"x,: \\\"}\"}\n", []string{
			`/ "{\"a\" : [1, -2.50e+3,\ttrue,null ],\r\n \"b\\u00e9\":{ } , \"c\":\"x,: \\\"}\"}"`,
			`/a "\"a\"": "[1, -2.50e+3,\ttrue,null ]"`, `/a/0 "1" = "1"`, `/a/1 "-2.50e+3" = "-2.50e+3"`,
			`/a/2 "true" = "true"`, `/a/3 "null" = "null"`, `/bé "\"b\\u00e9\"": "{ }"`,
			`/c "\"c\"": "\"x,: \\\"}\"" = "x,: \"}" quoted`,
		}},
		"byte order mark": {"\uFEFF[\"日本\",[]]", []string{
			`/ "[\"日本\",[]]"`, `/0 "\"日本\"" = "日本" quoted`, `/1 "[]"`,
		}},
		"scalar":   {" 12345678901234567890 ", []string{`/ "12345678901234567890" = "12345678901234567890"`}},
		"no merge": {`{"<<":{"a":1}}`, []string{`/ "{\"<<\":{\"a\":1}}"`, `/<< "\"<<\"": "{\"a\":1}"`, `/<</a "\"a\"": "1" = "1"`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := ParseJSON([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, dump(tt.text, n)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	n, err := ParseJSON([]byte(`{"a":1,"a":2}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := n.Duplicates(); len(d) != 1 || d[0].Second.Start != 7 {
		t.Errorf("Duplicates = %v, want the second key", d)
	}
}

func TestParseJSONErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text   string
		offset int
	}{
		{"", 0},
		{"{\n", 2},
		{`{"a"`, 4},
		{"{\n\"a\": 1,\n}", 10},
		{"[1,]", 3},
		{"[1 2]", 3},
		{"1\n2", 2},
		{"{} x", 3},
		{"{'a': 1}", 1},
		{"[01]", 2},
		{"\uFEFF[,]", 4},
		{"[\"\n\"]", 2},
		{"nul", 2},
		{"\uFEFF", 3},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			n, err := ParseJSON([]byte(tt.text))
			got, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("got %v, %v, want an *Error", n, err)
			}
			if line := 1 + strings.Count(tt.text[:tt.offset], "\n"); got.Offset != tt.offset || got.Line != line {
				t.Errorf("got offset %d, line %d, want %d, %d (%v)", got.Offset, got.Line, tt.offset, line, got)
			}
		})
	}
	for _, unit := range []string{"[", `{"a":`} {
		for _, tail := range []string{"", "1" + strings.Repeat("]", 100_000)} {
			if _, err := ParseJSON([]byte(strings.Repeat(unit, 100_000) + tail)); err == nil {
				t.Errorf("%q nested 100000 deep was accepted", unit)
			}
		}
	}
	if _, err := ParseJSON([]byte(strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999))); err != nil {
		t.Errorf("nested 9999 deep: %v", err)
	}
}

// jsonWriter writes random JSON and records what it wrote for each path.
type jsonWriter struct {
	recorder
}

func (w *jsonWriter) space() {
	w.write(pick(w.rnd, "", "", " ", "\n  ", "\r\n\t"))
}

func (w *jsonWriter) str() written {
	value := strings.Join(w.words(), " ") + pick(w.rnd, "", "\n", "\t\x01", "<é>")
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	if w.rnd.IntN(2) == 0 {
		raw = []byte(strings.NewReplacer(`\u003c`, "<", `/`, `\/`, "é", `\u00e9`, "😀", `\ud83d\ude00`).Replace(string(raw)))
	}
	return written{text: string(raw), value: value, quoted: true}
}

func (w *jsonWriter) value(path []string, depth int) {
	start := w.buf.Len()
	switch w.rnd.IntN(4 + depth) {
	default:
		w.write("{")
		w.space()
		for i := range w.rnd.IntN(4) {
			if i > 0 {
				w.write(",")
				w.space()
			}
			key := w.str()
			key.text, key.value = `"`+strconv.Itoa(i)+key.text[1:], strconv.Itoa(i)+key.value
			sub := join(path, key.value)
			w.add(w.keys, sub, key)
			w.space()
			w.write(":")
			w.space()
			w.value(sub, depth-1)
			w.space()
		}
		w.write("}")
		w.collection(path, start)
	case 4:
		w.write("[")
		w.space()
		for i := range w.rnd.IntN(4) {
			if i > 0 {
				w.write(",")
				w.space()
			}
			w.value(join(path, strconv.Itoa(i)), depth-1)
			w.space()
		}
		w.write("]")
		w.collection(path, start)
	case 0, 1:
		w.add(w.values, path, w.str())
	case 2, 3:
		lit := pick(w.rnd, "true", "false", "null", "0", "-1.5", "1E-9", "123456789012345678901234567890")
		w.add(w.values, path, written{text: lit, value: lit})
	}
}

func TestParseJSONFindsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		w := jsonWriter{newRecorder(rand.New(rand.NewPCG(seed, 2)))}
		w.write(pick(w.rnd, "", "\uFEFF"))
		w.space()
		w.value(nil, 5)
		w.space()
		n, err := ParseJSON(w.buf.Bytes())
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, w.buf.Bytes())
		}
		w.check(t, fmt.Sprint("seed ", seed), n)
	}
}

func TestParseJSONStream(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                        nil,
		" \n":                     nil,
		`{"a": 1}`:                {`{"a": 1}`},
		"\ufeff[1] {} \"x\"\n2":   {"[1]", "{}", `"x"`, "2"},
		`{"a": "}{"} {"b": "\""}`: {`{"a": "}{"}`, `{"b": "\""}`},
		`01"x"2{}[]true false`:    {"0", "1", `"x"`, "2", "{}", "[]", "true", "false"},
		`{} {"a": `:               {"{}"},
		`[1,]`:                    nil,
	} {
		nodes, err := ParseJSONStream([]byte(text))
		var got []string
		for _, n := range nodes {
			got = append(got, text[n.Start:n.End])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -want +got:\n%s", text, diff)
		}
		var bad *Error
		if broken := text == `{} {"a": ` || text == `[1,]`; errors.As(err, &bad) != broken || broken && (bad.Offset < 3 || bad.Offset > len(text)) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// TestParseJSONStreamErrors: errors lie where they are, whatever stands before.
func TestParseJSONStreamErrors(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "\uFEFF", "{} ", "1 2 ", "{\"a\": 1}\n[2]\n", "true\tnull\n"} {
		for text, offset := range map[string]int{`{"a": ]}`: 6, "[1 2]": 3, "{'a': 1}": 1, "x": 0, "[01]": 2, `{"a": `: 6, `"`: 1} {
			_, err := ParseJSONStream([]byte(before + text))
			got, ok := errors.AsType[*Error](err)
			if !ok {
				t.Errorf("%q: %v", before+text, err)
				continue
			}
			if line := 1 + strings.Count(before, "\n"); got.Offset != len(before)+offset || got.Line != line {
				t.Errorf("%q: offset %d, line %d, want %d, %d (%v)", before+text, got.Offset, got.Line, len(before)+offset, line, got)
			}
		}
	}
}

func TestTopLevelKeys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"a": {"b": 1}, "c": [{"d": "e"}], "f": "g"}`: {"a", "c", "f"},
		"\ufeff {\"a\": \"x,\\\"y\", \"b\": null}":     {"a", "b"},
		`{"a": {"b": 1, "c": 2}, "d": ["e", "f"]}`:     {"a", "d"},
		`{"a": 1} {"b": 2}`:                            {"a"},
		`{"a": [`:                                      {"a"},
		`{"a`:                                          nil,
		`{"a\`:                                         nil,
		`[{"a": 1}]`:                                   nil,
		"":                                             nil,
		"a: 1":                                         nil,
	} {
		if diff := cmp.Diff(want, TopLevelKeys([]byte(text))); diff != "" {
			t.Errorf("%q: -want +got:\n%s", text, diff)
		}
	}
}
