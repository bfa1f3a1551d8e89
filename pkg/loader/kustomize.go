package loader

import (
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/loader/kustomize"
	"github.com/ekslint/ekslint/pkg/model"
)

// kustomization is the part of a kustomization that decides which files are
// objects, and which of their values are not final:
// https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
type kustomization struct {
	dir, file string
	body      map[string]any
	changes   []change
	// files are the files and folders that it uses as anything but resources.
	files []string
}

// kustomization returns the kustomization of a folder, or nil. A file of that
// name that is something else, such as an object of Flux, is none.
func (l *layout) kustomization(dir string) *kustomization {
	if k, ok := l.known[dir]; ok {
		return k
	}
	l.known[dir] = nil
	for _, name := range kustomize.FileNames() {
		file := path.Join(dir, name)
		text, err := l.in.text(file)
		if err != nil {
			continue
		}
		var body map[string]any
		if yaml.Unmarshal(text, &body) != nil || !kustomize.IsVersion(body["apiVersion"]) {
			return nil
		}
		k := &kustomization{dir: dir, file: file, body: body}
		l.known[dir] = k
		l.collect(k)
		return k
	}
	return nil
}

// setAside keeps the files of a kustomization that are no objects from being
// read as such.
func (l *layout) setAside(k *kustomization) {
	l.aside[k.file] = true
	for name := range l.in.found {
		if slices.ContainsFunc(k.files, func(f string) bool { return within(f, name) }) {
			l.aside[name] = true
		}
	}
}

// isShown reports whether the kustomization, or a file that it set aside, is
// part of the input; others were only read to understand these.
func (l *layout) isShown(k *kustomization) bool {
	return l.in.found[k.file] || slices.ContainsFunc(k.files, func(f string) bool { return l.in.found[f] })
}

// local resolves an entry to a path of the input's tree. Entries that leave it,
// or name something on the network, are none.
func (k *kustomization) local(entry string) (string, bool) {
	if strings.Contains(entry, "://") || path.IsAbs(entry) || strings.ContainsAny(entry, "\n") {
		return "", false
	}
	name := path.Join(k.dir, entry)
	return name, fs.ValidPath(name)
}

// bases are the entries that bring objects.
func (k *kustomization) bases() []string {
	return slices.Concat(texts(k.body["resources"]), texts(k.body["bases"]), texts(k.body["components"]))
}

// reach is what a kustomization builds on.
type reach struct {
	files, dirs map[string]bool
	// renames is set when names are changed on the way, so that a patch may
	// name an object otherwise than its file does.
	renames bool
	// missing describes a base that cannot be read.
	missing string
}

// reachOf follows resources, bases and components.
func (l *layout) reachOf(k *kustomization) *reach {
	r := &reach{files: map[string]bool{}, dirs: map[string]bool{}}
	l.follow(k, r, map[*kustomization]bool{})
	if len(r.files) == 0 && len(r.dirs) == 0 {
		r.dirs[k.dir] = true
	}
	return r
}

func (l *layout) follow(k *kustomization, r *reach, seen map[*kustomization]bool) {
	if seen[k] {
		return
	}
	seen[k] = true
	r.renames = r.renames || k.body["namePrefix"] != nil || k.body["nameSuffix"] != nil
	if k.body["helmCharts"] != nil || k.body["helmChartInflationGenerator"] != nil {
		r.missing = "its Helm charts are not rendered"
	}
	for _, entry := range k.bases() {
		name, ok := k.local(entry)
		if !ok {
			r.missing = entry + " is not read"
			continue
		}
		info, err := fs.Stat(l.in.fsys, name)
		switch {
		case err != nil:
			r.missing = entry + " is not read"
		case !info.IsDir():
			r.files[name] = true
		default:
			r.dirs[name] = true
			if base := l.kustomization(name); base != nil {
				l.follow(base, r, seen)
			}
		}
	}
}

func (r *reach) holds(name string) bool {
	if r.files[name] {
		return true
	}
	for ; ; name = path.Dir(name) {
		if r.dirs[name] {
			return true
		}
		if name == "." || name == "/" {
			return false
		}
	}
}

// missing describes what the kustomization adds to the cluster that the input
// does not show, or is empty.
func (l *layout) missing(k *kustomization) string {
	r := l.reachOf(k)
	if r.missing != "" {
		return r.missing
	}
	for _, name := range sortedKeys(r.files) {
		if !l.in.found[name] {
			return name + " is not in the input"
		}
	}
	for _, dir := range sortedKeys(r.dirs) {
		if !l.in.holdsAny(dir) {
			return dir + " is not in the input"
		}
	}
	return ""
}

func (in *input) holdsAny(dir string) bool {
	if in.walked[dir] {
		return true
	}
	for name := range in.found {
		if within(dir, name) {
			return true
		}
	}
	return false
}

// markPatched marks the values that kustomizations change as unknown.
func (l *layout) markPatched(resources iter.Seq[*model.Resource]) {
	for _, k := range l.kustomizations {
		changes := slices.Clone(k.changes)
		r := l.reachOf(k)
		for _, c := range l.components(k, map[*kustomization]bool{}) {
			changes = append(changes, c.changes...)
		}
		if len(changes) == 0 {
			continue
		}
		for res := range resources {
			if r.holds(res.Source.File()) {
				apply(changes, res, r.renames)
			}
		}
	}
}

// components returns the components that k uses: their patches apply to what k
// builds on, not to what they hold themselves.
func (l *layout) components(k *kustomization, seen map[*kustomization]bool) []*kustomization {
	var out []*kustomization
	for _, entry := range texts(k.body["components"]) {
		name, ok := k.local(entry)
		if !ok {
			continue
		}
		if c := l.kustomization(name); c != nil && !seen[c] {
			seen[c] = true
			out = append(append(out, c), l.components(c, seen)...)
		}
	}
	return out
}

// texts returns the strings of a list.
func texts(value any) []string {
	var out []string
	items, _ := value.([]any)
	for _, item := range items {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// mappings returns the mappings of a list.
func mappings(value any) []map[string]any {
	var out []map[string]any
	items, _ := value.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
