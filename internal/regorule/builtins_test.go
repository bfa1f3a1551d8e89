package regorule

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// ask evaluates one expression over the Service shop/web; "undefined" when it
// has no value.
func ask(t *testing.T, expression string) (string, error) {
	t.Helper()
	web := map[string]string{"app": "web"}
	g := graphOf(service("shop", "web", web), pod("web-0", web), pod("web-1", web), pod("db", nil),
		&model.Resource{
			Ref:    model.Ref{Group: "networking.k8s.io", Kind: "IngressClass", Name: "alb"},
			Object: &networkingv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: "alb"}},
		},
		&model.Resource{
			Ref:    model.Ref{Group: "example.com", Kind: "Thing", Namespace: "shop", Name: "t"},
			Object: &unstructured.Unstructured{Object: map[string]any{"n": int64(1)}},
		})
	found, err := both(t, g, module(t, 1, `findings contains {"message": sprintf("%v", [x])} if { x := `+expression+` }`))
	if len(found) == 0 {
		return "undefined", err
	}
	_, message, _ := strings.Cut(found[0], "@/0: ")
	return message, err
}

func TestBuiltins(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`ekslint.get("Pod", "shop", "web-0").ref.name`:                                                                       "web-0",
		`ekslint.get("Pod", "shop", "web-0").object.metadata.labels.app`:                                                     "web",
		`ekslint.get("Pod", "shop", "web-9")`:                                                                                "undefined",
		`ekslint.get("Pod", "other", "web-0")`:                                                                               "undefined",
		`ekslint.get("Nothing", "shop", "web-0")`:                                                                            "undefined",
		`ekslint.get("IngressClass", "", "alb").ref.group`:                                                                   "networking.k8s.io",
		`ekslint.get("IngressClass.networking.k8s.io", "", "alb").ref.name`:                                                  "alb",
		`ekslint.get("IngressClass.example.com", "", "alb")`:                                                                 "undefined",
		`ekslint.get("Thing.example.com", "shop", "t").object.n`:                                                             "1",
		`ekslint.get("Workload", "shop", "db").ref.kind`:                                                                     "Pod",
		`[o.ref.name | some o in ekslint.list("Pod", "shop")]`:                                                               `["db", "web-0", "web-1"]`,
		`ekslint.list("Pod", "other")`:                                                                                       "[]",
		`ekslint.list("Pod", "shop")[0].object.metadata.name`:                                                                "db",
		`ekslint.pods("shop", {"matchLabels": {"app": "web"}}).certain`:                                                      "yes",
		`[r.name | some r in ekslint.pods("shop", {"matchLabels": input.object.spec.selector}).refs]`:                        `["web-0", "web-1"]`,
		`[r.name | some r in ekslint.pods("shop", {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}).refs]`: `["db"]`,
		`[r.name | some r in ekslint.services({"kind": "Pod", "namespace": "shop", "name": "web-0"})]`:                       `["web"]`,
		`ekslint.services({"kind": "Pod", "namespace": "shop", "name": "db"})`:                                               "[]",
		`ekslint.services(input.ref)`:                                                                                        "undefined",
		`ekslint.services({"kind": "Pod", "namespace": "shop", "name": "gone"})`:                                             "undefined",
		`ekslint.known("workloads", "shop")`:                                                                                 "inferred",
		`ekslint.known("services", "shop")`:                                                                                  "inferred",
		`ekslint.reach({"from": {"kind": "Pod", "namespace": "shop", "name": "web-0"}, "to": {"kind": "Pod", "namespace": "shop", "name": "db"}})`: "unknown",
		`ekslint.reach({"from": {"kind": "Pod", "namespace": "shop", "name": "gone"}, "to": "dns"})`:                                               "undefined",
		`ekslint.known("policies", "shop")`:                                       "no",
		`is_object(ekslint.facts(input.ref))`:                                     "true",
		`ekslint.facts({"kind": "Service", "namespace": "shop", "name": "gone"})`: "undefined",
		`ekslint.facts({"kind": "Namespace", "name": ""})`:                        "undefined",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			got, err := ask(t, expression)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	g := graphOf(pod("web", map[string]string{"app": "web"}), pod("db", map[string]string{"app": "db"}), &model.Resource{
		Ref: model.Ref{Group: "networking.k8s.io", Kind: "NetworkPolicy", Namespace: "shop", Name: "db"},
		Object: &networkingv1.NetworkPolicy{Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "db"}},
			Ingress: []networkingv1.NetworkPolicyIngressRule{{
				From:  []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}},
				Ports: []networkingv1.NetworkPolicyPort{{Port: &intstr.IntOrString{IntVal: 5432}}},
			}},
		}},
	})
	const web, db = `{"kind": "Pod", "namespace": "shop", "name": "web"}`, `{"kind": "Pod", "namespace": "shop", "name": "db"}`
	for question, want := range map[string]string{
		`{"from": ` + web + `, "to": ` + db + `}`:                                        "open",
		`{"from": ` + web + `, "to": ` + db + `, "protocol": "TCP", "port": 5432}`:       "open",
		`{"from": ` + web + `, "to": ` + db + `, "protocol": "TCP", "port": 80}`:         "blocked",
		`{"from": ` + web + `, "to": ` + db + `, "protocol": "UDP"}`:                     "blocked",
		`{"from": "outside", "to": ` + db + `, "protocol": "TCP", "port": 5432}`:         "blocked",
		`{"from": ` + db + `, "to": "dns", "protocol": "UDP", "port": 53}`:               "open",
		`{"from": ` + db + `, "to": "outside"}`:                                          "open",
		`{"from": ` + web + `, "to": {"kind": "Pod", "namespace": "shop", "name": "x"}}`: "",
	} {
		t.Run(question, func(t *testing.T) {
			t.Parallel()
			found, err := both(t, g, moduleOf(t, 1, "Pod", `findings contains {"message": x} if {
				input.ref.name == "web"
				x := ekslint.reach(`+question+`)
			}`))
			if err != nil {
				t.Fatal(err)
			}
			if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || !strings.HasSuffix(found[0], ": "+want)) {
				t.Errorf("got %q, want %q", found, want)
			}
		})
	}
}

