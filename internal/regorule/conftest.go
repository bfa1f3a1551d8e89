package regorule

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// The rules of a package that conftest asks, and what they stand for:
// https://www.conftest.dev/#usage, https://www.conftest.dev/exceptions/.
var (
	conftestRule   = regexp.MustCompile(`^(?:deny|violation|warn)(?:_[a-zA-Z0-9]+)*$`)
	conftestPrefix = regexp.MustCompile(`^(?:deny|violation|warn)_?`)
)

const (
	conftestCategory = "conftest"
	conftestPackage  = "conftest"
	exceptionRule    = "exception"
	// conftestFile stands for what conftest writes into its store before it looks
	// at a file. Each member is a rule, so that a test can replace one alone.
	conftestFile = "package conftest\n\nfile.name := ekslint.conftest_file().name\n\nfile.dir := ekslint.conftest_file().dir\n"
)

// conftestRules returns the rules of a package that conftest would ask.
func conftestRules(pkg string, modules []*ast.Module) (rules []*compiledRule, warnings []string, err error) {
	byName := map[string]*compiledRule{}
	var errs []error
	excepts := definesRule(modules, exceptionRule)
	for _, module := range modules {
		for _, r := range module.Rules {
			name := ruleNameOf(r)
			if !conftestRule.MatchString(name) || len(r.Head.Args) > 0 {
				continue
			}
			switch {
			case len(r.Head.Ref()) > 1:
				errs = append(errs, fmt.Errorf("%s: %s makes an object: want %s contains msg if {…}", place(r.Location), name, name))
				continue
			case r.Head.RuleKind() != ast.MultiValue && !r.Default && isNoList(r.Head.Value):
				warnings = append(warnings, fmt.Sprintf("%s: %s is no set of messages: it reports only where its value is a list", place(r.Location), name))
			}
			if byName[name] == nil {
				byName[name] = conftestRuleOf(pkg, name, module, r)
				byName[name].excepts = excepts
				rules = append(rules, byName[name])
			}
		}
	}
	return rules, warnings, errors.Join(errs...)
}

func conftestRuleOf(pkg, name string, module *ast.Module, r *ast.Rule) *compiledRule {
	id := strings.TrimPrefix(pkg, "data.") + "." + name
	meta := rule.Meta{
		ID: id, Title: id, Category: conftestCategory, Kinds: []string{graph.KindResource},
		Description: "A policy written for conftest, in " + place(r.Location) + ".", Severity: rule.Error, Own: true,
	}
	if strings.HasPrefix(name, "warn") {
		meta.Severity = rule.Warning
	}
	for _, a := range r.Annotations {
		meta.Title = cmp.Or(a.Title, meta.Title)
		meta.Description = cmp.Or(strings.TrimSpace(a.Description), meta.Description)
	}
	return &compiledRule{meta: meta, path: module.Package.Location.File, at: place(r.Location), pkg: pkg, name: name, conftest: true}
}

// collect is the rule that holds the value of a rule of conftest's, unless an
// exception names it.
func (r *compiledRule) collect(collected string) string {
	condition := "true"
	if r.excepts {
		condition = fmt.Sprintf("count([1 | %s.%s[_][_] == %q]) == 0", r.pkg, exceptionRule, conftestPrefix.ReplaceAllString(r.name, ""))
	}
	return fmt.Sprintf("%s contains %s.%s if %s\n", collected, r.pkg, r.name, condition)
}

// elements are the results that conftest takes from the value of a rule.
func elements(value *ast.Term) []*ast.Term {
	var out []*ast.Term
	switch v := value.Value.(type) {
	case ast.Set:
		v.Foreach(func(t *ast.Term) { out = append(out, t) })
	case *ast.Array:
		v.Foreach(func(t *ast.Term) { out = append(out, t) })
	}
	return out
}

// decodeConftest reads a result: a message, or {"msg", "path"?, …}. An empty
// message is no finding, as in conftest.
func decodeConftest(object graph.Object, meta rule.Meta, term *ast.Term) (f rule.Finding, found bool, err error) {
	f = rule.Finding{RuleID: meta.ID, Severity: meta.Severity, At: rule.Place{Resource: object.Resource()}}
	message := term
	if details, ok := term.Value.(ast.Object); ok {
		if message = details.Get(ast.InternedTerm("msg")); message == nil {
			return f, false, errors.New("the result lacks msg")
		}
		if at := details.Get(ast.InternedTerm("path")); at != nil {
			f.At.Path = pathOrNone(at)
		}
	}
	text, ok := message.Value.(ast.String)
	if !ok {
		return f, false, fmt.Errorf("want a message or an object with msg, have %s", ast.ValueName(message.Value))
	}
	f.Message = strings.Join(strings.Fields(string(text)), " ")
	f.Key = f.Message
	return f, f.Message != "", nil
}

// pathOrNone reads the path of a result, which may be anything: the name is not
// conftest's.
func pathOrNone(term *ast.Term) model.Path {
	path, err := fields{"path": term}.path()
	if err != nil {
		return nil
	}
	return path
}

// document is the object as it was written.
func (s scope) document(o graph.Object) (ast.Value, error) {
	compiling.RLock()
	defer compiling.RUnlock()
	r := o.Resource()
	if r.Written != nil {
		return ast.ValueFromReader(bytes.NewReader(r.Written))
	}
	term, err := s.encoder.term(r.Object)
	if err != nil {
		return nil, err
	}
	return term.Value, nil
}

// answerConftestFile is data.conftest.file: the name of the file and its folder.
func answerConftestFile(s scope, _ []*ast.Term) (*ast.Term, error) {
	return ast.ObjectTerm(
		[2]*ast.Term{ast.InternedTerm("name"), stringTerm(path.Base(s.file))},
		[2]*ast.Term{ast.InternedTerm("dir"), stringTerm(path.Dir(s.file))},
	), nil
}

// isNoList reports whether the value of a rule is written as something that
// holds no messages.
func isNoList(value *ast.Term) bool {
	switch value.Value.(type) {
	case ast.Boolean, ast.Number, ast.String, ast.Null, ast.Object:
		return true
	default:
		return false
	}
}

func ruleNameOf(r *ast.Rule) string {
	name, _ := r.Head.Ref()[0].Value.(ast.Var)
	return string(name)
}

func definesRule(modules []*ast.Module, name string) bool {
	for _, module := range modules {
		for _, r := range module.Rules {
			if ruleNameOf(r) == name {
				return true
			}
		}
	}
	return false
}
