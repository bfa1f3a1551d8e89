// Package attr holds the attributes of an AWS resource as a tree of values,
// whichever format they were written in. A value that the format cannot resolve
// is open, with the references that it is made of and the expression itself.
package attr

import (
	"strconv"

	"github.com/ekslint/ekslint/pkg/model"
)

// Kind says what a value is.
type Kind uint8

// The kinds. The zero Kind is that of an attribute that is not written.
const (
	Absent Kind = iota
	Null
	// Open is a value that the input does not fix.
	Open
	String
	Number
	Bool
	List
	Object
)

// String is the word for the kind in messages.
func (k Kind) String() string {
	switch k {
	case String:
		return "text"
	case Number:
		return "a number"
	case Bool:
		return "true or false"
	case List:
		return "a list"
	case Object:
		return "an object"
	case Open:
		return "an open value"
	default:
		return "nothing"
	}
}

// Value is one value. The nil Value is absent. It is not changed once built.
type Value struct {
	Kind Kind
	// Text is that of a scalar; true or false for a Bool.
	Text  string
	Items []*Value
	// Fields are those of an object in the order of the source.
	Fields []Field
	// Links are what an open value refers to, and Why names its expression.
	Links []model.Link
	Why   string
	At    model.Span
}

// Field is an entry of an object.
type Field struct {
	Name  string
	Value *Value
}

// Get returns the value of a field, nil when there is none or v is no object.
// What lies in an open value is open for the same reason.
func (v *Value) Get(name string) *Value {
	if v == nil {
		return nil
	}
	if v.Kind == Open {
		return v
	}
	for i := len(v.Fields) - 1; i >= 0; i-- {
		if v.Fields[i].Name == name {
			return v.Fields[i].Value
		}
	}
	return nil
}

// IsSet reports whether the value is written and not null.
func (v *Value) IsSet() bool { return v != nil && v.Kind != Absent && v.Kind != Null }

// Span is where the value is written.
func (v *Value) Span() model.Span {
	if v == nil {
		return model.Span{}
	}
	return v.At
}

// Int reads a whole number, also one that is written as text.
func (v *Value) Int() (int, bool) {
	if v == nil || v.Kind != Number && v.Kind != String {
		return 0, false
	}
	if n, err := strconv.Atoi(v.Text); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || f != float64(int(f)) {
		return 0, false
	}
	return int(f), true
}
