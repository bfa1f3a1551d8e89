package analyzer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// source places every path at the offset of its length.
type source string

func (s source) File() string { return string(s) }
func (s source) Locate(p model.Path, _ model.Part) (model.Span, bool) {
	return model.Span{File: string(s), Start: len(p), End: len(p) + 1}, true
}
func (s source) Extent() model.Span { return model.Span{File: string(s), End: 100} }

func service(namespace, name string, ports ...int32) *model.Resource {
	object := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	for _, p := range ports {
		object.Spec.Ports = append(object.Spec.Ports, corev1.ServicePort{Name: fmt.Sprintf("p%d", p), Port: p})
	}
	return &model.Resource{
		Ref:     model.Ref{Kind: "Service", Namespace: namespace, Name: name},
		Version: "v1", Object: object, Source: source(name + ".yaml"),
	}
}

func snapshot(name string, resources ...*model.Resource) *model.Snapshot {
	return model.NewSnapshot(model.Scope{Name: name}, resources)
}

// everyService reports each Service at spec.ports.
func everyService(id string, needs model.Domain) rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{ID: id, Severity: rule.Error, Kinds: []string{"Service"}, Needs: needs},
		Run: rule.On(func(p *rule.Pass, s *graph.Service) {
			p.Report(rule.Finding{Message: "bad " + s.Ref().Name, At: rule.ValueAt(s.Resource(), "spec", "ports", "0")})
		}),
	}
}

