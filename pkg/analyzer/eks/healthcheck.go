package eks

import (
	"cmp"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// HealthCheck is how a load balancer finds out whether a target is well.
type HealthCheck struct {
	// Port is that of the targets, 0 for the one that requests go to.
	Port int32
	// Known is unset where the input does not tell the port.
	Known bool
	// Refused says why the controller refuses what is written.
	Refused string
	// From and At are what decides the port.
	From *model.Resource
	At   model.Path
}

// HealthCheck follows the AWS Load Balancer Controller: the port is that of the
// requests unless an annotation gives another, by its number or by the name of a port
// of the Service. A Network Load Balancer asks the node itself where a Service keeps to
// its node.
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#healthcheck-port
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#healthcheck-port
func (c *Cluster) HealthCheck(r Route) HealthCheck {
	setting := r.Service.Annotation("aws-load-balancer-healthcheck-port")
	if i, ok := r.From.(*graph.Ingress); ok {
		setting = c.Graph.BackendSetting(i, r.Service, "healthcheck-port")
	} else if setting.Known && setting.Value == nil && asksNode(r) {
		return HealthCheck{
			Port: r.Service.Spec().HealthCheckNodePort, Known: r.Service.Spec().HealthCheckNodePort > 0,
			From: r.Service.Resource(), At: model.Path{"spec", "healthCheckNodePort"},
		}
	}
	out := HealthCheck{Known: setting.Known}
	if setting.Ref != nil {
		out.From, out.At = c.Graph.Snapshot().Get(*setting.Ref), setting.Path
	}
	text := setting.Text()
	switch {
	case !setting.Known:
		return out
	case (text == "" || text == "traffic-port") && r.Protocol == netset.UDP:
		return overTCP(r)
	case text == "" || text == "traffic-port":
		return out
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return out.named(r, text)
	}
	out.Port = int32(n)
	return out
}

func asksNode(r Route) bool {
	return r.TargetType.Is("instance") && r.Service.Type() == corev1.ServiceTypeLoadBalancer && r.Service.KeepsToNode()
}

// overTCP is the check of a target of UDP on the port of its requests, which asks by
// TCP: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
func overTCP(r Route) HealthCheck {
	p := r.Service.Spec().Ports[r.Port]
	out := HealthCheck{From: r.Service.Resource(), At: model.Path{"spec", "ports", strconv.Itoa(r.Port), "protocol"}}
	switch {
	case r.Service.Resource().IsUnknown("spec", "ports"):
	case r.TargetType.Is("instance"):
		out.Port = p.NodePort
	case r.TargetType.Is("ip") && p.TargetPort.StrVal == "":
		out.Port = cmp.Or(p.TargetPort.IntVal, p.Port)
	}
	out.Known = out.Port > 0
	return out
}

// named is the check on a port of the Service. Behind target type ip its target port
// must be a number.
func (h HealthCheck) named(r Route, name string) HealthCheck {
	index, found := r.Service.Port(0, name)
	switch {
	case found == model.No:
		h.Refused = "the Service has no port of the name " + strconv.Quote(name)
	case found == model.Unknown || !r.TargetType.Known || r.Service.Resource().IsUnknown("spec", "ports"):
		h.Known = false
	case r.TargetType.Is("instance"):
		h.Port = r.Service.Spec().Ports[index].NodePort
		h.Known = h.Port > 0
	case r.Service.Spec().Ports[index].TargetPort.StrVal != "":
		h.Refused = "the target port of port " + strconv.Quote(name) + " is a name, which target type ip does not allow here"
	default:
		h.Port = cmp.Or(r.Service.Spec().Ports[index].TargetPort.IntVal, r.Service.Spec().Ports[index].Port)
	}
	return h
}
