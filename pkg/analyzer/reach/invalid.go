package reach

import (
	"fmt"
	"net/netip"
	"slices"
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
	f := faults{policy: p}
	f.selector(specification().Child("podSelector"), &p.Spec().PodSelector)
	for i, t := range p.Spec().PolicyTypes {
		if t != networkingv1.PolicyTypeIngress && t != networkingv1.PolicyTypeEgress {
			f.add(specification().Child("policyTypes", strconv.Itoa(i)), fmt.Sprintf("%q is not Ingress or Egress", t))
		}
	}
	for _, d := range []Direction{Ingress, Egress} {
		for i, r := range p.Rules(d.PolicyType()) {
			if d == Ingress || !named(p, i, r) {
				f.peers(r.Path.Child(peerField(d)), r.Peers)
			}
			f.ports(r.Path.Child("ports"), r.Ports)
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

type faults struct {
	policy *graph.Policy
	found  []Fault
}

func (f *faults) add(at model.Path, why string) {
	if f.policy.Resource().IsUnknown(at...) {
		return
	}
	f.found = append(f.found, Fault{at, why})
}

func (f *faults) peers(at model.Path, peers []networkingv1.NetworkPolicyPeer) {
	for i, peer := range peers {
		path := at.Child(strconv.Itoa(i))
		selects := peer.PodSelector != nil || peer.NamespaceSelector != nil
		switch {
		case peer.IPBlock == nil && !selects:
			f.add(path, "the peer names nothing")
		case peer.IPBlock != nil && selects:
			f.add(path, "ipBlock stands beside a selector")
		case peer.IPBlock != nil:
			f.block(path.Child("ipBlock"), peer.IPBlock)
		}
		f.selector(path.Child("podSelector"), peer.PodSelector)
		f.selector(path.Child("namespaceSelector"), peer.NamespaceSelector)
	}
}

// selector takes one fault of a selector, as the library of the API server
// words it.
func (f *faults) selector(at model.Path, s *metav1.LabelSelector) {
	if s == nil {
		return
	}
	if list := validation.ValidateLabelSelector(s, validation.LabelSelectorValidationOptions{}, nil); len(list) > 0 {
		f.add(at, list[0].Field+": "+list[0].Detail)
	}
}

func (f *faults) block(at model.Path, b *networkingv1.IPBlock) {
	cidr, err := netip.ParsePrefix(b.CIDR)
	if err != nil {
		f.add(at.Child("cidr"), "not a CIDR")
		return
	}
	for i, text := range b.Except {
		path := at.Child("except", strconv.Itoa(i))
		except, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			f.add(path, "not a CIDR")
		case except.Bits() <= cidr.Bits() || !cidr.Contains(except.Addr()):
			f.add(path, "not a strict subset of cidr")
		}
	}
}

func (f *faults) ports(at model.Path, ports []networkingv1.NetworkPolicyPort) {
	for i, p := range ports {
		path := at.Child(strconv.Itoa(i))
		if p.Protocol != nil && !slices.Contains([]corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}, *p.Protocol) {
			f.add(path.Child("protocol"), fmt.Sprintf("%q is not TCP, UDP or SCTP", *p.Protocol))
		}
		switch {
		case p.Port == nil:
		case p.Port.Type == intstr.String:
			if faults := utilvalidation.IsValidPortName(p.Port.StrVal); len(faults) > 0 {
				f.add(path.Child("port"), faults[0])
			}
		case !isPort(p.Port.IntVal):
			f.add(path.Child("port"), "not in 1 to 65535")
		}
		switch {
		case p.EndPort == nil:
		case p.Port == nil:
			f.add(path.Child("endPort"), "endPort without port")
		case p.Port.Type == intstr.String:
			f.add(path.Child("endPort"), "endPort beside a named port")
		case *p.EndPort < p.Port.IntVal:
			f.add(path.Child("endPort"), "endPort is less than port")
		case !isPort(*p.EndPort):
			f.add(path.Child("endPort"), "not in 1 to 65535")
		}
	}
}

func isPort(n int32) bool { return len(utilvalidation.IsValidPortNum(int(n))) == 0 }
