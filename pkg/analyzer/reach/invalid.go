package reach

import (
	"fmt"
	"net/netip"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// Fault is a part of a policy for which the API server refuses the policy.
type Fault struct {
	Path model.Path
	Why  string
}

// Invalid returns the faults of a policy that decide what it would admit, in
// the order of the file. Values that the input does not fix are no faults.
// https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/apis/networking/validation/validation.go
func Invalid(p *graph.Policy) []Fault {
	f := faults{faultList: faultList{resource: p.Resource()}, at: specification}
	f.selector(&p.Spec().PodSelector, "podSelector")
	for i, t := range p.Spec().PolicyTypes {
		if t != networkingv1.PolicyTypeIngress && t != networkingv1.PolicyTypeEgress {
			f.add(fmt.Sprintf("%q is not Ingress or Egress", t), "policyTypes", strconv.Itoa(i))
		}
	}
	for _, d := range []Direction{Ingress, Egress} {
		for i, r := range p.Rules(d.PolicyType()) {
			f.at = r.Path
			if d == Ingress || !named(p, i, r) {
				f.peers(peerField(d), r.Peers)
			}
			f.ports(r.Ports)
		}
	}
	return f.found
}

// named reports whether domain names stand in the place of a peer of a rule,
// which the validation of a NetworkPolicy does not know.
func named(p *graph.Policy, i int, r graph.PolicyRule) bool {
	for j := range r.Peers {
		if len(p.Domains(i, j)) > 0 {
			return true
		}
	}
	return false
}

// faultList gathers the faults of a resource.
type faultList struct {
	resource *model.Resource
	found    []Fault
}

// add adds a fault, unless the input does not fix the value at the path.
func (l *faultList) add(at model.Path, why string) {
	if !l.resource.IsUnknown(at...) {
		l.found = append(l.found, Fault{at, why})
	}
}

type faults struct {
	faultList
	// at makes the path to what is looked at: few policies have a fault.
	at func() model.Path
}

func (f *faults) add(why string, below ...string) { f.faultList.add(f.at().Child(below...), why) }

func (f *faults) peers(field string, peers []networkingv1.NetworkPolicyPeer) {
	for i, peer := range peers {
		number := strconv.Itoa(i)
		selects := peer.PodSelector != nil || peer.NamespaceSelector != nil
		switch {
		case peer.IPBlock == nil && !selects:
			f.add("the peer names nothing", field, number)
		case peer.IPBlock != nil && selects:
			f.add("ipBlock stands beside a selector", field, number)
		case peer.IPBlock != nil:
			f.block(peer.IPBlock, field, number, "ipBlock")
		}
		f.selector(peer.PodSelector, field, number, "podSelector")
		f.selector(peer.NamespaceSelector, field, number, "namespaceSelector")
	}
}

// selector takes one fault of a selector, as the library of the API server
// words it.
func (f *faults) selector(s *metav1.LabelSelector, below ...string) {
	if s == nil {
		return
	}
	if list := validation.ValidateLabelSelector(s, validation.LabelSelectorValidationOptions{}, nil); len(list) > 0 {
		f.add(list[0].Field+": "+list[0].Detail, below...)
	}
}

func (f *faults) block(b *networkingv1.IPBlock, field, number, block string) {
	cidr, err := netip.ParsePrefix(b.CIDR)
	if err != nil {
		f.add("not a CIDR", field, number, block, "cidr")
		return
	}
	for i, text := range b.Except {
		except, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			f.add("not a CIDR", field, number, block, "except", strconv.Itoa(i))
		case except.Bits() <= cidr.Bits() || !cidr.Contains(except.Addr()):
			f.add("not a strict subset of cidr", field, number, block, "except", strconv.Itoa(i))
		}
	}
}

func (f *faults) ports(ports []networkingv1.NetworkPolicyPort) {
	for i, p := range ports {
		number := strconv.Itoa(i)
		if p.Protocol != nil && !isProtocol(*p.Protocol) {
			f.add(fmt.Sprintf("%q is not TCP, UDP or SCTP", *p.Protocol), "ports", number, "protocol")
		}
		switch {
		case p.Port == nil:
		case p.Port.Type == intstr.String:
			if faults := utilvalidation.IsValidPortName(p.Port.StrVal); len(faults) > 0 {
				f.add(faults[0], "ports", number, "port")
			}
		case !isPort(p.Port.IntVal):
			f.add("not in 1 to 65535", "ports", number, "port")
		}
		switch {
		case p.EndPort == nil:
		case p.Port == nil:
			f.add("endPort without port", "ports", number, "endPort")
		case p.Port.Type == intstr.String:
			f.add("endPort beside a named port", "ports", number, "endPort")
		case *p.EndPort < p.Port.IntVal:
			f.add("endPort is less than port", "ports", number, "endPort")
		case !isPort(*p.EndPort):
			f.add("not in 1 to 65535", "ports", number, "endPort")
		}
	}
}

func isProtocol(p corev1.Protocol) bool {
	return p == corev1.ProtocolTCP || p == corev1.ProtocolUDP || p == corev1.ProtocolSCTP
}

func isPort(n int32) bool { return len(utilvalidation.IsValidPortNum(int(n))) == 0 }
