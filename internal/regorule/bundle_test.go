package regorule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// module makes a rule for Services out of the body below its package line.
func module(t testing.TB, n int, body string) rule.Module {
	t.Helper()
	return moduleOf(t, n, "Service", body)
}

func moduleOf(t testing.TB, n int, kinds, body string) rule.Module {
	t.Helper()
	source := fmt.Sprintf(`# METADATA
# title: test
# custom:
#   id: TST-%03d
#   severity: error
#   kinds: [%s]
package ekslint.rules.test.r%d

%s
`, n, kinds, n, body)
	m, err := ParseModule(fmt.Sprintf("test/r%d.rego", n), source)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func service(namespace, name string, selector map[string]string) *model.Resource {
	return &model.Resource{
		Ref: model.Ref{Kind: "Service", Namespace: namespace, Name: name}, Version: "v1",
		Object: &corev1.Service{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
			Spec:       corev1.ServiceSpec{Selector: selector, Ports: []corev1.ServicePort{{Name: "http", Port: 80}}},
		},
	}
}

// pod is one of namespace shop.
func pod(name string, labels map[string]string) *model.Resource {
	return &model.Resource{
		Ref: model.Ref{Kind: "Pod", Namespace: "shop", Name: name}, Version: "v1",
		Object: &corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "shop", Labels: labels},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}},
		},
	}
}

func graphOf(resources ...*model.Resource) *graph.Graph {
	return graph.New(model.NewSnapshot(model.Scope{Name: "test"}, resources))
}

// shop is a Service with one pod, and one without any.
func shop() *graph.Graph {
	web := map[string]string{"app": "web"}
	return graphOf(service("shop", "web", web), pod("web-0", web), service("shop", "lost", map[string]string{"app": "x"}))
}

// check runs the checkers over every object of their kinds.
func check(ctx context.Context, g *graph.Graph, checkers []rule.Checker) ([]rule.Finding, error) {
	var found []rule.Finding
	var errs []error
	engine := func() *reach.Engine { return reach.New(g) }
	pass := &rule.Pass{Graph: g, Reach: engine, Report: func(f rule.Finding) { found = append(found, f) }}
	for _, c := range checkers {
		for _, kind := range c.Kinds() {
			for _, o := range g.Objects(kind) {
				errs = append(errs, c.Check(ctx, pass, o))
			}
		}
	}
	return found, errors.Join(errs...)
}

func build(t testing.TB, mode Mode, modules ...rule.Module) []rule.Checker {
	t.Helper()
	checkers, err := NewInMode(mode, modules)
	if err != nil {
		t.Fatal(err)
	}
	return checkers
}

