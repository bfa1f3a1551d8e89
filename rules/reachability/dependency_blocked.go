package reachability

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// DependencyBlocked is REACH-005.
func DependencyBlocked() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "REACH-005",
			Title:    "Declared dependency is blocked",
			Category: "reachability",
			Description: `Fires on a workload whose command, arguments or environment name a Service of the input with a port,
as http://api:8080 or db.data.svc:5432, when NetworkPolicies admit no connection from its pods to any pod
behind the Service on the port that the Service sends to. The port of http and https URLs may be left out.
It is silent when one of the pods can be reached, on names that are no address to connect to, as in NO_PROXY,
in origins or for certificates, on Services in front of the workload itself, without pods or with hand-written
endpoints, when an ipBlock may stand for the Service, and where the input does not show the pods or the
policies.`,
			Rationale:   `The workload is told to talk to the Service, and every attempt times out.`,
			Remediation: `Admit the port of the pods on both sides: for egress from the workload and for ingress to the pods of the Service.`,
			Severity:    rule.Warning,
			Kinds:       []string{graph.KindWorkload},
			Reads:       graph.ConnectionKinds(),
			Refs: []string{
				"https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc",
				"https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
			},
			Since: "0.1.0",
		},
		Run: rule.On(dependencyBlocked),
	}
}

func dependencyBlocked(p *rule.Pass, w *graph.Workload) {
	if !w.Enforceable() {
		return
	}
	for _, d := range p.Graph.Dependencies(w) {
		side, ok := blocked(p.Reach(), w, d)
		if !ok {
			continue
		}
		who := fmt.Sprintf("%s %q", w.Ref().Kind, w.Ref().Name)
		other := fmt.Sprintf("%s %q", side.Endpoint.Workload.Ref().Kind, side.Endpoint.Workload.Ref().Name)
		what := "for egress from its pods"
		if side.Direction == reach.Ingress {
			what = "for ingress to " + other
		}
		of := side.Decisions[0]
		policy := fmt.Sprintf("%s %q", of.Policy.Ref().Kind, of.Policy.Ref().Name)
		message, does := fmt.Sprintf("and no policy admits it %s, which %s isolates", what, policy), "isolates"
		if of.Denies {
			message, does = fmt.Sprintf("and %s denies it %s", policy, what), "denies connections of"
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("%s names %s:%d, %s", who, d.Host, d.Number, message),
			At:      rule.ValueAt(w.Holder(), d.At...),
			Related: []rule.Related{{
				Message: fmt.Sprintf("%s %s %s", policy, does, other),
				At:      rule.KeyAt(of.Policy.Resource(), of.At...),
			}},
			Key: d.Service.Ref().NamespacedName(),
		})
	}
}

// blocked returns the first side that does not admit the connection when no pod
// behind the Service can be reached.
func blocked(engine *reach.Engine, w *graph.Workload, d graph.Dependency) (reach.Hop, bool) {
	s := d.Service
	if s.PodsCertain() != model.Yes || s.Endpoints || s.Type() == corev1.ServiceTypeExternalName {
		return reach.Hop{}, false
	}
	from, _ := engine.Number(w)
	var first reach.Hop
	for _, backend := range s.Pods() {
		port, known := d.Port(backend)
		if known != model.Yes {
			return reach.Hop{}, false
		}
		to, _ := engine.Number(backend)
		side, ok := closedSide(engine, from, to, transport(corev1.ProtocolTCP, port))
		if !ok || side.Direction == reach.Egress && !engine.EgressBlocked(from, engine.Outside(), transport(corev1.ProtocolTCP, d.Number)) {
			return reach.Hop{}, false
		}
		if first.Endpoint.Workload == nil {
			first = side
		}
	}
	return first, first.Endpoint.Workload != nil
}

// closedSide returns the side that does not admit the ports; it fails unless
// the connection is certainly blocked.
func closedSide(engine *reach.Engine, from, to int, ports netset.Ports) (reach.Hop, bool) {
	if !engine.Between(from, to).Possible.Intersect(ports).IsEmpty() {
		return reach.Hop{}, false
	}
	a := engine.Ask(from, to, ports)
	for _, side := range a.Hops {
		if a.Verdict == reach.Blocked && side.Verdict == model.No && len(side.Decisions) > 0 && side.Endpoint.Workload != nil {
			return side, true
		}
	}
	return reach.Hop{}, false
}
