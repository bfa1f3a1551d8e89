package attr_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

const file = "f.json"

// read makes a value of JSON in which "?" stands for an open value, and "?x" for
// one that refers to x.
func read(t *testing.T, text string) *attr.Value {
	t.Helper()
	n, err := syntax.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return opened(attr.FromJSON(n, file, 0))
}

func opened(v *attr.Value) *attr.Value {
	for i := range v.Items {
		v.Items[i] = opened(v.Items[i])
	}
	for i := range v.Fields {
		v.Fields[i].Value = opened(v.Fields[i].Value)
	}
	if v.Kind != attr.String || v.Text == "" || v.Text[0] != '?' {
		return v
	}
	out := &attr.Value{Kind: attr.Open, Why: "var.x", At: v.At}
	if v.Text != "?" {
		out.Links = []model.Link{{Address: v.Text[1:], Certainty: model.LinkKnown, At: v.At}}
	}
	return out
}

// shown writes a value with what it covers: 7 of "\"7\"", or ? and why it is open.
func shown[T any](text string, v model.Value[T]) string {
	at := text[v.Span().Start:v.Span().End]
	if got, known := v.Get(); known {
		return fmt.Sprintf("%v of %s", got, at)
	}
	return "? " + v.Why() + " of " + at
}

func TestScalars(t *testing.T) {
	t.Parallel()
	const none = "? the input does not tell of "
	str := func(r *attr.Reader, text string, v *attr.Value) string {
		return shown(text, r.String(v, "n", model.Value[string]{}))
	}
	boolean := func(r *attr.Reader, text string, v *attr.Value) string {
		return shown(text, r.Bool(v, "n", model.Value[bool]{}))
	}
	number := func(r *attr.Reader, text string, v *attr.Value) string {
		return shown(text, r.Int(v, "n", model.Value[int]{}))
	}
	prefix := func(r *attr.Reader, text string, v *attr.Value) string {
		return shown(text, r.Prefix(v, "n", model.Known(netip.MustParsePrefix("192.0.2.0/24"), model.Span{})))
	}
	protocol := func(r *attr.Reader, text string, v *attr.Value) string {
		return shown(text, r.Protocol(v, "n"))
	}
	for name, tt := range map[string]struct {
		read    func(*attr.Reader, string, *attr.Value) string
		text    string
		want    string
		problem string
	}{
		"text":                 {str, `"a"`, `a of "a"`, ""},
		"empty text":           {str, `""`, ` of ""`, ""},
		"a number as text":     {str, `1.10`, `1.10 of 1.10`, ""},
		"null as text":         {str, `null`, none, ""},
		"text that is open":    {str, `"?"`, `? var.x of "?"`, ""},
		"true as text":         {str, `true`, `? n cannot be read of true`, `n: want text, got "true"`},
		"a list as text":       {str, `["a"]`, `? n cannot be read of ["a"]`, "n: want text, got a list"},
		"an object as text":    {str, `{}`, `? n cannot be read of {}`, "n: want text, got an object"},
		"true":                 {boolean, `true`, "true of true", ""},
		"false, quoted":        {boolean, `"false"`, `false of "false"`, ""},
		"a word":               {boolean, `"yes"`, `? n cannot be read of "yes"`, `n: want true or false, got "yes"`},
		"a number as truth":    {boolean, `1`, `? n cannot be read of 1`, `n: want true or false, got "1"`},
		"null as truth":        {boolean, `null`, none, ""},
		"truth that is open":   {boolean, `"?"`, `? var.x of "?"`, ""},
		"a number":             {number, `-7`, "-7 of -7", ""},
		"quoted":               {number, `"443"`, `443 of "443"`, ""},
		"with a point":         {number, `4.0`, "4 of 4.0", ""},
		"with an exponent":     {number, `1e3`, "1000 of 1e3", ""},
		"a half":               {number, `0.5`, "? n cannot be read of 0.5", `n: want a whole number, got "0.5"`},
		"too large":            {number, `1e300`, "? n cannot be read of 1e300", `n: want a whole number, got "1e300"`},
		"not a number":         {number, `"NaN"`, `? n cannot be read of "NaN"`, `n: want a whole number, got "NaN"`},
		"no number":            {number, `""`, `? n cannot be read of ""`, `n: want a whole number, got ""`},
		"true as number":       {number, `true`, `? n cannot be read of true`, `n: want a whole number, got "true"`},
		"a block":              {prefix, `"10.0.0.0/8"`, `10.0.0.0/8 of "10.0.0.0/8"`, ""},
		"host bits":            {prefix, `"10.1.2.3/8"`, `10.0.0.0/8 of "10.1.2.3/8"`, ""},
		"a block of IPv6":      {prefix, `"2001:db8::/32"`, `2001:db8::/32 of "2001:db8::/32"`, ""},
		"the fallback":         {prefix, `null`, "192.0.2.0/24 of ", ""},
		"an address":           {prefix, `"10.0.0.1"`, `? n cannot be read of "10.0.0.1"`, `n: want a CIDR block, got "10.0.0.1"`},
		"a list as block":      {prefix, `[]`, `? n cannot be read of []`, "n: want a CIDR block, got a list"},
		"a block that is open": {prefix, `"?"`, `? var.x of "?"`, ""},
		"a protocol":           {protocol, `"tcp"`, `6 of "tcp"`, ""},
		"in capitals":          {protocol, `"UDP"`, `17 of "UDP"`, ""},
		"by number":            {protocol, `"6"`, `6 of "6"`, ""},
		"all":                  {protocol, `"-1"`, `-1 of "-1"`, ""},
		"all, by name":         {protocol, `"all"`, `-1 of "all"`, ""},
		"the last":             {protocol, `255`, "255 of 255", ""},
		"ICMP for IPv6":        {protocol, `"icmpv6"`, `58 of "icmpv6"`, ""},
		"behind the last":      {protocol, `256`, "? n cannot be read of 256", `n: want a protocol, got "256"`},
		"before the first":     {protocol, `-2`, "? n cannot be read of -2", `n: want a protocol, got "-2"`},
		"a name that is none":  {protocol, `"tpc"`, `? n cannot be read of "tpc"`, `n: want a protocol, got "tpc"`},
		"no protocol":          {protocol, `null`, none, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r attr.Reader
			if got := tt.read(&r, tt.text, read(t, tt.text)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			checkProblems(t, tt.text, r, tt.problem)
		})
	}
}

