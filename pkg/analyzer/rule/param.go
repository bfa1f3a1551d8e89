package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Param is a judgement of a rule that a user may make differently.
type Param struct {
	// Name is in lower case with dashes: ignore-namespaces.
	Name string
	// Description says what the value does.
	Description string
	// Default is the value without a config; its type is that of every value: int,
	// bool, string, []int or []string.
	Default any
}

// Params are the values of the parameters of one rule.
type Params map[string]any

// Int returns a whole number; 0 when there is none of that name.
func (p Params) Int(name string) int {
	n, _ := p[name].(int)
	return n
}

// Ints returns a list of whole numbers, which must not be changed.
func (p Params) Ints(name string) []int {
	list, _ := p[name].([]int)
	return list
}

// Strings returns a list of words, which must not be changed.
func (p Params) Strings(name string) []string {
	list, _ := p[name].([]string)
	return list
}

// Defaults returns the values of a rule's parameters that hold without a config.
func (m Meta) Defaults() Params {
	out := make(Params, len(m.Params))
	for _, p := range m.Params {
		out[p.Name] = p.Default
	}
	return out
}

// Type says in words what a value must be.
func (p Param) Type() string {
	switch p.Default.(type) {
	case int:
		return "a whole number"
	case bool:
		return "true or false"
	case string:
		return "a text"
	case []int:
		return "a list of whole numbers"
	case []string:
		return "a list of texts"
	default:
		return "nothing"
	}
}

// String names the parameter with its type, its default and its description.
func (p Param) String() string { return p.Name + ": " + p.Summary() }

// Summary says what the parameter is, of which type, and its default.
func (p Param) Summary() string {
	value, err := json.Marshal(p.Default)
	if err != nil {
		return p.Description
	}
	return fmt.Sprintf("%s Want %s; the default is %s.", p.Description, p.Type(), value)
}

// Convert returns a value as Params holds it; ok is false when it is not of the
// type of the parameter. Lists come as []any.
func (p Param) Convert(value any) (converted any, ok bool) {
	switch p.Default.(type) {
	case int:
		converted, ok = value.(int)
	case bool:
		converted, ok = value.(bool)
	case string:
		converted, ok = value.(string)
	case []int:
		converted, ok = list[int](value)
	case []string:
		converted, ok = list[string](value)
	}
	return converted, ok
}

// list turns a list of anything into one of a type.
func list[T any](value any) ([]T, bool) {
	items, ok := value.([]any)
	if !ok {
		return nil, false
	}
	out := make([]T, 0, len(items))
	for _, item := range items {
		v, ok := item.(T)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

// validateParams reports what the parameters lack.
func (m Meta) validateParams() error {
	var names []string
	for _, p := range m.Params {
		switch {
		case p.Name == "" || p.Description == "":
			return errors.New("a parameter lacks its name or its description")
		case p.Type() == "nothing":
			return fmt.Errorf("parameter %s: a default of type %T is not supported", p.Name, p.Default)
		case slices.Contains(names, p.Name):
			return fmt.Errorf("parameter %s stands twice", p.Name)
		}
		names = append(names, p.Name)
	}
	return nil
}
