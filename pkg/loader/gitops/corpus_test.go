package gitops_test

import (
	"cmp"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/loader/gitops"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestCorpus reads the objects of real repositories, and shows with -v what
// would be followed. Each chart is a cluster of its own, and all else is one.
func TestCorpus(t *testing.T) {
	t.Parallel()
	repos, _ := filepath.Glob("../../../../shared/corpus/*+*")
	if len(repos) == 0 {
		t.Skip("../shared/corpus is not here")
	}
	for _, dir := range repos {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			fsys := os.DirFS(dir)
			clusters := corpusClusters(t, fsys)
			for _, chart := range slices.Sorted(maps.Keys(clusters)) {
				logInstalled(t, fsys, clusters[chart])
			}
		})
	}
}

func logInstalled(t *testing.T, fsys fs.FS, all []*model.Resource) {
	objects := gitops.New(fsys, all)
	for _, res := range all {
		deliveries, gaps := objects.Of(res)
		for _, d := range deliveries {
			if !fs.ValidPath(d.Path) || d.At.IsZero() {
				t.Errorf("%s: path %q at %v", d.By, d.Path, d.At)
			}
			t.Logf("%s: %s", d.At.File, describe(d))
		}
		for _, g := range gaps {
			t.Logf("%s: %s: not followed: %s (%s)", g.At.File, g.By, g.Reason, g.Destination)
		}
	}
}

func corpusClusters(t *testing.T, fsys fs.FS) map[string][]*model.Resource {
	out := map[string][]*model.Resource{}
	reader := manifest.NewReader(gitops.Kinds())
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if ext := path.Ext(name); err != nil || entry.IsDir() || ext != ".yaml" && ext != ".yml" && ext != ".json" {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		chart := ""
		if path.Base(path.Dir(name)) == "templates" {
			chart = path.Dir(path.Dir(name))
			text = rendered(fsys, chart, text)
		}
		documents, _ := manifest.Documents(&manifest.File{Name: name, Text: text})
		for _, d := range documents {
			out[chart] = append(out[chart], reader.Read(d).Resources...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	quoted = regexp.MustCompile(`\{\{"(.*?)"\}\}`)
	action = regexp.MustCompile(`\{\{-?\s*(?:toYaml )?\.Values((?:\.\w+)*)(?: \| default (?:\.Values((?:\.\w+)*)|"(\w+)"))?[^}]*\}\}`)
)

// rendered stands in for Helm: it fills in the values of the chart, which is
// all that the Applications of the corpus need.
func rendered(fsys fs.FS, chart string, text []byte) []byte {
	var values map[string]any
	if raw, err := fs.ReadFile(fsys, path.Join(chart, "values.yaml")); err != nil || yaml.Unmarshal(raw, &values) != nil {
		return text
	}
	filled := action.ReplaceAllStringFunc(string(text), func(m string) string {
		parts := action.FindStringSubmatch(m)
		return cmp.Or(lookUp(values, parts[1]), lookUp(values, parts[2]), parts[3], "{}")
	})
	return []byte(quoted.ReplaceAllString(filled, "$1"))
}

// lookUp is the text at a path such as .a.b, or empty.
func lookUp(values map[string]any, at string) string {
	var value any = values
	for _, key := range strings.FieldsFunc(at, func(r rune) bool { return r == '.' }) {
		body, _ := value.(map[string]any)
		value = body[key]
	}
	text, _ := value.(string)
	return text
}
