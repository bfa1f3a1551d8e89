package graph

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Conflict is a setting that two members of a group fix differently; the
// controller then builds nothing.
type Conflict struct {
	// Item is the annotation suffix; Detail the key of a map or the listener
	// port, empty for a single value.
	Item, Detail string
	// First belongs to the earlier member, Other to the one that contradicts it;
	// the other way round where only the earlier one wrote its value.
	First, Other MemberSetting
}

// MemberSetting is a setting as one member of a group fixes it.
type MemberSetting struct {
	Ingress *Ingress
	Setting Setting
	// value is the part that is compared, in canonical spelling.
	value string
}

// canonical brings a value to the spelling in which the controller compares it.
type canonical func(string) (string, bool)

func verbatim(v string) (string, bool) { return v, true }

// nonBlank leaves out what the controller takes as absent: an empty text.
func nonBlank(v string) (string, bool) { return v, v != "" }

func boolean(v string) (string, bool) {
	b, err := strconv.ParseBool(v)
	return strconv.FormatBool(b), err == nil
}

func integer(v string) (string, bool) {
	n, err := strconv.ParseInt(v, 10, 64)
	return strconv.FormatInt(n, 10), err == nil
}

// ordered keeps the order of the list; an empty list is as good as absent.
func ordered(v string) (string, bool) {
	items := lbc.StringList(v)
	return strings.Join(items, ","), len(items) > 0
}

func unordered(v string) (string, bool) {
	items := lbc.StringList(v)
	slices.Sort(items)
	return strings.Join(slices.Compact(items), ","), len(items) > 0
}

// exclusive lists the settings that all members must agree on, as the
// controller compares them: pkg/ingress/model_build_load_balancer.go and its
// neighbours.
var exclusive = []struct {
	suffix string
	read   canonical
}{
	{"load-balancer-name", verbatim},
	{"scheme", verbatim},
	{"ip-address-type", verbatim},
	{"customer-owned-ipv4-pool", verbatim},
	{"ssl-redirect", integer},
	{"shield-advanced-protection", boolean},
	{"wafv2-acl-name", verbatim},
	{"enable-frontend-nlb", boolean},
	{"frontend-nlb-scheme", verbatim},
	{"frontend-nlb-subnets", unordered},
	{"frontend-nlb-security-groups", ordered},
	{"ipam-ipv4-pool-id", verbatim},
	{"security-groups", ordered},
	{"subnets", unordered},
}

// perKey lists the maps whose members must agree key by key.
var perKey = []string{"load-balancer-attributes", "tags", "minimum-load-balancer-capacity"}

// conflicts compares each member with the first that fixes the same item.
// Members that leave it out, or whose value is not known, never conflict.
func (g *Graph) conflicts(group *IngressGroup) []Conflict {
	if len(group.Members) < 2 {
		return nil
	}
	var out []Conflict
	for _, x := range exclusive {
		out = append(out, compare(x.suffix, "", g.fixedBy(group.Members, x.suffix, x.read))...)
	}
	out = append(out, compare("waf-acl-id", "", g.webACLs(group.Members))...)
	if !g.anyFixes(group, "wafv2-acl-name") {
		out = append(out, compare("wafv2-acl-arn", "", g.fixedBy(group.Members, "wafv2-acl-arn", verbatim))...)
	}
	if g.anyFixes(group, "security-groups") {
		const manage = "manage-backend-security-group-rules"
		out = append(out, compare(manage, "", g.fixedBy(group.Members, manage, boolean))...)
	}
	for _, suffix := range perKey {
		out = append(out, g.mapConflicts(group.Members, suffix)...)
	}
	return append(out, g.portConflicts(group)...)
}

func (g *Graph) fixedBy(members []*Ingress, suffix string, read canonical) []MemberSetting {
	var out []MemberSetting
	for _, m := range members {
		s, ok := m.paramsSetting(suffix)
		if !ok {
			s = m.Annotation(suffix)
		}
		if s.Value == nil {
			continue
		}
		if v, ok := read(*s.Value); ok {
			out = append(out, MemberSetting{Ingress: m, Setting: s, value: v})
		}
	}
	return out
}

// webACLs reads waf-acl-id, and its old name where that is absent
// (pkg/ingress/model_build_load_balancer_addons.go).
func (g *Graph) webACLs(members []*Ingress) []MemberSetting {
	var out []MemberSetting
	for _, m := range members {
		suffix := "waf-acl-id"
		if m.Annotation(suffix).Origin == OriginNone {
			suffix = "web-acl-id"
		}
		out = append(out, g.fixedBy([]*Ingress{m}, suffix, nonBlank)...)
	}
	return out
}

func (g *Graph) anyFixes(group *IngressGroup, suffix string) bool {
	return len(g.fixedBy(group.Members, suffix, ordered)) > 0
}

