package networkpolicy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// ServicePortInPolicy is NP-003.
func ServicePortInPolicy() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NP-003",
			Title:    "Policy names a Service port instead of the pod port",
			Category: "networkpolicy",
			Description: `Fires on a port of an ingress or egress rule that is a port of every Service in front of the pods
that receive it, while all of these Services send it to another port of the pods, and no container declares
it. It is silent when the same peers are admitted on the port of the pods too, on port names and ranges, on
pods that declare no port at all or may get a sidecar, on pods without a Service, on rules with an ipBlock
or without peers for egress, and where the input does not show every pod that receives the connection. An
empty podSelector shows them only in an input that is declared complete.`,
			Rationale: `A policy sees a connection after the Service has chosen a pod, on the port of the pod. The VPC CNI
judges before that, and its controller puts the port of the Service in the place of the pod's port, which
the policy must name all the same. So the rule admits nothing, and the connection times out.`,
			Remediation: `Name the targetPort of the Service, by its number or by the name of the container port.`,
			Severity:    rule.Warning,
			Kinds:       []string{"NetworkPolicy"},
			Reads:       []string{graph.KindWorkload, "Service"},
			Refs: []string{
				"https://github.com/aws/amazon-vpc-cni-k8s/issues/3181",
				"https://github.com/aws/amazon-network-policy-controller-k8s/blob/03e22b5/pkg/resolvers/endpoints.go",
				"https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
			},
			Since: "0.1.0",
		},
		Run: rule.On(servicePortInPolicy),
	}
}

func servicePortInPolicy(p *rule.Pass, policy *graph.Policy) {
	for _, port := range p.Graph.PolicyPorts(policy) {
		number, ok := port.Number()
		if !ok {
			continue
		}
		first, ok := mistaken(p.Graph, port, number)
		if !ok {
			continue
		}
		name := first.service.Ref().Name
		p.Report(rule.Finding{
			Message: fmt.Sprintf("%s rule %d of NetworkPolicy %q names port %d of Service %q, which its pods receive on port %d",
				port.Direction, port.Rule+1, policy.Ref().Name, number, name, first.target),
			At: rule.ValueAt(policy.Resource(), port.At.Child("port")...),
			Related: []rule.Related{{
				Message: fmt.Sprintf("Service %q sends port %d to port %d of the pods", name, number, first.target),
				At:      rule.ValueAt(first.service.Resource(), "spec", "ports", strconv.Itoa(first.index), "targetPort"),
			}},
		})
	}
}

// forwarded is a port of a Service with the port of the pods that gets it.
type forwarded struct {
	service *graph.Service
	index   int
	target  int32
}

// mistaken reports whether the number is a port of the Services in front of the
// receivers and none of theirs, with the first Service.
func mistaken(g *graph.Graph, port graph.PolicyPort, number int32) (forwarded, bool) {
	var all []forwarded
	for _, w := range port.Receivers {
		declared, known := w.DeclaredPorts()
		if known == model.Unknown || len(declared) == 0 || g.MayGetSidecar(w) || declares(declared, number, port.Protocol()) {
			return forwarded{}, false
		}
		found, ok := forwards(g, w, port, number)
		if !ok {
			return forwarded{}, false
		}
		all = append(all, found...)
	}
	return all[0], true
}

func declares(ports []corev1.ContainerPort, number int32, protocol corev1.Protocol) bool {
	return slices.ContainsFunc(ports, func(p corev1.ContainerPort) bool {
		return p.ContainerPort == number && cmp.Or(p.Protocol, corev1.ProtocolTCP) == protocol
	})
}

// forwards are the ports of that number of the Services in front of the pods.
// It fails unless each Service has one, sends it elsewhere, and where it goes is
// not admitted beside it.
func forwards(g *graph.Graph, w *graph.Workload, port graph.PolicyPort, number int32) ([]forwarded, bool) {
	if g.Snapshot().Knows(model.Services, w.Ref().Namespace) == model.NotKnown {
		return nil, false
	}
	var out []forwarded
	for _, s := range g.ServicesOf(w) {
		index, ok := portOf(s, number, port.Protocol())
		if !ok {
			return nil, false
		}
		target, known := s.TargetPort(index, w)
		if known != model.Yes || target == number || receives(s, w, number) != model.No ||
			graph.NamesPort(port.Beside, w, target, port.Protocol()) != model.No {
			return nil, false
		}
		out = append(out, forwarded{s, index, target})
	}
	return out, len(out) > 0
}

func portOf(s *graph.Service, number int32, protocol corev1.Protocol) (int, bool) {
	index := slices.IndexFunc(s.Spec().Ports, func(p corev1.ServicePort) bool {
		return p.Port == number && cmp.Or(p.Protocol, corev1.ProtocolTCP) == protocol
	})
	return index, index >= 0
}

// receives answers whether some port of the Service goes to that port of the pods.
func receives(s *graph.Service, w *graph.Workload, number int32) model.Tri {
	answer := model.No
	for i := range s.Spec().Ports {
		target, known := s.TargetPort(i, w)
		if known == model.Yes {
			known = model.TriOf(target == number)
		}
		answer = answer.Or(known)
	}
	return answer
}
