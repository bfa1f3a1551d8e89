package arch

import (
	"errors"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"testing"
)

const maxLines = 400

func TestNoInit(t *testing.T) {
	t.Parallel()
	for _, pkg := range readModule(t) {
		for _, file := range pkg.files {
			for _, decl := range file.syntax.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: func init: nothing happens by being imported", pkg.fset.Position(fn.Pos()))
				}
			}
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	packages := readModule(t)
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		for _, file := range packages[dir].files {
			if file.lines > maxLines && !file.generated {
				t.Errorf("%s: %d lines, more than %d: split it by what its parts are about", file.name, file.lines, maxLines)
			}
		}
	}
}

// A package variable is a table or a value that is set where it is declared.
func TestPackageVariablesStay(t *testing.T) {
	t.Parallel()
	for dir, pkg := range readModule(t) {
		uses := packageVariableUses(dir, pkg)
		for _, file := range pkg.files {
			ast.Inspect(file.syntax, func(node ast.Node) bool {
				for _, target := range assigned(node) {
					if id := rootOf(target); id != nil && uses[id] {
						t.Errorf("%s: package variable %s changes here; hand the value over instead",
							pkg.fset.Position(id.Pos()), id.Name)
					}
				}
				return true
			})
		}
	}
}

// packageVariableUses finds the identifiers that stand for a variable of their
// own package. Names are resolved without the imported packages: the errors
// that this gives do not touch the package's own scope.
func packageVariableUses(dir string, pkg *sources) map[*ast.Ident]bool {
	files := make([]*ast.File, 0, len(pkg.files))
	for _, file := range pkg.files {
		files = append(files, file.syntax)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	checked, _ := config.Check(dir, pkg.fset, files, info) // errors are expected, see above

	uses := map[*ast.Ident]bool{}
	for id, object := range info.Uses {
		if _, isVar := object.(*types.Var); isVar && object.Parent() == checked.Scope() {
			uses[id] = true
		}
	}
	return uses
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) {
	return nil, errors.New("not needed to resolve names")
}

// assigned lists what a statement writes to.
func assigned(node ast.Node) []ast.Expr {
	switch stmt := node.(type) {
	case *ast.AssignStmt:
		return stmt.Lhs
	case *ast.IncDecStmt:
		return []ast.Expr{stmt.X}
	case *ast.RangeStmt:
		return []ast.Expr{stmt.Key, stmt.Value}
	default:
		return nil
	}
}

// rootOf is the variable at the bottom of x.f[i], *x and the like.
func rootOf(expr ast.Expr) *ast.Ident {
	for {
		switch inner := expr.(type) {
		case *ast.Ident:
			return inner
		case *ast.IndexExpr:
			expr = inner.X
		case *ast.SelectorExpr:
			expr = inner.X
		case *ast.StarExpr:
			expr = inner.X
		case *ast.ParenExpr:
			expr = inner.X
		default:
			return nil
		}
	}
}