func compare(item, detail string, values []MemberSetting) []Conflict {
	var out []Conflict
	for n := 1; n < len(values); n++ {
		if values[n].value != values[0].value {
			out = append(out, Conflict{Item: item, Detail: detail, First: values[0], Other: values[n]})
		}
	}
	return out
}

// mapConflicts compares maps key by key. A key that a member's parameters set
// is not compared: for tags and attributes the controller lets them win.
func (g *Graph) mapConflicts(members []*Ingress, suffix string) []Conflict {
	byKey := map[string][]MemberSetting{}
	for _, m := range members {
		s := m.Annotation(suffix)
		pairs, err := lbc.StringMap(s.Text())
		if s.Value == nil || err != nil {
			continue
		}
		for k, v := range pairs {
			if !m.paramsHave(suffix, k) {
				byKey[k] = append(byKey[k], MemberSetting{Ingress: m, Setting: s, value: v})
			}
		}
	}
	var out []Conflict
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, compare(suffix, k, byKey[k])...)
	}
	return out
}

func (i *Ingress) paramsHave(suffix, key string) bool {
	if i.ByAnnotation || i.Class == nil {
		return false
	}
	spec := i.Class.paramsSpec()
	if spec == nil {
		return i.Class.HasParams != 0 && i.Class.params == nil && i.Class.spec.Parameters != nil
	}
	return slices.ContainsFunc(paramsPairs(spec, suffix), func(p model.ParamsPair) bool { return p.Key == key })
}

// paramsPairs is the map in the parameters that the annotation's keys meet.
func paramsPairs(spec *model.IngressClassParamsSpec, suffix string) []model.ParamsPair {
	switch suffix {
	case "load-balancer-attributes":
		return spec.LoadBalancerAttributes
	case "tags":
		return spec.Tags
	}
	for _, l := range spec.Listeners {
		if suffix == listenerAttributes(l.Protocol, int(l.Port)) {
			return l.ListenerAttributes
		}
	}
	return nil
}

// listenerAttributes is the suffix of the annotation for one listener.
func listenerAttributes(protocol string, port int) string {
	return "listener-attributes." + protocol + "-" + strconv.Itoa(port)
}

// portConflicts compares what the members that share a listener say of it.
func (g *Graph) portConflicts(group *IngressGroup) []Conflict {
	var out []Conflict
	for _, p := range group.Ports {
		port := strconv.Itoa(p.Port)
		if c, ok := protocolConflict(group, p); ok {
			out = append(out, c)
		}
		members := append(slices.Clone(p.HTTP), p.HTTPS...)
		for _, suffix := range []string{"inbound-cidrs", "security-group-prefix-lists"} {
			out = append(out, compare(suffix, port, g.fixedBy(members, suffix, unordered))...)
		}
		out = append(out, compare("ssl-policy", port, g.fixedBy(p.HTTPS, "ssl-policy", verbatim))...)
		out = append(out, compare("mutual-authentication", port, g.fixedBy(p.HTTPS, "mutual-authentication", mutualAuthentication(p.Port)))...)
		out = append(out, g.listenerAttributeConflicts(p)...)
	}
	return out
}

func (g *Graph) listenerAttributeConflicts(p *Port) []Conflict {
	out := g.mapConflicts(p.HTTP, listenerAttributes(protocolHTTP, p.Port))
	return append(out, g.mapConflicts(p.HTTPS, listenerAttributes(protocolHTTPS, p.Port))...)
}

// mutualAuthentication picks what the value says of one port. A trust store may
// be named or given by its ARN, so that two spellings may mean the same one;
// only the rest is compared.
func mutualAuthentication(port int) canonical {
	return func(v string) (string, bool) {
		items, issues := lbc.ParseMutualAuthentication(v)
		if lbc.Refused(issues) {
			return "", false
		}
		out, found := "", false
		for _, item := range items {
			if int(item.Port) == port {
				out, found = item.Mode, true
			}
		}
		return out, found
	}
}

// protocolConflict: two members ask for one port with different protocols.
// Within one member the controller takes either and raises no error.
func protocolConflict(group *IngressGroup, p *Port) (Conflict, bool) {
	for _, a := range p.HTTP {
		for _, b := range p.HTTPS {
			if a == b || slices.Contains(p.HTTP, b) || slices.Contains(p.HTTPS, a) {
				continue
			}
			if slices.Index(group.Members, a) > slices.Index(group.Members, b) {
				a, b = b, a
			}
			if b.Annotation("listen-ports").Ref == nil {
				a, b = b, a // its default has no place to point at
			}
			return Conflict{
				Item: "listen-ports", Detail: strconv.Itoa(p.Port),
				First: MemberSetting{Ingress: a, Setting: a.Annotation("listen-ports")},
				Other: MemberSetting{Ingress: b, Setting: b.Annotation("listen-ports")},
			}, true
		}
	}
	return Conflict{}, false
}
