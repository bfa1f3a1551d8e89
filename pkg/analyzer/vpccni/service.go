package vpccni

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// service returns the Service that the connection goes through, and the number
// of its port. The name of a headless one leads to the pods themselves.
func (j *judge) service() (s *graph.Service, port int, ok bool) {
	for _, step := range j.answer.Through {
		object, is := step.Object.(*graph.Service)
		if !is || object.Spec().ClusterIP == corev1.ClusterIPNone || len(step.At) != 3 {
			continue
		}
		n, err := strconv.Atoi(step.At[2])
		return object, n, err == nil
	}
	return nil, 0, false
}

// toService judges egress to a Service. What leaves the pods has the address and
// the port of the Service. The controller admits both where a peer's podSelector
// matches the labels that the Service selects by, for the ports that lead to
// those of the rule; a block of addresses has to hold the address of the Service.
// https://github.com/aws/amazon-network-policy-controller-k8s/blob/03e22b5/pkg/resolvers/endpoints.go
func (j *judge) toService(h reach.Hop, s *graph.Service, port int) (verdict model.Tri, own bool) {
	if len(j.isolating(h)) == 0 || h.Verdict == model.Unknown {
		return h.Verdict, false
	}
	admitted := model.No
	for _, r := range j.rules(h) {
		admitted = admitted.Or(j.admitsService(r, s, port))
	}
	if admitted == h.Verdict {
		return admitted, false
	}
	at := model.Path{"spec", "ports", strconv.Itoa(port)}
	switch admitted {
	case model.Yes:
		j.note("egress is judged by the address and port of the Service, which a rule admits", s, at)
	case model.No:
		d := h.Decisions[0]
		j.note("egress is judged by the address and port of the Service, which the rule that admits the pods does not: "+
			"a peer has to match the selector of the Service, as if it were labels, and a port its targetPort", d.Policy, d.At)
	case model.Unknown:
		j.note("egress is judged by the address and port of the Service, and whether a rule admits them is not known", s, at)
	}
	return admitted, true
}

func (j *judge) admitsService(r rule, s *graph.Service, port int) model.Tri {
	if r.policy.Resource().IsUnknown(r.Path()...) {
		return model.Unknown
	}
	answer := model.No
	for _, peer := range r.Peers {
		answer = answer.Or(j.selects(r, peer, s.Ref().Namespace, func(pods graph.Selector) model.Tri {
			return pods.Matches(s.Spec().Selector)
		}))
	}
	answer = answer.And(translated(r.Ports, s, port))
	for _, b := range blocks(r) {
		answer = answer.Or(holdsService(b, s).And(graph.NamesPort(r.Ports, nil, s.Spec().Ports[port].Port, s.Protocol(port))))
	}
	return answer
}

// translated answers whether the ports of a rule are translated to a port of a
// Service: each to the first that leads to it. Of a range only the beginning is
// translated.
func translated(ports []networkingv1.NetworkPolicyPort, s *graph.Service, port int) model.Tri {
	answer := model.TriOf(len(ports) == 0)
	for _, p := range ports {
		switch {
		case graph.ProtocolOf(p) != s.Protocol(port):
		case p.Port == nil:
			return model.Yes
		case p.EndPort != nil:
			answer = answer.Or(model.Unknown)
		default:
			answer = answer.Or(firstTo(s, port, *p.Port))
		}
	}
	return answer
}

// firstTo answers whether a port of a Service is the first of its protocol that
// leads to a port of the pods.
func firstTo(s *graph.Service, port int, target intstr.IntOrString) model.Tri {
	for i := range s.Spec().Ports[:port+1] {
		if s.Protocol(i) != s.Protocol(port) {
			continue
		}
		if leads := leadsTo(s, i, target); leads != model.No {
			return leads.And(model.TriOf(i == port))
		}
	}
	return model.No
}

// leadsTo answers whether a port of a Service leads to a port of the pods: by
// the same name, or by the same number on all of them.
func leadsTo(s *graph.Service, i int, target intstr.IntOrString) model.Tri {
	own := s.Spec().Ports[i].TargetPort
	if target.Type == intstr.String {
		if own.Type == intstr.String && own.StrVal == target.StrVal {
			return model.Yes
		}
		return model.Unknown // the name may be of that number
	}
	answer := model.Unknown
	for n, w := range s.Pods() {
		number, known := s.TargetPort(i, w)
		same := known.And(model.TriOf(number == target.IntVal))
		if n > 0 && same != answer {
			return model.Unknown
		}
		answer = same
	}
	return answer
}

// holdsService answers whether a block holds the address of a Service, which a
// manifest seldom fixes.
func holdsService(b block, s *graph.Service) model.Tri {
	if ips := s.ClusterIPs(); len(ips) > 0 {
		return model.TriOf(slices.ContainsFunc(ips, b.holds))
	}
	switch {
	case !mayHoldService(b.Prefix):
		return model.No
	case b.Bits() > 0 || slices.ContainsFunc(b.holes, func(x block) bool { return mayHoldService(x.Prefix) }):
		return model.Unknown
	case b.Addr().Is4():
		return model.Yes
	default:
		return model.Unknown // of the other family than most clusters
	}
}
