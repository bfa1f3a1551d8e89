package path

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
)

// outsideName writes some addresses outside the cluster: the internet when they are all, and what
// is left out where that is shorter.
func outsideName(some, all netset.Ranges) string {
	rest := all.Subtract(some)
	internet := map[vpc.Family]string{vpc.IPv4: "internet", vpc.IPv6: "internet over IPv6"}[vpc.FamilyOf(all)]
	switch {
	case len(all) == 1:
		return rangeNames(some)
	case len(rest) == 0:
		return internet
	case len(rest) < len(some):
		return internet + " except " + rangeNames(rest)
	default:
		return internet + ", " + rangeNames(some)
	}
}

func rangeNames(ranges netset.Ranges) string {
	const most = 3
	var names []string
	for _, r := range ranges[:min(most, len(ranges))] {
		names = append(names, rangeName(r))
	}
	out := strings.Join(names, ", ")
	if n := len(ranges) - most; n > 0 {
		out += fmt.Sprintf(" and %d more", n)
	}
	return out
}

// rangeName writes a block as such.
func rangeName(r netset.Range) string {
	for bits := range r.First.BitLen() + 1 {
		p := netip.PrefixFrom(r.First, bits)
		if held := netset.RangesOf(p); held[0].First == r.First && held[0].Last == r.Last {
			return p.String()
		}
	}
	return r.String()
}
