package webhook_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// everyCluster calls do with the clusters of all cases of rules.
func everyCluster(t *testing.T, checkers []rule.Checker, do func(name string, c *model.Snapshot)) {
	t.Helper()
	root := os.DirFS("../../testdata/rules")
	cases, err := fs.Glob(root, "*/*/*")
	if err != nil || len(cases) < 100 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, name := range cases {
		dir, err := fs.Sub(root, name)
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := loader.Load(t.Context(), dir, loader.Options{Paths: []string{"."}, Kinds: ruleset.Kinds(checkers)})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range loaded.Clusters {
			do(name, c)
		}
	}
}

func resourcesOf(s *model.Snapshot) []*model.Resource {
	var out []*model.Resource
	for _, gk := range s.Kinds() {
		out = append(out, s.All(gk)...)
	}
	return out
}

// found are the findings in some namespaces of a cluster, or in all for nil.
func found(t *testing.T, s *model.Snapshot, focus []string, checkers []rule.Checker) map[string]string {
	t.Helper()
	r, err := analyzer.New(analyzer.Options{Checkers: checkers}).Graph(t.Context(), graph.New(s), analyzer.View{Focus: focus})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range r.Findings {
		out[f.Fingerprint] = f.RuleID + " " + f.Subject.String() + ": " + f.Message
	}
	return out
}

// focusOf are the namespaces in which the harm of a change is promised to be found.
func focusOf(whole *model.Snapshot, ref model.Ref) []string {
	affected := graph.New(whole.Without(ref)).With(whole, ref).Affected()
	if affected == nil || ref.Namespace == metav1.NamespaceSystem {
		return nil
	}
	return append([]string{""}, affected...)
}

// TestHarmIsWhatIsNew: the harm of a change is what a check of the whole cluster finds
// after it, in the namespaces that it affects, and did not find before.
func TestHarmIsWhatIsNew(t *testing.T) {
	t.Parallel()
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Preset: ruleset.Strict})
	if err != nil {
		t.Fatal(err)
	}
	changes := 0
	everyCluster(t, checkers, func(name string, loaded *model.Snapshot) {
		all := resourcesOf(loaded)
		if len(all) > 25 {
			return // the larger ones take long and show nothing else
		}
		whole := model.NewSnapshot(model.Scope{Name: "live", Complete: true}, all).WithAWS(loaded.AWS())
		for _, r := range all {
			changes++
			c := webhook.NewCluster(webhook.Options{Analysis: analyzer.Options{Checkers: checkers}, MaxAge: time.Hour, Clock: time.Now})
			c.SetAWS(loaded.AWS(), time.Now())
			replace(t, c, resourcesOf(whole.Without(r.Ref)))
			outcome, err := c.Consider(t.Context(), webhook.Change{Ref: r.Ref, Object: r})
			harm, failures := outcome.Harm, outcome.Failures
			if err != nil || len(failures) > 0 {
				t.Fatalf("%s: %v, %v", name, err, failures)
			}
			before, after := found(t, whole.Without(r.Ref), nil, checkers), found(t, whole, focusOf(whole, r.Ref), checkers)
			got, want := []string{}, []string{}
			for _, h := range harm {
				got = append(got, h.RuleID+" "+h.Subject.String()+": "+h.Message)
			}
			for id, f := range after {
				if _, is := before[id]; !is {
					want = append(want, f)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s is created (-new in the whole +harm):\n%s", path.Base(name), r.Ref, diff)
			}
		}
	})
	if changes < 1000 {
		t.Errorf("only %d changes", changes)
	}
}

// TestCertainHarmStays: what is certain in a cluster of which some objects are not there
// yet is found as well when they are.
func TestCertainHarmStays(t *testing.T) {
	t.Parallel()
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Preset: ruleset.Strict})
	if err != nil {
		t.Fatal(err)
	}
	// What these find is wrong in the object itself, and has no effect once another object
	// has its say: the rules take it for absent, as it mostly is.
	overridden := map[string]string{
		"ING-005": "an annotation of the Service", "ING-008": "the IngressClassParams", "ING-012": "a Rollout that writes the annotation",
		"ING-013": "an IngressClass of another controller", "NP-002": "another engine",
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that can be repeated
	certain := map[string]bool{}
	everyCluster(t, checkers, func(name string, loaded *model.Snapshot) {
		all := resourcesOf(loaded)
		if len(all) > 25 {
			return
		}
		whole := model.NewSnapshot(model.Scope{Name: "live", Complete: true}, all).WithAWS(loaded.AWS())
		after := found(t, whole, nil, checkers)
		for _, r := range slices.Repeat(all, 3) { // each with other objects that are there
			if r.Ref.GroupKind() == model.KindClusterConfig {
				continue // a file of eksctl, which no API server has
			}
			some := slices.DeleteFunc(slices.Clone(all), func(other *model.Resource) bool { return other.Ref == r.Ref || random.IntN(2) == 0 })
			c := webhook.NewCluster(webhook.Options{Analysis: analyzer.Options{Checkers: checkers}, MaxAge: time.Hour, Clock: time.Now})
			if random.IntN(2) == 0 {
				c.SetAWS(loaded.AWS(), time.Now())
			}
			replace(t, c, some)
			outcome, err := c.Consider(t.Context(), webhook.Change{Ref: r.Ref, Object: r})
			harm := outcome.Harm
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range harm {
				if !h.IsCertain {
					continue
				}
				certain[h.RuleID] = true
				if _, is := after[h.Fingerprint]; !is && overridden[h.RuleID] == "" {
					t.Errorf("%s, %s is created first: %s is certain, and gone when all is there: %s", path.Base(name), r.Ref, h.RuleID, h.Message)
				}
			}
		}
	})
	t.Logf("rules with certain harm: %v", slices.Sorted(maps.Keys(certain)))
	if len(certain) < 15 {
		t.Errorf("only %d rules had certain harm", len(certain))
	}
}

