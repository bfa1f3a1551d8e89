package reachability

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// LoadBalancerBlocked is REACH-003.
func LoadBalancerBlocked() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "REACH-003",
			Title:    "Load balancer traffic is dropped by a NetworkPolicy",
			Category: "reachability",
			Description: `Fires on a Service to which a load balancer of AWS sends traffic, as type LoadBalancer or behind
an ALB Ingress, when policies isolate all of its pods for ingress and none admits any address outside the
cluster on the port of the pods. No selector matches a load balancer: its traffic comes from the addresses of
its network interfaces, of the nodes or of the clients. It is silent when an ipBlock or a rule without from
admits some address on that port, whichever it is, on Ingresses and Services that are left to controllers
inside the cluster, on pods to which policies cannot apply, and where the input does not show all pods, their
ports, their policies or the class of the Ingress.`,
			Rationale: `Health checks fail and no target becomes healthy, or only pods on the node that receives the
connection answer, as the VPC CNI admits a pod's own node.`,
			Remediation: `Admit the port of the pods from an ipBlock of the load balancer's subnets, or of the clients where their
address is preserved.`,
			Severity: rule.Warning,
			Kinds:    []string{"Service"},
			Refs: []string{
				"https://github.com/aws/aws-eks-best-practices/blob/c810fb58258529b508c9fbeee639b5cb5335b005/latest/bpg/security/network.adoc",
				"https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848eb25f13e304a5f1cc68c0cd9415d/pkg/service/model_build_target_group.go",
				"https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
			},
			Since: "0.1.0",
		},
		Run: rule.On(loadBalancerBlocked),
	}
}

func loadBalancerBlocked(p *rule.Pass, s *graph.Service) {
	if s.PodsCertain() != model.Yes || s.Endpoints || len(s.Pods()) == 0 {
		return
	}
	for _, port := range p.Graph.BalancedPorts(s) {
		number, ok := closedToOutside(p.Reach(), s, port.Index)
		policy := p.Graph.Isolating(s.Pods()[0], networkingv1.PolicyTypeIngress)
		if !ok || policy == nil {
			continue
		}
		w := s.Pods()[0].Ref()
		by := fmt.Sprintf("%s %q", port.By.Ref().Kind, port.By.Ref().Name)
		p.Report(rule.Finding{
			Message: fmt.Sprintf("NetworkPolicy %q isolates %s %q, and no policy admits an address outside the cluster on port %d, to which the load balancer of %s sends",
				policy.Ref().Name, w.Kind, w.Name, number, by),
			At:      rule.KeyAt(policy.Resource(), policy.Section(networkingv1.PolicyTypeIngress)...),
			Related: []rule.Related{{Message: by + " sends here", At: rule.KeyAt(port.By.Resource(), port.At...)}},
			Key:     s.Ref().Name,
		})
		return
	}
}

// closedToOutside reports whether no address outside the cluster is admitted to
// any pod behind the Service, with the port of the first pod.
func closedToOutside(engine *reach.Engine, s *graph.Service, index int) (int32, bool) {
	var first int32
	for _, w := range s.Pods() {
		number, known := s.TargetPort(index, w)
		to, ok := engine.Number(w)
		if known != model.Yes || !ok || !w.Enforceable() || w.Holder().IsUnknown(w.PathTo("spec", "hostNetwork")...) {
			return 0, false
		}
		for _, from := range engine.Outside() {
			if _, closed := closedSide(engine, from, to, transport(s.Protocol(index), number)); !closed {
				return 0, false
			}
		}
		if first == 0 {
			first = number
		}
	}
	return first, true
}

func transport(protocol corev1.Protocol, number int32) netset.Ports {
	p, _ := netset.ParseProtocol(string(protocol))             // the API server refuses others
	return netset.PortRange(p, uint16(number), uint16(number)) //nolint:gosec // a port of a container or a Service
}
