package regorule

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// reservedPackage is the first element of the packages that ship.
	reservedPackage = "ekslint"
	// userCategory is that of a rule that names none.
	userCategory = "custom"
	testSuffix   = "_test.rego"
)

// File is a file of rules that a user wrote: Rego, or data.
type File struct {
	// Name is how messages name the file.
	Name string
	// Dir is the path of its folder below the folder of rules, which is the path
	// of its data.
	Dir  []string
	Text []byte
}

// Policies are the rules of a user, with their libraries, data and tests. They
// are checked and compile. Nil are none.
type Policies struct {
	modules  map[string]*ast.Module
	tests    map[string]*ast.Module
	data     map[string]any
	rules    []*compiledRule // sorted by ID
	keep     []model.GroupKind
	warnings []string
}

// ParsePolicies reads the files of a user. A package with METADATA that has an
// ID is a rule; one without, but with rules as conftest asks them, is taken for
// conftest's; the rest are libraries. Every mistake is reported, with its file,
// line and column.
func ParsePolicies(files []File) (*Policies, error) {
	p := &Policies{modules: map[string]*ast.Module{}, tests: map[string]*ast.Module{}, data: map[string]any{}}
	var errs []error
	for _, f := range slices.SortedFunc(slices.Values(files), func(a, b File) int { return cmp.Compare(a.Name, b.Name) }) {
		errs = append(errs, p.add(f))
	}
	packages := map[string][]*ast.Module{}
	for _, name := range slices.Sorted(maps.Keys(p.modules)) {
		pkg := p.modules[name].Package.Path.String()
		packages[pkg] = append(packages[pkg], p.modules[name])
	}
	for _, pkg := range slices.Sorted(maps.Keys(packages)) {
		errs = append(errs, p.addPackage(pkg, packages[pkg]))
	}
	slices.SortFunc(p.rules, func(a, b *compiledRule) int { return cmp.Compare(a.meta.ID, b.meta.ID) })
	errs = append(errs, p.checkIDs())
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if _, err := compileModules(p.sources(nil), holds(p.data)); err != nil {
		return nil, mistakes(err)
	}
	return p, nil
}

func (p *Policies) add(f File) error {
	if path.Ext(f.Name) != ".rego" {
		return addData(p.data, f)
	}
	module, err := parseOwn(f.Name, string(f.Text))
	if err != nil {
		return mistakes(err)
	}
	if first, ok := module.Package.Path[1].Value.(ast.String); ok && first == reservedPackage {
		return fmt.Errorf("%s: package %s: the name %s is reserved", place(module.Package.Location), packageName(module), reservedPackage)
	}
	if strings.HasSuffix(f.Name, testSuffix) {
		p.tests[f.Name] = module
		return nil
	}
	p.modules[f.Name] = module
	return nil
}

// parseOwn reads a module of a user, in the language of today or, failing that,
// of before version 1. When both fail, the mistake is that of today's.
func parseOwn(name, source string) (*ast.Module, error) {
	module, err := parseVersion(name, source, ast.RegoV1, capabilities())
	if err == nil {
		return module, nil
	}
	old, oldErr := parseVersion(name, source, ast.RegoV0, oldCapabilities())
	if oldErr != nil || old == nil || isRule(old) {
		return nil, err
	}
	return old, nil
}

// isRule reports whether the METADATA of a package have an ID.
func isRule(module *ast.Module) bool {
	a := packageAnnotation(module)
	return a != nil && a.Custom["id"] != nil
}

// addPackage adds the rules of a package.
func (p *Policies) addPackage(pkg string, modules []*ast.Module) error {
	at := slices.IndexFunc(modules, isRule)
	if at >= 0 {
		return p.addRule(pkg, modules, at)
	}
	if definesRule(modules, findingsRule) {
		return fmt.Errorf("%s: the package defines findings, but has no METADATA with custom.id above it", place(modules[0].Package.Location))
	}
	rules, warnings, err := conftestRules(pkg, modules)
	p.rules, p.warnings = append(p.rules, rules...), append(p.warnings, warnings...)
	return err
}

