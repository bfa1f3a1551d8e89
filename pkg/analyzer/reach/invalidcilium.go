package reach

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
func InvalidCilium(r *model.Resource) []Fault {
	o, ok := r.Object.(*model.CiliumNetworkPolicy)
	if !ok {
		return nil
	}
	f := ciliumFaults{resource: r}
	for _, rule := range ciliumRules(r, o) {
		f.rule(rule)
	}
	return f.found
}

type ciliumFaults struct {
	resource *model.Resource
	found    []Fault
}

func (f *ciliumFaults) add(at model.Path, why string) {
	if !f.resource.IsUnknown(at...) {
		f.found = append(f.found, Fault{at, why})
	}
}

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
	var fields []string
	add := func(name string, n int) {
		if n > 0 {
			fields = append(fields, name)
		}
	}
	add("fromEndpoints", len(r.FromEndpoints))
	add("fromCIDR", len(r.FromCIDR))
	add("fromCIDRSet", len(r.FromCIDRSet))
	add("fromEntities", len(r.FromEntities))
	add("toEndpoints", len(r.ToEndpoints))
	add("toCIDR", len(r.ToCIDR))
	add("toCIDRSet", len(r.ToCIDRSet))
	add("toEntities", len(r.ToEntities))
	add("toFQDNs", len(r.ToFQDNs))
	if len(fields) > 1 {
		f.add(at.Child(fields[1]), "it stands beside "+fields[0])
	}
	if len(r.ICMPs) > 0 && len(r.ToPorts) > 0 {
		f.add(at.Child("icmps"), "it stands beside toPorts")
	}
	f.selectors(at, "fromEndpoints", r.FromEndpoints)
	f.selectors(at, "toEndpoints", r.ToEndpoints)
	f.addresses(at, "from", r.FromCIDR, r.FromCIDRSet, r.FromEntities)
	f.addresses(at, "to", r.ToCIDR, r.ToCIDRSet, r.ToEntities)
	for i, name := range r.ToFQDNs {
		if name.MatchName != "" && name.MatchPattern != "" {
			f.add(at.Child("toFQDNs", strconv.Itoa(i)), "matchName stands beside matchPattern")
		}
	}
	for i := range r.ToPorts {
		f.ports(at.Child("toPorts", strconv.Itoa(i)), s, &r.ToPorts[i])
	}
}

func (f *ciliumFaults) selectors(at model.Path, field string, list []metav1.LabelSelector) {
	for i := range list {
		if _, err := metav1.LabelSelectorAsSelector(plainKeys(&list[i])); err != nil {
			f.add(at.Child(field, strconv.Itoa(i)), "not a selector of labels")
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

func (f *ciliumFaults) addresses(at model.Path, side string, cidrs []string, sets []model.CiliumCIDR, entities []string) {
	for i, cidr := range cidrs {
		if _, err := netip.ParsePrefix(ciliumPrefix(cidr)); err != nil {
			f.add(at.Child(side+"CIDR", strconv.Itoa(i)), "not a CIDR")
		}
	}
	for i := range sets {
		f.set(at.Child(side+"CIDRSet", strconv.Itoa(i)), &sets[i])
	}
	for i, entity := range entities {
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
