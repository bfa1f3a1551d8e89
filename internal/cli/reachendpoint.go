package cli

import (
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// wordDNS names what answers for the cluster's names.
const wordDNS = "dns"

// endpoints returns the endpoints that a word of the command line names. No
// word names every workload and every public address.
func (a *asker) endpoints(flag, word string) ([]int, error) {
	var out []int
	switch {
	case word == "":
		workloads := a.where(isWorkload)
		return append(workloads, a.addresses(public())...), nil
	case word == "internet":
		return a.addresses(public()), nil
	case word == "cluster":
		out = a.where(isWorkload)
	case word == wordDNS:
		out = a.engine.DNS()
	case isAddress(word):
		return a.at(parseAddress(word)), nil
	case strings.ContainsAny(word, "=!()"), !strings.Contains(word, "/"):
		selector, err := labels.Parse(word)
		if err != nil {
			return nil, usagef("%s: %q is no label selector: %v", flag, word, err)
		}
		out = a.where(func(e reach.Endpoint) bool {
			return isWorkload(e) && selector.Matches(labels.Set(e.Workload.Labels()))
		})
	default:
		out = a.where(func(e reach.Endpoint) bool { return isWorkload(e) && names(word, e) })
	}
	if len(out) == 0 {
		return nil, usagef("%s: the input shows no workload for %q", flag, word)
	}
	return out, nil
}

func isWorkload(e reach.Endpoint) bool { return e.Workload != nil && !e.Assumed }

// names compares namespace/name and namespace/kind/name; the kind in any case.
func names(word string, e reach.Endpoint) bool {
	return named(word, e, e.Workload.Ref()) || named(word, e, e.Workload.Owner())
}

func named(word string, e reach.Endpoint, ref model.Ref) bool {
	switch parts := strings.Split(word, "/"); len(parts) {
	case 2:
		return parts[0] == e.Namespace() && parts[1] == ref.Name
	case 3:
		return parts[0] == e.Namespace() && strings.EqualFold(parts[1], ref.Kind) && parts[2] == ref.Name
	default:
		return false
	}
}

func (a *asker) where(wanted func(reach.Endpoint) bool) []int {
	var out []int
	for i, e := range a.engine.Endpoints() {
		if wanted(e) {
			out = append(out, i)
		}
	}
	return out
}

func isAddress(word string) bool { return parseAddress(word).IsValid() }

// parseAddress reads an address or a CIDR; what it returns is not valid when
// the word is neither.
func parseAddress(word string) netip.Prefix {
	if p, err := netip.ParsePrefix(word); err == nil {
		return p
	}
	a, err := netip.ParseAddr(word)
	if err != nil {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a.WithZone(""), a.BitLen())
}

// at returns the pod that has the address, or the ranges that hold it.
func (a *asker) at(p netip.Prefix) []int {
	if p.IsSingleIP() {
		if pods := a.where(func(e reach.Endpoint) bool { return slices.Contains(e.Addresses(), p.Addr().Unmap()) }); len(pods) > 0 {
			return pods
		}
	}
	return a.addresses(netset.RangesOf(p))
}

// addresses returns the ranges outside the cluster that share an address with
// the set.
func (a *asker) addresses(set netset.Ranges) []int {
	return a.where(func(e reach.Endpoint) bool {
		return e.Workload == nil && len(set.Intersect(netset.Ranges{e.Range})) > 0
	})
}

// public are the addresses that the internet routes: those that no registry
// entry reserves.
// https://www.iana.org/assignments/iana-ipv4-special-registry/
// https://www.iana.org/assignments/ipv6-address-space/
func public() netset.Ranges {
	out := netset.IPv4().Union(netset.RangesOf(netip.MustParsePrefix("2000::/3")))
	for _, reserved := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001:db8::/32",
	} {
		out = out.Subtract(netset.RangesOf(netip.MustParsePrefix(reserved)))
	}
	return out
}
