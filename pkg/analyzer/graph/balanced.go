package graph

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// BalancedPort is a port of a Service to which a load balancer of AWS sends
// traffic from outside the cluster.
type BalancedPort struct {
	// Index is the port in the Service.
	Index int
	// By is the Service itself, or the Ingress that forwards to it, At the
	// place there that says so.
	By Object
	At model.Path
}

// BalancedPorts returns the ports of a Service that a load balancer of AWS
// certainly sends to, each once. Controllers that are pods of the cluster, such
// as those of other Ingress classes, are no load balancers here.
func (g *Graph) BalancedPorts(s *Service) []BalancedPort {
	var out []BalancedPort
	seen := map[int]bool{}
	add := func(p BalancedPort) {
		if !seen[p.Index] {
			seen[p.Index] = true
			out = append(out, p)
		}
	}
	if s.balanced() {
		for i := range s.spec.Ports {
			add(BalancedPort{i, s, model.Path{"spec", "type"}})
		}
	}
	for _, ingress := range s.Ingresses {
		if ingress.Assumed {
			continue
		}
		for _, b := range ingress.Backends {
			for _, t := range b.Targets {
				if t.Service == s && t.PortExists == model.Yes && b.Built == model.Yes {
					add(BalancedPort{t.PortIndex, ingress, t.Path})
				}
			}
		}
	}
	return out
}

// balanced reports whether AWS balances load to the Service, whoever asks for
// it: a Service without a class gets a load balancer of AWS from all that may
// take it on EKS.
func (s *Service) balanced() bool {
	if s.Type() != corev1.ServiceTypeLoadBalancer || s.resource.IsUnknown("spec", "type") {
		return false
	}
	return s.Manager.IsAWS() || s.Manager == ManagerLegacy || s.Manager == ManagerUnknown && s.Classless() == model.Yes
}
