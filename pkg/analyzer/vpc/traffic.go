package vpc

import (
	"fmt"
	"strconv"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// portsOf are the ports that a rule is certainly about, and those that it may
// be about. Protocols without ports are one element of a set, so that a rule
// for one of them is never certainly about it.
func portsOf(t model.Traffic) (certain, possible netset.Ports) {
	protocol, known := t.Protocol.Get()
	if !known {
		return netset.Ports{}, netset.AllPorts()
	}
	p, hasPorts := withPorts(protocol)
	switch {
	case protocol == model.ProtocolAll:
		return netset.AllPorts(), netset.AllPorts()
	case !hasPorts:
		return netset.Ports{}, onlyOther()
	}
	from, fromKnown := t.From.Get()
	to, toKnown := t.To.Get()
	if !fromKnown || !toKnown {
		return netset.Ports{}, netset.PortRange(p, netset.FirstPort, netset.LastPort)
	}
	out := netset.PortRange(p, port(from), port(to))
	return out, out
}

// onlyOther holds the protocols without ports.
func onlyOther() netset.Ports {
	out := netset.AllPorts()
	for _, p := range netset.Protocols() {
		out = out.Subtract(netset.PortRange(p, netset.FirstPort, netset.LastPort))
	}
	return out
}

func withPorts(protocol int) (netset.Protocol, bool) {
	switch protocol {
	case model.ProtocolTCP:
		return netset.TCP, true
	case model.ProtocolUDP:
		return netset.UDP, true
	case model.ProtocolSCTP:
		return netset.SCTP, true
	default:
		return 0, false
	}
}

func port(n int) uint16 { return uint16(min(max(n, 0), int(netset.LastPort))) } //nolint:gosec // bounded

// words writes the traffic of a rule: tcp 443, udp 1-65535, all traffic.
func words(t model.Traffic) string {
	protocol, known := t.Protocol.Get()
	if !known {
		return "unknown traffic"
	}
	name, hasPorts := map[int]string{
		model.ProtocolTCP: "tcp", model.ProtocolUDP: "udp", model.ProtocolSCTP: "sctp",
	}[protocol]
	from, fromKnown := t.From.Get()
	to, toKnown := t.To.Get()
	switch {
	case protocol == model.ProtocolAll:
		return "all traffic"
	case protocol == model.ProtocolICMP || protocol == model.ProtocolICMPv6:
		return "icmp"
	case !hasPorts:
		return "protocol " + strconv.Itoa(protocol)
	case !fromKnown || !toKnown:
		return name + " on unknown ports"
	case from == to:
		return fmt.Sprintf("%s %d", name, from)
	default:
		return fmt.Sprintf("%s %d-%d", name, from, to)
	}
}

// Covered are the ports that a rule is certainly about.
func Covered(t model.Traffic) netset.Ports {
	certain, _ := portsOf(t)
	return certain
}
