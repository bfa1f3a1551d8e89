package regorule

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

const (
	rulesPackage = "ekslint.rules"
	libsPackage  = "ekslint.lib"
	// findingsRule is the set that every rule module defines.
	findingsRule = "findings"
)

// ParseModule reads one Rego rule: its METADATA becomes the Meta, its package
// must be ekslint.rules.<category>.<name>, and it must define the set findings.
// Built-in functions are checked only when the rule is compiled. Errors name
// file and line.
func ParseModule(path, source string) (rule.Module, error) {
	module, err := parse(path, source)
	if err != nil {
		return rule.Module{}, err
	}
	category, err := checkPackage(module)
	if err != nil {
		return rule.Module{}, err
	}
	if err := checkFindings(module); err != nil {
		return rule.Module{}, err
	}
	meta, err := readMeta(module)
	if err != nil {
		return rule.Module{}, err
	}
	meta.Category = category
	return rule.Module{Path: path, Source: source, Meta: meta}, nil
}

// ParseLibrary reads a module whose functions rules import; its package must
// be ekslint.lib or below.
func ParseLibrary(path, source string) (rule.Module, error) {
	module, err := parse(path, source)
	if err != nil {
		return rule.Module{}, err
	}
	if name := packageName(module); name != libsPackage && !strings.HasPrefix(name, libsPackage+".") {
		return rule.Module{}, fmt.Errorf("%s: package %s: a library must be in %s.<name>", place(module.Package.Location), name, libsPackage)
	}
	return rule.Module{Path: path, Source: source}, nil
}

// PackageOf returns the package that a module declares, as in its first line.
func PackageOf(m rule.Module) (string, error) {
	module, err := parse(m.Path, m.Source)
	if err != nil {
		return "", err
	}
	return packageName(module), nil
}

// parse reads the syntax of a module in the v1 form of the language.
func parse(path, source string) (*ast.Module, error) {
	register()
	module, err := parseVersion(path, source, ast.RegoV1, capabilities())
	if err != nil {
		return nil, fmt.Errorf("parse rego: %w", err)
	}
	if module == nil {
		return nil, fmt.Errorf("%s: the file is empty", path)
	}
	return module, nil
}

func parseVersion(path, source string, version ast.RegoVersion, c *ast.Capabilities) (*ast.Module, error) {
	return ast.ParseModuleWithOpts(path, source, ast.ParserOptions{ProcessAnnotation: true, Capabilities: c, RegoVersion: version})
}

// packageName is the dotted name of a module's package.
func packageName(module *ast.Module) string {
	return strings.TrimPrefix(module.Package.Path.String(), ast.DefaultRootDocument.String()+".")
}

// checkPackage returns the category, the third element of the package.
func checkPackage(module *ast.Module) (string, error) {
	name := packageName(module)
	parts := strings.Split(name, ".")
	if len(parts) != 4 || !strings.HasPrefix(name, rulesPackage+".") || !plainNames(parts) {
		return "", fmt.Errorf("%s: package %s: want %s.<category>.<name>", place(module.Package.Location), name, rulesPackage)
	}
	return parts[2], nil
}

// plainNames excludes the elements that a reference can only quote.
func plainNames(parts []string) bool {
	for _, p := range parts {
		if p == "" || strings.ContainsAny(p, `"[]`) {
			return false
		}
	}
	return true
}

func checkFindings(module *ast.Module) error {
	if !definesRule([]*ast.Module{module}, findingsRule) {
		return fmt.Errorf("%s: the module defines no findings", place(module.Package.Location))
	}
	return checkFindingsAreSet(module)
}

func checkFindingsAreSet(module *ast.Module) error {
	for _, r := range module.Rules {
		if ruleNameOf(r) != findingsRule {
			continue
		}
		if r.Head.RuleKind() != ast.MultiValue || len(r.Head.Ref()) != 1 || r.Default {
			return fmt.Errorf("%s: findings must be a set: findings contains {…} if {…}", place(r.Location))
		}
	}
	return nil
}
