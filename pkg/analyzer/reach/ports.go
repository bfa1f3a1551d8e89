package reach

import (
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// portSpec is the ports of a rule. Named ports mean what they mean on the pod
// that receives the connection.
type portSpec struct {
	fixed netset.Ports
	// extra are perhaps in the ports as well.
	extra netset.Ports
	named []namedPort
	// unknown is set when the rule has ports that the input does not show.
	unknown bool
}

type namedPort struct {
	name     string
	protocol corev1.Protocol
	// doubtful is set when the port is only perhaps meant.
	doubtful bool
}

// portSpec compiles the ports of a rule: no ports are all ports of all
// protocols, an entry without a port is every port of its protocol.
func (c *compiler) portSpec(r *rule, ports []networkingv1.NetworkPolicyPort) portSpec {
	unknown := r.unknown("ports")
	if len(ports) == 0 && !unknown {
		return portSpec{fixed: netset.AllPorts()}
	}
	out := portSpec{unknown: unknown}
	for _, p := range ports {
		protocol := graph.ProtocolOf(p)
		if p.Port != nil && p.Port.Type == intstr.String {
			out.named = append(out.named, c.namedPort(p.Port.StrVal, protocol))
			continue
		}
		out.fixed = out.fixed.Union(fixedPorts(p, protocol))
	}
	if unknown {
		out.fixed = netset.Ports{} // which of them stand is not certain
	}
	return out
}

func (c *compiler) namedPort(name string, protocol corev1.Protocol) namedPort {
	if !slices.Contains(c.portNames, name) {
		c.portNames = append(c.portNames, name)
	}
	return namedPort{name: name, protocol: protocol}
}

func fixedPorts(p networkingv1.NetworkPolicyPort, protocol corev1.Protocol) netset.Ports {
	known, ok := netset.ParseProtocol(string(protocol))
	switch {
	case !ok:
		return netset.Ports{}
	case p.Port == nil:
		return netset.PortRange(known, netset.FirstPort, netset.LastPort)
	case p.EndPort != nil:
		return portRange(known, p.Port.IntVal, *p.EndPort)
	default:
		return portRange(known, p.Port.IntVal, p.Port.IntVal)
	}
}

// portRange is empty for numbers that are no ports.
func portRange(p netset.Protocol, first, last int32) netset.Ports {
	if first < int32(netset.FirstPort) || last > int32(netset.LastPort) {
		return netset.Ports{}
	}
	return netset.PortRange(p, uint16(first), uint16(max(last, 0))) //nolint:gosec // checked above
}

// on resolves the ports on the endpoint that receives the connection.
func (s portSpec) on(e Endpoint) (certain, possible netset.Ports) {
	certain = s.fixed
	if s.unknown {
		return certain, netset.AllPorts()
	}
	possible = s.fixed.Union(s.extra)
	for _, n := range s.named {
		protocol, ok := netset.ParseProtocol(string(n.protocol))
		if e.Workload == nil || !ok {
			continue // an address outside the cluster has no port names
		}
		numbers, known := e.Workload.NamedPorts(n.name, n.protocol)
		if known == model.Unknown {
			possible = possible.Union(netset.PortRange(protocol, netset.FirstPort, netset.LastPort))
		}
		for _, number := range numbers {
			one := portRange(protocol, number, number)
			possible = possible.Union(one)
			if !n.doubtful {
				certain = certain.Union(one)
			}
		}
	}
	return certain, possible
}

// internSpec gives equal specifications one number.
func (c *compiler) internSpec(s portSpec) int32 {
	key := fmt.Sprintf("%v %#v %v %v", s.unknown, s.named, s.fixed, s.extra)
	id, ok := c.specIDs.Get(key)
	if !ok {
		id = int32(len(c.specs)) //nolint:gosec // distinct specifications are far fewer than 2^31
		c.specIDs.Set(key, id)
		c.specs = append(c.specs, s)
	}
	return id
}

// tableOf numbers what the port names that rules use mean on an endpoint.
func (c *compiler) tableOf(e Endpoint) int32 {
	key := c.portTable(e)
	id, ok := c.tableIDs.Get(key)
	if !ok {
		id = int32(len(c.tables)) //nolint:gosec // no more tables than endpoints
		c.tableIDs.Set(key, id)
		c.tables = append(c.tables, e)
	}
	return id
}

func (c *compiler) portTable(e Endpoint) string {
	if e.Workload == nil || len(c.portNames) == 0 {
		return ""
	}
	ports, known := e.Workload.Ports()
	if !known {
		return "not known"
	}
	var out []byte
	for _, p := range ports {
		if slices.Contains(c.portNames, p.Name) {
			out = strconv.AppendQuote(out, p.Name)
			out = append(out, p.Protocol...)
			out = strconv.AppendInt(out, int64(p.ContainerPort), 10)
		}
	}
	return string(out)
}

// resolve finds the ports of every specification on every table.
func (c *compiler) resolve(e *Engine) {
	e.widest = make([]netset.PortsID, len(c.specs))
	e.resolved = make([][]bounds, len(c.specs))
	for i, spec := range c.specs {
		e.resolved[i] = make([]bounds, len(c.tables))
		for t, sample := range c.tables {
			certain, possible := spec.on(sample)
			e.resolved[i][t] = bounds{e.ports.ID(certain), e.ports.ID(possible)}
			e.widest[i] = e.ports.Union(e.widest[i], e.resolved[i][t].possible)
		}
	}
}