func TestBuiltinsRefuse(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`ekslint.known("x", "shop")`:                                                         `unknown domain "x"`,
		`ekslint.reach({"from": "dns"})`:                                                     `lacks "to"`,
		`ekslint.reach({"from": "dns", "to": "dns", "port": 80})`:                            "a port needs its protocol",
		`ekslint.reach({"from": "dns", "to": "dns", "protocol": "ICMP"})`:                    "want TCP, UDP or SCTP",
		`ekslint.reach({"from": "dns", "to": "dns", "protocol": "TCP", "port": 70000})`:      "want a port number",
		`ekslint.reach({"from": "internet", "to": "dns"})`:                                   "from: want a reference",
		`ekslint.get(input.object, "a", "b")`:                                                "argument 1: want a string",
		`ekslint.list("Pod", input.object)`:                                                  "argument 2: want a string",
		`ekslint.facts(input.object.kind)`:                                                   "want a reference",
		`ekslint.facts(input.object)`:                                                        "lacks kind or name",
		`ekslint.pods("shop", input.object.kind)`:                                            "selector",
		`ekslint.pods("shop", {"matchLabel": {}})`:                                           `unknown field "matchLabel"`,
		`ekslint.pods("shop", {"matchLabels": {"a": 1}})`:                                    "selector",
		`ekslint.services({"kind": "Pod", "namespace": input.object.spec, "name": "web-0"})`: "namespace of the reference is not a string",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, expression)
			wantError(t, err, "TST-001", want)
		})
	}
}

// TestFactsAreWhatJSONWouldBe compares the facts that a rule sees with their
// JSON form, for every object.
func TestFactsAreWhatJSONWouldBe(t *testing.T) {
	t.Parallel()
	g := benchGraph(3)
	s := (&scopes{}).of(&rule.Pass{Graph: g})
	compiling.RLock()
	defer compiling.RUnlock()
	for _, o := range g.Objects("Resource") {
		facts := g.Facts(o.Ref())
		if facts == nil {
			continue
		}
		want, err := encodeByJSON(facts)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.factsOf(o.Ref())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.Value.String()); diff != "" {
			t.Errorf("%s:\n%s", o.Ref(), diff)
		}
		if again, _ := s.factsOf(o.Ref()); again != got {
			t.Errorf("%s: facts converted twice", o.Ref())
		}
	}
}

// TestPanicIsAnError cannot make an own built-in panic, so it registers one
// more. It does not run in parallel, because registration is global.
func TestPanicIsAnError(t *testing.T) {
	register()
	builtin{
		name: "test_panic", args: []types.Type{types.A}, result: types.A,
		answer: func(scope, []*ast.Term) (*ast.Term, error) { panic("boom") },
	}.register()
	query, err := rego.New(rego.Query(`ekslint.test_panic(1)`), rego.StrictBuiltinErrors(true)).PrepareForEval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = query.Eval(withScope(t.Context(), (&scopes{}).of(&rule.Pass{Graph: shop()})))
	if err == nil || !strings.Contains(err.Error(), "ekslint.test_panic: panic: boom") {
		t.Errorf("error %v", err)
	}
}

func TestBuiltinsWithoutGraph(t *testing.T) {
	t.Parallel()
	if _, err := scopeOf(context.Background()); !errors.Is(err, errNoScope) {
		t.Errorf("error %v", err)
	}
	if _, err := scopeOf(nil); !errors.Is(err, errNoScope) { //nolint:staticcheck // OPA passes what it was given
		t.Errorf("error %v", err)
	}
}

func TestScopesForgetDeadGraphs(t *testing.T) {
	t.Parallel()
	s := &scopes{}
	func() {
		g := shop()
		if first, second := s.of(&rule.Pass{Graph: g}), s.of(&rule.Pass{Graph: g}); first.converted != second.converted {
			t.Error("one graph has two caches")
		}
		runtime.KeepAlive(g)
	}()
	for range 1000 {
		runtime.GC()
		s.mu.Lock()
		left := len(s.byGraph)
		s.mu.Unlock()
		if left == 0 {
			return
		}
		runtime.Gosched()
	}
	t.Error("the values of a dead graph are kept")
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c cache[int, int]
	for i := range 3 * cacheLimit {
		if v, err := c.get(i, func() (int, error) { return i, nil }); v != i || err != nil {
			t.Fatalf("get(%d) = %d, %v", i, v, err)
		}
	}
	if len(c.made) > cacheLimit {
		t.Errorf("%d values kept", len(c.made))
	}
	if _, err := c.get(-1, func() (int, error) { return 0, fmt.Errorf("no") }); err == nil {
		t.Error("an error was lost")
	}
	if v, err := c.get(-1, func() (int, error) { return 5, nil }); v != 5 || err != nil {
		t.Error("an error was kept")
	}
}
