package helm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/helm"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestCharts writes down where each value of the charts of testdata was written.
func TestCharts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"shop", "broken", "dependencies"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := load(t, os.DirFS("testdata"), name, helm.Options{})
			loadertest.Golden(t, filepath.Join("testdata", name+".golden"), dump(t, got))
		})
	}
}

func load(t testing.TB, fsys fs.FS, dir string, o helm.Options) helm.Result {
	t.Helper()
	return helm.Load(t.Context(), fsys, dir, o, manifest.NewReader(nil))
}

func dump(t testing.TB, r helm.Result) string {
	var b strings.Builder
	for _, part := range r.Parts {
		fmt.Fprintf(&b, "== %s\n", part.File)
		for _, res := range part.Fragment.Resources {
			fmt.Fprintf(&b, "%s @ %s\n", res.Ref, shown(t, r, res.Source.Extent()))
			for _, leaf := range leaves(res) {
				at := res.Locate(leaf.path, model.PartValue)
				mark := ""
				if res.IsUnknown(leaf.path...) {
					mark = " (unknown)"
				}
				fmt.Fprintf(&b, "  %s = %s%s @ %s\n", leaf.path, leaf.value, mark, shown(t, r, at))
			}
			for _, d := range res.Defects {
				fmt.Fprintf(&b, "  defect %s @ %s\n", d.Path, shown(t, r, res.Locate(d.Path, model.PartKey)))
			}
		}
		for _, p := range part.Fragment.Problems {
			fmt.Fprintf(&b, "problem: %s @ %s\n", p.Message, shown(t, r, p.At))
		}
		for _, o := range part.Fragment.Opaque {
			fmt.Fprintf(&b, "opaque: %s\n", o.Why)
		}
	}
	b.WriteString("== chart\n")
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "problem: %s @ %s\n", p.Message, shown(t, r, p.At))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s: %s\n", n.File, n.Message)
	}
	for _, o := range r.Opaque {
		fmt.Fprintf(&b, "opaque: %s\n", o.Why)
	}
	return b.String()
}

// shown is a span with the first line of what it covers.
func shown(t testing.TB, r helm.Result, at model.Span) string {
	t.Helper()
	text, ok := r.Texts[at.File]
	if !ok {
		if at.Start != 0 || at.End != 0 {
			t.Errorf("the text of %v is not there", at)
		}
		return at.File
	}
	if at.Start < 0 || at.End < at.Start || at.End > len(text) {
		t.Errorf("%v is not in the file of %d bytes", at, len(text))
		return at.File
	}
	line := 1 + bytes.Count(text[:at.Start], []byte("\n"))
	covered, _, more := strings.Cut(string(text[at.Start:at.End]), "\n")
	out := fmt.Sprintf("%s:%d %q", filepath.Base(at.File), line, covered)
	if more {
		out += "..."
	}
	if at.Inexact {
		out += " (inexact)"
	}
	return out
}

type leaf struct {
	path  model.Path
	value string
}

func leaves(res *model.Resource) []leaf {
	raw, err := json.Marshal(res.Object)
	if err != nil {
		return nil
	}
	var tree any
	_ = json.Unmarshal(raw, &tree)
	var out []leaf
	var walk func(value any, path model.Path)
	walk = func(value any, path model.Path) {
		switch v := value.(type) {
		case map[string]any:
			for key, item := range v {
				walk(item, path.Child(key))
			}
		case []any:
			for i, item := range v {
				walk(item, path.Child(strconv.Itoa(i)))
			}
		default:
			if _, ok := res.Source.Locate(path, model.PartValue); ok {
				out = append(out, leaf{path, fmt.Sprint(v)})
			}
		}
	}
	walk(tree, nil)
	slices.SortFunc(out, func(a, b leaf) int { return slices.Compare(a.path, b.path) })
	return out
}