// checkProblems: at most one, about the whole text.
func checkProblems(t *testing.T, text string, r attr.Reader, want string) {
	t.Helper()
	var all []model.Problem
	if want != "" {
		all = []model.Problem{{At: model.Span{File: file, End: len(text)}, Message: want}}
	}
	if diff := cmp.Diff(all, r.Problems); diff != "" {
		t.Errorf("problems: -want +got:\n%s", diff)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	texts := func(r *attr.Reader, text string, v *attr.Value) []string {
		var out []string
		for _, x := range r.Strings(v, "n") {
			out = append(out, shown(text, x))
		}
		return out
	}
	blocks := func(r *attr.Reader, text string, v *attr.Value) []string {
		var out []string
		for _, x := range r.Prefixes(v, "n") {
			out = append(out, shown(text, x))
		}
		return out
	}
	objects := func(r *attr.Reader, text string, v *attr.Value) []string {
		var out []string
		for _, x := range r.Objects(v, "n") {
			out = append(out, fmt.Sprintf("%s of %s", x.Kind, text[x.At.Start:x.At.End]))
		}
		return out
	}
	links := func(r *attr.Reader, text string, v *attr.Value) []string {
		var out []string
		for _, x := range r.Links(v, "n") {
			out = append(out, link(text, x))
		}
		return out
	}
	some := func(r *attr.Reader, text string, v *attr.Value) []string {
		return []string{shown(text, r.HasItems(v, "n", model.Value[bool]{}))}
	}
	one := func(r *attr.Reader, text string, v *attr.Value) []string { return []string{link(text, r.Link(v, "n"))} }
	for name, tt := range map[string]struct {
		read    func(*attr.Reader, string, *attr.Value) []string
		text    string
		want    []string
		problem string
	}{
		"texts":                   {texts, `["a", null, "?", 1]`, []string{`a of "a"`, `? var.x of "?"`, "1 of 1"}, ""},
		"no list":                 {texts, `null`, nil, ""},
		"a list that is open":     {texts, `"?"`, []string{`? var.x of "?"`}, ""},
		"an object for a list":    {texts, `{"a": 1}`, []string{`? n cannot be read of {"a": 1}`}, "n: want a list, got an object"},
		"blocks":                  {blocks, `["10.0.0.0/8", null, "?"]`, []string{`10.0.0.0/8 of "10.0.0.0/8"`, `? var.x of "?"`}, ""},
		"objects":                 {objects, `[{}, null, "?"]`, []string{"an object of {}", `an open value of "?"`}, ""},
		"objects that are open":   {objects, `"?"`, []string{`an open value of "?"`}, ""},
		"one object is no list":   {objects, `{}`, []string{"an open value of {}"}, "n: want a list, got an object"},
		"elements":                {some, `["a"]`, []string{`true of ["a"]`}, ""},
		"no elements":             {some, `[]`, []string{"false of []"}, ""},
		"elements that are open":  {some, `"?"`, []string{`? var.x of "?"`}, ""},
		"elements or none":        {some, `null`, []string{"? the input does not tell of "}, ""},
		"links":                   {links, `["sg-1", "", null, "?", "?a"]`, []string{`sg-1 2 of "sg-1"`, `? var.x 0 of "?"`, `a 2 of "?a"`}, ""},
		"one link without a list": {links, `"sg-1"`, []string{`sg-1 2 of "sg-1"`}, ""},
		"links that are open":     {links, `"?a"`, []string{`a 2 of "?a"`}, ""},
		"links that nobody tells": {links, `"?"`, []string{`? var.x 0 of "?"`}, ""},
		"no links":                {links, `null`, nil, ""},
		"a number for a link":     {links, `7`, []string{"? n cannot be read 0 of 7"}, `n: want an identifier, got "7"`},
		"an object for a link":    {links, `{}`, []string{"? n cannot be read 0 of {}"}, "n: want an identifier, got an object"},
		"a link":                  {one, `"sg-1"`, []string{`sg-1 2 of "sg-1"`}, ""},
		"a link in a list":        {one, `["sg-1"]`, []string{`sg-1 2 of "sg-1"`}, ""},
		"a link that is empty":    {one, `""`, []string{"? the input does not tell n 0 of "}, ""},
		"a link that is null":     {one, `null`, []string{"? the input does not tell n 0 of "}, ""},
		"a link to one of two":    {one, `["sg-1", "sg-2"]`, []string{`? n may be one of several 0 of ["sg-1", "sg-2"]`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r attr.Reader
			if diff := cmp.Diff(tt.want, tt.read(&r, tt.text, read(t, tt.text))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			checkProblems(t, tt.text, r, tt.problem)
		})
	}
	var r attr.Reader
	if bad := r.Objects(read(t, `[{}, 1, ["a"]]`), "n"); len(bad) != 1 || len(r.Problems) != 2 {
		t.Errorf("got %d objects and %v", len(bad), r.Problems)
	}
}

func link(text string, l model.Link) string {
	target := l.ID + l.Address
	if l.Why != "" {
		target = "? " + l.Why
	}
	return fmt.Sprintf("%s %d of %s", target, l.Certainty, text[l.At.Start:l.At.End])
}

// TestGet: a field is that of an object, the last of several wins, and what lies
// in an open value is open.
func TestGet(t *testing.T) {
	t.Parallel()
	v := read(t, `{"a": 1, "b": {"c": "?"}, "a": 2, "n": null, "l": []}`)
	for name, tt := range map[string]struct {
		got  *attr.Value
		kind attr.Kind
		text string
	}{
		"the last":        {v.Get("a"), attr.Number, "2"},
		"open":            {v.Get("b").Get("c").Get("d").Get("e"), attr.Open, ""},
		"null":            {v.Get("n"), attr.Null, "null"},
		"not in a number": {v.Get("a").Get("b"), attr.Absent, ""},
		"not in a list":   {v.Get("l").Get("b"), attr.Absent, ""},
		"not there":       {v.Get("z").Get("y"), attr.Absent, ""},
	} {
		kind, text := attr.Absent, ""
		if tt.got != nil {
			kind, text = tt.got.Kind, tt.got.Text
		}
		if kind != tt.kind || text != tt.text {
			t.Errorf("%s: got %s %q", name, kind, text)
		}
		if tt.got.IsSet() != (tt.kind > attr.Null) || tt.got.Span().IsZero() != (tt.kind == attr.Absent) {
			t.Errorf("%s: set %v, at %v", name, tt.got.IsSet(), tt.got.Span())
		}
	}
}

// TestFromJSON: the kinds, and offsets that count from the begin of the file.
func TestFromJSON(t *testing.T) {
	t.Parallel()
	const text = `{"s": "1", "t": "null", "n": 1.50, "b": false, "z": null, "l": [true], "o": {}}`
	n, err := syntax.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v := attr.FromJSON(n, file, 100)
	if at := (model.Span{File: file, Start: 100, End: 100 + len(text)}); v.Span() != at || v.Kind != attr.Object {
		t.Errorf("got %s at %v, want %v", v.Kind, v.Span(), at)
	}
	var got []string
	for _, f := range v.Fields {
		got = append(got, fmt.Sprintf("%s %d %s %s", f.Name, f.Value.Kind, f.Value.Text, text[f.Value.At.Start-100:f.Value.At.End-100]))
	}
	want := []string{
		fmt.Sprintf(`s %d 1 "1"`, attr.String), fmt.Sprintf(`t %d null "null"`, attr.String), fmt.Sprintf("n %d 1.50 1.50", attr.Number),
		fmt.Sprintf("b %d false false", attr.Bool), fmt.Sprintf("z %d null null", attr.Null), fmt.Sprintf("l %d  [true]", attr.List), fmt.Sprintf("o %d  {}", attr.Object),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if item := v.Get("l").Items[0]; item.Kind != attr.Bool || item.Text != "true" || text[item.At.Start-100:item.At.End-100] != "true" {
		t.Errorf("the item is %+v", item)
	}
}

// TestKinds: the words for kinds in messages.
func TestKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[attr.Kind]string{
		attr.Absent: "nothing", attr.Null: "nothing", attr.Open: "an open value", attr.String: "text", attr.Number: "a number",
		attr.Bool: "true or false", attr.List: "a list", attr.Object: "an object",
	} {
		if got := kind.String(); got != want {
			t.Errorf("%d: got %q, want %q", kind, got, want)
		}
	}
}
