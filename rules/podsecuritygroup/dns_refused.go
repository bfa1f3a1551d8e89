package podsecuritygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// DNSRefused is SGP-001.
func DNSRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-001",
			Title:    "Security groups of pods refuse DNS",
			Category: "podsecuritygroup",
			Description: `Fires on pods to which a SecurityGroupPolicy gives security groups when these and those of CoreDNS refuse DNS, UDP and
TCP port 53, wherever both run. Where the input does not show CoreDNS, it may run on every node group of the cluster. It
is silent where the policy may have no effect, with a cache on each node, where pods or CoreDNS may run on nodes that are not known or on Fargate,
and where a security group or its rules are not known.`,
			Rationale: `The pods cannot look up a single name, so that most of them do not even start.`,
			Remediation: `Let the security groups of the pods out to UDP and TCP 53, and admit them there in the security group of the nodes on
which CoreDNS runs.`,
			Severity: rule.Error,
			Kinds:    []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html",
			},
			Since: "0.1.0",
		},
		Run: dnsRefused,
	}
}

func dnsRefused(p *rule.Pass, o graph.Object) {
	c := p.Cluster()
	if len(c.Graph.NodeCaches()) > 0 {
		return
	}
	dns := dnsSides(c)
	pods, _ := c.PodsOf(o.Resource())
	for _, w := range pods {
		if w.DNSPolicy() != "ClusterFirst" {
			continue
		}
		hop, refused := c.Refused(vpc.LayerSecurityGroup, sides(c.BranchPlaces(w)), dns, dnsPorts())
		if !refused {
			continue
		}
		f := rule.Finding{
			Related: rule.Deciding(hop),
			Message: fmt.Sprintf("SecurityGroupPolicy %q keeps %s from CoreDNS: %s", o.Ref().Name, w.Ref(), hop.Why),
			At:      rule.ValueAt(o.Resource(), "spec", "securityGroups"), Key: w.Ref().String(),
		}
		p.Report(f)
	}
}

func dnsPorts() netset.Ports {
	return netset.PortRange(netset.UDP, 53, 53).Union(netset.PortRange(netset.TCP, 53, 53))
}

// dnsSides are the interfaces of CoreDNS; none when they are not all known.
func dnsSides(c *eks.Cluster) []vpc.Side {
	var out []vpc.Side
	shown := c.Graph.ClusterDNS()
	for _, w := range shown {
		places, why := c.Places(w)
		if why != "" {
			return nil
		}
		out = append(out, sides(places)...)
	}
	if len(shown) > 0 {
		return out
	}
	if len(c.Profiles) > 0 || len(c.Graph.NodePools()) > 0 || c.Config == nil || c.CustomNetworking() != model.No ||
		c.Config.AutoMode.Is(func(on bool) bool { return on }) != model.No {
		return nil
	}
	for _, n := range c.NodeGroups {
		if n.SubnetsUnknown != "" {
			return nil
		}
		out = append(out, n.Sides()...)
	}
	return out
}

func sides(places []eks.Place) []vpc.Side {
	out := make([]vpc.Side, 0, len(places))
	for _, place := range places {
		out = append(out, place.Pod)
	}
	return out
}
