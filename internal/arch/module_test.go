package arch

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/ekslint/ekslint"

// sources is the non-test half of one package.
type sources struct {
	fset    *token.FileSet
	files   []source
	imports map[string]string // package of this module -> a file that imports it
}

type source struct {
	name      string // relative to the module's root
	syntax    *ast.File
	lines     int
	generated bool
}

// readModule parses every non-test Go file of the module, by package folder.
// Build constraints are ignored, so that an import for one platform only is
// seen on all. Files are read here and not asked of the go command, because
// go test notices changes of files it saw opened: `go list` would leave a stale
// "ok" in the test cache.
func readModule(t *testing.T) map[string]*sources {
	t.Helper()
	root := filepath.Join("..", "..")
	packages := map[string]*sources{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != root && outsideModule(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		return addFile(packages, name, filepath.ToSlash(rel))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := packages["internal/arch"]; !ok {
		t.Fatalf("%d packages found from %s, this one not among them", len(packages), root)
	}
	return packages
}

// outsideModule is go's own rule for the folders that ./... passes over.
func outsideModule(dir string) bool {
	base := filepath.Base(dir)
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func addFile(packages map[string]*sources, name, rel string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	dir := path.Dir(rel)
	pkg, ok := packages[dir]
	if !ok {
		pkg = &sources{fset: token.NewFileSet(), imports: map[string]string{}}
		packages[dir] = pkg
	}
	syntax, err := parser.ParseFile(pkg.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	pkg.files = append(pkg.files, source{
		name:      rel,
		syntax:    syntax,
		lines:     bytes.Count(text, []byte("\n")),
		generated: ast.IsGenerated(syntax),
	})
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if inner, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
			pkg.imports[inner] = rel
		}
	}
	return nil
}
