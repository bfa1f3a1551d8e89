package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/internal/suggest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// source is the file of a config.
type source struct {
	name string
	text []byte
	root *syntax.Node
}

// decode reads the file into c, strictly.
func (s *source) decode(c *Config) error {
	root, err := syntax.ParseYAML(s.text)
	if err != nil {
		if at, ok := errors.AsType[*syntax.Error](err); ok {
			return s.errorf(&syntax.Node{Start: at.Offset}, "%s", at.Message)
		}
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if root == nil {
		return nil
	}
	s.root = root
	d := &decoder{source: s}
	for _, twice := range root.Duplicates() {
		line, _ := s.position(twice.First.Start)
		d.fail(twice.Second, "%s stands in line %d already", twice.Path[len(twice.Path)-1], line)
	}
	d.value(root, reflect.ValueOf(c).Elem(), "")
	return errors.Join(d.errs...)
}

// at is the node at a path, or the nearest one above.
func (s source) at(path ...string) *syntax.Node {
	for ; len(path) > 0; path = path[:len(path)-1] {
		if n := s.root.Find(path); n != nil {
			return n
		}
	}
	return s.root
}

func (s source) span(n *syntax.Node) model.Span {
	return model.Span{File: s.name, Start: n.Start, End: n.End}
}

// MistakeError is something wrong with a config, and where. Errors of this package
// join as many as there are.
type MistakeError struct {
	File         string
	Line, Column int
	Message      string
}

// Error implements error.
func (m *MistakeError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Message)
}

// errorf is a mistake at a node.
func (s source) errorf(n *syntax.Node, format string, args ...any) error {
	line, column := s.position(n.Start)
	return &MistakeError{File: s.name, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}

// Mistake is something wrong with what the file says at a path, or above it, such as a
// file that it names and that is not there.
func (c Config) Mistake(message string, path ...string) error {
	return c.source.errorf(c.source.at(path...), "%s", message)
}

// position counts lines and characters from 1.
func (s source) position(offset int) (line, column int) {
	before := string(s.text[:min(offset, len(s.text))])
	last := before[strings.LastIndexByte(before, '\n')+1:]
	return 1 + strings.Count(before, "\n"), 1 + len([]rune(strings.TrimPrefix(last, "\ufeff")))
}

// decoder fills Go values from nodes and collects what is wrong.
type decoder struct {
	source *source
	errs   []error
}

func (d *decoder) fail(n *syntax.Node, format string, args ...any) {
	d.errs = append(d.errs, d.source.errorf(n, format, args...))
}

// custom is a type that reads itself.
type custom interface {
	decode(d *decoder, n *syntax.Node)
}

// value fills v. An empty value stands for an absent list or mapping, as is
// left when all entries are commented out.
func (d *decoder) value(n *syntax.Node, v reflect.Value, enum string) {
	if c, ok := v.Addr().Interface().(custom); ok {
		c.decode(d, n)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if d.is(n, syntax.Mapping, "a mapping") {
			d.fields(n, v)
		}
	case reflect.Map:
		if d.is(n, syntax.Mapping, "a mapping") {
			d.entries(n, v, enum)
		}
	case reflect.Slice:
		if d.is(n, syntax.Sequence, "a list") {
			v.Set(reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items)))
			for i, item := range n.Items {
				d.element(item, v.Index(i), enum)
			}
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(d.any(n)))
	default:
		d.scalar(n, v, enum)
	}
}

// element fills an element of a list, which cannot be left empty.
func (d *decoder) element(n *syntax.Node, v reflect.Value, enum string) {
	if read(n) == nil {
		d.fail(n, "an element of the list is empty")
		return
	}
	d.value(n, v, enum)
}

// is reports whether a collection has the kind that is wanted.
func (d *decoder) is(n *syntax.Node, want syntax.Kind, words string) bool {
	if n.Kind == want {
		return true
	}
	if n.Kind != syntax.Scalar || read(n) != nil {
		d.fail(n, "want %s, have %s", words, describe(n))
	}
	return false
}

// fields fills a struct, whose keys are all that may stand in the mapping.
func (d *decoder) fields(n *syntax.Node, v reflect.Value) {
	known := fieldsOf(v.Type())
	for _, entry := range n.Fields {
		i := slices.IndexFunc(known, func(f field) bool { return f.key == entry.Key.Value })
		if entry.Key.Kind != syntax.Scalar || i < 0 {
			d.unknown(entry.Key, keysOf(known))
			continue
		}
		d.value(entry.Value, v.Field(known[i].index), known[i].enum)
	}
	for _, f := range known {
		if f.required && isEmpty(n.Find([]string{f.key})) {
			d.fail(n, "%s is missing", f.key)
		}
	}
}

