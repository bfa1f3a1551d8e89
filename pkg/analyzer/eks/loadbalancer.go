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

// clients are those that the group of a load balancer admits.
type clients struct {
	// known is unset when the input does not tell who they are.
	known bool
	of    []portClients
}

// portClients are the blocks that may connect to some ports.
type portClients struct {
	ports  netset.Ports
	blocks []string
}

// add admits blocks, or everyone where there are none.
func (c *clients) add(ports netset.Ports, blocks []string) {
	if len(blocks) == 0 {
		blocks = []string{"0.0.0.0/0", "::/0"}
	}
	c.of = append(c.of, portClients{ports, blocks})
}

// frontGroups are the security groups of the load balancer. Where the user gives
// some, the controller adds nothing to those of the targets unless asked to;
// else it makes one for the listeners and admits the load balancer at its
// targets: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/
func (c *Cluster) frontGroups(lb *LoadBalancer, setting func(string) graph.Setting, admitted clients) vpc.Groups {
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
	if !admitted.known {
		return vpc.Groups{Unknown: "who may connect to the " + lb.Title + " is not known"}
	}
	return vpc.Groups{Known: []*vpc.SecurityGroup{c.managedGroup(lb, admitted)}}
}

// managesBackend: the annotation, or else the flag of the controller.
func (c *Cluster) managesBackend(s graph.Setting) model.Tri {
	flag, set := c.Graph.Controller().Flag("enable-manage-backend-security-group-rules")
	switch {
	case !s.Known:
		return model.Unknown
	case s.Value != nil:
		return boolean(s.Text())
	case set:
		return boolean(flag)
	default:
		return model.No
	}
}

// boolean reads a word as the controller does, which refuses others.
func boolean(text string) model.Tri {
	on, ok := lbc.Bool(text)
	if !ok {
		return model.Unknown
	}
	return model.TriOf(on)
}

// namedGroups finds groups by identifier or by their Name tag.
func (c *Cluster) namedGroups(names []string, at model.Span) vpc.Groups {
	var out vpc.Groups
	for _, name := range names {
		if strings.HasPrefix(name, "sg-") {
			out = out.And(c.Network.Groups([]model.Link{model.LinkTo(name, at)}, ""))
			continue
		}
		tagged := slices.DeleteFunc(c.Network.GroupsTagged("Name", name), func(g *vpc.SecurityGroup) bool {
			return c.VPC != nil && g.VPC.LeadsTo(c.VPC.Meta(), g.Origin) == model.No
		})
		if len(tagged) == 0 {
			out.Unknown = cmp.Or(out.Unknown, "the input shows no security group with the Name tag "+name)
		}
		out.Known = append(out.Known, tagged...)
	}
	return out
}

// managedGroup is the group that the controller makes.
func (c *Cluster) managedGroup(lb *LoadBalancer, admitted clients) *vpc.SecurityGroup {
	at := lb.Of.Resource().Locate(nil, model.PartKey)
	g := &model.SecurityGroup{AWSMeta: model.AWSMeta{Address: "the group that the controller makes", Origin: lb.Title, At: at}}
	for _, a := range admitted.of {
		for _, p := range netset.Protocols() {
			for _, i := range a.ports.Intervals(p) {
				traffic := model.Traffic{Protocol: model.Known(numbers[p], at), From: model.Known(int(i.First), at), To: model.Known(int(i.Last), at)}
				admit(g, traffic, a.blocks, at)
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

// admit adds a rule for each block.
func admit(g *model.SecurityGroup, traffic model.Traffic, blocks []string, at model.Span) {
	for _, text := range blocks {
		block, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			g.MissingIngress = "source range " + text + " is no block"
			continue
		}
		g.Rules = append(g.Rules, model.SecurityGroupRule{
			Traffic: traffic, Peer: model.SecurityGroupPeer{CIDR: model.Known(block.Masked(), at)}, At: at,
		})
	}
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
