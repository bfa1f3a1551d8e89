package reach

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxCiliumPorts is the highest number of ports in one list.
const maxCiliumPorts = 40

var ciliumEntities = []string{
	"all", "world", "world-ipv4", "world-ipv6", "cluster", "host", "init", "ingress", "unmanaged", "remote-node", "health", "none",
	"kube-apiserver",
}

// ciliumPortName matches the name of a service as IANA takes it.
var ciliumPortName = regexp.MustCompile(`^([a-zA-Z0-9]-?)*[a-zA-Z](-?[a-zA-Z0-9])*$`)

// InvalidCilium returns the faults for which Cilium refuses a policy as a whole,
// in the order of the file. The API server takes such a policy, and it has no
// effect. Values that the input does not fix are no faults; objects of other
// kinds have none.
// https://github.com/cilium/cilium/blob/v1.18.0/pkg/policy/api/rule_validation.go
func InvalidCilium(o graph.Object) []Fault {
	policy, ok := o.Resource().Object.(*model.CiliumNetworkPolicy)
	if !ok {
		return nil
	}
	f := ciliumFaults{faultList{resource: o.Resource()}}
	for _, rule := range ciliumRules(o.Resource(), policy) {
		f.rule(rule)
	}
	return f.found
}

type ciliumFaults struct{ faultList }

func (f *ciliumFaults) rule(r placedRule) {
	namespaced := !f.resource.Ref.GroupKind().IsClusterScoped()
	switch {
	case r.NodeSelector != nil && namespaced:
		f.add(r.at.Child("nodeSelector"), "a policy of a namespace is for no nodes")
	case r.NodeSelector != nil && r.EndpointSelector != nil:
		f.add(r.at.Child("nodeSelector"), "it stands beside endpointSelector")
	case r.NodeSelector == nil && r.EndpointSelector == nil:
		f.add(r.at.Child("endpointSelector"), "it is missing")
	}
	for _, s := range ciliumSections(r.CiliumRule) {
		for i := range s.rules {
			f.peers(r.at.Child(s.field, strconv.Itoa(i)), s, &s.rules[i])
		}
	}
}

func (f *ciliumFaults) peers(at model.Path, s ciliumSection, r *model.CiliumDirectionRule) {
	side, names := peerField(s.direction), ciliumNamesOf(s.direction, r)
	var fields []string
	for _, field := range []struct {
		name string
		n    int
	}{
		{side + "Endpoints", len(names.endpoints)},
		{side + "CIDR", len(names.cidrs)},
		{side + "CIDRSet", len(names.sets)},
		{side + "Entities", len(names.entities)},
		{"toFQDNs", len(names.domains)},
	} {
		if field.n > 0 {
			fields = append(fields, field.name)
		}
	}
	if len(fields) > 1 {
		f.add(at.Child(fields[1]), "it stands beside "+fields[0])
	}
	if ciliumNamesOf(s.direction.opposite(), r).count() > 0 {
		f.add(at, "it names peers of the other direction")
	}
	if len(r.ICMPs) > 0 && len(r.ToPorts) > 0 {
		f.add(at.Child("icmps"), "it stands beside toPorts")
	}
	f.selectors(at.Child(side+"Endpoints"), names.endpoints)
	f.addresses(at, side, names)
	for i, name := range names.domains {
		if name.MatchName != "" && name.MatchPattern != "" {
			f.add(at.Child("toFQDNs", strconv.Itoa(i)), "matchName stands beside matchPattern")
		}
	}
	for i := range r.ToPorts {
		f.ports(at.Child("toPorts", strconv.Itoa(i)), s, &r.ToPorts[i])
	}
}

func (f *ciliumFaults) selectors(at model.Path, list []metav1.LabelSelector) {
	for i := range list {
		if _, err := metav1.LabelSelectorAsSelector(plainKeys(&list[i])); err != nil {
			f.add(at.Child(strconv.Itoa(i)), "not a selector of labels")
		}
	}
}

// plainKeys are the expressions of a selector without the sources of labels,
// which Kubernetes does not know.
func plainKeys(s *metav1.LabelSelector) *metav1.LabelSelector {
	out := s.DeepCopy()
	clear(out.MatchLabels)
	for i := range out.MatchExpressions {
		r := &out.MatchExpressions[i]
		r.Key = r.Key[strings.LastIndex(r.Key, ":")+1:]
	}
	return out
}

func (f *ciliumFaults) addresses(at model.Path, side string, names ciliumNames) {
	for i, cidr := range names.cidrs {
		if _, err := netip.ParsePrefix(ciliumPrefix(cidr)); err != nil {
			f.add(at.Child(side+"CIDR", strconv.Itoa(i)), "not a CIDR")
		}
	}
	for i := range names.sets {
		f.set(at.Child(side+"CIDRSet", strconv.Itoa(i)), &names.sets[i])
	}
	for i, entity := range names.entities {
		if !slices.Contains(ciliumEntities, entity) {
			f.add(at.Child(side+"Entities", strconv.Itoa(i)), "no such entity")
		}
	}
}

func (f *ciliumFaults) set(at model.Path, s *model.CiliumCIDR) {
	if s.CIDRGroupRef != "" || s.CIDRGroupSelector != nil {
		if s.CIDR != "" || s.CIDRGroupRef != "" && s.CIDRGroupSelector != nil {
			f.add(at, "it is not one of cidr, cidrGroupRef and cidrGroupSelector")
		}
		return
	}
	cidr, err := netip.ParsePrefix(s.CIDR)
	if err != nil {
		f.add(at.Child("cidr"), "not a CIDR")
		return
	}
	for i, text := range s.Except {
		except, err := netip.ParsePrefix(text)
		if err != nil || except.Bits() < cidr.Bits() || !cidr.Contains(except.Addr()) {
			f.add(at.Child("except", strconv.Itoa(i)), "not a part of cidr")
		}
	}
}

func (f *ciliumFaults) ports(at model.Path, s ciliumSection, r *model.CiliumPortRule) {
	if len(r.Ports) > maxCiliumPorts {
		f.add(at.Child("ports"), strconv.Itoa(len(r.Ports))+" ports, and at most "+strconv.Itoa(maxCiliumPorts)+" are allowed")
	}
	for i, p := range r.Ports {
		f.port(at.Child("ports", strconv.Itoa(i)), p)
	}
	rules := at.Child("rules")
	switch l7 := r.Rules; {
	case l7 == nil:
	case s.action == deny:
		f.add(rules, "a rule that denies has none")
	case len(l7.DNS) > 0 && s.direction == Ingress:
		f.add(rules.Child("dns"), "a rule for ingress has none")
	case len(l7.DNS) > 0 && len(r.Ports) == 0:
		f.add(rules.Child("dns"), "it needs ports")
	case len(l7.HTTP) > 0 && slices.ContainsFunc(r.Ports, func(p model.CiliumPort) bool { return p.Protocol != "TCP" || p.Port == "0" }):
		f.add(rules.Child("http"), "it needs ports of TCP")
	}
}

func (f *ciliumFaults) port(at model.Path, p model.CiliumPort) {
	_, isNumber := ciliumPort(p.Port)
	if !isNumber && (len(p.Port) > 15 || !ciliumPortName.MatchString(p.Port)) {
		f.add(at.Child("port"), "not a port")
	}
	if ciliumProtocols(p.Protocol) == nil {
		f.add(at.Child("protocol"), "no protocol with ports")
	}
}
