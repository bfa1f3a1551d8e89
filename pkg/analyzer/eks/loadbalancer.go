package eks

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Kind is the kind of a load balancer.
type Kind string

// The kinds.
const (
	ALB Kind = "ALB"
	NLB Kind = "NLB"
)

// LoadBalancer is what a controller makes of an IngressGroup or of a Service.
type LoadBalancer struct {
	Kind Kind
	// Of is the IngressGroup or the Service, and Title names it in messages.
	Of    graph.Object
	Title string
	// Scheme is internal or internet-facing.
	Scheme graph.Setting
	// Fronts are its interfaces, one for each subnet; FrontsUnknown says why
	// there may be others.
	Fronts        []vpc.Side
	FrontsUnknown string
	// Groups and Subnets are the settings that name its security groups and its
	// subnets; not set where the controller makes or finds them.
	Groups, Subnets graph.Setting
	// IPv6 is Yes when it has IPv6 addresses, and so is not for targets that have no
	// others. PublicIPv4 is Yes when clients reach an internet-facing one by IPv4.
	IPv6, PublicIPv4 model.Tri
	// Refused says why the controller cannot make it; empty when it can, as far
	// as is known.
	Refused string
	// Admits is Yes when the controller itself admits the load balancer in the
	// security groups of its targets, and No when the user has to.
	Admits model.Tri
	// CrossZone is Yes when each interface sends to targets in every zone.
	CrossZone model.Tri
	Routes    []Route
	manager   graph.Manager
}

// Route is one listener port with one target that it may send to.
type Route struct {
	// Listener is the port of the load balancer.
	Listener int
	Protocol netset.Protocol
	Service  *graph.Service
	// Port is the index of the port in the Service.
	Port int
	// TargetType is instance or ip.
	TargetType graph.Setting
	// From is the object that leads to the Service, and At the place there.
	From graph.Object
	At   model.Path
	// PreservesClient is Yes when targets see the address of the client.
	PreservesClient model.Tri
}

// LoadBalancers are those that controllers certainly make. The slice is shared.
func (c *Cluster) LoadBalancers() []*LoadBalancer { return c.loadBalancers() }

func (c *Cluster) readLoadBalancers() []*LoadBalancer { return c.loadBalancersOf(c.Graph.Objects) }

// loadBalancersOf are those that are made of some objects, by their kind. They are the same
// whoever asks.
func (c *Cluster) loadBalancersOf(objects func(kind string) []graph.Object) []*LoadBalancer {
	var out []*LoadBalancer
	for _, o := range objects(model.KindIngressGroup.Kind) {
		if g, ok := o.(*graph.IngressGroup); ok {
			out = append(out, c.once(g, func() *LoadBalancer { return c.ofIngresses(g) }))
		}
	}
	for _, o := range objects(model.KindService.Kind) {
		if s, ok := o.(*graph.Service); ok && s.Type() == corev1.ServiceTypeLoadBalancer && s.Manager.IsAWS() {
			out = append(out, c.once(s, func() *LoadBalancer { return c.ofService(s) }))
		}
	}
	return out
}

// once is the load balancer of an object, which is read when it is first asked for.
func (c *Cluster) once(o graph.Object, read func() *LoadBalancer) *LoadBalancer {
	lb, _ := c.loadBalancerOf.LoadOrStore(o, sync.OnceValue(read))
	known, _ := lb.(func() *LoadBalancer)
	return known()
}

func (c *Cluster) ofIngresses(g *graph.IngressGroup) *LoadBalancer {
	first := g.Members[0]
	lb := &LoadBalancer{Kind: ALB, Of: g, Title: "ALB of Ingress " + first.Ref().NamespacedName(), Scheme: g.Scheme, CrossZone: model.Yes, manager: first.Manager}
	if len(g.Members) > 1 || g.Explicit {
		lb.Title = "ALB of IngressGroup " + g.Ref().Name
	}
	settings := func(suffix string) graph.Setting { return c.memberSetting(g.Members, suffix) }
	clients := clients{known: true}
	for _, p := range g.Ports {
		cidrs := c.memberSetting(slices.Concat(p.HTTP, p.HTTPS), "inbound-cidrs")
		clients.known = clients.known && cidrs.Known
		clients.add(netset.PortRange(netset.TCP, uint16(p.Port), uint16(p.Port)), lbc.StringList(cidrs.Text())) //nolint:gosec // a port of listen-ports
	}
	groups := c.frontGroups(lb, settings, clients)
	c.addFronts(lb, settings("subnets"), groups)
	lb.addressType(settings("ip-address-type"))
	for _, m := range g.Members {
		for _, b := range m.Backends {
			for _, t := range b.Targets {
				lb.addRoutes(g, m, t)
			}
		}
	}
	return lb
}

// memberSetting is the setting that counts for members of a group: that of the
// first one that has it.
func (c *Cluster) memberSetting(members []*graph.Ingress, suffix string) graph.Setting {
	out := c.Graph.Setting(members[0], suffix)
	for _, m := range members {
		if s := c.Graph.Setting(m, suffix); s.IsSet() || !s.Known {
			return s
		}
	}
	return out
}

