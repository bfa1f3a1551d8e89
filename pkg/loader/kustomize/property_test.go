package kustomize

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// randomTree makes small kustomizations.
type randomTree struct {
	*rand.Rand
	files fstest.MapFS
}

func (g *randomTree) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *randomTree) maybe(text string) string { return g.pick("", text) }

func (g *randomTree) write(name, text string) {
	g.files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
}

func (g *randomTree) object(name string) string {
	port := g.pick("80", "443", "8080")
	switch g.IntN(3) {
	case 0:
		return "apiVersion: v1\nkind: Service\nmetadata:\n  name: " + name + "\n" + g.maybe("  labels: {a: b}\n") +
			"spec:\n  type: " + g.pick("ClusterIP", "NodePort") + "\n  ports:\n  - port: " + port + "\n    name: x\n" + g.maybe("  - {port: 53, name: dns}\n")
	case 1:
		return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + "}\nspec:\n  replicas: " + g.pick("1", "0x2", "3") +
			"\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n" +
			"      - name: web\n        image: 'web:1'\n        ports: [{containerPort: " + port + "}]\n" + g.maybe("      - name: other\n        args: [a, b, a]\n")
	default:
		return "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: " + name + "}, spec: {podSelector: {}, ingress: [" +
			"{ports: [{port: " + port + "}]}" + g.maybe(", {ports: [{port: 1}, {port: 2}]}") + "]}}\n"
	}
}

func (g *randomTree) patch() string {
	port := g.pick("80", "443", "9")
	return g.pick(
		"- target: {kind: Service}\n  patch: |-\n    - op: replace\n      path: /spec/ports/0/port\n      value: "+port+"\n",
		"- target: {kind: Service}\n  patch: |-\n    - {op: add, path: /spec/ports/0, value: {port: "+port+"1, name: y}}\n",
		"- target: {kind: NetworkPolicy}\n  patch: '[{\"op\": \"add\", \"path\": \"/spec/ingress/0\", \"value\": {\"ports\": [{\"port\": "+port+"}]}}]'\n",
		"- target: {kind: NetworkPolicy}\n  patch: |-\n    apiVersion: networking.k8s.io/v1\n    kind: NetworkPolicy\n    metadata: {name: x}\n    spec:\n      ingress:\n      - ports: [{port: "+port+"}]\n",
		"- target: {kind: Deployment}\n  patch: >-\n    {apiVersion: apps/v1, kind: Deployment, metadata: {name: x},\n    spec: {replicas: 7}}\n",
		"- target: {kind: Deployment}\n  path: patch.yaml\n",
	)
}

func (g *randomTree) level(dir, resource string) {
	text := "resources: ['" + resource + "']\n" + g.maybe("namePrefix: "+dir+"-\n") + g.maybe("nameSuffix: -b\n") + g.maybe("namespace: "+g.pick("a", "b")+"\n") +
		g.maybe("commonLabels: {team: b}\n") + g.maybe("labels: [{pairs: {tier: b}}]\n") + g.maybe("commonAnnotations: {note: \"1\"}\n") +
		g.maybe("images: [{name: web, newTag: '2'}]\n") +
		g.maybe("configMapGenerator: [{name: "+dir+", literals: [type="+g.pick("NodePort", "LoadBalancer")+"]}]\n"+
			"replacements: [{source: {kind: ConfigMap, name: "+dir+", fieldPath: data.type}, targets: [{select: {kind: Service}, fieldPaths: [spec.type]}]}]\n") + "patches:\n"
	for range g.IntN(3) {
		text += g.patch()
	}
	g.write(dir+"/kustomization.yaml", strings.TrimSuffix(text, "patches:\n"))
	g.write(dir+"/patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: "+
		g.pick("web:1", "web:3")+"\n      - {name: third, image: third}\n")
}

func newRandomTree(seed uint64) fstest.MapFS {
	g := &randomTree{rand.New(rand.NewPCG(seed, 1)), fstest.MapFS{}}
	var objects []string
	for i := range 1 + g.IntN(4) {
		objects = append(objects, g.object(fmt.Sprintf("o%d", i)))
	}
	g.write("base/all.yaml", strings.Join(objects, "---\n"))
	dirs := []string{"base", "middle", "overlay"}
	resource := "all.yaml"
	for _, dir := range dirs {
		g.level(dir, resource)
		resource = "../" + dir
	}
	return g.files
}

