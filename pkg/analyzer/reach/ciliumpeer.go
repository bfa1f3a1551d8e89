package reach

import (
	"net/netip"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// ciliumNames are the lists of peers of a rule, whichever its direction.
type ciliumNames struct {
	endpoints []metav1.LabelSelector
	cidrs     []string
	sets      []model.CiliumCIDR
	entities  []string
	domains   []model.CiliumFQDN
}

func ciliumNamesOf(d Direction, r *model.CiliumDirectionRule) ciliumNames {
	if d == Egress {
		return ciliumNames{r.ToEndpoints, r.ToCIDR, r.ToCIDRSet, r.ToEntities, r.ToFQDNs}
	}
	return ciliumNames{r.FromEndpoints, r.FromCIDR, r.FromCIDRSet, r.FromEntities, nil}
}

func (n ciliumNames) count() int {
	return len(n.endpoints) + len(n.cidrs) + len(n.sets) + len(n.entities) + len(n.domains)
}

// ciliumPeers compiles the peers of a rule. A rule that names ports only is for
// every peer, one that names nothing at all is for none, and so is one of which
// a list of peers is empty.
// https://github.com/cilium/cilium/blob/v1.18.0/pkg/policy/api/ingress.go
func (c *compiler) ciliumPeers(p ciliumPolicy, d Direction, r *model.CiliumDirectionRule) []int32 {
	n := ciliumNamesOf(d, r)
	switch {
	case isEmpty(n.endpoints) || isEmpty(n.cidrs) || isEmpty(n.sets) || isEmpty(n.entities):
		return nil
	case isEmpty(n.domains):
		return []int32{c.anything(false)} // versions differ
	case n.count() > 0:
		return c.ciliumNamed(p, n)
	case len(r.ToPorts)+len(r.ICMPs) > 0:
		return []int32{c.anything(true)}
	default:
		return nil
	}
}

// isEmpty reports whether a list is written and holds nothing.
func isEmpty[T any](list []T) bool { return list != nil && len(list) == 0 }

func (c *compiler) ciliumNamed(p ciliumPolicy, n ciliumNames) []int32 {
	var out []int32
	for i := range n.endpoints {
		s := ciliumSelectorOf(&n.endpoints[i])
		out = append(out, c.ciliumPods(p, s))
		if s.matchesReserved(p.wide) {
			out = append(out, c.someNodes(), c.someAddress())
		}
	}
	for _, cidr := range n.cidrs {
		out = append(out, c.ciliumAddresses(model.CiliumCIDR{CIDR: cidr}))
	}
	for _, set := range n.sets {
		out = append(out, c.ciliumAddresses(set))
	}
	for _, entity := range n.entities {
		out = append(out, c.ciliumEntity(entity)...)
	}
	if len(n.domains) > 0 {
		out = append(out, c.someAddress())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ciliumPods are the pods that a selector selects: in the namespaces that it
// names, else in that of the policy, or everywhere when it has none.
func (c *compiler) ciliumPods(p ciliumPolicy, s ciliumSelector) int32 {
	var id int32
	switch {
	case s.foreign:
		return c.anything(false)
	case p.wide || s.byName || s.byLabel:
		id = c.namespacedPods(s.namespaces, s.pods)
	default:
		id = c.ownPods(p.namespace, s.pods)
	}
	if s.doubtful {
		return c.perhaps([]int32{id})
	}
	return id
}

// ciliumAddresses are addresses outside the cluster: pods and, unless Cilium is
// told otherwise, nodes are never matched by address.
// https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based
func (c *compiler) ciliumAddresses(set model.CiliumCIDR) int32 {
	if set.CIDRGroupRef != "" || set.CIDRGroupSelector != nil {
		return c.someAddress()
	}
	ranges, ok := parseRanges(ciliumPrefix(set.CIDR), set.Except)
	if !ok {
		return c.someAddress()
	}
	key := "cilium addresses " + set.CIDR + " except " + strings.Join(set.Except, ",")
	return c.intern(key, func() peerSet { return addressed(outside{ranges: ranges, certain: true}) })
}

// ciliumPrefix: an address stands for itself alone.
func ciliumPrefix(cidr string) string {
	if a, err := netip.ParseAddr(cidr); err == nil {
		return netip.PrefixFrom(a, a.BitLen()).String()
	}
	return cidr
}

// ciliumEntity compiles one of Cilium's names for sets of peers:
// https://docs.cilium.io/en/stable/security/policy/language/#entities-based
func (c *compiler) ciliumEntity(name string) []int32 {
	switch name {
	case "all":
		return []int32{c.anything(true)}
	case "world":
		return []int32{c.intern("world", func() peerSet { return addressed(outside{everywhere: true, certain: true}) })}
	case "world-ipv4":
		return []int32{c.intern(name, func() peerSet { return addressed(outside{ranges: netset.IPv4(), certain: true}) })}
	case "world-ipv6":
		return []int32{c.intern(name, func() peerSet { return addressed(outside{ranges: netset.IPv6(), certain: true}) })}
	case "cluster": // which holds the API server, outside the nodes of EKS
		return []int32{c.namespacedPods(graph.Selector{}, graph.Selector{}), c.someNodes(), c.someAddress()}
	case "host", "remote-node":
		return []int32{c.someNodes()}
	case "kube-apiserver":
		return []int32{c.someNodes(), c.someAddress()}
	case "none":
		return nil
	default: // Cilium's own pods, or a name that is not known
		return []int32{c.anything(false)}
	}
}
