package regorule

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

var ruleID = regexp.MustCompile(`^[A-Z][A-Z0-9]*-[0-9]+$`)

// IsRuleID reports whether a text has the form of a rule's ID.
func IsRuleID(id string) bool { return ruleID.MatchString(id) }

// readMeta turns the METADATA of a package into a Meta without its category. It
// reports every mistake.
func readMeta(module *ast.Module) (rule.Meta, error) {
	a := packageAnnotation(module)
	if a == nil {
		return rule.Meta{}, fmt.Errorf("%s: no METADATA block above the package", place(module.Package.Location))
	}
	return metaOf(a, a.Custom)
}

func metaOf(a *ast.Annotations, custom map[string]any) (rule.Meta, error) {
	meta := rule.Meta{Title: a.Title, Description: strings.TrimSpace(a.Description)}
	for _, r := range a.RelatedResources {
		meta.Refs = append(meta.Refs, r.Ref.String())
	}
	var errs []error
	wrong := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(custom)) {
		if err := setCustom(&meta, key, custom[key]); err != nil {
			errs = append(errs, fmt.Errorf("%s: metadata: custom.%s: %w", place(a.Location), key, err))
			wrong["custom."+key] = true
		}
	}
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"title", meta.Title == ""},
		{"custom.id", meta.ID == ""},
		{"custom.severity", meta.Severity == 0},
		{"custom.kinds", len(meta.Kinds) == 0},
	} {
		if field.missing && !wrong[field.name] {
			errs = append(errs, fmt.Errorf("%s: metadata lacks %s", place(a.Location), field.name))
		}
	}
	return meta, errors.Join(errs...)
}

// place writes where something stands: file:line:col. OPA places what concerns
// a whole file at line 0.
func place(l *ast.Location) string {
	return fmt.Sprintf("%s:%d:%d", l.File, max(1, l.Row), max(1, l.Col))
}

func packageAnnotation(module *ast.Module) *ast.Annotations {
	for _, a := range module.Annotations {
		if a.Scope == "package" {
			return a
		}
	}
	return nil
}

func setCustom(meta *rule.Meta, key string, value any) (err error) {
	switch key {
	case "id":
		meta.ID, err = text(value)
		if err == nil && !ruleID.MatchString(meta.ID) {
			return fmt.Errorf("%q is not of the form ABC-001", meta.ID)
		}
	case "severity":
		var word string
		if word, err = text(value); err == nil {
			meta.Severity, err = rule.ParseSeverity(word)
		}
	case "security_severity":
		meta.SecuritySeverity, err = score(value)
	case "opt_in":
		var ok bool
		if meta.OptIn, ok = value.(bool); !ok {
			return fmt.Errorf("want true or false, have %v", value)
		}
	case "kinds":
		meta.Kinds, err = texts(value)
	case "reads":
		meta.Reads, err = texts(value)
	case "needs":
		meta.Needs, err = domains(value)
	case "params":
		meta.Params, err = params(value)
	case "rationale":
		meta.Rationale, err = text(value)
	case "remediation":
		meta.Remediation, err = text(value)
	case "since":
		meta.Since, err = text(value)
	default:
		return errors.New("unknown key")
	}
	return err
}

func text(value any) (string, error) {
	s, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("want a string, have %v", value)
	}
	return strings.TrimSpace(s), nil
}

func texts(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list of strings, have %v", value)
	}
	out := make([]string, 0, len(list))
	for _, v := range list {
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		if s == "" || slices.Contains(out, s) {
			return nil, fmt.Errorf("%q is empty or stands twice", s)
		}
		out = append(out, s)
	}
	return out, nil
}

// params reads a list of parameters. The items of a list that is empty are texts.
func params(value any) ([]rule.Param, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list of parameters, have %v", value)
	}
	var out []rule.Param
	for _, v := range list {
		fields, ok := v.(map[string]any)
		if !ok || len(fields) != 3 {
			return nil, fmt.Errorf("want name, description and default, have %v", v)
		}
		name, err := text(fields["name"])
		if err != nil {
			return nil, err
		}
		description, err := text(fields["description"])
		if err != nil {
			return nil, err
		}
		p := rule.Param{Name: name, Description: description, Default: typed(fields["default"])}
		if p.Default == nil {
			return nil, fmt.Errorf("%s: want a whole number, a text, true or false, or a list, have %v", name, fields["default"])
		}
		out = append(out, p)
	}
	return out, nil
}

// typed returns a default as a parameter has it; nil when no parameter can.
func typed(value any) any {
	if n, ok := value.(json.Number); ok {
		i, err := n.Int64()
		if err != nil {
			return nil
		}
		value = int(i)
	}
	if items, ok := value.([]any); ok {
		for i := range items {
			items[i] = typed(items[i])
		}
	}
	for _, zero := range []any{0, false, "", []string{}, []int{}} {
		if converted, ok := (rule.Param{Default: zero}).Convert(value); ok {
			return converted
		}
	}
	return nil
}

func score(value any) (float64, error) {
	var number float64
	switch v := value.(type) {
	case int:
		number = float64(v)
	case float64:
		number = v
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return 0, fmt.Errorf("want a number: %w", err)
		}
		number = f
	default:
		return 0, fmt.Errorf("want a number, have %v", value)
	}
	if !(number >= 0 && number <= 10) { // also refuses NaN
		return 0, fmt.Errorf("%v is not between 0 and 10", number)
	}
	return number, nil
}

func domains(value any) (model.Domain, error) {
	names, err := texts(value)
	if err != nil {
		return 0, err
	}
	var out model.Domain
	for _, name := range names {
		d, ok := model.ParseDomain(name)
		if !ok {
			return 0, fmt.Errorf("unknown domain %q", name)
		}
		out |= d
	}
	return out, nil
}
