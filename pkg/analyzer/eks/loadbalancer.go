package eks

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

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
	// Refused says why the controller cannot make it; empty when it can, as far
	// as is known.
	Refused string
	// Admits is Yes when the controller itself admits the load balancer in the
	// security groups of its targets, and No when the user has to.
	Admits model.Tri
	// CrossZone is Yes when each interface sends to targets in every zone.
	CrossZone model.Tri
	Routes    []Route
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

func (c *Cluster) readLoadBalancers() []*LoadBalancer {
	var out []*LoadBalancer
	for _, o := range c.Graph.Objects(model.KindIngressGroup.Kind) {
		if g, ok := o.(*graph.IngressGroup); ok {
			out = append(out, c.ofIngresses(g))
		}
	}
	for _, o := range c.Graph.Objects(model.KindService.Kind) {
		if s, ok := o.(*graph.Service); ok && s.Type() == corev1.ServiceTypeLoadBalancer && s.Manager.IsAWS() {
			out = append(out, c.ofService(s))
		}
	}
	return out
}

func (c *Cluster) ofIngresses(g *graph.IngressGroup) *LoadBalancer {
	first := g.Members[0]
	lb := &LoadBalancer{Kind: ALB, Of: g, Title: "ALB of Ingress " + first.Ref().NamespacedName(), Scheme: g.Scheme, CrossZone: model.Yes}
	if len(g.Members) > 1 || g.Explicit {
		lb.Title = "ALB of IngressGroup " + g.Ref().Name
	}
	settings := func(suffix string) graph.Setting { return c.memberSetting(g, suffix) }
	var ports netset.Ports
	for _, p := range g.Ports {
		ports = ports.Union(netset.PortRange(netset.TCP, uint16(p.Port), uint16(p.Port))) //nolint:gosec // a port of listen-ports
	}
	groups := c.frontGroups(lb, settings, ports, lbc.StringList(settings("inbound-cidrs").Text()), "inbound-cidrs")
	c.addFronts(lb, settings("subnets"), groups)
	for _, m := range g.Members {
		for _, b := range m.Backends {
			for _, t := range b.Targets {
				lb.addRoutes(g, m, t)
			}
		}
	}
	return lb
}