func analyze(t *testing.T, s *model.Snapshot, checkers ...rule.Checker) analyzer.Report {
	t.Helper()
	r, err := analyzer.New(analyzer.Options{Checkers: checkers}).Graph(t.Context(), graph.New(s), analyzer.View{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func messages(r analyzer.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.RuleID+" "+f.Message)
	}
	return out
}

func TestFindingIsCompleted(t *testing.T) {
	t.Parallel()
	r := analyze(t, snapshot("c", service("shop", "web", 80)), everyService("T-1", 0))
	want := []rule.Finding{{
		RuleID: "T-1", Severity: rule.Error, Judged: rule.Error, Message: "bad web",
		Subject:  model.Ref{Kind: "Service", Namespace: "shop", Name: "web"},
		Clusters: []string{"c"},
	}}
	ignore := cmpopts.IgnoreFields(rule.Finding{}, "At", "Fingerprint")
	if diff := cmp.Diff(want, r.Findings, ignore); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got, want := r.Findings[0].At.Span, (model.Span{File: "web.yaml", Start: 3, End: 4}); got != want {
		t.Errorf("span = %v, want %v", got, want)
	}
	if r.Findings[0].Fingerprint == "" {
		t.Error("no fingerprint")
	}
}

// TestBrokenRules: a rule that panics or fails is named, and hides nothing else.
func TestBrokenRules(t *testing.T) {
	t.Parallel()
	panics := rule.Rule{
		Meta: rule.Meta{ID: "T-2", Severity: rule.Error, Kinds: []string{"Service"}},
		Run:  func(*rule.Pass, graph.Object) { panic("boom") },
	}
	r := analyze(t, snapshot("c", service("shop", "web", 80)), panics, failing{}, everyService("T-1", 0))
	if diff := cmp.Diff([]string{"T-1 bad web"}, messages(r)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	var got []string
	for _, f := range r.Failures {
		got = append(got, f.RuleID+": "+f.Err.Error())
	}
	want := []string{"T-2: panic: boom", "T-3: no", "T-4: never"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

// failing is a bundle whose rules fail on every object.
type failing struct{}

type ruleError struct{ id, text string }

func (e ruleError) Error() string { return e.text }
func (e ruleError) Rule() string  { return e.id }

func (failing) Metas() []rule.Meta { return []rule.Meta{{ID: "T-3"}, {ID: "T-4"}} }
func (failing) Kinds() []string    { return []string{"Service"} }
func (failing) Check(context.Context, *rule.Pass, graph.Object) error {
	return errors.Join(ruleError{"T-3", "no"}, ruleError{"T-4", "never"})
}

// TestNeeds: where a domain is not known the rule is skipped, and said once.
func TestNeeds(t *testing.T) {
	t.Parallel()
	s := snapshot("c", service("shop", "web", 80), service("shop", "api", 80))
	r := analyze(t, s, everyService("T-1", model.Workloads|model.Services))
	if len(r.Findings) != 0 {
		t.Errorf("findings without knowledge: %v", messages(r))
	}
	want := []analyzer.Skip{{RuleID: "T-1", Domain: model.Workloads, Namespace: "shop", Cluster: "c"}}
	if diff := cmp.Diff(want, r.Skipped); diff != "" {
		t.Errorf("skips (-want +got):\n%s", diff)
	}
	complete := model.NewSnapshot(model.Scope{Name: "c", Complete: true}, []*model.Resource{service("shop", "web", 80)})
	if r := analyze(t, complete, everyService("T-1", model.Workloads)); len(r.Findings) != 1 || len(r.Skipped) != 0 {
		t.Errorf("declared complete: findings %v, skips %v", messages(r), r.Skipped)
	}
}

// TestUnknownValues: a finding that touches a value the input does not fix is dropped.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		unknown model.Path
		want    int
	}{
		{model.Path{"spec", "ports", "0", "port"}, 0},
		{model.Path{"spec", "ports"}, 0},
		{model.Path{"spec", "ports", "1", "port"}, 1},
		{model.Path{"spec", "type"}, 1},
	} {
		s := service("shop", "web", 80, 81)
		s.Unknown = []model.Path{tt.unknown}
		if r := analyze(t, snapshot("c", s), everyService("T-1", 0)); len(r.Findings) != tt.want {
			t.Errorf("%s unknown: %d findings, want %d", tt.unknown, len(r.Findings), tt.want)
		}
	}
}

// TestFingerprint: an element inserted before, another cluster or another file
// do not change it; another object or element does.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	at := func(index string) rule.Rule {
		r := everyService("T-1", 0)
		r.Run = rule.On(func(p *rule.Pass, s *graph.Service) {
			p.Report(rule.Finding{Message: "m", At: rule.ValueAt(s.Resource(), "spec", "ports", index, "port")})
		})
		return r
	}
	fingerprint := func(cluster string, s *model.Resource, index string) string {
		return analyze(t, snapshot(cluster, s), at(index)).Findings[0].Fingerprint
	}
	first := fingerprint("a", service("shop", "web", 80), "0")
	if got := fingerprint("b", service("shop", "web", 443, 80), "1"); got != first {
		t.Error("inserting a port before changes the fingerprint")
	}
	if got := fingerprint("a", service("shop", "web", 443, 80), "0"); got == first {
		t.Error("another port has the same fingerprint")
	}
	if got := fingerprint("a", service("shop", "api", 80), "0"); got == first {
		t.Error("another Service has the same fingerprint")
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	dev := analyze(t, snapshot("dev", service("shop", "web", 80), service("shop", "api", 80)), everyService("T-1", 0))
	prod := analyze(t, snapshot("prod", service("shop", "web", 80)), everyService("T-1", 0))
	for _, r := range []analyzer.Report{analyzer.Merge(dev, prod), analyzer.Merge(prod, dev)} {
		got := map[string][]string{}
		for _, f := range r.Findings {
			got[f.Message] = f.Clusters
		}
		want := map[string][]string{"bad api": {"dev"}, "bad web": {"dev", "prod"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(r.Findings) != 2 || len(r.Clusters) != 2 || len(r.Rules) != 1 {
			t.Errorf("%d findings, %d clusters, %d rules", len(r.Findings), len(r.Clusters), len(r.Rules))
		}
	}
}

// TestDeterminism: the number of workers changes nothing.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	var resources []*model.Resource
	for n := range 500 {
		resources = append(resources, service(fmt.Sprintf("ns-%d", n%7), fmt.Sprintf("s-%d", n), 80))
	}
	s := snapshot("c", resources...)
	var first []string
	for _, jobs := range []int{1, 2, 8} {
		r, err := analyzer.New(analyzer.Options{
			Checkers: []rule.Checker{everyService("T-1", 0), everyService("T-2", 0)}, Jobs: jobs,
		}).Graph(t.Context(), graph.New(s), analyzer.View{})
		if err != nil {
			t.Fatal(err)
		}
		got := messages(r)
		if first == nil {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" || len(got) != 1000 {
			t.Errorf("jobs=%d: %d findings, differ (-first +got):\n%s", jobs, len(got), diff)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := analyzer.New(analyzer.Options{Checkers: []rule.Checker{everyService("T-1", 0)}})
	_, err := a.Graph(ctx, graph.New(snapshot("c", service("a", "b", 80))), analyzer.View{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
}