func (d *decoder) unknown(key *syntax.Node, known []string) {
	d.fail(key, "unknown key %q%s", key.Value, suggest.Meant(key.Value, known))
}

// isEmpty reports whether a required value was left out.
func isEmpty(n *syntax.Node) bool {
	return n == nil || n.Kind == syntax.Scalar && (read(n) == nil || strings.TrimSpace(n.Value) == "") || n.Kind == syntax.Sequence && len(n.Items) == 0
}

func (d *decoder) entries(n *syntax.Node, v reflect.Value, enum string) {
	v.Set(reflect.MakeMap(v.Type()))
	for _, entry := range n.Fields {
		if entry.Key.Kind != syntax.Scalar {
			d.fail(entry.Key, "want a name")
			continue
		}
		value := reflect.New(v.Type().Elem()).Elem()
		d.value(entry.Value, value, enum)
		v.SetMapIndex(reflect.ValueOf(entry.Key.Value), value)
	}
}

func (d *decoder) scalar(n *syntax.Node, v reflect.Value, enum string) {
	var value any
	if n.Kind == syntax.Scalar {
		value = read(n)
	}
	switch x := value.(type) {
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
			return
		}
	case int:
		if v.Kind() == reflect.Int {
			if x < 0 {
				d.fail(n, "want a number that is not negative, have %d", x)
			}
			v.SetInt(int64(x))
			return
		}
	case string:
		if v.Kind() == reflect.String {
			d.word(n, x, enum)
			v.SetString(x)
			return
		}
	}
	want := map[reflect.Kind]string{reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.String: "a text"}
	d.fail(n, "want %s, have %s", want[v.Kind()], describe(n))
}

// word looks a text up in the words that are allowed, if they are listed.
func (d *decoder) word(n *syntax.Node, word, enum string) {
	known := strings.Split(enum, ",")
	if enum != "" && !slices.Contains(known, word) {
		d.fail(n, "unknown value %q%s want %s", word, orComma(suggest.Meant(word, known)), strings.Join(known, ", "))
	}
}

// orComma separates what follows a message that may have a suggestion.
func orComma(suggestion string) string {
	if suggestion == "" {
		return ":"
	}
	return suggestion
}

// any reads a value of a parameter: a scalar, or a list of scalars.
func (d *decoder) any(n *syntax.Node) any {
	if n.Kind == syntax.Mapping {
		d.fail(n, "want a value or a list, have a mapping")
		return ""
	}
	if n.Kind == syntax.Scalar {
		return d.single(n)
	}
	out := make([]any, 0, len(n.Items))
	for _, item := range n.Items {
		out = append(out, d.single(item))
	}
	return out
}

func (d *decoder) single(n *syntax.Node) any {
	value := read(n)
	if n.Kind != syntax.Scalar || value == nil {
		d.fail(n, "want a value, have %s", describe(n))
		return ""
	}
	return value
}

var (
	wholeNumber = regexp.MustCompile(`^[-+]?[0-9]+$`)
	realNumber  = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
)

// read returns the value of a scalar as YAML 1.2 has it, in which on is a text
// and a date too (https://yaml.org/spec/1.2.2/#1032-tag-resolution); nil for one
// that is empty.
func read(n *syntax.Node) any {
	if n.Kind != syntax.Scalar || n.Quoted || n.Tag == "!!str" {
		return n.Value
	}
	switch n.Value {
	case "", "~", "null", "Null", "NULL":
		return nil
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	}
	if wholeNumber.MatchString(n.Value) {
		if i, err := strconv.Atoi(n.Value); err == nil {
			return i
		}
	}
	if realNumber.MatchString(n.Value) {
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

// describe names what stands at a node.
func describe(n *syntax.Node) string {
	if n.Kind != syntax.Scalar {
		return "a " + map[syntax.Kind]string{syntax.Mapping: "mapping", syntax.Sequence: "list"}[n.Kind]
	}
	switch read(n).(type) {
	case nil:
		return "nothing"
	case bool:
		return n.Value + " (a text needs quotes)"
	case int, float64:
		return "the number " + n.Value + " (a text needs quotes)"
	default:
		return fmt.Sprintf("the text %q", n.Value)
	}
}