// lines writes findings one a line, in the order in which they came.
func lines(found []rule.Finding) []string {
	var out []string
	for _, f := range found {
		ref := ""
		if f.At.Resource != nil {
			ref = f.At.Resource.Ref.String()
		}
		line := fmt.Sprintf("%s %s %s@%s/%d: %s %s", f.RuleID, f.Severity, ref, f.At.Path, f.At.Part, f.Message, f.Key)
		for _, r := range f.Related {
			line += fmt.Sprintf(" | %s %s@%s/%d", r.Message, r.At.Resource.Ref, r.At.Path, r.At.Part)
		}
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

// both runs the modules in both modes, asks that they agree, and returns the
// findings of one.
func both(t *testing.T, g *graph.Graph, modules ...rule.Module) ([]string, error) {
	t.Helper()
	plain, plainErr := check(t.Context(), g, build(t, Plain, modules...))
	partial, partialErr := check(t.Context(), g, build(t, Partial, modules...))
	if diff := cmp.Diff(lines(plain), lines(partial)); diff != "" {
		t.Errorf("partial evaluation changes findings (-plain +partial):\n%s", diff)
	}
	if fmt.Sprint(plainErr) != fmt.Sprint(partialErr) {
		t.Errorf("partial evaluation changes errors:\nplain   %v\npartial %v", plainErr, partialErr)
	}
	return lines(plain), plainErr
}

func TestFindings(t *testing.T) {
	t.Parallel()
	const only = `input.ref.name == "web"`
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"least": {
			`findings contains {"message": "m"} if ` + only,
			[]string{"TST-001 error Service shop/web@/0: m"},
		},
		"all fields": {
			`findings contains {"message": "m", "path": ["spec", "ports", 0, "port"], "part": "key", "severity": "note", "key": "k",
				"related": [{"message": "r", "ref": {"kind": "Pod", "namespace": "shop", "name": "web-0"}, "path": ["metadata"]}, {"message": "own", "part": "key"}],
			} if ` + only,
			[]string{"TST-001 note Service shop/web@spec.ports[0].port/1: m k | r Pod shop/web-0@metadata/0 | own Service shop/web@/1"},
		},
		"elsewhere": {
			`findings contains {"message": "m", "ref": object.union(input.ref, {"name": "lost"})} if ` + only,
			[]string{"TST-001 error Service shop/lost@/0: m"},
		},
		"several in order": {
			`findings contains {"message": sprintf("m%d", [i])} if { ` + only + `; some i in [3, 1, 2] }`,
			[]string{"TST-001 error Service shop/web@/0: m1", "TST-001 error Service shop/web@/0: m2", "TST-001 error Service shop/web@/0: m3"},
		},
		"input": {
			`findings contains {"message": sprintf("%v %v %d", [input.ref, input.object.metadata.name, p.port])} if { ` + only + `; some p in input.object.spec.ports }`,
			[]string{`TST-001 error Service shop/web@/0: {"group": "", "kind": "Service", "name": "web", "namespace": "shop"} web 80`},
		},
		"nothing": {`findings contains {"message": "m"} if input.ref.name == "other"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := both(t, shop(), module(t, 1, tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLibrary(t *testing.T) {
	t.Parallel()
	library, err := ParseLibrary("lib/names.rego", "package ekslint.lib.names\n\nis_web(x) if x == \"web\"")
	if err != nil {
		t.Fatal(err)
	}
	m := module(t, 1, "import data.ekslint.lib.names\n"+`findings contains {"message": "m"} if names.is_web(input.ref.name)`)
	checkers, err := New([]rule.Module{m}, library)
	if err != nil {
		t.Fatal(err)
	}
	found, err := check(t.Context(), shop(), checkers)
	if err != nil || len(found) != 1 {
		t.Errorf("found %v, error %v", found, err)
	}
	if _, err := ParseLibrary("lib/x.rego", "package ekslint.rules.a.b"); err == nil {
		t.Error("a rule package was read as a library")
	}
}

func TestNewRefusesDuplicates(t *testing.T) {
	t.Parallel()
	m := module(t, 1, `findings contains {"message": "m"}`)
	if _, err := New([]rule.Module{m, m}); err == nil || !strings.Contains(err.Error(), "TST-001") {
		t.Errorf("same ID twice: %v", err)
	}
	twin := m
	twin.Path, twin.Meta.ID = "test/twin.rego", "TST-002"
	_, err := both(t, graphOf(service("a", "b", nil)), m, twin)
	wantError(t, err, "TST-002", "package ekslint.rules.test.r1 belongs to another rule")
}

func TestKinds(t *testing.T) {
	t.Parallel()
	checkers := build(t, Auto,
		moduleOf(t, 2, "Service, Pod", `findings contains {"message": input.ref.kind}`),
		moduleOf(t, 1, "Pod", `findings contains {"message": "pod"}`))
	var kinds []string
	var ids []string
	for _, c := range checkers {
		kinds = append(kinds, c.Kinds()...)
		for _, m := range c.Metas() {
			ids = append(ids, c.Kinds()[0]+" "+m.ID)
		}
	}
	if diff := cmp.Diff([]string{"Pod", "Service"}, kinds); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Pod TST-001", "Pod TST-002", "Service TST-002"}, ids); diff != "" {
		t.Error(diff)
	}
	found, err := check(t.Context(), shop(), checkers)
	if err != nil || len(found) != 4 {
		t.Errorf("found %q, error %v", lines(found), err)
	}
}

// TestConstantArgumentsAreAskedAnew holds the trap of partial evaluation: an
// answer to constant arguments must come from the graph of the evaluation.
func TestConstantArgumentsAreAskedAnew(t *testing.T) {
	t.Parallel()
	m := module(t, 1, `findings contains {"message": ekslint.known("workloads", "shop")}
findings contains {"message": sprintf("%d pods", [count(ekslint.list("Pod", "shop"))])}
findings contains {"message": "facts"} if ekslint.facts({"kind": "Service", "namespace": "shop", "name": "web"})
findings contains {"message": "pods"} if ekslint.pods("shop", {"matchLabels": {"app": "web"}}).refs != []
findings contains {"message": "services"} if ekslint.services({"kind": "Pod", "namespace": "shop", "name": "web-0"})
findings contains {"message": "get"} if ekslint.get("Pod", "shop", "web-0")`)
	wantPartial(t, m)
	web := map[string]string{"app": "web"}
	empty := graphOf(service("shop", "other", nil))
	full := graphOf(service("shop", "web", web), pod("web-0", web))
	for _, mode := range []Mode{Plain, Partial} {
		checkers := build(t, mode, m)
		for _, step := range []struct {
			graph *graph.Graph
			want  []string
		}{
			{empty, []string{"0 pods", "no"}},
			{full, []string{"1 pods", "facts", "get", "inferred", "pods", "services"}},
			{empty, []string{"0 pods", "no"}},
		} {
			found, err := check(t.Context(), step.graph, checkers)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(step.want, messages(found)); diff != "" {
				t.Errorf("mode %d: %s", mode, diff)
			}
		}
	}
}

// wantPartial asks that partial evaluation is possible, because Check falls
// back to the plain query where it is not.
func wantPartial(t *testing.T, modules ...rule.Module) {
	t.Helper()
	if _, err := newProgram(modules, nil).partial(); err != nil {
		t.Errorf("partial evaluation: %v", err)
	}
}

// TestPartialModeIsUsed tells the modes apart by the one thing that partial
// evaluation does not see: two values of one function.
func TestPartialModeIsUsed(t *testing.T) {
	t.Parallel()
	m := module(t, 1, "v(_) := 1 if input.ref.name\nv(_) := 2 if input.ref.kind\n"+`findings contains {"message": "m"} if v(0) == 1`)
	for mode, want := range map[Mode]int{Plain: 0, Partial: 1, Auto: 0} {
		found, err := check(t.Context(), graphOf(service("shop", "web", nil)), build(t, mode, m))
		if len(found) != want || (err == nil) != (want == 1) {
			t.Errorf("mode %d: %d findings, error %v", mode, len(found), err)
		}
	}
	wantPartial(t, benchModules(t)...)
}

func messages(found []rule.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Message)
	}
	return out
}

func TestAutoModeFollowsTheCount(t *testing.T) {
	t.Parallel()
	resources := make([]*model.Resource, manyObjects+1)
	for i := range resources {
		resources[i] = service("shop", fmt.Sprintf("s%d", i), nil)
	}
	b, ok := build(t, Auto, module(t, 1, `findings contains {"message": "m"}`))[0].(*bundle)
	if !ok {
		t.Fatal("not a bundle")
	}
	if b.partial(graphOf(resources[1:]...)) {
		t.Error("partial evaluation for few objects")
	}
	if !b.partial(graphOf(resources...)) {
		t.Error("no partial evaluation for many objects")
	}
}

func TestConcurrentChecksAgree(t *testing.T) {
	t.Parallel()
	modules := benchModules(t)
	modules = append(modules, module(t, 99, `findings contains {"message": "m"} if to_number(input.ref.name) > 0`))
	for _, mode := range []Mode{Plain, Partial} {
		checkers := build(t, mode, modules...)
		first, _ := check(t.Context(), shop(), checkers)
		want := lines(first)
		if len(want) == 0 {
			t.Fatal("nothing found")
		}
		// Mode Plain also prepares the single queries while others evaluate.
		checkers = build(t, mode, modules...)
		shared := shop()
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				g := shared
				if i%2 == 0 {
					g = shop()
				}
				found, _ := check(t.Context(), g, checkers)
				if got := lines(found); !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
		group.Wait()
	}
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	found, err := check(ctx, shop(), build(t, Auto, module(t, 1, `findings contains {"message": "m"}`)))
	if !errors.Is(err, context.Canceled) || len(found) > 0 {
		t.Errorf("found %v, error %v", found, err)
	}
	endless := module(t, 1, `digits := [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
findings contains {"message": "m"} if {
	some a in digits; some b in digits; some c in digits; some d in digits; some e in digits
	some f in digits; some g in digits; some h in digits; some i in digits; some j in digits
	a + b + c + d + e + f + g + h + i + j == count(input.ref.name) - 1000
}`)
	ctx, stop := context.WithTimeout(t.Context(), 50e6)
	defer stop()
	if _, err := check(ctx, shop(), build(t, Auto, endless)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
