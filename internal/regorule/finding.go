package regorule

import (
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// decodeAll reads the findings of one object; each that is wrong is an error of
// its rule.
func decodeAll(s scope, object graph.Object, results []result) (findings []rule.Finding, failed []error) {
	compiling.RLock()
	defer compiling.RUnlock()
	for _, r := range results {
		f, found, err := r.decode(s, object)
		if err != nil {
			failed = append(failed, &Error{RuleID: r.rule.meta.ID, Err: r.rule.located(err)})
			continue
		}
		if found {
			findings = append(findings, f)
		}
	}
	return findings, failed
}

func (r result) decode(s scope, object graph.Object) (f rule.Finding, found bool, err error) {
	if r.rule.conftest {
		return decodeConftest(object, r.rule.meta, r.finding)
	}
	f, err = decode(s, object, r.rule.meta, r.finding)
	return f, true, err
}

// located names the place of a rule of a user before an error of it.
func (r *compiledRule) located(err error) error {
	if r.at == "" {
		return err
	}
	return fmt.Errorf("%s: %w", r.at, err)
}

// decode reads a finding as a rule writes it:
//
//	{"message", "path"?, "part"?, "severity"?, "key"?, "ref"?, "related"?: [{"message", "ref"?, "path"?, "part"?}]}
//
// Paths lead into the object that is looked at, or into that of ref.
func decode(s scope, object graph.Object, meta rule.Meta, term *ast.Term) (rule.Finding, error) {
	out := rule.Finding{RuleID: meta.ID, Severity: meta.Severity}
	fields, err := fieldsOf(term, "message", "path", "part", "severity", "key", "ref", "related")
	if err != nil {
		return out, fmt.Errorf("finding: %w", err)
	}
	if out.Message, err = fields.message(); err != nil {
		return out, fmt.Errorf("finding: %w", err)
	}
	if out.At, err = fields.place(s, object.Resource()); err != nil {
		return out, fmt.Errorf("finding: %w", err)
	}
	if out.Key, _, err = fields.text("key"); err != nil {
		return out, fmt.Errorf("finding: %w", err)
	}
	if err := fields.severity(meta, &out); err != nil {
		return out, fmt.Errorf("finding: severity: %w", err)
	}
	if out.Related, err = fields.related(s, object.Resource()); err != nil {
		return out, fmt.Errorf("finding: %w", err)
	}
	return out, nil
}

// fields is an object of a finding.
type fields map[string]*ast.Term

func fieldsOf(term *ast.Term, known ...string) (fields, error) {
	object, ok := term.Value.(ast.Object)
	if !ok {
		return nil, fmt.Errorf("want an object, have %s", ast.ValueName(term.Value))
	}
	out := fields{}
	for _, name := range known {
		if value := object.Get(ast.InternedTerm(name)); value != nil {
			out[name] = value
		}
	}
	if len(out) == object.Len() {
		return out, nil
	}
	for _, key := range object.Keys() {
		if name, ok := key.Value.(ast.String); !ok || out[string(name)] == nil {
			return nil, fmt.Errorf("unknown field %v", key)
		}
	}
	return out, nil
}

func (f fields) text(name string) (s string, given bool, err error) {
	term, ok := f[name]
	if !ok {
		return "", false, nil
	}
	value, ok := term.Value.(ast.String)
	if !ok {
		return "", true, fmt.Errorf("%s: want a string, have %s", name, ast.ValueName(term.Value))
	}
	return string(value), true, nil
}

func (f fields) message() (string, error) {
	s, _, err := f.text("message")
	if err == nil && s == "" {
		return "", errors.New("message: missing or empty")
	}
	return s, err
}

func (f fields) severity(meta rule.Meta, out *rule.Finding) error {
	word, given, err := f.text("severity")
	if err != nil || !given {
		return err
	}
	if out.Severity, err = rule.ParseSeverity(word); err != nil {
		return err
	}
	if out.Severity > meta.Severity {
		return fmt.Errorf("%s is above the %s of the rule's metadata", out.Severity, meta.Severity)
	}
	return nil
}

// place reads ref, path and part.
func (f fields) place(s scope, subject *model.Resource) (rule.Place, error) {
	out := rule.Place{Resource: subject}
	if term, ok := f["ref"]; ok {
		ref, err := refArg(term)
		if err != nil {
			return out, fmt.Errorf("ref: %w", err)
		}
		o := s.graph.Lookup(ref)
		if o == nil {
			return out, fmt.Errorf("ref: %s is not in the input", ref)
		}
		out.Resource = o.Resource()
	}
	var err error
	if out.Path, err = f.path(); err != nil {
		return out, fmt.Errorf("path: %w", err)
	}
	part, given, err := f.text("part")
	switch {
	case err != nil:
		return out, err
	case !given || part == "value":
	case part == "key":
		out.Part = model.PartKey
	default:
		return out, fmt.Errorf("part: unknown word %q: want value or key", part)
	}
	return out, nil
}

func (f fields) path() (model.Path, error) {
	term, ok := f["path"]
	if !ok {
		return nil, nil
	}
	array, ok := term.Value.(*ast.Array)
	if !ok {
		return nil, fmt.Errorf("want an array, have %s", ast.ValueName(term.Value))
	}
	path := make(model.Path, array.Len())
	for i := range path {
		switch v := array.Elem(i).Value.(type) {
		case ast.String:
			path[i] = string(v)
		case ast.Number:
			n, ok := v.Int()
			if !ok || n < 0 {
				return nil, fmt.Errorf("element %d: %v is no index", i, v)
			}
			path[i] = fmt.Sprint(n)
		default:
			return nil, fmt.Errorf("element %d: want a string or a number, have %s", i, ast.ValueName(v))
		}
	}
	return path, nil
}

func (f fields) related(s scope, subject *model.Resource) ([]rule.Related, error) {
	term, ok := f["related"]
	if !ok {
		return nil, nil
	}
	array, ok := term.Value.(*ast.Array)
	if !ok {
		return nil, fmt.Errorf("related: want an array, have %s", ast.ValueName(term.Value))
	}
	var out []rule.Related
	for i := range array.Len() {
		one, err := decodeRelated(s, subject, array.Elem(i))
		if err != nil {
			return nil, fmt.Errorf("related[%d]: %w", i, err)
		}
		out = append(out, one)
	}
	return out, nil
}

func decodeRelated(s scope, subject *model.Resource, term *ast.Term) (rule.Related, error) {
	fields, err := fieldsOf(term, "message", "ref", "path", "part")
	if err != nil {
		return rule.Related{}, err
	}
	message, err := fields.message()
	if err != nil {
		return rule.Related{}, err
	}
	at, err := fields.place(s, subject)
	return rule.Related{Message: message, At: at}, err
}