// TestDoubtStays: what a rule doubts without a fresh AWS side is not certain, though its
// user takes all that it says for an error.
func TestDoubtStays(t *testing.T) {
	t.Parallel()
	const id = "SGP-007"
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Include: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	load := func(name string) *model.Snapshot {
		dir := os.DirFS("../../testdata/rules/" + id + "/bad/" + name)
		loaded, err := loader.Load(t.Context(), dir, loader.Options{Paths: []string{"."}, Kinds: ruleset.Kinds(checkers)})
		if err != nil {
			t.Fatal(err)
		}
		return loaded.Clusters[0]
	}
	s, aws := load("ipvs"), load("addon").AWS()
	for age, want := range map[time.Duration]bool{time.Minute: true, 2 * time.Hour: false} {
		c := webhook.NewCluster(webhook.Options{
			Analysis: analyzer.Options{Checkers: checkers, Severity: map[string]rule.Severity{id: rule.Error}}, MaxAge: time.Hour, Clock: time.Now,
		})
		c.SetAWS(aws, time.Now().Add(-age))
		for _, r := range resourcesOf(s) {
			if r.Ref.Kind != "SecurityGroupPolicy" {
				continue
			}
			replace(t, c, resourcesOf(s.Without(r.Ref)))
			outcome, err := c.Consider(t.Context(), webhook.Change{Ref: r.Ref, Object: r})
			if err != nil || len(outcome.Harm) != 1 || outcome.Harm[0].IsCertain != want {
				t.Errorf("AWS of %s ago: %+v, %v; certain is to be %v", age, outcome.Harm, err, want)
			}
		}
	}
}

// TestUnderway: a change that was let through counts for the next one before it is seen.
func TestUnderway(t *testing.T) {
	t.Parallel()
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Preset: ruleset.Strict})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test that can be repeated
	mattered := 0
	everyCluster(t, checkers, func(name string, loaded *model.Snapshot) {
		all := resourcesOf(loaded)
		if len(all) > 25 {
			return
		}
		harm := func(there []*model.Resource, begun *webhook.Change, next *model.Resource) []string {
			c := webhook.NewCluster(webhook.Options{Analysis: analyzer.Options{Checkers: checkers}, MaxAge: time.Hour, Clock: time.Now})
			c.SetAWS(loaded.AWS(), time.Now())
			replace(t, c, there)
			if begun != nil {
				c.Admitted(*begun)
			}
			outcome, err := c.Consider(t.Context(), webhook.Change{Ref: next.Ref, Object: next})
			if err != nil {
				t.Fatal(err)
			}
			out := []string{}
			for _, h := range outcome.Harm {
				// Which of several workloads a message names rests on the order in which they came.
				out = append(out, fmt.Sprint(h.RuleID, " ", h.Subject, " ", h.Fingerprint, " ", h.Severity, " ", h.IsCertain))
			}
			slices.Sort(out)
			return out
		}
		for _, next := range all {
			beside := slices.DeleteFunc(slices.Clone(all), func(r *model.Resource) bool { return r.Ref == next.Ref })
			near := slices.DeleteFunc(slices.Clone(beside), func(r *model.Resource) bool { return r.Ref.Namespace != next.Ref.Namespace })
			if len(near) == 0 || next.Ref.Namespace == "" || next.Ref.GroupKind() == model.KindClusterConfig {
				continue
			}
			before := near[random.IntN(len(near))]
			without := slices.DeleteFunc(slices.Clone(beside), func(r *model.Resource) bool { return r.Ref == before.Ref })
			with, none := harm(beside, nil, next), harm(without, nil, next)
			if !slices.Equal(with, none) {
				mattered++
			}
			if diff := cmp.Diff(with, harm(without, &webhook.Change{Ref: before.Ref, Object: before}, next)); diff != "" {
				t.Errorf("%s: %s is created, then %s (-seen +on its way):\n%s", path.Base(name), before.Ref, next.Ref, diff)
			}
			if diff := cmp.Diff(none, harm(beside, &webhook.Change{Ref: before.Ref}, next)); diff != "" {
				t.Errorf("%s: %s is deleted, then %s is created (-seen +on its way):\n%s", path.Base(name), before.Ref, next.Ref, diff)
			}
		}
	})
	if mattered < 50 {
		t.Errorf("only %d times did it matter", mattered)
	}
}
