package loader

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/kustomize"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// chartFile makes a folder a Helm chart:
// https://helm.sh/docs/topics/charts/#the-chart-file-structure
const chartFile = "Chart.yaml"

// isChartPart reports whether an entry of a chart, a folder with a slash at its
// end, is read by Helm and by nobody else.
func isChartPart(entry string) bool {
	switch entry {
	case "templates/", "charts/", "ci/", chartFile, "Chart.lock":
		return true
	default:
		return strings.HasPrefix(entry, "values") && path.Ext(entry) == ".yaml"
	}
}

// layout is what folders of the input are besides folders of manifests.
type layout struct {
	in *input
	// charts are the folders of the charts that hold something of the input.
	charts []string
	// kustomizations are those that concern the input, sorted by folder.
	kustomizations []*kustomization
	known          map[string]*kustomization
	// aside are the files that are not read as objects.
	aside map[string]bool
}

// newLayout recognises charts and kustomizations, in the folders of the input
// and in those above it: a single file of a chart is still part of the chart.
func newLayout(in *input) *layout {
	l := &layout{in: in, known: map[string]*kustomization{}, aside: map[string]bool{}}
	above := map[string]bool{}
	for _, top := range in.given {
		for dir := path.Dir(top); !above[dir]; dir = path.Dir(dir) {
			above[dir] = true
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(above)) {
		l.addAbove(dir)
	}
	for _, dir := range slices.Sorted(maps.Keys(in.walked)) {
		l.addWalked(dir)
	}
	slices.Sort(l.charts)
	l.charts = slices.Compact(l.charts)
	for _, dir := range sortedKeys(l.known) {
		if k := l.known[dir]; k != nil {
			l.kustomizations = append(l.kustomizations, k)
		}
	}
	return l
}

// root is a kustomization that is built, for the cluster of the user's that has it
// where another one builds on it.
type root struct {
	*kustomization
	cluster string
}

// roots are the kustomizations of the input that no other one of it refers to, and
// those of a cluster of the user's to which nothing refers that is in this cluster.
func (l *layout) roots(clusters []ClusterConfig) []root {
	all := l.rootsAmong(func(string) bool { return true })
	var out []root
	for _, k := range all {
		out = append(out, root{k, ""})
	}
	for _, c := range clusters {
		for _, k := range l.rootsAmong(c.holds) {
			if !slices.Contains(all, k) {
				out = append(out, root{k, c.Name})
			}
		}
	}
	return out
}

func (l *layout) rootsAmong(belongs func(name string) bool) []*kustomization {
	var dirs []string
	for _, k := range l.kustomizations {
		if l.in.found[k.file] && belongs(k.file) {
			dirs = append(dirs, k.dir)
		}
	}
	var out []*kustomization
	for _, dir := range kustomize.Roots(l.in.fsys, dirs) {
		if k := l.known[dir]; k != nil {
			out = append(out, k)
		}
	}
	return out
}

// basesOf are the kustomizations that k refers to.
func (l *layout) basesOf(k *kustomization) []*kustomization {
	var out []*kustomization
	for _, entry := range k.bases() {
		if name, ok := k.local(entry); ok {
			if base := l.kustomization(name); base != nil && base != k {
				out = append(out, base)
			}
		}
	}
	return out
}

// keepUnbuilt leaves the kustomizations of which the files are read as they are:
// those that could not be built, and those that nobody builds.
func (l *layout) keepUnbuilt(built, failed []*kustomization) {
	done, kept := l.closure(built), l.closure(failed)
	l.kustomizations = slices.DeleteFunc(l.kustomizations, func(k *kustomization) bool { return done[k] && !kept[k] })
	for _, k := range l.kustomizations {
		l.setAside(k)
	}
}

// closure are the kustomizations with all that they refer to.
func (l *layout) closure(from []*kustomization) map[*kustomization]bool {
	out := map[*kustomization]bool{}
	for todo := slices.Clone(from); len(todo) > 0; {
		k := todo[0]
		todo = todo[1:]
		if !out[k] {
			out[k] = true
			todo = append(todo, l.basesOf(k)...)
		}
	}
	return out
}

func (l *layout) addAbove(dir string) {
	if l.in.walked[dir] {
		return
	}
	if _, err := fs.Stat(l.in.fsys, path.Join(dir, chartFile)); err == nil {
		if l.setChartAside(dir) {
			l.charts = append(l.charts, dir)
		}
	}
	l.kustomization(dir)
}

func (l *layout) addWalked(dir string) {
	if l.in.found[path.Join(dir, chartFile)] {
		l.setChartAside(dir)
		l.charts = append(l.charts, dir)
	}
	for _, name := range kustomize.FileNames() {
		if l.in.found[path.Join(dir, name)] {
			l.kustomization(dir)
		}
	}
}

// setChartAside reports whether the input holds parts of the chart.
func (l *layout) setChartAside(dir string) bool {
	any := false
	for name := range l.in.found {
		if !within(dir, name) {
			continue
		}
		first, _, nested := strings.Cut(relative(dir, name), "/")
		if nested {
			first += "/"
		}
		if isChartPart(first) {
			l.aside[name] = true
			any = true
		}
	}
	return any
}

// manifests returns the files that are read as objects, sorted.
func (l *layout) manifests() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(l.in.found)) {
		if !l.aside[name] {
			out = append(out, name)
		}
	}
	if _, ok := l.in.texts[StdinName]; ok {
		out = append(out, StdinName)
	}
	return out
}

// opaqueAt is a source of objects at its place in the tree.
type opaqueAt struct {
	name string
	model.Opaque
}

// opaque lists what the set aside parts may add to their clusters.
func (l *layout) opaque() []opaqueAt {
	var out []opaqueAt
	for _, dir := range l.unrendered() {
		why := "the chart " + title(dir) + " is not rendered"
		out = append(out, opaqueAt{dir, manifest.Unforeseen(why)})
	}
	for _, k := range l.kustomizations {
		if !l.isShown(k) {
			continue
		}
		if missing := l.missing(k); missing != "" {
			why := "the kustomization " + k.file + " is not built: " + missing
			out = append(out, opaqueAt{k.file, manifest.Unforeseen(why)})
		}
	}
	return out
}

// unrendered are the charts of which the input holds only a part.
func (l *layout) unrendered() []string {
	return slices.DeleteFunc(slices.Clone(l.charts), func(dir string) bool { return l.in.found[path.Join(dir, chartFile)] })
}

// title names a folder as the user would.
func title(dir string) string {
	if dir == "." {
		return "in the root folder"
	}
	return dir
}

func (l *layout) notes() []model.Note {
	var out []model.Note
	for _, dir := range l.unrendered() {
		out = append(out, model.Note{File: dir, Message: "Helm chart: not rendered, as the input holds only a part of it"})
	}
	for _, k := range l.kustomizations {
		if l.isShown(k) {
			message := "kustomization: not built; its files are read as they are"
			if n := k.patchCount(); n > 0 {
				message += ", and what its patches touch is unknown"
			}
			out = append(out, model.Note{File: k.file, Message: message})
		}
	}
	return out
}
