package reach

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// ciliumPorts compiles the ports of a rule: no ports are everything, but for a
// rule of ICMP, whose messages are not judged.
func (c *compiler) ciliumPorts(d Direction, r *model.CiliumDirectionRule) portSpec {
	var out portSpec
	switch {
	case len(r.ToPorts)+len(r.ICMPs) == 0 && asksIdentity(r):
		return portSpec{extra: netset.AllPorts()}
	case len(r.ToPorts)+len(r.ICMPs) == 0:
		return portSpec{fixed: netset.AllPorts()}
	case len(r.ICMPs) > 0:
		out.extra = withoutPorts()
	}
	for i := range r.ToPorts {
		c.addCiliumPorts(&out, d, &r.ToPorts[i], asksIdentity(r) || asksMore(&r.ToPorts[i]))
	}
	return out
}

// withoutPorts are the protocols without ports.
func withoutPorts() netset.Ports {
	out := netset.AllPorts()
	for _, p := range netset.Protocols() {
		out = out.Subtract(netset.PortRange(p, netset.FirstPort, netset.LastPort))
	}
	return out
}

// addCiliumPorts adds a list of ports, which may be empty. What more is asked of
// the traffic to them may refuse a request, so the ports are then only perhaps
// open.
func (c *compiler) addCiliumPorts(s *portSpec, d Direction, r *model.CiliumPortRule, doubtful bool) {
	for _, p := range r.Ports {
		number, isNumber := ciliumPort(p.Port)
		for _, protocol := range ciliumProtocols(p.Protocol) {
			all := netset.PortRange(protocol, netset.FirstPort, netset.LastPort)
			switch {
			case !isNumber:
				named := c.namedPort(strings.ToLower(p.Port), corev1.Protocol(protocol.String()))
				named.doubtful = doubtful || d == Egress
				s.named = append(s.named, named)
				if d == Egress { // some versions take the number that any pod has
					s.extra = s.extra.Union(all)
				}
			case number == 0:
				s.addPorts(all, doubtful)
			default:
				s.addPorts(portRange(protocol, number, max(number, p.EndPort)), doubtful)
			}
		}
	}
}

func (s *portSpec) addPorts(p netset.Ports, doubtful bool) {
	if doubtful {
		s.extra = s.extra.Union(p)
		return
	}
	s.fixed = s.fixed.Union(p)
}

// ciliumPort reads a port. What is no number is a name.
func ciliumPort(text string) (number int32, ok bool) {
	n, err := strconv.ParseUint(text, 0, 16)
	return int32(n), err == nil //nolint:gosec // of 16 bits
}

// asksMore reports whether a rule asks for more than ports. A rule for names
// that takes them all refuses none.
func asksMore(r *model.CiliumPortRule) bool {
	if len(r.Listener)+len(r.TerminatingTLS)+len(r.OriginatingTLS)+len(r.ServerNames) > 0 {
		return true
	}
	l7 := r.Rules
	if l7 == nil {
		return false
	}
	everyName := slices.ContainsFunc(l7.DNS, func(n model.CiliumFQDN) bool { return n.MatchPattern == "*" })
	others := [][]json.RawMessage{l7.HTTP, l7.Kafka, l7.L7}
	return l7.L7Proto != "" || len(l7.DNS) > 0 && !everyName ||
		slices.ContainsFunc(others, func(list []json.RawMessage) bool { return len(list) > 0 })
}

func ciliumProtocols(name string) []netset.Protocol {
	if name == "" || strings.EqualFold(name, "ANY") {
		return netset.Protocols()
	}
	if p, ok := netset.ParseProtocol(name); ok {
		return []netset.Protocol{p}
	}
	return nil
}
