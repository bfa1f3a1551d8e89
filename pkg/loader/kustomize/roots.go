package kustomize

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"
)

// FileNames are the names that kustomize looks for in a folder, in its order.
func FileNames() []string { return konfig.RecognizedKustomizationFileNames() }

// IsFile reports whether a file has a name that kustomize looks for.
func IsFile(name string) bool { return slices.Contains(FileNames(), path.Base(name)) }

// IsVersion reports whether a file with this apiVersion is a kustomization. One of
// another, such as an object of Flux, only has the name of one.
func IsVersion(apiVersion any) bool {
	version, ok := apiVersion.(string)
	return apiVersion == nil || ok && strings.HasPrefix(version, "kustomize.config.k8s.io/")
}

// Roots returns those of the folders whose kustomization no other of them refers to,
// sorted: each is built by itself. A component is no root. Of kustomizations that refer
// to each other in a circle the first is one, as its build tells of the circle. Folders
// without a kustomization are left out.
func Roots(fsys fs.FS, dirs []string) []string {
	g := &graph{fsys: fsys, nodes: map[string]*node{}}
	for _, dir := range dirs {
		g.add(path.Clean(dir))
	}
	referred := map[string]bool{}
	for _, n := range g.nodes {
		for _, to := range n.refers {
			referred[to] = referred[to] || to != n.dir
		}
	}
	var out []string
	seen := map[string]bool{}
	sorted := g.sorted()
	for _, isReferred := range []bool{false, true} {
		for _, n := range sorted {
			if !n.isComponent && !seen[n.dir] && referred[n.dir] == isReferred {
				out = append(out, n.dir)
				g.reach(n.dir, seen)
			}
		}
	}
	slices.Sort(out)
	return out
}

// graph holds which kustomization refers to which.
type graph struct {
	fsys  fs.FS
	nodes map[string]*node
}

type node struct {
	dir         string
	isComponent bool
	// refers are the folders that it names; some may be files.
	refers []string
}

func (g *graph) sorted() []*node {
	out := make([]*node, 0, len(g.nodes))
	for _, n := range g.nodes {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *node) int { return strings.Compare(a.dir, b.dir) })
	return out
}

func (g *graph) reach(dir string, seen map[string]bool) {
	n := g.nodes[dir]
	if n == nil || seen[dir] {
		return
	}
	seen[dir] = true
	for _, to := range n.refers {
		g.reach(to, seen)
	}
}

// add reads the references of a folder. It is lenient: a kustomization with a mistake
// is one all the same, and its build tells of the mistake.
func (g *graph) add(dir string) {
	for _, name := range FileNames() {
		text, err := fs.ReadFile(g.fsys, path.Join(dir, name))
		if err != nil {
			continue
		}
		var body map[string]any
		err = yaml.Unmarshal(text, &body)
		if err == nil && !IsVersion(body["apiVersion"]) {
			return
		}
		n := &node{dir: dir, isComponent: body["kind"] == types.ComponentKind}
		for _, field := range []string{"resources", "bases", "components", "generators", "transformers", "validators"} {
			n.refer(body[field])
		}
		g.nodes[dir] = n
		return
	}
}

func (n *node) refer(value any) {
	items, _ := value.([]any)
	for _, item := range items {
		entry, ok := item.(string)
		if !ok || isRemote(entry) {
			continue
		}
		if to, ok := resolve(n.dir, entry); ok {
			n.refers = append(n.refers, to)
		}
	}
}
