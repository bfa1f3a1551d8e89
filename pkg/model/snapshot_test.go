package model_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// resource makes a resource whose content is told apart by version.
func resource(gk model.GroupKind, namespace, name, version string) *model.Resource {
	if gk.IsClusterScoped() {
		namespace = ""
	}
	return &model.Resource{
		Ref:     model.Ref{Group: gk.Group, Kind: gk.Kind, Namespace: namespace, Name: name},
		Version: version,
		Object:  &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}},
	}
}

// dump is all that can be asked of the content of a snapshot.
func dump(s *model.Snapshot) []string {
	out := []string{fmt.Sprint(s.Len(), s.Namespaces(), s.Kinds())}
	for _, gk := range s.Kinds() {
		for _, r := range s.All(gk) {
			out = append(out, fmt.Sprint(r.Ref, " ", r.Version, s.Get(r.Ref) == r))
		}
		for _, ns := range append(s.Namespaces(), "") {
			for _, r := range s.List(gk, ns) {
				out = append(out, fmt.Sprint(ns, " has ", r.Ref))
			}
		}
	}
	for _, d := range []model.Domain{model.Workloads, model.Services, model.Policies, model.Namespaces, model.IngressClasses} {
		for _, ns := range append(s.Namespaces(), "", "elsewhere") {
			out = append(out, fmt.Sprint(d, " of ", ns, ": ", s.Knows(d, ns)))
		}
	}
	return out
}

var editedKinds = []model.GroupKind{
	model.KindService, model.KindDeployment, model.KindNetworkPolicy, model.KindNamespace, model.KindIngressClass, model.KindIngress,
}

func randomResource(r *rand.Rand) *model.Resource {
	pick := func(names ...string) string { return names[r.IntN(len(names))] }
	return resource(editedKinds[r.IntN(len(editedKinds))], pick("", "a", "b"), pick("a", "b", "c", "d"), pick("v1", "v2", "v3"))
}

// TestEditsEqualRebuild: however a snapshot was reached, it is the one that is
// built from its resources, and the snapshots on the way are left as they were.
func TestEditsEqualRebuild(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test that repeats
		s := model.NewSnapshot(model.Scope{Name: "c"}, nil)
		live := map[model.Ref]*model.Resource{}
		for range 40 {
			before, was := s, dump(s)
			x := randomResource(r)
			if r.IntN(3) == 0 {
				s = s.Without(x.Ref)
				delete(live, x.Ref)
			} else {
				s = s.With(x)
				live[x.Ref] = x
			}
			if diff := cmp.Diff(was, dump(before)); diff != "" {
				t.Fatalf("seed %d: the edit changed the snapshot it was made from:\n%s", seed, diff)
			}
			if diff := cmp.Diff(dump(rebuilt(live)), dump(s)); diff != "" {
				t.Fatalf("seed %d: -rebuilt +edited:\n%s", seed, diff)
			}
		}
	}
}

// rebuilt builds from a map, so in another order each time.
func rebuilt(live map[model.Ref]*model.Resource) *model.Snapshot {
	var all []*model.Resource
	for _, r := range live {
		all = append(all, r)
	}
	return model.NewSnapshot(model.Scope{Name: "c"}, all)
}

func TestWithThenWithoutIsIdentity(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 1)) //nolint:gosec // a test that repeats
	var all []*model.Resource
	for range 30 {
		all = append(all, randomResource(r))
	}
	s := model.NewSnapshot(model.Scope{Name: "c"}, all)
	want := dump(s)
	for _, gk := range editedKinds {
		fresh := resource(gk, "new", "new", "v1")
		if diff := cmp.Diff(want, dump(s.With(fresh).Without(fresh.Ref))); diff != "" {
			t.Errorf("%s: %s", gk.Kind, diff)
		}
	}
	if absent := (model.Ref{Kind: "Pod", Name: "none"}); s.Without(absent) != s {
		t.Error("removing what is not there makes a new snapshot")
	}
}

func TestLaterOfEqualRefsWins(t *testing.T) {
	t.Parallel()
	s := model.NewSnapshot(model.Scope{}, []*model.Resource{
		resource(model.KindService, "a", "x", "first"),
		resource(model.KindService, "a", "w", "other"),
		resource(model.KindService, "a", "x", "last"),
	})
	if s.Len() != 2 || s.List(model.KindService, "a")[1].Version != "last" {
		t.Errorf("got %v", dump(s))
	}
}

func TestKnows(t *testing.T) {
	t.Parallel()
	deployment := resource(model.KindDeployment, "shop", "web", "v1")
	policy := resource(model.KindNetworkPolicy, "data", "deny", "v1")
	namespace := resource(model.KindNamespace, "", "shop", "v1")
	for name, tc := range map[string]struct {
		scope     model.Scope
		resources []*model.Resource
		domain    model.Domain
		namespace string
		want      model.Knowledge
	}{
		"nothing is there":                       {model.Scope{}, nil, model.Workloads, "shop", model.NotKnown},
		"another namespace":                      {model.Scope{}, []*model.Resource{deployment}, model.Workloads, "data", model.NotKnown},
		"a workload":                             {model.Scope{}, []*model.Resource{deployment}, model.Workloads, "shop", model.Inferred},
		"no Service":                             {model.Scope{}, []*model.Resource{deployment}, model.Services, "shop", model.NotKnown},
		"declared":                               {model.Scope{Complete: true}, nil, model.Services, "shop", model.Declared},
		"policies by the Namespace object":       {model.Scope{}, []*model.Resource{namespace}, model.Policies, "shop", model.Inferred},
		"policies of another namespace":          {model.Scope{}, []*model.Resource{policy}, model.Policies, "shop", model.Inferred},
		"policies by nothing":                    {model.Scope{}, []*model.Resource{deployment}, model.Policies, "shop", model.NotKnown},
		"namespaces ignore the namespace":        {model.Scope{}, []*model.Resource{namespace}, model.Namespaces, "x", model.Inferred},
		"obscured":                               {opaque(model.Workloads, "shop"), []*model.Resource{deployment}, model.Workloads, "shop", model.NotKnown},
		"obscured elsewhere":                     {opaque(model.Workloads, "data"), []*model.Resource{deployment}, model.Workloads, "shop", model.Inferred},
		"obscured for all":                       {opaque(model.Workloads, ""), []*model.Resource{deployment}, model.Workloads, "shop", model.NotKnown},
		"another domain is obscured":             {opaque(model.Services, "shop"), []*model.Resource{deployment}, model.Workloads, "shop", model.Inferred},
		"what is declared is declared":           {declaredOpaque(), []*model.Resource{deployment}, model.Workloads, "shop", model.Declared},
		"classes are not known by their absence": {model.Scope{}, []*model.Resource{deployment}, model.IngressClasses, "", model.NotKnown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := model.NewSnapshot(tc.scope, tc.resources).Knows(tc.domain, tc.namespace); got != tc.want {
				t.Errorf("Knows(%s, %q) = %s, want %s", tc.domain, tc.namespace, got, tc.want)
			}
		})
	}
}

func opaque(d model.Domain, namespace string) model.Scope {
	return model.Scope{Opaque: []model.Opaque{{Domains: d, Namespace: namespace, AnyNamespace: namespace == "", Why: "a chart"}}}
}

func declaredOpaque() model.Scope {
	s := opaque(model.Workloads, "shop")
	s.Complete = true
	return s
}
