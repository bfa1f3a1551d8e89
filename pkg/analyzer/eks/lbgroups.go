package eks

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

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
