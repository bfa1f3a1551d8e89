package gitops_test

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/gitops"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// test is a tree of files, all of whose manifests are one cluster, and what is
// installed of it.
type test struct {
	name, files string
	want        []string
}

func (tt test) run(t *testing.T) {
	t.Helper()
	t.Parallel()
	fsys := tree(tt.files)
	if diff := cmp.Diff(tt.want, lines(fsys, resources(fsys))); diff != "" {
		t.Errorf("installed (-want +got):\n%s", diff)
	}
}

// tree makes files of an archive, in which -- name -- stands before each. A clone knows its address when the archive has
// a .git/config.
func tree(archive string) fstest.MapFS {
	out := fstest.MapFS{}
	at := &fstest.MapFile{}
	for whole := range strings.Lines(archive) {
		line := strings.TrimSpace(whole)
		if name := strings.TrimSuffix(strings.TrimPrefix(line, "-- "), " --"); "-- "+name+" --" == line {
			at = &fstest.MapFile{Mode: 0o644}
			out[name] = at
			continue
		}
		at.Data = append(at.Data, whole...)
	}
	return out
}

func resources(fsys fstest.MapFS) []*model.Resource {
	var out []*model.Resource
	reader := manifest.NewReader(gitops.Kinds())
	for _, name := range slices.Sorted(maps.Keys(fsys)) {
		if ext := path.Ext(name); ext != ".yaml" && ext != ".json" {
			continue
		}
		documents, _ := manifest.Documents(&manifest.File{Name: name, Text: fsys[name].Data})
		for _, d := range documents {
			out = append(out, reader.Read(d).Resources...)
		}
	}
	return out
}

func lines(fsys fstest.MapFS, all []*model.Resource) []string {
	var out []string
	objects := gitops.New(fsys, all)
	for _, res := range all {
		deliveries, gaps := objects.Of(res)
		for _, d := range deliveries {
			out = append(out, describe(d))
		}
		for _, g := range gaps {
			out = append(out, to(fmt.Sprintf("%s: not followed: %s", g.By, g.Reason), g.Destination))
		}
	}
	return out
}

func to(text, destination string) string {
	if destination != "" {
		return text + " to " + destination
	}
	return text
}

// describe writes a delivery in one line, and its texts in further ones.
func describe(d gitops.Delivery) string {
	text := fmt.Sprintf("%s: %s %s", d.By, d.Tool, d.Path)
	if d.Namespace != "" {
		text += " in " + d.Namespace
	}
	text = to(text, d.Destination)
	if d.Chart != nil {
		text += " as " + d.Chart.Release
		for _, v := range d.Chart.Values {
			text += fmt.Sprintf("\n%s: %s", v.File, strings.TrimSpace(string(v.Text)))
		}
		for _, s := range d.Chart.Set {
			text += "\nset " + s
		}
		for _, s := range d.Chart.SetString {
			text += "\nset string " + s
		}
	}
	if d.Files != nil {
		text += ": " + strings.Join(d.Files, " ")
	}
	for _, name := range slices.Sorted(maps.Keys(d.Overlay)) {
		text += fmt.Sprintf("\n%s = %s", name, strings.TrimSpace(string(d.Overlay[name])))
	}
	return text
}

// clone is the configuration of a clone of the repository that most tests name.
const clone = `
-- .git/config --
[core]
	bare = false
[remote "origin"]
	url = git@github.com:Acme/shop.git
	fetch = +refs/heads/*:refs/remotes/origin/*
`

const (
	chartFile = "\n-- charts/web/Chart.yaml --\nname: web\n"
	baseFile  = "\n-- base/kustomization.yaml --\nnamePrefix: old-\nresources: [web.yaml]\n-- base/web.yaml --\n"
)

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + line)
	}
	return b.String() + "\n"
}
