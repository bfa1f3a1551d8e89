package vpc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// EndpointRefusesNodes is NET-002.
func EndpointRefusesNodes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-002",
			Title:    "Interface endpoint that refuses the nodes",
			Category: "vpc",
			Description: `Fires on an interface endpoint with private DNS in the VPC of the cluster, for a service that nodes and
controllers call (EC2, ECR, STS, EKS, Elastic Load Balancing), whose security groups admit TCP 443 from the
nodes of no node group. Private DNS makes the name of the service lead to the endpoint, so that no other way is
left. It is silent where the input does not show the security groups of the endpoint or of the nodes, or all of
their rules.`,
			Rationale:   `Nodes and pods that call the service time out: images are not pulled, roles are not assumed.`,
			Remediation: `Admit TCP 443 from the security group of the nodes, or from the blocks of the VPC.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindVPCEndpoint},
			Reads:       []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
				"https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html#vpc-endpoint-security-groups",
			},
			Since: "0.1.0",
		},
		Run: rule.On(endpointRefusesNodes),
	}
}

func endpointRefusesNodes(p *rule.Pass, e eks.Of[*model.VPCEndpoint]) {
	c := p.Cluster()
	kind, _ := e.Is.Type.Get()
	private, _ := e.Is.PrivateDNS.Get()
	if kind != eks.EndpointInterface || !private || len(e.Is.SecurityGroups) == 0 || c.VPC == nil || e.Is.VPC.LeadsTo(c.VPC.Meta(), e.Is.Origin) != model.Yes {
		return
	}
	service, _ := e.Is.Service.Get()
	if !slices.ContainsFunc(neededByNodes(), func(name string) bool { return strings.HasSuffix(service, "."+name) }) {
		return
	}
	side := vpc.Side{Name: "endpoint " + e.Is.Title(), Addresses: netset.IPv4(), Groups: c.Network.Groups(e.Is.SecurityGroups, e.Is.Origin)}
	https := netset.PortRange(netset.TCP, 443, 443)
	refused := 0
	for _, n := range c.NodeGroups {
		for _, node := range n.Sides() {
			if !c.Network.Filter(side, vpc.In, node).Possible.Intersect(https).IsEmpty() {
				return
			}
			refused++
		}
	}
	if refused == 0 {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("The security groups of endpoint %s for %s admit TCP 443 from the nodes of no node group", e.Is.Title(), service),
		At:      rule.SpanAt(e.Is.At), Related: groupsOf(side.Groups),
	})
}

// neededByNodes are the services that nodes and controllers of a cluster call:
// https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
func neededByNodes() []string {
	return []string{"ec2", "ecr.api", "ecr.dkr", "sts", "eks", "eks-auth", "elasticloadbalancing"}
}

// groupsOf are the places of security groups.
func groupsOf(g vpc.Groups) []rule.Related {
	var out []rule.Related
	for _, group := range g.Known {
		out = append(out, rule.Related{Message: "security group " + group.Title(), At: rule.SpanAt(group.At)})
	}
	return out
}
