package graph

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/model"
)

// PolicyPort is a port that a rule of a policy names, with the pods that
// receive what the rule admits.
type PolicyPort struct {
	Direction networkingv1.PolicyType
	// At leads to the element of ports, Rule is the number of the rule.
	At   model.Path
	Rule int
	Port networkingv1.NetworkPolicyPort
	// Beside are the ports that the policy admits between the same pods, this
	// one included. None at all are all ports.
	Beside []networkingv1.NetworkPolicyPort
	// Receivers are the workloads of which the port is one, never empty.
	Receivers []*Workload
}

// Protocol is that of the port: TCP when it names none.
func (p PolicyPort) Protocol() corev1.Protocol { return ProtocolOf(p.Port) }

// Number is the port if it is a single number.
func (p PolicyPort) Number() (int32, bool) {
	single := p.Port.Port != nil && p.Port.Port.Type == intstr.Int && p.Port.EndPort == nil
	if !single {
		return 0, false
	}
	return p.Port.Port.IntVal, true
}

// Name is the port if it is a name.
func (p PolicyPort) Name() (string, bool) {
	if p.Port.Port == nil || p.Port.Port.Type != intstr.String {
		return "", false
	}
	return p.Port.Port.StrVal, true
}

// PolicyRule is an element of spec.ingress or spec.egress.
type PolicyRule struct {
	section string
	index   int
	Peers   []networkingv1.NetworkPolicyPeer
	Ports   []networkingv1.NetworkPolicyPort
}

// Path leads to the rule.
func (r PolicyRule) Path() model.Path { return model.Path{"spec", r.section, strconv.Itoa(r.index)} }

// Rules are the rules of a direction in the order of the file, whether or not
// the policy isolates in it.
func (p *Policy) Rules(direction networkingv1.PolicyType) []PolicyRule {
	var out []PolicyRule
	if direction == networkingv1.PolicyTypeIngress {
		for i, r := range p.spec.Ingress {
			out = append(out, PolicyRule{"ingress", i, r.From, r.Ports})
		}
		return out
	}
	for i, r := range p.spec.Egress {
		out = append(out, PolicyRule{"egress", i, r.To, r.Ports})
	}
	return out
}

// PolicyPorts returns the ports that the rules of a policy name, in the order
// of the file, where the policy isolates and the input shows all pods that they
// are ports of. The slice is shared.
func (g *Graph) PolicyPorts(p *Policy) []PolicyPort {
	return p.ports.at(g.moment, func() []PolicyPort { return g.readPorts(p) })
}

func (g *Graph) readPorts(p *Policy) []PolicyPort {
	var out []PolicyPort
	for _, direction := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
		if p.Isolates(direction) != model.Yes {
			continue
		}
		rules := p.Rules(direction)
		for i, r := range rules {
			if len(r.Ports) == 0 || p.resource.IsUnknown(r.Path().Child("ports")...) {
				continue
			}
			receivers := g.receivers(p, direction, r)
			if len(receivers) == 0 {
				continue
			}
			for k, port := range r.Ports {
				out = append(out, PolicyPort{
					Direction: direction, At: r.Path().Child("ports", strconv.Itoa(k)), Rule: i, Port: port,
					Beside: beside(rules, r), Receivers: receivers,
				})
			}
		}
	}
	return out
}

// beside are the ports of the rules with the same peers; nil when one of them
// has none and so admits all.
func beside(rules []PolicyRule, of PolicyRule) []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for _, r := range rules {
		if len(r.Peers) > 0 && !equality.Semantic.DeepEqual(r.Peers, of.Peers) {
			continue
		}
		if len(r.Ports) == 0 {
			return nil
		}
		out = append(out, r.Ports...)
	}
	return out
}

// receivers are the workloads that receive what a rule admits; none when they
// are not all known. Pods on the node's network are subject to no policy and no
// selector.
func (g *Graph) receivers(p *Policy, direction networkingv1.PolicyType, r PolicyRule) []*Workload {
	found, known := p.pods()
	if direction == networkingv1.PolicyTypeEgress {
		found, known = g.PeersOf(p, r.Path().Child("to"), r.Peers)
	} else if p.selector.Empty() && g.snapshot.Knows(model.Workloads, p.Ref().Namespace) != model.Declared {
		return nil
	}
	if known != model.Yes {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(found), (*Workload).HostNetwork)
}

// NamesPort answers whether the ports of a rule hold one of the workload, by
// its number, in a range or by its name. No ports are all ports; without a
// workload a name is no port.
func NamesPort(ports []networkingv1.NetworkPolicyPort, w *Workload, number int32, protocol corev1.Protocol) model.Tri {
	answer := model.TriOf(len(ports) == 0)
	for _, p := range ports {
		if ProtocolOf(p) == orTCP(protocol) {
			answer = answer.Or(holds(p, w, number))
		}
	}
	return answer
}

func holds(p networkingv1.NetworkPolicyPort, w *Workload, number int32) model.Tri {
	switch {
	case p.Port == nil:
		return model.Yes
	case p.Port.Type == intstr.String && w == nil:
		return model.No
	case p.Port.Type == intstr.String:
		numbers, known := w.NamedPorts(p.Port.StrVal, ProtocolOf(p))
		if known == model.Unknown {
			return model.Unknown
		}
		return model.TriOf(slices.Contains(numbers, number))
	case p.EndPort != nil:
		return model.TriOf(p.Port.IntVal <= number && number <= *p.EndPort)
	default:
		return model.TriOf(p.Port.IntVal == number)
	}
}

// ProtocolOf is that of a port of a policy, TCP unless it names another.
func ProtocolOf(p networkingv1.NetworkPolicyPort) corev1.Protocol {
	if p.Protocol == nil {
		return corev1.ProtocolTCP
	}
	return orTCP(*p.Protocol)
}

// IngressNames answers whether an ingress rule of some policy names, or may
// name, a port of the workload, whoever the rule is for. Yes stands for all
// ports where no policy isolates the pods.
func (g *Graph) IngressNames(w *Workload, number int32, protocol corev1.Protocol) model.Tri {
	ns := g.Namespace(w.Ref().Namespace)
	isolated, answer := model.No, model.No
	for _, p := range ns.Policies {
		selects := p.Selects(w).And(p.Ingress)
		if selects == model.No {
			continue
		}
		isolated = isolated.Or(selects)
		if p.resource.IsUnknown("spec", "ingress") {
			answer = answer.Or(model.Unknown)
		}
		for _, r := range p.Rules(networkingv1.PolicyTypeIngress) {
			answer = answer.Or(NamesPort(r.Ports, w, number, protocol).And(selects))
		}
	}
	return answer.Or(isolated.Not())
}

// DeclaredPorts returns the container ports of the pods, restartable init
// containers included. Unknown when the input does not fix them; No when some
// container declares none, which says nothing about where it listens.
func (w *Workload) DeclaredPorts() ([]corev1.ContainerPort, model.Tri) {
	if w.template == nil || w.holder.IsUnknown(w.PathTo("spec", "containers")...) {
		return nil, model.Unknown
	}
	silent := slices.ContainsFunc(w.template.Spec.Containers, func(c corev1.Container) bool { return len(c.Ports) == 0 })
	return w.containerPorts(), model.TriOf(!silent)
}
