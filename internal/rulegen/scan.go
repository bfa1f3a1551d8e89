package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

const (
	modulePath  = "github.com/ekslint/ekslint"
	rulePackage = modulePath + "/pkg/analyzer/rule"
	libFolder   = "lib"
)

// inventory is what the folder of rules holds, each list sorted by path.
type inventory struct {
	goRules   []goRule
	modules   []rule.Module
	libraries []rule.Module
}

// goRule is a Go file with one rule.
type goRule struct{ file, function string }

// scan reads every topic folder. All mistakes are reported, not only the first.
func scan(fsys fs.FS) (inventory, error) {
	var found inventory
	files, err := fs.Glob(fsys, "*/*")
	if err != nil {
		return found, fmt.Errorf("list rules: %w", err)
	}
	var errs []error
	for _, file := range files {
		errs = append(errs, found.add(fsys, file))
	}
	errs = append(errs, found.checkIDs())
	return found, errors.Join(errs...)
}

func (f *inventory) add(fsys fs.FS, file string) error {
	name := path.Base(file)
	rego, golang := strings.HasSuffix(name, ".rego"), strings.HasSuffix(name, ".go")
	if !rego && !golang || strings.HasSuffix(name, "_test.rego") || strings.HasSuffix(name, "_test.go") {
		return nil
	}
	source, err := fs.ReadFile(fsys, file)
	if err != nil {
		return fmt.Errorf("read rule: %w", err)
	}
	if golang {
		return f.addGo(file, source)
	}
	return f.addRego(file, string(source))
}

func (f *inventory) addRego(file, source string) error {
	folder := path.Dir(file)
	if folder == libFolder {
		library, err := regorule.ParseLibrary(file, source)
		f.libraries = append(f.libraries, library)
		return err
	}
	module, err := regorule.ParseModule(file, source)
	if err != nil {
		return err
	}
	name, err := regorule.PackageOf(module)
	if err != nil {
		return err
	}
	if want := "ekslint.rules." + folder + "." + strings.TrimSuffix(path.Base(file), ".rego"); name != want {
		return fmt.Errorf("%s: package %s: want %s", file, name, want)
	}
	if err := module.Meta.Validate(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	f.modules = append(f.modules, module)
	return regorule.CheckTristate(module)
}

// addGo looks for the rule of a Go file: the one exported function that takes
// nothing and returns a rule.Rule. A file that exports no function at all
// belongs to the others of its folder.
func (f *inventory) addGo(file string, source []byte) error {
	syntax, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse rule: %w", err)
	}
	if folder := path.Dir(file); syntax.Name.Name != folder {
		return fmt.Errorf("%s: package %s: want the name of the folder, %s", file, syntax.Name.Name, folder)
	}
	local := importName(syntax, rulePackage)
	var exported, rules []string
	for _, d := range syntax.Decls {
		function, ok := d.(*ast.FuncDecl)
		if !ok || function.Recv != nil || !function.Name.IsExported() {
			continue
		}
		exported = append(exported, function.Name.Name)
		if returnsRule(function.Type, local) {
			rules = append(rules, function.Name.Name)
		}
	}
	switch {
	case len(rules) == 1:
		f.goRules = append(f.goRules, goRule{file: file, function: rules[0]})
		return nil
	case len(rules) > 1:
		return fmt.Errorf("%s: %d rules (%s): want one a file", file, len(rules), strings.Join(rules, ", "))
	case len(exported) > 0:
		return fmt.Errorf("%s: no function of the form func Name() rule.Rule among %s", file, strings.Join(exported, ", "))
	default:
		return nil
	}
}

func returnsRule(f *ast.FuncType, local string) bool {
	if f.TypeParams != nil || f.Params.NumFields() > 0 || f.Results.NumFields() != 1 {
		return false
	}
	selector, ok := f.Results.List[0].Type.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "Rule" {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && local != "" && from.Name == local
}

// importName is the name under which a file knows a package; empty when it
// does not import it.
func importName(file *ast.File, pkg string) string {
	for _, i := range file.Imports {
		if unquoted, err := strconv.Unquote(i.Path.Value); err != nil || unquoted != pkg {
			continue
		}
		if i.Name != nil {
			return i.Name.Name
		}
		return path.Base(pkg)
	}
	return ""
}

// checkIDs reports IDs of Rego rules that stand twice; those of Go rules are
// known only when they are compiled, to ruledoc.
func (f *inventory) checkIDs() error {
	var errs []error
	seen := map[string]string{}
	for _, m := range f.modules {
		if first, dup := seen[m.Meta.ID]; dup {
			errs = append(errs, fmt.Errorf("%s: %s is also the ID of %s", m.Path, m.Meta.ID, first))
		}
		seen[m.Meta.ID] = m.Path
	}
	return errors.Join(errs...)
}