// Where a place is exact its text is the value.
func TestExactPlacesHoldTheValue(t *testing.T) {
	t.Parallel()
	exact, all := 0, 0
	for seed := range uint64(60) {
		fsys := newRandomTree(seed)
		r := Build(fsys, "overlay", manifest.NewReader(nil))
		if r.Failed != nil {
			t.Fatalf("seed %d: %s: %s", seed, r.Failed.At.File, r.Failed.Message)
		}
		for _, res := range r.Fragment.Resources {
			s := res.Source.(*source)
			s.object().Walk(func(path []string, n *syntax.Node) bool {
				at, ok := s.Locate(path, model.PartValue)
				if text := r.Texts[at.File]; !ok || at.Start < 0 || at.End > len(text) || at.Start > at.End {
					t.Fatalf("seed %d: %v %v: at %v, %v", seed, res.Ref, path, at, ok)
				}
				if n.Kind != syntax.Scalar {
					return true
				}
				all++
				if at.Inexact {
					return true
				}
				exact++
				text := string(r.Texts[at.File][at.Start:at.End])
				if written, err := syntax.ParseYAML([]byte(text)); err != nil || written == nil || valueOf(written) != valueOf(n) {
					t.Errorf("seed %d: %v %v: %s is %q, want %q", seed, res.Ref, path, at.File, text, n.Value)
				}
				return true
			})
		}
	}
	t.Logf("%d of %d places are exact", exact, all)
	if exact*10 < all*7 {
		t.Errorf("only %d of %d places are exact", exact, all)
	}
}

// Where something other than the origin wrote a value, another text at its place makes
// another value.
func TestExactPlacesAreThoseToEdit(t *testing.T) {
	t.Parallel()
	edits := 0
	for seed := range uint64(20) {
		fsys := newRandomTree(seed)
		r := Build(fsys, "overlay", manifest.NewReader(nil))
		for _, res := range r.Fragment.Resources {
			s := res.Source.(*source)
			s.object().Walk(func(path []string, n *syntax.Node) bool {
				at, _ := s.Locate(path, model.PartValue)
				if n.Kind != syntax.Scalar || at.Inexact || at.File == s.origin.document.file {
					return true
				}
				edits++
				text := r.Texts[at.File]
				edited := maps.Clone(fsys)
				edited[at.File] = &fstest.MapFile{Data: slices.Concat(text[:at.Start], changed(text[at.Start:at.End]), text[at.End:])}
				for _, other := range Build(edited, "overlay", manifest.NewReader(nil)).Fragment.Resources {
					if found := other.Source.(*source).object().Find(path); other.Ref == res.Ref && found != nil && valueOf(found) == valueOf(n) {
						t.Errorf("seed %d: %v %v: still %q after an edit of %s", seed, res.Ref, path, n.Value, at.File)
					}
				}
				return true
			})
		}
	}
	t.Logf("%d edits", edits)
	if edits == 0 {
		t.Error("nothing was edited")
	}
}

// changed is the text of another scalar.
func changed(text []byte) []byte {
	out := slices.Clone(text)
	last := len(out) - 1
	if out[last] == '"' || out[last] == '\'' {
		last--
	}
	return slices.Insert(out, last, '7')
}

// A source may be asked from anywhere at once, and builds of the same tree are the same.
func TestBuildsAreTheSame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			fsys := newRandomTree(seed)
			want := described(Build(fsys, "overlay", manifest.NewReader(nil)))
			done := make(chan string)
			for range 4 {
				go func() { done <- described(Build(fsys, "overlay", manifest.NewReader(nil))) }()
			}
			for range 4 {
				if got := <-done; got != want {
					t.Errorf("got %s\nwant %s", got, want)
				}
			}
		})
	}
}

// described is everything that a result says.
func described(r Result) string {
	out := fmt.Sprint(r.Used, r.Fragment.Problems, r.Fragment.Notes, r.Fragment.Opaque, r.Failed != nil)
	if r.Failed != nil {
		out += fmt.Sprint(*r.Failed)
	}
	for _, res := range r.Fragment.Resources {
		s := res.Source.(*source)
		out += string(s.text)
		s.object().Walk(func(path []string, _ *syntax.Node) bool {
			at, _ := s.Locate(path, model.PartKey)
			out += fmt.Sprint(path, at)
			return true
		})
	}
	return out
}