// memberSetting is the setting that counts for a group: that of the first member
// that has one.
func (c *Cluster) memberSetting(g *graph.IngressGroup, suffix string) graph.Setting {
	out := c.Graph.Setting(g.Members[0], suffix)
	for _, m := range g.Members {
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
	lb := &LoadBalancer{Kind: NLB, Of: s, Title: "NLB of Service " + s.Ref().NamespacedName(), Scheme: c.Graph.Scheme(s), CrossZone: crossZone(s)}
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
	ranges := s.Spec().LoadBalancerSourceRanges
	if list := s.Annotation("load-balancer-source-ranges"); len(ranges) == 0 {
		ranges = lbc.StringList(list.Text())
	}
	groups := c.frontGroups(lb, settings, ports, ranges, "security-group-prefix-lists")
	c.addFronts(lb, settings("subnets"), groups)
	return lb
}

// preserves answers whether targets see the client: always behind a listener of
// UDP and for instances, and for addresses of pods behind TCP only when asked:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
func preserves(s *graph.Service, target graph.Setting, protocol netset.Protocol) model.Tri {
	attributes := s.Annotation("aws-load-balancer-target-group-attributes")
	switch {
	case protocol == netset.UDP:
		return model.Yes
	case !attributes.Known || !target.Known:
		return model.Unknown
	case strings.Contains(attributes.Text(), "preserve_client_ip.enabled=true"):
		return model.Yes
	case strings.Contains(attributes.Text(), "preserve_client_ip.enabled=false"):
		return model.No
	default:
		return model.TriOf(target.Is("instance"))
	}
}

// crossZone: a Network Load Balancer sends to targets of the same zone unless
// asked otherwise:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#cross-zone-load-balancing
func crossZone(s *graph.Service) model.Tri {
	attributes, old := s.Annotation("aws-load-balancer-attributes"), s.Annotation("aws-load-balancer-cross-zone-load-balancing-enabled")
	groups := s.Annotation("aws-load-balancer-target-group-attributes")
	switch {
	case !attributes.Known || !old.Known || !groups.Known:
		return model.Unknown
	case strings.Contains(groups.Text(), "load_balancing.cross_zone.enabled=true"),
		strings.Contains(attributes.Text(), "load_balancing.cross_zone.enabled=true"), old.Is("true"):
		return model.Yes
	default:
		return model.No
	}
}

// frontGroups are the security groups of the load balancer. Where the user gives
// some, the controller adds nothing to those of the targets unless asked to;
// else it makes one for the listeners and admits the load balancer at its
// targets: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/
func (c *Cluster) frontGroups(
	lb *LoadBalancer, setting func(string) graph.Setting, ports netset.Ports, sources []string, sourcesAt string,
) vpc.Groups {
	given := setting("security-groups")
	lb.Groups = given
	switch {
	case !given.Known:
		lb.Admits = model.Unknown
		return vpc.Groups{Unknown: "the security groups of the " + lb.Title + " are not known"}
	case len(lbc.StringList(given.Text())) > 0:
		lb.Admits = c.managesBackend(setting("manage-backend-security-group-rules"))
		return c.namedGroups(lbc.StringList(given.Text()), c.settingSpan(given))
	}
	lb.Admits = model.Yes
	if lists := setting("security-group-prefix-lists"); !lists.Known || lists.Text() != "" {
		return vpc.Groups{Unknown: "prefix lists decide who may connect to the " + lb.Title}
	}
	if s := setting(sourcesAt); !s.Known {
		return vpc.Groups{Unknown: "who may connect to the " + lb.Title + " is not known"}
	}
	if len(sources) == 0 {
		sources = []string{"0.0.0.0/0", "::/0"}
	}
	return vpc.Groups{Known: []*vpc.SecurityGroup{c.managedGroup(lb, ports, sources)}}
}

// managesBackend: the annotation, or else the flag of the controller.
func (c *Cluster) managesBackend(s graph.Setting) model.Tri {
	flag, set := c.Graph.Controller().Flag("enable-manage-backend-security-group-rules")
	switch {
	case !s.Known:
		return model.Unknown
	case s.Value != nil:
		return model.TriOf(s.Is("true"))
	case set:
		return model.TriOf(flag == "true")
	default:
		return model.No
	}
}

// namedGroups finds groups by identifier or by their Name tag.
func (c *Cluster) namedGroups(names []string, at model.Span) vpc.Groups {
	var out vpc.Groups
	for _, name := range names {
		if strings.HasPrefix(name, "sg-") {
			out = out.And(c.Network.Groups([]model.Link{model.LinkTo(name, at)}, ""))
			continue
		}
		tagged := c.Network.GroupsTagged("Name", name)
		if len(tagged) == 0 {
			out.Unknown = cmp.Or(out.Unknown, "the input shows no security group with the Name tag "+name)
		}
		out.Known = append(out.Known, tagged...)
	}
	return out
}

// managedGroup is the group that the controller makes.
func (c *Cluster) managedGroup(lb *LoadBalancer, ports netset.Ports, sources []string) *vpc.SecurityGroup {
	at := lb.Of.Resource().Locate(nil, model.PartKey)
	g := &model.SecurityGroup{AWSMeta: model.AWSMeta{Address: "the group that the controller makes", Origin: lb.Title, At: at}}
	for _, p := range netset.Protocols() {
		for _, i := range ports.Intervals(p) {
			for _, source := range sources {
				block, err := netip.ParsePrefix(strings.TrimSpace(source))
				if err != nil {
					g.MissingIngress = "source range " + source + " is no block"
					continue
				}
				g.Rules = append(g.Rules, model.SecurityGroupRule{
					Traffic: model.Traffic{Protocol: model.Known(numbers[p], at), From: model.Known(int(i.First), at), To: model.Known(int(i.Last), at)},
					Peer:    model.SecurityGroupPeer{CIDR: model.Known(block, at)}, At: at,
				})
			}
		}
	}
	for _, all := range []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)} {
		g.Rules = append(g.Rules, model.SecurityGroupRule{
			Egress: true, Traffic: model.Traffic{Protocol: model.Known(model.ProtocolAll, at)},
			Peer: model.SecurityGroupPeer{CIDR: model.Known(all, at)}, At: at,
		})
	}
	return c.Network.Made(g)
}

var numbers = map[netset.Protocol]int{netset.TCP: model.ProtocolTCP, netset.UDP: model.ProtocolUDP, netset.SCTP: model.ProtocolSCTP}

// settingSpan is where a setting is written.
func (c *Cluster) settingSpan(s graph.Setting) model.Span {
	if s.Ref == nil {
		return model.Span{}
	}
	return c.Graph.Snapshot().Get(*s.Ref).Locate(s.Path, model.PartValue)
}

// Edits answers whether the controller finds one security group of an interface
// to edit: the only one, or of several the only one with the tag of the cluster.
func (c *Cluster) Edits(g vpc.Groups) model.Tri {
	if g.Unknown != "" || len(g.May) > 0 {
		return model.Unknown
	}
	if len(g.Known) == 1 {
		return model.Yes
	}
	if c.Config == nil {
		return model.Unknown
	}
	name, known := c.Config.ClusterName.Get()
	if !known {
		return model.Unknown
	}
	tagged := 0
	for _, group := range g.Known {
		switch _, found := group.Tags.Get(tagCluster + name); found {
		case model.Yes:
			tagged++
		case model.Unknown:
			return model.Unknown
		case model.No:
		}
	}
	return model.TriOf(tagged == 1)
}