// addRoutes adds what the listeners of a member lead to.
func (lb *LoadBalancer) addRoutes(g *graph.IngressGroup, m *graph.Ingress, t *graph.Target) {
	if t.Service == nil || t.PortExists != model.Yes {
		return
	}
	for _, p := range g.Ports {
		if !slices.Contains(p.HTTP, m) && !slices.Contains(p.HTTPS, m) {
			continue
		}
		lb.Routes = append(lb.Routes, Route{
			Listener: p.Port, Protocol: netset.TCP, Service: t.Service, Port: t.PortIndex, TargetType: t.TargetType,
			From: m, At: t.Path, PreservesClient: model.No,
		})
	}
}

// ofService follows the AWS Load Balancer Controller's Network Load Balancers:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/
func (c *Cluster) ofService(s *graph.Service) *LoadBalancer {
	lb := &LoadBalancer{Kind: NLB, Of: s, Title: "NLB of Service " + s.Ref().NamespacedName(), Scheme: c.Graph.Scheme(s), CrossZone: crossZone(s), manager: s.Manager}
	var ports netset.Ports
	target := c.Graph.NLBTargetType(s)
	for i, p := range s.Spec().Ports {
		protocol, ok := netset.ParseProtocol(string(s.Protocol(i)))
		if !ok || p.Port < 1 || p.Port > int32(netset.LastPort) {
			continue
		}
		ports = ports.Union(netset.PortRange(protocol, uint16(p.Port), uint16(p.Port)))
		lb.Routes = append(lb.Routes, Route{
			Listener: int(p.Port), Protocol: protocol, Service: s, Port: i, TargetType: target,
			From: s, At: model.Path{"spec", "ports", strconv.Itoa(i)}, PreservesClient: preserves(s, target, protocol),
		})
	}
	settings := func(suffix string) graph.Setting { return s.Annotation("aws-load-balancer-" + suffix) }
	ranges, known := sourceRanges(s)
	clients := clients{known: known}
	clients.add(ports, ranges)
	groups := c.frontGroups(lb, settings, clients)
	c.addFronts(lb, settings("subnets"), groups)
	lb.addressType(settings("ip-address-type"))
	return lb
}

// addressType: a load balancer has IPv4 addresses unless it is asked for more. EKS
// Auto Mode may choose otherwise.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#ip-address-type
func (lb *LoadBalancer) addressType(s graph.Setting) {
	switch {
	case !s.Known:
	case s.Value == nil && lb.manager == graph.ManagerAutoMode:
		lb.PublicIPv4 = model.Yes
	default:
		lb.IPv6 = model.TriOf(strings.HasPrefix(s.Text(), "dualstack"))
		lb.PublicIPv4 = model.TriOf(s.Text() != "dualstack-without-public-ipv4")
	}
}

// sourceRanges are those of the field or else of the annotation, which EKS Auto
// Mode does not read:
// https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html
func sourceRanges(s *graph.Service) (ranges []string, known bool) {
	list := s.Annotation("load-balancer-source-ranges")
	switch field := s.Spec().LoadBalancerSourceRanges; {
	case s.Resource().IsUnknown("spec", "loadBalancerSourceRanges"):
		return nil, false
	case len(field) > 0 || s.Manager == graph.ManagerAutoMode:
		return field, true
	default:
		return lbc.StringList(list.Text()), list.Known
	}
}

// attribute reads one key of an annotation that holds several.
func attribute(s graph.Setting, key string) (value string, known bool) {
	pairs, err := lbc.StringMap(s.Text())
	return pairs[key], s.Known && err == nil
}

// preserves answers whether targets see the client: always behind a listener of
// UDP and for instances, and for addresses of pods behind TCP only when asked:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
func preserves(s *graph.Service, target graph.Setting, protocol netset.Protocol) model.Tri {
	asked, known := attribute(s.Annotation("aws-load-balancer-target-group-attributes"), "preserve_client_ip.enabled")
	switch {
	case protocol == netset.UDP:
		return model.Yes
	case known && asked != "":
		return model.TriOf(asked == "true")
	case !known || !target.Known:
		return model.Unknown
	default:
		return model.TriOf(target.Is("instance"))
	}
}

// crossZone: a Network Load Balancer sends to targets of the same zone unless
// asked otherwise. What a target group says counts before what the load balancer
// does:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#cross-zone-load-balancing
func crossZone(s *graph.Service) model.Tri {
	const key = "load_balancing.cross_zone.enabled"
	target, targetKnown := attribute(s.Annotation("aws-load-balancer-target-group-attributes"), key)
	own, ownKnown := attribute(s.Annotation("aws-load-balancer-attributes"), key)
	old := s.Annotation("aws-load-balancer-cross-zone-load-balancing-enabled")
	oldOn, isOld := lbc.Bool(old.Text())
	switch {
	case target == "true" || target == "false":
		return model.TriOf(target == "true")
	case !targetKnown || !ownKnown || !old.Known:
		return model.Unknown
	case own == "":
		return model.TriOf(oldOn)
	case isOld && oldOn != (own == "true"):
		return model.Unknown
	default:
		return model.TriOf(own == "true")
	}
}

// settingSpan is where a setting is written.
func (c *Cluster) settingSpan(s graph.Setting) model.Span {
	if s.Ref == nil {
		return model.Span{}
	}
	return c.Graph.Snapshot().Get(*s.Ref).Locate(s.Path, model.PartValue)
}