// addRule adds the rule that a package is.
func (p *Policies) addRule(pkg string, modules []*ast.Module, at int) error {
	module := modules[at]
	errs := []error{checkAllFindings(modules)}
	for _, other := range modules[at+1:] {
		if isRule(other) {
			errs = append(errs, fmt.Errorf("%s: package %s is already the rule of %s", place(other.Package.Location), packageName(other), place(module.Package.Location)))
		}
	}
	meta, err := ownMeta(module)
	errs = append(errs, err)
	kinds, keep, err := kindsOf(meta.Kinds)
	if err != nil {
		errs = append(errs, fmt.Errorf("%s: metadata: custom.kinds: %w", place(packageAnnotation(module).Location), err))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	meta.Kinds = kinds
	p.keep = append(p.keep, keep...)
	for _, m := range modules {
		if err := checkTristate(m); err != nil {
			p.warnings = append(p.warnings, strings.Split(err.Error(), "\n")...)
		}
	}
	p.rules = append(p.rules, &compiledRule{meta: meta, path: module.Package.Location.File, at: findingsAt(modules), pkg: pkg})
	return nil
}

// checkAllFindings asks that findings is a set, and there.
func checkAllFindings(modules []*ast.Module) error {
	if !definesRule(modules, findingsRule) {
		return fmt.Errorf("%s: the rule defines no findings", place(modules[0].Package.Location))
	}
	var errs []error
	for _, module := range modules {
		errs = append(errs, checkFindingsAreSet(module))
	}
	return errors.Join(errs...)
}

func findingsAt(modules []*ast.Module) string {
	for _, module := range modules {
		for _, r := range module.Rules {
			if ruleNameOf(r) == findingsRule {
				return place(r.Location)
			}
		}
	}
	return ""
}

// ownMeta reads the METADATA of a rule of a user, which may name its category.
func ownMeta(module *ast.Module) (rule.Meta, error) {
	a := packageAnnotation(module)
	custom := maps.Clone(a.Custom)
	category, given := custom["category"]
	delete(custom, "category")
	meta, err := metaOf(a, custom)
	meta.Category, meta.Own = userCategory, true
	if given {
		word, wrong := text(category)
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("%s: metadata: custom.category: %w", place(a.Location), wrong))
		}
		meta.Category = cmp.Or(word, userCategory)
	}
	meta.Description = cmp.Or(meta.Description, meta.Title)
	return meta, err
}

func (p *Policies) checkIDs() error {
	var errs []error
	for i, r := range p.rules {
		if i > 0 && p.rules[i-1].meta.ID == r.meta.ID {
			errs = append(errs, fmt.Errorf("%s: %s is also the ID of the rule at %s", r.at, r.meta.ID, p.rules[i-1].at))
		}
	}
	return errors.Join(errs...)
}

// sources are the modules without tests, and those given.
func (p *Policies) sources(more map[string]*ast.Module) map[string]*ast.Module {
	out := maps.Clone(p.modules)
	maps.Copy(out, more)
	isOwn := func(m *ast.Module) bool { return packageName(m) == conftestPackage }
	if !slices.ContainsFunc(slices.Collect(maps.Values(out)), isOwn) && p.data[conftestPackage] == nil {
		out[collectorPath+"/file"] = ast.MustParseModuleWithOpts(conftestFile, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: capabilities()})
	}
	return out
}

// Metas describes the rules, sorted by ID.
func (p *Policies) Metas() []rule.Meta {
	if p == nil {
		return nil
	}
	var out []rule.Meta
	for _, r := range p.rules {
		out = append(out, r.meta)
	}
	return out
}

// Place returns where the rule of an ID stands, as file:line:col.
func (p *Policies) Place(id string) string {
	for _, r := range p.rules {
		if r.meta.ID == id {
			return r.at
		}
	}
	return ""
}

// Warnings are what looks like a mistake and need not be one.
func (p *Policies) Warnings() []string { return p.warnings }

// Kinds are the kinds that the loader has to keep for the rules.
func (p *Policies) Kinds() []model.GroupKind {
	if p == nil {
		return nil
	}
	return p.keep
}

// AllKinds reports whether a rule looks at every object.
func (p *Policies) AllKinds() bool {
	if p == nil {
		return false
	}
	return slices.ContainsFunc(p.rules, func(r *compiledRule) bool { return slices.Contains(r.meta.Kinds, graph.KindResource) })
}

// Checkers returns the checkers of the rules that are taken.
func (p *Policies) Checkers(l Limits, takes func(rule.Meta) bool) []rule.Checker {
	if p == nil {
		return nil
	}
	type group struct {
		kind     string
		conftest bool
	}
	groups := map[group][]*compiledRule{}
	for _, r := range p.rules {
		if !takes(r.meta) {
			continue
		}
		for _, kind := range r.meta.Kinds {
			g := group{kind, r.conftest}
			own := *r
			groups[g] = append(groups[g], &own)
		}
	}
	shared := &scopes{}
	var out []rule.Checker
	for _, g := range slices.SortedFunc(maps.Keys(groups), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), boolCompare(a.conftest, b.conftest))
	}) {
		out = append(out, newOwnBundle(g.kind, shared, p, groups[g], l))
	}
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// mistakes writes OPA's errors with their file, line and column.
func mistakes(err error) error {
	var list ast.Errors
	var single *ast.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &single):
		list = ast.Errors{single}
	default:
		return err
	}
	var errs []error
	for _, e := range list {
		if e.Location == nil {
			errs = append(errs, oneLine(errors.New(e.Message)))
			continue
		}
		errs = append(errs, fmt.Errorf("%s: %w", place(e.Location), oneLine(errors.New(e.Message))))
	}
	slices.SortStableFunc(errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}
