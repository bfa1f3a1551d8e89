package cli

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/model"
)

// wordDNS names what answers for the cluster's names.
const wordDNS = "dns"

// wordAWS goes before the name of a service of AWS, wordDatabase before that of a
// database of the AWS side.
const (
	wordAWS      = "aws:"
	wordDatabase = "db:"
)

// wordCluster names every workload, wordInternet every public address.
const (
	wordCluster  = "cluster"
	wordInternet = "internet"
)

// endpoints returns the endpoints that a word of the command line names. No
// word names every workload and every public address.
func (a *asker) endpoints(flag, word string) ([]int, error) {
	var out []int
	switch word {
	case "":
		workloads := a.where(isWorkload)
		return append(workloads, a.addresses(netset.Public())...), nil
	case wordInternet:
		return a.addresses(netset.Public()), nil
	case wordCluster:
		out = a.where(isWorkload)
	case wordDNS:
		out = a.engine.DNS()
	default:
		matches, err := workloadMatcher(word)
		if err != nil {
			return nil, usagef("%s: %q is no label selector: %v", flag, word, err)
		}
		out = a.where(func(e reach.Endpoint) bool { return isWorkload(e) && matches(e.Workload) })
		if len(out) == 0 && isAddress(word) {
			return a.addresses(netset.RangesOf(parseAddress(word))), nil
		}
	}
	if len(out) == 0 {
		return nil, usagef("%s: the input shows no workload for %q", flag, word)
	}
	return out, nil
}

// workloadMatcher reads a name, a label selector or the address of a pod.
func workloadMatcher(word string) (func(*graph.Workload) bool, error) {
	switch address := parseAddress(word); {
	case address.IsValid():
		return func(w *graph.Workload) bool {
			return address.IsSingleIP() && slices.Contains(w.Addresses(), address.Addr().Unmap())
		}, nil
	case strings.ContainsAny(word, "=!()"), !strings.Contains(word, "/"):
		selector, err := labels.Parse(word)
		if err != nil {
			return nil, err //nolint:wrapcheck // the caller names the word
		}
		return func(w *graph.Workload) bool { return selector.Matches(labels.Set(w.Labels())) }, nil
	default:
		parts := strings.Split(word, "/")
		return func(w *graph.Workload) bool { return named(parts, w.Ref()) || named(parts, w.Owner()) }, nil
	}
}

func isWorkload(e reach.Endpoint) bool { return e.Workload != nil && !e.Assumed }

// named compares namespace/name and namespace/kind/name, in parts; the kind in
// any case.
func named(parts []string, ref model.Ref) bool {
	namespace := cmp.Or(ref.Namespace, corev1.NamespaceDefault)
	switch len(parts) {
	case 2:
		return parts[0] == namespace && parts[1] == ref.Name
	case 3:
		return parts[0] == namespace && strings.EqualFold(parts[1], ref.Kind) && parts[2] == ref.Name
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

// addresses returns the ranges outside the cluster that share an address with
// the set.
func (a *asker) addresses(set netset.Ranges) []int {
	return a.where(func(e reach.Endpoint) bool {
		return e.Workload == nil && len(set.Intersect(netset.Ranges{e.Range})) > 0
	})
}
