package vpc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// NodesWithoutServices is NET-001.
func NodesWithoutServices() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "NET-001",
			Title:    "Nodes have no way to the services of AWS",
			Category: "vpc",
			Description: `Fires on a node group in a subnet with no route out of its VPC when the VPC lacks an endpoint for a service that every
node needs: EC2, the two of the registry (ecr.api and ecr.dkr), S3 for the layers of images, and STS. It is silent
where routes are not known, where the input may not show every endpoint of the VPC, and where the user data of the
nodes is not known or names a proxy.`,
			Rationale: `Nodes cannot pull the images of the VPC CNI and kube-proxy, and never become ready.`,
			Remediation: `Add the endpoints, those of type Interface with private DNS and S3 as a gateway with the route table of the subnet, or
a route to a NAT gateway.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindNodeGroup},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(nodesWithoutServices),
	}
}

func nodesWithoutServices(p *rule.Pass, n *eks.NodeGroup) {
	c := p.Cluster()
	if usesProxy(n) {
		return
	}
	for _, s := range n.Subnets {
		if s.VPC == nil || !c.Network.CutOff(s) || !showsEndpoints(c, s.VPC) {
			continue
		}
		var lacking []string
		for _, service := range []string{"ec2", "ecr.api", "ecr.dkr", "s3", "sts"} {
			if !hasEndpoint(c, s, service) {
				lacking = append(lacking, service)
			}
		}
		if len(lacking) > 0 {
			p.Report(rule.Finding{
				Message: fmt.Sprintf("Nodes of %s in subnet %s have no way to %s: no route leaves the VPC, and it has no endpoint for them", n.Title(), s.Title(), strings.Join(lacking, ", ")),
				At:      rule.SpanAt(s.At), Key: n.Name + s.Title(),
				Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}},
			})
		}
	}
}

// usesProxy reports whether nodes may reach services by a proxy of the VPC.
func usesProxy(n *eks.NodeGroup) bool {
	if n.Template == nil {
		return n.TemplateUnknown != ""
	}
	script, known := n.Template.UserData.Get()
	image, knownImage := n.Template.ImageID.Get()
	return !known || strings.Contains(strings.ToLower(script), "proxy") || !knownImage || image != ""
}

// showsEndpoints reports whether the input shows every endpoint of a VPC: it makes
// the VPC, or AWS was asked for endpoints too.
func showsEndpoints(c *eks.Cluster, v *vpc.VPC) bool {
	asked := slices.ContainsFunc(c.Network.AWS().Endpoints, func(e *model.VPCEndpoint) bool {
		return e.Observed && e.VPC.LeadsTo(v.Meta(), e.Origin) == model.Yes
	})
	return !extended(c, v) && (v.CreatedHere && !v.Observed || asked)
}

// extended reports whether something that is not read may add to a VPC, for which
// loaders let an endpoint stand.
func extended(c *eks.Cluster, v *vpc.VPC) bool {
	return slices.ContainsFunc(c.Network.AWS().Endpoints, func(e *model.VPCEndpoint) bool {
		_, known := e.Service.Get()
		belongs := e.VPC.LeadsTo(v.Meta(), e.Origin)
		return belongs != model.No && (!known || e.Conditional != "") || belongs == model.Unknown
	})
}

func hasEndpoint(c *eks.Cluster, s *vpc.Subnet, service string) bool {
	for _, e := range c.Network.AWS().Endpoints {
		name, _ := e.Service.Get()
		kind, known := e.Type.Get()
		if e.VPC.LeadsTo(s.VPC.Meta(), e.Origin) != model.Yes || !strings.HasSuffix(name, "."+service) {
			continue
		}
		if !known || kind != "Gateway" {
			return true
		}
		for _, table := range e.RouteTables {
			if table.LeadsTo(s.Table.Meta(), e.Origin) != model.No {
				return true
			}
		}
	}
	return false
}
