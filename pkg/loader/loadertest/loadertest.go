// Package loadertest writes down what a loader read, for golden files.
package loadertest

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// Dump writes every field that is set of an AWS side, one a line, with the text
// that its span covers: Subnets[0].CIDR = 10.0.0.0/24 @ "10.0.0.0/24". An open value
// is written as ? with its reason.
func Dump(aws *model.AWS, text []byte) string {
	d := dumper{text: text}
	d.value("", reflect.ValueOf(aws))
	return strings.Join(d.lines, "\n") + "\n"
}

// Spans calls check for every span of an AWS side that has a source.
func Spans(aws *model.AWS, check func(model.Span)) {
	d := dumper{span: check}
	d.value("", reflect.ValueOf(aws))
}

type dumper struct {
	text  []byte
	lines []string
	span  func(model.Span)
}

func (d *dumper) line(path string, value any, at model.Span) {
	text := fmt.Sprintf("%s = %v", strings.TrimPrefix(path, "."), value)
	if !at.IsZero() && d.text != nil {
		shown, _, _ := strings.Cut(string(d.text[at.Start:at.End]), "\n")
		text += " @ " + shown
	}
	d.lines = append(d.lines, text)
}

func (d *dumper) value(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			d.value(path, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.value(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			d.value(path+"."+k.String(), v.MapIndex(k))
		}
	case reflect.Struct:
		d.structure(path, v)
	default:
		if !v.IsZero() {
			d.line(path, v.Interface(), model.Span{})
		}
	}
}

// opened is what every model.Value has.
type opened interface {
	Why() string
	Span() model.Span
}

func (d *dumper) structure(path string, v reflect.Value) {
	switch x := v.Interface().(type) {
	case model.Span:
		if d.span != nil && !x.IsZero() {
			d.span(x)
		}
	case netip.Addr, netip.Prefix:
		if !v.IsZero() {
			d.line(path, x, model.Span{})
		}
	case model.Link:
		d.covered(x.At)
		d.line(path, fmt.Sprintf("%s%s certainty %d%s", x.ID, x.Address, x.Certainty, reason(x.Why)), x.At)
	case opened:
		d.opened(path, v, x)
	default:
		for i := range v.NumField() {
			name := "." + v.Type().Field(i).Name
			if v.Type().Field(i).Anonymous {
				name = ""
			}
			d.value(path+name, v.Field(i))
		}
	}
}

// opened writes a model.Value.
func (d *dumper) opened(path string, v reflect.Value, x opened) {
	d.covered(x.Span())
	got := v.MethodByName("Get").Call(nil)
	switch {
	case got[1].Bool():
		d.line(path, got[0].Interface(), x.Span())
	case !v.IsZero():
		d.line(path, "?"+reason(x.Why()), x.Span())
	}
}

func (d *dumper) covered(s model.Span) {
	if d.span != nil && !s.IsZero() {
		d.span(s)
	}
}

func reason(why string) string {
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}
