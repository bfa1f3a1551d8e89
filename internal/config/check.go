package config

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/internal/suggest"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
)

// names are the words that a config may use for rules, by the kinds that the tags
// of fields name: rule, category, *, rules that have a severity to set (graded),
// and those whose findings can be accepted (accepted).
type names map[string][]string

func namesOf(metas []rule.Meta) names {
	out := names{"*": {suppression.All}}
	for _, m := range metas {
		out["rule"] = append(out["rule"], m.ID)
		if m.ID != rule.InputUnread {
			out["graded"] = append(out["graded"], m.ID)
		}
		if m.ID != rule.InputUnread && m.ID != rule.NoEffect {
			out["accepted"] = append(out["accepted"], m.ID)
		}
		if !slices.Contains(out["category"], m.Category) {
			out["category"] = append(out["category"], m.Category)
		}
	}
	for _, words := range out {
		slices.Sort(words)
	}
	return out
}

// of are the words of several kinds.
func (n names) of(kinds []string) []string {
	var out []string
	for _, k := range kinds {
		out = append(out, n[k]...)
	}
	return out
}

// Check reports the names of rules that are not among metas, and parameters that
// their rule does not have or that are of another type. It completes the config:
// parameters have the type of their rule afterwards.
func (c Config) Check(metas []rule.Meta) error {
	k := &checker{source: c.source, names: namesOf(metas)}
	k.value(reflect.ValueOf(c), nil, nil)
	byID := map[string]rule.Meta{}
	for _, m := range metas {
		byID[m.ID] = m
	}
	for _, id := range slices.Sorted(maps.Keys(c.Rules.Params)) {
		if m, known := byID[id]; known {
			k.params(m, c.Rules.Params[id])
		}
	}
	return errors.Join(k.errs...)
}

// checker collects what is wrong with names.
type checker struct {
	source source
	names  names
	errs   []error
}

// value looks at every field that holds names, and at the fields below it.
func (k *checker) value(v reflect.Value, at, kinds []string) {
	below := func(elem string) []string { return append(at[:len(at):len(at)], elem) }
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			k.value(v.Field(f.index), below(f.key), f.names)
		}
	case reflect.Slice:
		for i := range v.Len() {
			k.value(v.Index(i), below(strconv.Itoa(i)), kinds)
		}
	case reflect.Map:
		for _, key := range slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int {
			return strings.Compare(a.String(), b.String())
		}) {
			k.name(key.String(), kinds, below(key.String()))
		}
	case reflect.String:
		k.name(v.String(), kinds, at)
	default:
	}
}

// name looks up one name. The key of a mapping is where FindKey says, and any
// other name is a value.
func (k *checker) name(word string, kinds, at []string) {
	known := k.names.of(kinds)
	if len(kinds) == 0 || slices.Contains(known, word) {
		return
	}
	n := k.source.at(at...)
	if key := k.source.root.FindKey(at); key != nil && key.Value == word {
		n = key
	}
	if slices.Contains(k.names["rule"], word) {
		k.errs = append(k.errs, k.source.errorf(n, "%s cannot stand here: it is what ekslint says of its own input", word))
		return
	}
	what := "rule"
	if slices.Contains(kinds, "category") {
		what = "rule or category"
	}
	k.errs = append(k.errs, k.source.errorf(n, "unknown %s %q%s", what, word, suggest.Meant(word, known)))
}

// params gives the values of a rule's parameters their type.
func (k *checker) params(m rule.Meta, values map[string]any) {
	var known []string
	for _, p := range m.Params {
		known = append(known, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		at := []string{"rules", "params", m.ID, name}
		i := slices.Index(known, name)
		if i < 0 {
			k.errs = append(k.errs, k.source.errorf(k.source.root.FindKey(at), "%s has no parameter %q%s",
				m.ID, name, suggest.Meant(name, known)))
			continue
		}
		value, ok := m.Params[i].Convert(values[name])
		if !ok {
			n := k.source.at(at...)
			k.errs = append(k.errs, k.source.errorf(n, "%s of %s: want %s, have %s", name, m.ID, m.Params[i].Type(), describe(n)))
			continue
		}
		values[name] = value
	}
}
