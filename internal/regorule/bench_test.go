package regorule

import (
	"fmt"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// benchModules are 21 rules in the forms that rules have: a field, a list, an
// annotation, a question to the graph. One in seven fires.
func benchModules(t testing.TB) []rule.Module {
	forms := []string{
		`findings contains {"message": sprintf("port %d", [p.port]), "path": ["spec", "ports", i]} if {
	some i, p in input.object.spec.ports
	p.port == 80
}`,
		`findings contains {"message": "scheme"} if input.object.metadata.annotations["example.com/scheme"] == "open%[1]d"`,
		`findings contains {"message": h} if {
	some r in input.object.spec.rules
	h := r.host
	endswith(h, ".invalid%[1]d")
}`,
		`findings contains {"message": "facts"} if {
	facts := ekslint.facts(input.ref)
	facts.manager == "other%[1]d"
}`,
		`findings contains {"message": b.path} if {
	some i
	b := input.object.spec.rules[i].http.paths[_]
	service := ekslint.get("Service", input.ref.namespace, b.backend.service.name)
	service.object.spec.type == "ExternalName%[1]d"
}`,
		`findings contains {"message": "known"} if {
	ekslint.known("workloads", input.ref.namespace) == "declared"
	input.object.spec.type == "X%[1]d"
}`,
		`wide contains c if some c in split(object.get(input.object.metadata, ["annotations", "alb.ingress.kubernetes.io/inbound-cidrs"], ""), ",")
findings contains {"message": c} if {
	some c in wide
	net.cidr_is_valid(c)
	net.cidr_contains(c, "0.0.0.%[1]d/32")
}`,
	}
	var out []rule.Module
	for i := range 21 {
		body := forms[i%len(forms)]
		if i%len(forms) > 0 {
			body = fmt.Sprintf(body, i)
		}
		out = append(out, moduleOf(t, i+1, "Service, Ingress", body))
	}
	return out
}

func benchGraph(n int) *graph.Graph {
	var resources []*model.Resource
	for i := range n {
		ns, name := fmt.Sprintf("ns%d", i/50), fmt.Sprintf("web%d", i)
		ing := benchIngress()
		ing.Namespace, ing.Name = ns, name
		ing.Spec.Rules[0].HTTP.Paths[0].Backend.Service.Name = name
		resources = append(resources, service(ns, name, map[string]string{"app": name}),
			&model.Resource{Ref: model.Ref{Group: networkingv1.GroupName, Kind: "Ingress", Namespace: ns, Name: name}, Object: ing})
	}
	return graphOf(resources...)
}

func BenchmarkCheck(b *testing.B) {
	for name, mode := range map[string]Mode{"plain": Plain, "partial": Partial} {
		for _, kind := range []string{"Service", "Ingress"} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				g := benchGraph(200)
				checkers := build(b, mode, benchModules(b)...)
				if _, err := check(b.Context(), g, checkers); err != nil {
					b.Fatal(err)
				}
				objects := g.Objects(kind)
				pass := &rule.Pass{Graph: g, Report: func(rule.Finding) {}}
				var c rule.Checker
				for _, candidate := range checkers {
					if candidate.Kinds()[0] == kind {
						c = candidate
					}
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if err := c.Check(b.Context(), pass, objects[i%len(objects)]); err != nil {
						b.Fatal(err)
					}
					i++
				}
			})
		}
	}
}

func BenchmarkPrepare(b *testing.B) {
	for name, mode := range map[string]Mode{"plain": Plain, "partial": Partial} {
		b.Run(name, func(b *testing.B) {
			g := benchGraph(1)
			modules := benchModules(b)
			pass := &rule.Pass{Graph: g, Report: func(rule.Finding) {}}
			for b.Loop() {
				if err := build(b, mode, modules...)[0].Check(b.Context(), pass, g.Objects("Ingress")[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
